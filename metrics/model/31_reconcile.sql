-- Reconciliation: what must hold before a publication becomes current.
create table reconciliation as
with last_answer as (
    select used.stream, used.source,
           arg_max(load.load_id, (load.seen_at, load.load_id)) as load_id
    from stream_source as used join load using (source)
    where used.counted and load.outcome = 'accepted' group by all
), told as (
    select answer.stream, answer.source, count(distinct raw.key) as items
    from last_answer as answer join landing.raw as raw using (source, load_id) group by all
), shown as (
    select stream, count(*) as items from item_at('infinity'::timestamptz) group by all
), last_day as (
    select stream, max(day) as day from wip_day group by all
)
select 'items in the last answer of ' || told.source || ' = open + finished + left' as rule,
       told.stream, told.items as expected, coalesce(shown.items, 0) as found
from told left join shown using (stream)
union all
select 'lead time = process time + wait time, in every stage', stream,
       sum(lead_us)::bigint, sum(process_us + wait_us)::bigint
from stay_at((select max(data_at) from stream)) group by stream
union all
-- By the steps and running sums of wip_day, and by counting the visits open at its last midnight.
select 'arrivals - departures = work in progress, day by day', step.stream,
       sum(step.waiting + step.working + step.blocked)::bigint,
       (select count(*) from stage_visit as visit join stream using (stream)
        where visit.stream = step.stream and in_stage(visit.part)
        and local_day(stream.time_zone, visit.entered_at) <= step.day
        and coalesce(local_day(stream.time_zone, visit.left_at) > step.day, true))
from wip_day as step join last_day using (stream, day)
group by step.stream, step.day;
