-- The ages at which items moved on from each stage. band_at: from the first entry into the line to
-- the last exit from the stage, among the items that are not back in it; never lower than a stage
-- before.
create macro band_at(as_of) as table
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
    )
    select stream, stage, stage_no, stage_name, items, at_least,
           if(p50 is null, null, max(p50) over line) as p50_us,
           if(p70 is null, null, max(p70) over line) as p70_us,
           if(p85 is null, null, max(p85) over line) as p85_us,
           if(p95 is null, null, max(p95) over line) as p95_us
    from picked window line as (partition by stream order by stage_no);
