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
        select item_no, visit_no,
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
    left join blocked using (item_no, visit_no)
    where visit.entered_at <= as_of::timestamptz;

-- worded_at: in which words each item was blocked then: a reason may be worded anew later.
create macro worded_at(as_of) as table
    select item_no, wording from blocked_part where is_open_at(from_at, until_at, as_of);
