-- stay_at: the stays in stages so far, cut at the instant, from the rows of spell alone.
create macro stay_at(as_of) as table
    select spell.stream, item_no, stay_no, stage, stage_no, entered_at, at_least, known_age_us,
           if(left_at <= as_of::timestamptz, left_at, null) as left_at,
           coalesce(left_at > as_of::timestamptz, true) as is_open,
           if(left_at <= as_of::timestamptz, left_us, now_us) - entered_us as lead_us, entered_us,
           if(left_at <= as_of::timestamptz, exit, null) as exit,
           left_in_bulk and left_at <= as_of::timestamptz as left_in_bulk,
           again_at, first_at, first_us, first_at_least, now_us
    from spell join clock_of(as_of) using (stream)
    where entered_at <= as_of::timestamptz and stage <> '';

-- stay_time_at: how much of each stay was work and how much was waiting. time_at: the same of all
-- stays of a stage, from their visits and blocks alone.
create macro stay_time_at(as_of) as table
    with summed as (
        select item_no, stay_no, sum(stay_us - blocked_us)::bigint as process_us
        from visit_at(as_of) where part = 'work' group by all
    )
    select stay.*, coalesce(process_us, 0) as process_us,
           lead_us - coalesce(process_us, 0) as wait_us
    from stay_at(as_of) as stay left join summed using (item_no, stay_no);

create macro time_at(as_of) as table
    with stayed as (
        select stream, stage, stage_no, count(*) as stays, count(*) filter (is_open) as open_stays,
               sum(lead_us) as lead_us
        from stay_at(as_of) group by all
    ), worked as (
        select stream, stage,
               sum(if(left_at <= as_of::timestamptz, left_us, now_us) - entered_us) as us
        from stage_visit join clock_of(as_of) using (stream)
        where part = 'work' and entered_at <= as_of::timestamptz group by all
    ), blocked as (
        select stream, stage,
               sum(greatest(0, least(coalesce(until_us, now_us), now_us) - from_us)) as us
        from visit_blocked join clock_of(as_of) using (stream)
        where part = 'work' and from_at <= as_of::timestamptz group by all
    )
    select stayed.*, coalesce(worked.us, 0) - coalesce(blocked.us, 0) as process_us
    from stayed left join worked using (stream, stage) left join blocked using (stream, stage);
