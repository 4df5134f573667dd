-- Ageing: for each stage, the days from an item's first entry into the line to its last exit from that stage, among the items that moved on from it and are not back in it: the 50th, 70th, 85th and 95th percentile (nearest rank), never lower than at the stage before, given from 5, 8, 15 and 45 items on; at_least counts those that were there before the data begins; beside them the open items of the stage and how many of those are older than the 95th, in the stage and in all stages of the line that have one.
-- items: items that moved on from the stage and are not back in it
-- at_least: those of them that were there before the data begins
create macro ageing(as_of) as table
    with gone as (
        select stream, stage, item, arg_max(exit, stay_no) as exit,
               max(entered_us + lead_us) as left_us, bool_or(is_open) as is_open
        from stay_at(as_of) group by all
    ), elapsed as (
        select gone.stream, gone.stage, gone.left_us - item.first_us as elapsed_us, item.at_least
        from gone join item_at(as_of) as item using (stream, item)
        where gone.exit in ('on', 'back') and not gone.is_open
    ), ranked as (
        select stream, stage, count(*) as items, count(*) filter (at_least) as at_least,
               list_sort(list(elapsed_us)) as sorted
        from elapsed group by all
    ), picked as (
        select stage.stream, stage.stage, stage.stage_no, stage.name as stage_name,
               coalesce(items, 0) as items, coalesce(at_least, 0) as at_least,
               percentile_of(sorted, 0.5) as p50, percentile_of(sorted, 0.7) as p70,
               percentile_of(sorted, 0.85) as p85, percentile_of(sorted, 0.95) as p95
        from stage left join ranked using (stream, stage)
    ), raised as (
        select stream, stage, stage_no, stage_name, items, at_least,
               if(p50 is null, null, max(p50) over line) as p50_us,
               if(p70 is null, null, max(p70) over line) as p70_us,
               if(p85 is null, null, max(p85) over line) as p85_us,
               if(p95 is null, null, max(p95) over line) as p95_us
        from picked window line as (partition by stream order by stage_no)
    ), beyond as (
        select raised.stream, raised.stage, count(item.item) as open_items,
               if(any_value(p95_us) is null, null, count(*) filter (now_us - first_us > p95_us))
                   as beyond_p95
        from raised left join item_at(as_of) as item
            on item.stream = raised.stream and item.stage = raised.stage and in_stage(item.part)
        group by all
    )
    select stream, stage, stage_no, stage_name, items, at_least, in_days(p50_us) as p50_days,
           in_days(p70_us) as p70_days, in_days(p85_us) as p85_days, in_days(p95_us) as p95_days,
           open_items, beyond_p95,
           coalesce(sum(open_items) filter (beyond_p95 is not null) over line, 0)::bigint
               as line_open_items,
           coalesce(sum(beyond_p95) over line, 0)::bigint as line_beyond_p95
    from raised join beyond using (stream, stage)
    window line as (partition by stream) order by stream, stage_no;
