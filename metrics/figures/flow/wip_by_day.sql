-- WIP by day: the items in each stage at the end of each day (the stream's own zone), split into waiting, working and blocked; of a day that is not over, at the instant asked for.
create macro wip_by_day(as_of) as table
    with ending as (
        select stream, local_day(time_zone, least(as_of::timestamptz, data_at)) as last_day,
               timezone(time_zone, (last_day + 1)::timestamp) - interval 1 microsecond
                   <= as_of::timestamptz as is_over
        from stream
    ), counted as (
        select stream, stage, day, waiting, working, blocked from wip_day join ending using (stream)
        where day < last_day or day = last_day and is_over
        union all
        select stream, stage, last_day, waiting, working, blocked
        from stage_now(as_of) join ending using (stream) where not is_over
    )
    select stream, stage, stage.stage_no, stage.name as stage_name, day, waiting, working, blocked,
           waiting + working + blocked as wip
    from counted join stage using (stream, stage) order by stream, stage.stage_no, day;
