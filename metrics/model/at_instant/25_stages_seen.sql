-- The whole weeks known at an instant: over by then, and inside what the sources have told.
create macro week_at(as_of) as table
    select flow.*, part_name(stage.name) as stage_name
    from week_flow as flow join known_at(as_of) as known using (stream, stage)
    left join stage on stage.stream = flow.stream and stage.stage = flow.stage
    where flow.ends_at <= as_of::timestamptz and flow.ends_at <= known.newest_at;

-- stage_seen_at: the stages, and why nothing can be judged in one: no data, stale (all data, or
-- that of its own source) or removed from the process.
create macro stage_seen_at(as_of) as table
    with removed as (
        select stream, stage, max(until) as removed_on from status_map where in_stage(part)
        group by all having count(*) = count(until) and max(until) <= as_of::timestamptz::date
    ), stray as (
        -- Items in statuses that stages.yaml maps to no stage: any stage may be theirs.
        select stream, count(*) as strays, string_agg(distinct status, ', ' order by status)
                   as stray_statuses
        from (select * replace (if(status = '', '(no status)', status) as status) from stage_visit)
        where part = 'unmapped' and is_open_at(entered_at, left_at, as_of) group by all
    )
    select now.*, coalesce(stray.strays, 0) as strays, stray.stray_statuses, known.source,
           known.newest_at, known.age_days, known.changed_at, known.is_same,
           removed.removed_on,
           case when known.newest_at is null then 'no data'
                when known.age_days > known.stale_after
                then if(known.source = '', 'stale', 'source stale')
                when removed.removed_on is not null and now.wip = 0 then 'removed'
                else '' end as unseen
    from stage_now(as_of) as now join evidence_at(as_of) as known using (stream, stage)
    left join removed using (stream, stage) left join stray using (stream);
