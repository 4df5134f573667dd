-- One row per stage at an instant: what is in it, how old, and when something last left it.
create macro stage_now(as_of) as table
    with open_items as (
        select *, blocked_at is not null as is_blocked, now_us - entered_us as age_us
        from item_at(as_of) where part in ('queue', 'paused', 'work')
    ), counted as (
        select stream, stage, count(*) filter (not is_blocked and part <> 'work') as waiting,
               count(*) filter (not is_blocked and part = 'work') as working,
               count(*) filter (is_blocked) as blocked
        from open_items group by all
    ), aged as (
        select stream, stage, max(lead_us) as oldest_us, median(lead_us) as median_us,
               arg_max(at_least, lead_us) as oldest_at_least
        from stay_at(as_of) where is_open group by all
    ), moved as (
        select stream, stage, max(left_at) as last_left_at from stay_at(as_of)
        where exit in ('on', 'back') and not left_in_bulk group by all
    ), began as (
        select stream, min(entered_at) as began_at from stage_visit group by all
    )
    select g.stream, g.stage, g.stage_no, g.name as stage_name, coalesce(c.waiting, 0) as waiting,
           coalesce(c.working, 0) as working, coalesce(c.blocked, 0) as blocked,
           coalesce(c.waiting + c.working + c.blocked, 0) as wip,
           a.oldest_us / 86400e6 as oldest_days, a.median_us / 86400e6 as median_age_days,
           coalesce(a.oldest_at_least, false) as oldest_at_least, m.last_left_at, b.began_at,
           (epoch_us(as_of::timestamptz) - epoch_us(coalesce(m.last_left_at, b.began_at)))
               / 86400e6 as idle_days
    from stage g left join counted c using (stream, stage) left join aged a using (stream, stage)
    left join moved m using (stream, stage) left join began b using (stream)
    where as_of::timestamptz >= b.began_at;

-- How old the evidence is at an instant: per stream, and per stage that has a source of its own.
create macro evidence_at(as_of) as table
    with newest as (
        select ss.stream, ss.source, ss.covers_until,
               max(e.newest_at) filter (e.newest_at <= as_of::timestamptz) as newest_at
        from stream_source ss left join evidence e using (source) group by all
    ), latest as (
        select stream, max(newest_at) as newest_at from newest group by all
    )
    select g.stream, g.stage, coalesce(n.source, '') as source,
           coalesce(n.newest_at, if(g.measured_by = '', l.newest_at, null)) as newest_at,
           (epoch_us(as_of::timestamptz) - epoch_us(coalesce(
               n.newest_at, if(g.measured_by = '', l.newest_at, null)))) / 86400e6 as age_days,
           s.stale_after
    from stage g join stream s using (stream) left join latest l using (stream)
    left join newest n on n.stream = g.stream and n.source = g.measured_by and g.measured_by <> '';

-- The whole weeks known at an instant: over by then, and inside what the sources have told.
create macro week_at(as_of) as table
    with known as (
        select stream, stage, newest_at from evidence_at(as_of)
        union all
        select stream, '', min(newest_at) from evidence_at(as_of) group by stream
    )
    select w.*, coalesce(g.name, 'Whole line') as stage_name
    from week_flow w join known k using (stream, stage)
    left join stage g on g.stream = w.stream and g.stage = w.stage
    where w.ends_at <= as_of::timestamptz and w.ends_at <= k.newest_at;
