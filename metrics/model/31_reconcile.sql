-- Reconciliation: what must hold before a publication becomes current.
create table reconciliation as
with last_answer as (
    select w.stream, w.source, arg_max(l.load_id, (l.seen_at, l.load_id)) as load_id
    from stream_source w join load l using (source)
    where w.counted and l.outcome = 'accepted' group by all
), told as (
    select a.stream, a.source, count(distinct r.key) as n
    from last_answer a join landing.raw r using (source, load_id) group by all
), shown as (
    select i.stream, count(*) as n, count(*) filter (part not in ('done', 'left')) as open_items,
           count(*) filter (part = 'unmapped' or stage is null and part <> 'left') as outside
    from stream s join item_at('infinity'::timestamptz) i using (stream) group by all
)
select 'items in the last answer of ' || t.source || ' = open + finished + left' as rule,
       t.stream, t.n as expected, coalesce(s.n, 0) as found
from told t left join shown s using (stream)
union all
select 'lead time = process time + wait time, in every stage', stream,
       sum(lead_us)::bigint, sum(process_us + wait_us)::bigint
from stay_at((select max(data_at) from stream)) group by stream
union all
select 'arrivals - departures = work in progress, day by day', d.stream,
       sum(d.waiting + d.working + d.blocked)::bigint,
       (select count(*) from stage_visit v join stream s using (stream)
        where v.stream = d.stream and v.part in ('queue', 'paused', 'work')
        and timezone(s.time_zone, v.entered_at)::date <= d.day
        and coalesce(timezone(s.time_zone, v.left_at)::date > d.day, true))
from wip_day d join (select stream, max(day) as day from wip_day group by all) m using (stream, day)
group by d.stream, d.day;
