-- WIP by day: the items in each stage at the end of each day (the stream's own zone), split into waiting, working and blocked.
create macro wip_by_day(as_of) as table
    select d.stream, d.stage, d.stage_no, g.name as stage_name, d.day, d.waiting, d.working,
           d.blocked, d.waiting + d.working + d.blocked as wip
    from wip_day d join stage g using (stream, stage) join stream s using (stream)
    where d.day <= timezone(s.time_zone, as_of::timestamptz)::date
    order by d.stream, d.stage_no, d.day;
