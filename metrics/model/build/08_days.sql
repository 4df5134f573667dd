-- wip_day: items in each stage at the end of each local day, from +1 and -1 steps and a running sum.
create table wip_day as
with step as (
    select stream, stage, stage_no, entered_at as at_time,
           case when part = 'work' then 'working' else 'waiting' end as state, 1 as n
    from stage_visit where part in ('queue', 'paused', 'work')
    union all
    select stream, stage, stage_no, left_at,
           case when part = 'work' then 'working' else 'waiting' end, -1
    from stage_visit where part in ('queue', 'paused', 'work') and left_at is not null
    union all
    select stream, stage, stage_no, unnest([from_at, from_at, until_at, until_at]),
           unnest([if(part = 'work', 'working', 'waiting'), 'blocked',
                   if(part = 'work', 'working', 'waiting'), 'blocked']), unnest([-1, 1, 1, -1])
    from visit_blocked
), daily as (
    select stream, stage, stage_no, timezone(time_zone, at_time)::date as day,
           coalesce(sum(n) filter (state = 'waiting'), 0) as waiting,
           coalesce(sum(n) filter (state = 'working'), 0) as working,
           coalesce(sum(n) filter (state = 'blocked'), 0) as blocked
    from step join stream using (stream) where at_time is not null group by all
), calendar as (
    select s.stream, g.stage, g.stage_no, unnest(generate_series(
        timezone(s.time_zone, (select min(entered_at) from stage_visit v where v.stream = s.stream))::date,
        timezone(s.time_zone, s.data_at)::date, interval 1 day))::date as day
    from stream s join stage g using (stream)
)
select c.stream, c.stage, c.stage_no, c.day,
       coalesce(sum(d.waiting) over days, 0)::bigint as waiting,
       coalesce(sum(d.working) over days, 0)::bigint as working,
       coalesce(sum(d.blocked) over days, 0)::bigint as blocked
from calendar c left join daily d using (stream, stage, stage_no, day)
window days as (partition by c.stream, c.stage order by c.day);
