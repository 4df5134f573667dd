-- From what the sources say to one history per item: stage_event.
-- Precedence: inside the time a better recording covers, a lesser one's events are dropped,
-- except the first sign of an item. What was dropped stays in event_all.
create table coverage as
with spoken as (
    select stream, source, kind, any_value(precedence) as precedence,
           min(since) as first_at, max(since) as last_at
    from event_all where kind <> 'exists' group by all
), read as (
    select source, min(seen_at) as first_at, max(seen_at) as last_at
    from load join source_kind k using (source, kind)
    where outcome = 'accepted' and k.tells = 'states' group by source
)
select s.stream, s.source, s.kind, s.precedence,
       coalesce(w.covers_from, r.first_at, s.first_at) as from_at,
       coalesce(w.covers_until, r.last_at, s.last_at) as until_at
from spoken s left join stream_source w using (stream, source) left join read r using (source);

create table item as
select stream, item, min(since) as first_known_at, min(since) filter (kind = 'status') as first_status_at
from event_all where kind <> 'blocked' group by all;

create table stage_event as
with numbered as (
    select *, row_number() over first_first as nth from event_all where kind <> 'exists'
    window first_first as (partition by stream, item, kind
                           order by since, precedence, sequence, not_before, value)
), kept as (
    select n.* from numbered n
    where nth = 1 or not exists (
        from coverage c where c.stream = n.stream and c.kind = n.kind
        and c.precedence < n.precedence and n.since between c.from_at and c.until_at)
), compared as (
    select *, lag(value) over history as was from kept
    window history as (partition by stream, item, kind
                       order by since, sequence, precedence, not_before, value)
)
select c.stream, c.item, c.kind, c.value, c.was, c.since, c.not_before, c.precision, c.opening,
       row_number() over (partition by c.stream, c.item, c.kind
           order by c.since, c.sequence, c.precedence, c.not_before, c.value) as event_no,
       greatest(c.since, v.from_at) as observed_at, c.source, c.place, c.line,
       b.stream is not null as bulk, p.stream is not null as process_changed
from compared c
join coverage v on v.stream = c.stream and v.source = c.source and v.kind = c.kind
join stream s on s.stream = c.stream
left join not_progress b on b.stream = c.stream
    and b.happened_on = timezone(s.time_zone, c.since)::date
left join status_map p on p.stream = c.stream and p.status = c.was
    and p.until <= timezone(s.time_zone, c.since)::date
where c.was is distinct from c.value and (c.kind = 'status' or c.was is not null or c.value <> '');
