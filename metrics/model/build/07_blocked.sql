-- blocked_span: from the flag being seen to its being seen gone; the clock stops at delivery
-- and at abandonment. visit_blocked: each span cut to the visits it covers.
create table blocked_span as
with flagged as (
    select *, value <> '' as is_blocked,
           coalesce(lag(value <> '') over history, false) as was_blocked
    from stage_event where kind = 'blocked'
    window history as (partition by item_no order by event_no)
), switched as (
    select *, lead(since) over (partition by item_no order by event_no) as until_at
    from flagged where is_blocked <> was_blocked
)
select flag.stream, flag.item_no, flag.since as from_at, flag.until_at, flag.opening as at_least,
       -- The reason may be reworded while it stays blocked: the last one counts.
       arg_max(event.value, event.event_no) as reason
from switched as flag join stage_event as event on event.item_no = flag.item_no
    and event.kind = 'blocked' and event.event_no >= flag.event_no
    and event.value <> '' and event.since < coalesce(flag.until_at, 'infinity')
where flag.is_blocked group by all;

create table visit_blocked as
with cut as (
    select visit.stream, visit.item_no, visit.visit_no, visit.stage, visit.stage_no, visit.part,
           span.reason, span.at_least, greatest(visit.entered_at, span.from_at) as from_at,
           span.until_at as span_until_at, span.from_at as span_from_at,
           nullif(least(coalesce(visit.left_at, 'infinity'), coalesce(span.until_at, 'infinity')),
                  'infinity'::timestamptz) as until_at
    from stage_visit as visit join blocked_span as span
        on span.item_no = visit.item_no
        and span.from_at < coalesce(visit.left_at, 'infinity')
        and coalesce(span.until_at, 'infinity') > visit.entered_at
    where in_stage(visit.part)
)
select cut.*, clock_at(began.starts_at, began.worked_us, began.working, cut.from_at) as from_us,
       clock_at(ended.starts_at, ended.worked_us, ended.working, cut.until_at) as until_us,
       min(clock_at(began.starts_at, began.worked_us, began.working, cut.from_at)) over (
           partition by cut.item_no, cut.span_from_at) as span_from_us
from cut
asof join day_clock as began on began.stream = cut.stream and began.starts_at <= cut.from_at
asof left join day_clock as ended on ended.stream = cut.stream and ended.starts_at <= cut.until_at;
