-- coverage: from when until when each source speaks.
create table coverage as
with spoken as (
    select stream, source, kind, any_value(precedence) as precedence,
           min(since) as first_at, max(since) as last_at
    from told_event where kind <> 'exists' group by all
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

-- item: each item with a number, by which alone the tables of events, visits and stays know it:
-- what is sorted, joined and copied by the million is a number. Numbers follow the order of the
-- names. An item of which only a block is told has one in item_told, and is none.
create temp table item_told as
select stream, item, min(since) filter (kind <> 'blocked') as first_known_at,
       bool_or(kind = 'blocked' and value <> '') as was_blocked,
       row_number() over (order by stream, item)::integer as item_no
from told_event group by stream, item;

create table item as
select told.item_no, told.stream, told.item, coalesce(called.name, told.item) as name,
       called.link, told.first_known_at
from item_told as told left join told_name as called using (stream, item)
where first_known_at is not null order by item_no;

create table item_attribute as
select item.stream, item.item_no, told.attribute, told.value
from told_attribute as told join item using (stream, item);

-- Words as numbers, in the order of the alphabet: rows by the million are sorted and copied.
create temp type a_value as enum (select distinct value from told_event order by value);
create temp type a_source as enum (select distinct source from told_event order by source);
create temp type a_file as enum (select distinct place from told_event order by place);
create temp type a_precision as enum (select distinct precision from told_event order by all);
create temp type a_kind as enum ('blocked', 'status');
create temp type a_stream as enum (select stream from stream order by stream);
