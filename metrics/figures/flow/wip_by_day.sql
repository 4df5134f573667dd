-- WIP by day: the items in each stage at the end of each day (the stream's own zone), split into waiting, working and blocked.
create macro wip_by_day(as_of) as table
    select stream, stage, count.stage_no, stage.name as stage_name, day, waiting, working, blocked,
           waiting + working + blocked as wip
    from wip_day as count join stage using (stream, stage) join stream using (stream)
    where day <= local_day(time_zone, as_of::timestamptz)
    order by stream, count.stage_no, day;
