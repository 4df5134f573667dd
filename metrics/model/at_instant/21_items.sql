-- The model at an instant: only what had happened by then, every duration cut there.
-- No clock runs beyond the moment up to which anything is known.
create macro clock_of(as_of) as table
    select stream, max_by(clock_at(starts_at, worked_us, working,
                                   least(as_of::timestamptz, data_at)), starts_at) as now_us
    from day_clock join stream using (stream)
    where starts_at <= least(as_of::timestamptz, data_at) group by stream;

-- Whether what began and ended at these instants (null: not yet) is under way at another.
create macro is_open_at(began, ended, as_of) as
    began <= as_of::timestamptz and coalesce(ended > as_of::timestamptz, true);

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
