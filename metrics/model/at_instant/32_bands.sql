-- The ages at which items moved on from each stage. band_at: from the first entry into the line to
-- the last exit from the stage, among the items that are not back in it; never lower than a stage
-- before.
create macro band_at(as_of) as table
    with ranked as (
        select stream, stage, count(*) as items, count(*) filter (first_at_least) as at_least,
               quantile_disc(entered_us + lead_us - first_us, [0.5, 0.7, 0.85, 0.95]) as ages
        from stay_at(as_of)
        where exit in ('on', 'back') and coalesce(again_at > as_of::timestamptz, true)
        group by all
    ), picked as (
        select stage.stream, stage.stage, stage.stage_no, stage.name as stage_name,
               coalesce(items, 0) as items, coalesce(at_least, 0) as at_least,
               if(enough_for(items, 0.5), ages[1], null) as p50,
               if(enough_for(items, 0.7), ages[2], null) as p70,
               if(enough_for(items, 0.85), ages[3], null) as p85,
               if(enough_for(items, 0.95), ages[4], null) as p95
        from stage left join ranked using (stream, stage)
    )
    select stream, stage, stage_no, stage_name, items, at_least,
           if(p50 is null, null, max(p50) over line) as p50_us,
           if(p70 is null, null, max(p70) over line) as p70_us,
           if(p85 is null, null, max(p85) over line) as p85_us,
           if(p95 is null, null, max(p95) over line) as p95_us
    from picked window line as (partition by stream order by stage_no);
