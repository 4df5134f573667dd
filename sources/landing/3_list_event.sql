-- A list of changes as stage events: a day becomes an instant, the first row may be "at least".
-- Few rows need more than their own time, so only those are sorted or joined: lists are long.
create or replace macro instant_of(text) as
    -- DuckDB reads a zone only after seconds, and only with a colon in it.
    regexp_replace(regexp_replace(text, '([T ]\d\d:\d\d)([Z+-])', '\1:00\2'),
                   '([+-]\d\d):?(\d\d)$', '\1:\2')::timestamptz;
create or replace view list_time as
with written as materialized (
    select distinct time_zone, since_text, length(since_text) = 10 as is_day from listed
    where tells = 'events' and (length(since_text) = 10 or told = 'interval')
), day as not materialized (
    select time_zone, since_text, timezone(time_zone, since_text::date::timestamp) as begins_at,
           timezone(time_zone, (since_text::date + 1)::timestamp) - interval 1 microsecond
               as ends_at, 'day' as known
    from written where is_day
    union all
    -- Of a board's rows the time may be an interval: from/to, or ../to for what was so before.
    select time_zone, since_text, instant_of(nullif(split_part(since_text, '/', 1), '..')),
           instant_of(split_part(since_text, '/', 2)),
           if(starts_with(since_text, '..'), 'at least', 'between')
    from written where not is_day and contains(since_text, '/')
)
select told.* exclude (since_at, told_sequence), coalesce(told_sequence, line) as sequence,
       day.begins_at, day.known, coalesce(day.known = 'day', false) as is_day,
       case when day.ends_at is not null then ends_at
            when since_at is not null then since_at
            when regexp_matches(since_text, '(Z|[+-]\d\d:?\d\d)$') then instant_of(since_text)
            else timezone(time_zone, since_text::timestamp) end as since
from listed as told left join day using (time_zone, since_text)
where tells = 'events';

create or replace view list_event as
-- Where a day and times of that day stand together, the order of the list says which came first.
with earlier as not materialized (
    select source, item, day.line, min(later.since) as since
    from list_time as day join list_time as later using (source, item)
    where day.is_day and not later.is_day and left(later.since_text, 10) = day.since_text
      and later.sequence > day.sequence
    group by all
), timed as materialized (
    select list_time.* replace (least(list_time.since, earlier.since) as since)
    from list_time left join earlier using (source, item, line)
), picture as not materialized (
    -- Of lists of pictures: what is first was there before, all else came since the picture before.
    select source, since, lag(since) over (partition by source order by since) as earlier_at,
           since in (min(since) over of_source, min(since) filter (has_status) over of_source)
               as is_first
    from (select source, since, bool_or(status <> '') as has_status from timed
          where told = 'between' group by all)
    window of_source as (partition by source)
), exact as not materialized (
    select timed.*, if(status = '', 'exists', 'status') as kind,
           coalesce(is_first, known = 'at least', false) as is_first,
           case when begins_at is not null then begins_at when not is_first then earlier_at end
               as not_before,
           if(is_first, 'at least', coalesce(known, nullif(told, 'interval'), 'exact')) as precision
    from timed left join picture using (source, since)
), entry as not materialized (
    select source, item, arg_min(line, (since, sequence, line)) as line
    from timed semi join (select source, item from listed where from_status <> '')
        using (source, item)
    group by all
)
select source, item, kind, status as value, since, not_before, precision, is_first as opening,
       sequence, place, line
from exact
union all
select source, item, 'status', from_status, since, null, 'at least', true, sequence - 1, place, line
from exact semi join entry using (source, item, line) where from_status <> ''
union all
select source, item, 'blocked', blocked, since, not_before, precision, is_first, sequence,
       place, line
from exact where has_blocked and blocked is not null;
