-- The model at an instant: only what had happened by then, every duration cut there.
-- No clock runs beyond the moment up to which anything is known.
create macro clock_of(as_of) as table
    select stream, max_by(clock_at(starts_at, worked_us, working,
                                   least(as_of::timestamptz, data_at)), starts_at) as now_us
    from day_clock join stream using (stream)
    where starts_at <= least(as_of::timestamptz, data_at) group by stream;

create macro visit_at(as_of) as table
    with blocked as (
        select stream, item, visit_no,
               sum(greatest(0, least(coalesce(until_us, now_us), now_us) - from_us)) as blocked_us
        from visit_blocked join clock_of(as_of) using (stream)
        where from_at <= as_of::timestamptz group by all
    )
    select visit.* exclude (left_at, left_us),
           if(visit.left_at <= as_of::timestamptz, visit.left_at, null) as left_at,
           coalesce(visit.left_at > as_of::timestamptz, true) as is_open,
           if(visit.left_at <= as_of::timestamptz, visit.left_us, clock.now_us) - visit.entered_us
               as stay_us,
           coalesce(blocked.blocked_us, 0)::bigint as blocked_us
    from stage_visit as visit join clock_of(as_of) as clock using (stream)
    left join blocked using (stream, item, visit_no)
    where visit.entered_at <= as_of::timestamptz;

create macro stay_at(as_of) as table
    with summed as (
        select stream, item, stay_no, sum(stay_us)::bigint as lead_us, bool_or(is_open) as is_open,
               coalesce(sum(stay_us - blocked_us) filter (part = 'work'), 0)::bigint as process_us
        from visit_at(as_of) where in_stage(part) group by all
    )
    select stay.stream, stay.item, stay.stay_no, stay.stage, stay.stage_no, stay.entered_at,
           stay.at_least, stay.known_age_us, if(summed.is_open, null, stay.left_at) as left_at,
           summed.is_open, summed.lead_us, summed.process_us,
           summed.lead_us - summed.process_us as wait_us, stay.entered_us,
           case when summed.is_open then null when stay.next_place = 'left' then 'left'
                when stay.next_place = 'done' or stay.next_stage_no > stay.stage_no then 'on'
                when stay.next_place = 'unmapped' then 'unmapped' else 'back' end as exit,
           not summed.is_open and coalesce(stay.left_in_bulk, false) as left_in_bulk
    from stage_stay as stay join summed using (stream, item, stay_no);

create macro item_at(as_of) as table
    select visit.stream, visit.item, visit.visit_no, visit.stage, visit.stage_no, visit.part,
           visit.status, visit.entered_at, visit.at_least as visit_at_least, visit.precision,
           visit.bulk, item.first_known_at as first_entered_at, first.at_least,
           clock_at(began.starts_at, began.worked_us, began.working, item.first_known_at)
               as first_us,
           visit.entered_us, first.known_age_us, clock.now_us, blocked.reason as blocked_reason,
           blocked.from_at as blocked_at, blocked.span_from_at as flagged_at,
           blocked.span_from_us as blocked_us,
           blocked.at_least as blocked_at_least, detail.name, detail.link
    from visit_at(as_of) as visit join item using (stream, item)
    join clock_of(as_of) as clock using (stream)
    join stage_visit as first on first.stream = visit.stream and first.item = visit.item
        and first.visit_no = 1
    asof join day_clock as began on began.stream = visit.stream
        and began.starts_at <= item.first_known_at
    left join visit_blocked as blocked on blocked.stream = visit.stream
        and blocked.item = visit.item and blocked.visit_no = visit.visit_no
        and blocked.from_at <= as_of::timestamptz
        and coalesce(blocked.until_at, 'infinity') > as_of::timestamptz
    left join item_detail as detail on detail.stream = visit.stream and detail.item = visit.item
    where visit.is_open;
