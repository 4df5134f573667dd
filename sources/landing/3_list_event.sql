-- A list of changes as stage events: a day becomes an instant, the first row may be "at least".
-- Where a day and times of that day stand together, the order of the list says which came first.
create or replace view list_event as
with written as (
    select *, length(since_text) = 10 as is_day, coalesce(told_sequence, line) as sequence,
           case when length(since_text) = 10
                then timezone(time_zone, (since_text::date + 1)::timestamp) - interval 1 microsecond
                -- DuckDB reads a zone only after seconds, and only with a colon in it
                when regexp_matches(since_text, '(Z|[+-]\d\d:?\d\d)$')
                then regexp_replace(
                    regexp_replace(since_text, '([T ]\d\d:\d\d)([Z+-])', '\1:00\2'),
                    '([+-]\d\d):?(\d\d)$', '\1:\2')::timestamptz
                else timezone(time_zone, since_text::timestamp) end as since
    from listed where tells = 'events'
), timed as (
    select * replace (if(is_day, coalesce(least(since, min(since) filter (not is_day) over later),
                                          since), since) as since)
    from written
    window later as (partition by source, item, left(since_text, 10) order by sequence
                     rows between 1 following and unbounded following)
), ranked as (
    select *, min(since) over of_source as first_at,
           min(since) filter (status <> '') over of_source as first_status_at,
           row_number() over (partition by source, item order by since, sequence) as nth,
           max(since) over (partition by source order by since range between unbounded preceding
                            and interval 1 microsecond preceding) as earlier_at
    from timed window of_source as (partition by source)
), kinds as (
    select *, case when status = '' then 'exists' else 'status' end as kind_told,
           coalesce(told = 'between' and since in (first_at, first_status_at), false) as is_first
    from ranked
), exact as (
    select *, case when is_day then timezone(time_zone, since_text::date::timestamp)
                   when told = 'between' and not is_first then earlier_at end as not_before,
           case when is_first then 'at least' when is_day then 'day'
                else coalesce(told, 'exact') end as precision
    from kinds
)
select source, item, kind_told as kind, status as value, since, not_before, precision,
       is_first as opening, sequence, place, line
from exact
union all
select source, item, 'status', from_status, since, null, 'at least', true, sequence - 1, place, line
from exact where nth = 1 and from_status <> ''
union all
select source, item, 'blocked', trim(blocked), since, not_before, precision, is_first, sequence,
       place, line
from exact where has_blocked and blocked is not null;
