-- What the lists and snapshots say, as stage events: renames, casts and the comparison of snapshots.
create or replace view listed as
select r.source, r.load_id, r.line, l.place, l.seen_at, l.tells, s.time_zone,
       coalesce(nullif(trim(r.row->>(s.columns->>'item')), ''), r.key) as item,
       if(lower(r.row->>(s.columns->>'gone')) in ('gone', 'true', 'yes', '1'), '(gone)',
          coalesce(trim(r.row->>(s.columns->>'status')), '')) as status,
       r.row->>(s.columns->>'since') as since_text, r.row->>(s.columns->>'from') as from_status,
       try_cast(r.row->>(s.columns->>'sequence') as bigint) as told_sequence,
       r.row->>(s.columns->>'blocked') as blocked, json_exists(r.row, s.columns->>'blocked') as has_blocked,
       nullif(trim(r.row->>(s.columns->>'name')), '') as name,
       nullif(trim(r.row->>(s.columns->>'link')), '') as link, s.columns->>'told' as told
from raw r join load l using (load_id) join source s on s.source = r.source
where l.tells in ('events', 'states');

create or replace view list_event as
with timed as (
    select *, length(since_text) = 10 as is_day, coalesce(told_sequence, line) as sequence,
           case when length(since_text) = 10
                then timezone(time_zone, (since_text::date + 1)::timestamp) - interval 1 microsecond
                when regexp_matches(since_text, '(Z|[+-]\d\d:?\d\d)$') then regexp_replace(regexp_replace(
                    since_text, '([T ]\d\d:\d\d)([Z+-])', '\1:00\2'), '([+-]\d\d):?(\d\d)$', '\1:\2')::timestamptz
                else timezone(time_zone, since_text::timestamp) end as since
    from listed where tells = 'events'
), ranked as (
    select *, min(since) over of_source as first_at, min(since) filter (status <> '') over of_source as first_status_at,
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
select source, item, 'blocked', trim(blocked), since, not_before, precision, is_first, sequence, place, line
from exact where has_blocked and blocked is not null;

create or replace view snapshot_event as
with reading as (
    select source, load_id, seen_at, lag(seen_at) over (partition by source order by seen_at, load_id) as before_at,
           row_number() over (partition by source order by seen_at, load_id) as reading_no
    from load where outcome = 'accepted' and tells = 'states'
), shown as (
    select l.*, g.before_at, g.reading_no, lag(g.reading_no) over item as was_no,
           lead(g.reading_no) over item as next_no, lag(status) over item as was_status,
           coalesce(trim(blocked), '') as reason, lag(coalesce(trim(blocked), '')) over item as was_reason,
           lag(has_blocked) over item as had_blocked
    from listed l join reading g using (source, load_id)
    window item as (partition by l.source, l.item order by g.reading_no)
), gone as (
    select s.source, s.item, g.seen_at, g.before_at, g.load_id
    from shown s join reading g on g.source = s.source and g.reading_no = s.reading_no + 1
    where s.next_no is distinct from s.reading_no + 1
)
select source, item, 'status' as kind, status as value, seen_at as since, before_at as not_before,
       if(reading_no = 1, 'at least', 'between') as precision, reading_no = 1 as opening, 0 as sequence, place, line
from shown where was_no is null or was_no < reading_no - 1 or was_status <> status
union all
select source, item, 'blocked', reason, seen_at, before_at,
       if(had_blocked is null and reading_no > 1 or had_blocked, 'between', 'at least'),
       not (had_blocked is null and reading_no > 1 or had_blocked), 0, place, line
from shown where has_blocked and reason is distinct from if(had_blocked, was_reason, '')
union all
select g.source, g.item, 'status', '(gone)', g.seen_at, g.before_at, 'between', false, 0, l.place, 0
from gone g join load l using (load_id);

create or replace view stage_event as from list_event union all from snapshot_event;

create or replace view item_detail as
select source, item, arg_max(name, (seen_at, line)) as name, arg_max(link, (seen_at, line)) as link,
       max(seen_at) as seen_at
from listed group by source, item;
