-- The model at an instant: only what had happened by then, every duration cut there.
create macro clock_of(as_of) as table
    select stream, max_by(clock_at(starts_at, worked_us, working, as_of::timestamptz), starts_at) as now_us
    from day_clock where starts_at <= as_of::timestamptz group by stream;

create macro visit_at(as_of) as table
    with blocked as (
        select stream, item, visit_no,
               sum(greatest(0, least(coalesce(until_us, now_us), now_us) - from_us)) as blocked_us
        from visit_blocked join clock_of(as_of) using (stream)
        where from_at <= as_of::timestamptz group by all
    )
    select v.* exclude (left_at, left_us), if(v.left_at <= as_of::timestamptz, v.left_at, null) as left_at,
           coalesce(v.left_at > as_of::timestamptz, true) as is_open,
           if(v.left_at <= as_of::timestamptz, v.left_us, c.now_us) - v.entered_us as stay_us,
           coalesce(b.blocked_us, 0)::bigint as blocked_us
    from stage_visit v join clock_of(as_of) c using (stream)
    left join blocked b using (stream, item, visit_no)
    where v.entered_at <= as_of::timestamptz;

create macro stay_at(as_of) as table
    with summed as (
        select stream, item, stay_no, sum(stay_us)::bigint as lead_us, bool_or(is_open) as is_open,
               coalesce(sum(stay_us - blocked_us) filter (part = 'work'), 0)::bigint as process_us
        from visit_at(as_of) where part in ('queue', 'paused', 'work') group by all
    )
    select s.stream, s.item, s.stay_no, s.stage, s.stage_no, s.entered_at, s.at_least, s.known_age_us,
           if(m.is_open, null, s.left_at) as left_at, m.is_open, m.lead_us, m.process_us,
           m.lead_us - m.process_us as wait_us, s.entered_us,
           case when m.is_open then null when s.next_place = 'left' then 'left'
                when s.next_place = 'done' or s.next_stage_no > s.stage_no then 'on'
                when s.next_place = 'unmapped' then 'unmapped' else 'back' end as exit,
           not m.is_open and coalesce(s.left_in_bulk, false) as left_in_bulk
    from stage_stay s join summed m using (stream, item, stay_no);

create macro item_at(as_of) as table
    select v.stream, v.item, v.visit_no, v.stage, v.stage_no, v.part, v.status, v.entered_at,
           v.at_least as visit_at_least, v.precision, v.bulk, i.first_known_at as first_entered_at,
           f.at_least, clock_at(d.starts_at, d.worked_us, d.working, i.first_known_at) as first_us,
           v.entered_us, f.known_age_us, c.now_us, b.reason as blocked_reason, b.from_at as blocked_at,
           b.span_from_us as blocked_us, b.at_least as blocked_at_least,
           t.name, t.link
    from visit_at(as_of) v join item i using (stream, item) join clock_of(as_of) c using (stream)
    join stage_visit f on f.stream = v.stream and f.item = v.item and f.visit_no = 1
    asof join day_clock d on d.stream = v.stream and d.starts_at <= i.first_known_at
    left join visit_blocked b on b.stream = v.stream and b.item = v.item and b.visit_no = v.visit_no
        and b.from_at <= as_of::timestamptz and coalesce(b.until_at, 'infinity') > as_of::timestamptz
    left join item_detail t on t.stream = v.stream and t.item = v.item
    where v.is_open;
