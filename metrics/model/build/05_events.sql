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
    from load join source_kind as sort using (source, kind)
    where outcome = 'accepted' and sort.tells = 'states' group by source
)
select spoken.stream, spoken.source, spoken.kind, spoken.precedence,
       coalesce(used.covers_from, read.first_at, spoken.first_at) as from_at,
       coalesce(used.covers_until, read.last_at, spoken.last_at) as until_at
from spoken left join stream_source as used using (stream, source)
left join read using (source);

create table item as
select stream, item, min(since) as first_known_at
from event_all where kind <> 'blocked' group by all;

create table stage_event as
with numbered as (
    select *, row_number() over first_first as nth from event_all where kind <> 'exists'
    window first_first as (partition by stream, item, kind
                           order by since, precedence, sequence, not_before, value)
), kept as (
    select numbered.* from numbered
    where nth = 1 or not exists (
        from coverage as better
        where better.stream = numbered.stream and better.kind = numbered.kind
          and better.precedence < numbered.precedence
          and numbered.since between better.from_at and better.until_at)
), compared as (
    -- Within one instant the source's own order decides, then the better recording.
    select *, lag(value) over history as was, row_number() over history as place_no from kept
    window history as (partition by stream, item, kind
                       order by since, sequence, precedence, not_before, value)
)
select compared.stream, compared.item, compared.kind, value, was, compared.since, not_before,
       precision, opening,
       row_number() over (partition by compared.stream, compared.item, compared.kind
                          order by place_no) as event_no,
       greatest(compared.since, coverage.from_at) as observed_at, compared.source, place, line,
       edited.stream is not null as bulk, changed.stream is not null as process_changed
from compared join coverage using (stream, source, kind) join stream using (stream)
left join not_progress as edited on edited.stream = compared.stream
    and edited.happened_on = local_day(stream.time_zone, compared.since)
left join status_map as changed on changed.stream = compared.stream
    and changed.status = compared.was
    and changed.until <= local_day(stream.time_zone, compared.since)
where was is distinct from value and (compared.kind = 'status' or was is not null or value <> '');
