-- blocked_span: from the flag being seen to its being seen gone; the clock stops at delivery
-- and at abandonment. visit_blocked: each span cut to the visits it covers.
create table blocked_span as
with flagged as (
    select *, value <> '' as is_blocked,
           coalesce(lag(value <> '') over history, false) as was_blocked
    from stage_event where kind = 'blocked'
    window history as (partition by stream, item order by event_no)
), switched as (
    select *, lead(since) over (partition by stream, item order by event_no) as until_at
    from flagged where is_blocked <> was_blocked
)
select s.stream, s.item, s.since as from_at, s.until_at, s.opening as at_least,
       arg_max(e.value, e.event_no) as reason
from switched s join stage_event e on e.stream = s.stream and e.item = s.item and e.kind = 'blocked'
    and e.event_no >= s.event_no and e.value <> '' and e.since < coalesce(s.until_at, 'infinity')
where s.is_blocked group by all;

create table visit_blocked as
with cut as (
    select v.stream, v.item, v.visit_no, v.stage, v.stage_no, v.part, b.reason, b.at_least,
           greatest(v.entered_at, b.from_at) as from_at, b.until_at as span_until_at, b.from_at as span_from_at,
           nullif(least(coalesce(v.left_at, 'infinity'), coalesce(b.until_at, 'infinity')),
                  'infinity'::timestamptz) as until_at
    from stage_visit v join blocked_span b on b.stream = v.stream and b.item = v.item
        and b.from_at < coalesce(v.left_at, 'infinity')
        and coalesce(b.until_at, 'infinity') > v.entered_at
    where v.part in ('queue', 'paused', 'work')
)
select c.*, clock_at(d.starts_at, d.worked_us, d.working, c.from_at) as from_us,
       clock_at(u.starts_at, u.worked_us, u.working, c.until_at) as until_us,
       min(clock_at(d.starts_at, d.worked_us, d.working, c.from_at)) over (
           partition by c.stream, c.item, c.span_from_at) as span_from_us
from cut c
asof join day_clock d on d.stream = c.stream and d.starts_at <= c.from_at
asof left join day_clock u on u.stream = c.stream and u.starts_at <= c.until_at;
