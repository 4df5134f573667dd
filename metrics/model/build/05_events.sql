-- From what the sources say to what is believed, and from there to one history of each item.
-- event_row: each event, narrow; is_lesser: a better recording tells of the same kind. A list says
-- of most items at each change that they are not blocked: what never was has no use for it.
create temp table event_row as
with ranked as (
    select *, precedence > min(precedence) over (partition by stream, kind) as is_lesser
    from coverage
)
select item.item_no, ranked.stream::a_stream as stream, event.kind::a_kind as kind,
       event.value::a_value as value, event.since, event.not_before, event.opening,
       event.precision::a_precision as precision, event.sequence, ranked.precedence,
       event.source::a_source as source, event.place::a_file as place, event.line,
       ranked.is_lesser, local_day(stream.time_zone, event.since) as on_day
from told_event as event join ranked using (stream, source, kind) join item_told as item
    using (stream, item) join stream using (stream)
where event.kind = 'status' or item.was_blocked;
drop table told_event;

-- kept_event: what is believed. Inside the time a better recording covers, a lesser one's events
-- are dropped, except the first sign of an item. Where only one recording tells, that is all of it.
create temp table kept_event as
with doubted as (
    select distinct item_no, kind from event_row where is_lesser
), numbered as (
    select *, row_number() over (partition by item_no, kind
                                 order by since, precedence, sequence, not_before, value) as nth
    from event_row semi join doubted using (item_no, kind)
)
from event_row anti join doubted using (item_no, kind)
union all
select * exclude (nth) from numbered
where not is_lesser or nth = 1 or not exists (
    from coverage as better
    where better.stream = numbered.stream and better.kind = numbered.kind
      and better.precedence < numbered.precedence
      and numbered.since between better.from_at and better.until_at);
drop table event_row;
