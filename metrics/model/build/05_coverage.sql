-- From what the sources say to what is believed: kept_event.
-- Precedence: inside the time a better recording covers, a lesser one's events are dropped,
-- except the first sign of an item. What was dropped stays in event_all.
create table coverage as
with spoken as (
    select stream, source, kind, any_value(precedence) as precedence,
           min(since) as first_at, max(since) as last_at
    from event_all where kind <> 'exists' group by all
), read as (
    select source, min(seen_at) as first_at, max(seen_at) as last_at
    from load join source_kind as sort using (source, kind)
    where outcome = 'accepted' and sort.tells = 'states' group by source
)
select spoken.stream, spoken.source, spoken.kind, spoken.precedence,
       coalesce(used.covers_from, read.first_at, spoken.first_at) as from_at,
       coalesce(used.covers_until, read.last_at, spoken.last_at) as until_at
from spoken left join stream_source as used using (stream, source)
left join read using (source);

-- item: each item, and its number within this publication: what is sorted and joined by the million
-- is a number. An item of which only a block is told has one, and is none.
create temp table item_told as
select stream, item, min(since) filter (kind <> 'blocked') as first_known_at,
       row_number() over (order by stream, item)::integer as item_no
from event_all group by stream, item;

create table item as from item_told where first_known_at is not null;

-- Words as numbers, in the order of the alphabet: rows by the million are sorted and copied.
create temp type told_value as enum (select distinct value from event_all order by value);
create temp type told_source as enum (select distinct source from event_all order by source);
create temp type told_place as enum (select distinct place from event_all order by place);
create temp type told_precision as enum (select distinct precision from event_all order by all);
create temp type told_stream as enum (select stream from stream order by stream);

-- told_event: a row for each event, narrow; is_lesser: a better recording tells of the same kind.
create temp table told_event as
with ranked as (
    select *, precedence > min(precedence) over (partition by stream, kind) as is_lesser
    from coverage
)
select item.item_no, ranked.stream::told_stream as stream, event.kind = 'status' as is_status,
       event.value::told_value as value, event.since, event.not_before, event.opening,
       event.precision::told_precision as precision, event.sequence, ranked.precedence,
       event.source::told_source as source, event.place::told_place as place, event.line,
       ranked.from_at, ranked.is_lesser, local_day(stream.time_zone, event.since) as on_day
from event_all as event join ranked using (stream, source, kind) join item_told as item
    using (stream, item) join stream using (stream);

-- kept_event: what is believed. Where only one recording tells, that is all of it.
create temp table kept_event as
with doubted as (
    select distinct item_no, is_status from told_event where is_lesser
), numbered as (
    select *, row_number() over (partition by item_no, is_status
                                 order by since, precedence, sequence, not_before, value) as nth
    from told_event semi join doubted using (item_no, is_status)
)
from told_event anti join doubted using (item_no, is_status)
union all
select * exclude (nth) from numbered
where not is_lesser or nth = 1 or not exists (
    from coverage as better
    where better.stream = numbered.stream and (better.kind = 'status') = numbered.is_status
      and better.precedence < numbered.precedence
      and numbered.since between better.from_at and better.until_at);
