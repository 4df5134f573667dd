-- One row per stage at an instant: what is in it, how old, and when something last left it.
create macro stage_now(as_of) as table
    with open_items as (
        select *, blocked_at is not null as is_blocked, now_us - entered_us as age_us
        from item_at(as_of) where in_stage(part)
    ), counted as (
        select stream, stage, count(*) filter (not is_blocked and part <> 'work') as waiting,
               count(*) filter (not is_blocked and part = 'work') as working,
               count(*) filter (is_blocked) as blocked
        from open_items group by all
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
