-- One row per stage at an instant: what is in it, how old, and when something last left it. It is
-- idle since then, or since it came to hold any if that is later: what holds none is not stuck.
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
    ), held as (
        -- What was over by when something last left can't say since when it has held any.
        select stream, stage, max(entered_at) filter (is_first) as held_at,
               arg_max(at_least, entered_at) filter (is_first) as held_at_least
        from (select stay.stream, stay.stage, entered_at, at_least,
                     entered_at > coalesce(max(coalesce(left_at, 'infinity')) over (
                         partition by stay.stream, stay.stage order by entered_at, item_no, stay_no
                         rows between unbounded preceding and 1 preceding), '-infinity') as is_first
              from stay_at(as_of) as stay join stayed using (stream, stage)
              where is_open or last_left_at is null or left_at > last_left_at)
        group by all
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
                   - epoch_us(greatest(last_left_at, coalesce(held_at, began_at)))) as idle_days,
           coalesce(held_at > coalesce(last_left_at, '-infinity'), true) as is_held_since,
           last_left_at is null and coalesce(held_at_least or held_at <= began_at, true)
               as is_held_always
    from stage join stream using (stream)
    left join counted using (stream, stage) left join stayed using (stream, stage)
    left join held using (stream, stage) left join began using (stream)
    where as_of::timestamptz >= began_at;
