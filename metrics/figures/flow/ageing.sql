-- Ageing: for each stage, the days from an item's first entry into the line to its last exit from that stage, among the items that moved on from it and are not back in it: the 50th, 70th, 85th and 95th percentile (nearest rank), never lower than at the stage before, given from 5, 8, 15 and 45 items on; at_least counts those that were there before the data begins.
create macro ageing(as_of) as table
    with gone as (
        select s.stream, s.stage, s.item, arg_max(s.exit, s.stay_no) as exit,
               max(s.entered_us + s.lead_us) as left_us, bool_or(s.is_open) as is_open
        from stay_at(as_of) s group by all
    ), elapsed as (
        select g.stream, g.stage, g.left_us - i.first_us as elapsed_us, i.at_least
        from gone g join item_at(as_of) i using (stream, item)
        where g.exit in ('on', 'back') and not g.is_open
    ), ranked as (
        select stream, stage, count(*) as items, count(*) filter (at_least) as at_least, list_sort(list(elapsed_us)) as us from elapsed group by all
    ), picked as (
        select g.stream, g.stage, g.stage_no, g.name as stage_name, coalesce(r.items, 0) as items, coalesce(r.at_least, 0) as at_least,
               if(items >= 5, us[ceil(0.50 * items)::bigint], null) as p50,
               if(items >= 8, us[ceil(0.70 * items)::bigint], null) as p70,
               if(items >= 15, us[ceil(0.85 * items)::bigint], null) as p85,
               if(items >= 45, us[ceil(0.95 * items)::bigint], null) as p95
        from stage g left join ranked r using (stream, stage)
    )
    select stream, stage, stage_no, stage_name, items, at_least,
           if(p50 is null, null, max(p50) over line) / 86400e6 as p50_days,
           if(p70 is null, null, max(p70) over line) / 86400e6 as p70_days,
           if(p85 is null, null, max(p85) over line) / 86400e6 as p85_days,
           if(p95 is null, null, max(p95) over line) / 86400e6 as p95_days
    from picked window line as (partition by stream order by stage_no) order by stream, stage_no;
