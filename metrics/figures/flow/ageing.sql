-- Ageing: for each stage, the days from an item's first entry into the line to its last exit from that stage, among the items that moved on from it and are not back in it: the 50th, 70th, 85th and 95th percentile (nearest rank), never lower than at the stage before, given from 5, 8, 15 and 45 items on; at_least counts those that were there before the data begins; beside them the open items of the stage and how many of those are older than the 95th, in the stage and in all stages of the line that have one.
-- items: items that moved on from the stage and are not back in it
-- at_least: those of them that were there before the data begins
create macro ageing(as_of) as table
    with beyond as (
        select band.stream, band.stage, count(stay.item_no) as open_items,
               if(any_value(p95_us) is null, null, count(*) filter (now_us - first_us > p95_us))
                   as beyond_p95
        from band_at(as_of) as band left join stay_at(as_of) as stay
            on stay.stream = band.stream and stay.stage = band.stage and stay.is_open
        group by all
    )
    select stream, stage, stage_no, stage_name, items, at_least, in_days(p50_us) as p50_days,
           in_days(p70_us) as p70_days, in_days(p85_us) as p85_days, in_days(p95_us) as p95_days,
           open_items, beyond_p95,
           coalesce(sum(open_items) filter (beyond_p95 is not null) over line, 0)::bigint
               as line_open_items,
           coalesce(sum(beyond_p95) over line, 0)::bigint as line_beyond_p95
    from band_at(as_of) join beyond using (stream, stage)
    window line as (partition by stream) order by stream, stage_no;
