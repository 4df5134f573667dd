-- wip_day: items in each stage at the end of each local day, from +1 and -1 steps and a running
-- sum, which takes a hundredth of the time of joining every day to every visit.
create table wip_day as
with visit as (
    select *, if(part = 'work', 'working', 'waiting') as state from stage_visit where in_stage(part)
), step as (
    select stream, stage, stage_no, entered_on as day, state, 1 as n from visit
    union all
    select stream, stage, stage_no, left_on, state, -1 from visit where left_at is not null
    union all
    -- A blocked item leaves waiting or working for as long, and comes back to it.
    select stream, stage, stage_no,
           local_day(time_zone, unnest([from_at, from_at, until_at, until_at])),
           unnest([if(part = 'work', 'working', 'waiting'), 'blocked',
                   if(part = 'work', 'working', 'waiting'), 'blocked']), unnest([-1, 1, 1, -1])
    from visit_blocked join stream using (stream)
), daily as (
    select stream, stage, stage_no, day,
           coalesce(sum(n) filter (state = 'waiting'), 0) as waiting,
           coalesce(sum(n) filter (state = 'working'), 0) as working,
           coalesce(sum(n) filter (state = 'blocked'), 0) as blocked
    from step where day is not null group by all
), began as (
    select stream, min(entered_at) as began_at from stage_visit group by all
), calendar as (
    select stream, stage, stage_no, unnest(generate_series(local_day(time_zone, began_at),
        local_day(time_zone, data_at), interval 1 day))::date as day
    from stream join began using (stream) join stage using (stream)
)
select calendar.stream, calendar.stage, calendar.stage_no, calendar.day,
       coalesce(sum(daily.waiting) over days, 0)::bigint as waiting,
       coalesce(sum(daily.working) over days, 0)::bigint as working,
       coalesce(sum(daily.blocked) over days, 0)::bigint as blocked
from calendar left join daily using (stream, stage, stage_no, day)
window days as (partition by calendar.stream, calendar.stage order by calendar.day);
