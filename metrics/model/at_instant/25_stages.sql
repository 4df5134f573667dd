-- One row per stage at an instant: what is in it, how old, and when something last left it.
create macro stage_now(as_of) as table
    with standing as (
        -- A visit that is blocked is open, in the same part of the same stage.
        select stream, stage, part = 'work' as in_work, false as is_blocked, count(*) as items
        from stage_visit where in_stage(part) and is_open_at(entered_at, left_at, as_of)
        group by all
        union all
        select stream, stage, part = 'work', true, count(*)
        from visit_blocked where is_open_at(from_at, until_at, as_of) group by all
    ), counted as (
        select stream, stage,
               coalesce(sum(if(is_blocked, -items, items)) filter (not in_work), 0)::bigint
                   as waiting,
               coalesce(sum(if(is_blocked, -items, items)) filter (in_work), 0)::bigint as working,
               coalesce(sum(items) filter (is_blocked), 0)::bigint as blocked
        from standing group by all
    ), stayed as (
        select stream, stage, max(lead_us) filter (is_open) as oldest_us,
               median(lead_us) filter (is_open) as median_us,
               median_at_least(if(is_open, lead_us, null), at_least) as median_at_least,
               arg_max(at_least, lead_us) filter (is_open) as oldest_at_least,
               max(left_at) filter (exit in ('on', 'back') and not left_in_bulk) as last_left_at
        from stay_at(as_of) group by all
    ), began as (
        select stream, min(entered_at) as began_at from stage_visit group by all
    )
    select stage.stream, stage.stage, stage.stage_no, stage.name as stage_name,
           coalesce(waiting, 0) as waiting, coalesce(working, 0) as working,
           coalesce(blocked, 0) as blocked, coalesce(waiting + working + blocked, 0) as wip,
           day_word(stream.days) as day_word,
           in_days(oldest_us) as oldest_days, in_days(median_us) as median_age_days,
           coalesce(oldest_at_least, false) as oldest_at_least,
           coalesce(median_at_least, false) as median_at_least, last_left_at, began_at,
           in_days(epoch_us(least(as_of::timestamptz, data_at))
                   - epoch_us(coalesce(last_left_at, began_at))) as idle_days
    from stage join stream using (stream)
    left join counted using (stream, stage) left join stayed using (stream, stage)
    left join began using (stream)
    where as_of::timestamptz >= began_at;

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
        from stage_visit
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
