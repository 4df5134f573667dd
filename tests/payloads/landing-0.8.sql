-- A landing database as version 0.8 made it: its tables, what it collected into them, and its views.
-- The landing database: what came, as it came, and what was tried.
create table if not exists load (      -- each attempt: an answer accepted or refused, or a failure
    load_id bigint primary key, source text, kind text, place text, seen_at timestamptz,
    started_at timestamptz, seconds double, outcome text, reason text, note text, rows_in bigint,
    accepted bigint, refused bigint, newest timestamptz, sha256 text, cursor json, body text
);
create table if not exists raw (       -- rows of lists, tables and snapshots: columns as text
    source text, load_id bigint, line bigint, key text, row json
);
create table if not exists raw_log (   -- rows of checks: there are millions, so flat
    source text, load_id bigint, line bigint, process text, endpoint text, entry_date text,
    status text, exception text, elapsed text, bytes text, content_type text, resource text
);
-- where success is told, not shown by a resource
alter table raw_log add column if not exists ok text;
alter table raw_log add column if not exists link text;        -- where a subject is to be seen
alter table load add column if not exists oldest timestamptz;  -- the oldest check in the answer
-- what sort of answer: events, states, checks or rows
alter table load add column if not exists tells text;
create table if not exists reject (    -- rows that can't be used, and why
    source text, load_id bigint, place text, line bigint, field text, value text, reason text
);
create table if not exists source (    -- settings as last collected, for the views
    source text primary key, kind text, columns json, time_zone text
);
alter table source add column if not exists asked_at timestamptz;  -- when it last answered in full
create table if not exists ask (       -- the last time on each day that a source answered in full
    source text, asked_at timestamptz
);
insert into load values (1, 'list', 'events', 'list.csv', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', 0.1, 'accepted', '', '', 6, 5, 1, '2026-01-08T00:00:00Z', '6ed26d9b20f8f832392bf203a59e6b1da1472bdb797cd87188989f4fecb90842', '{"settings": "bef5025b0968bb16"}', '', null, 'events');
insert into load values (2, 'pictures', 'events', 'pictures.csv', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', 0.1, 'accepted', '', '', 4, 4, 0, '2026-02-05T00:00:00Z', '50e4d778df565fa41b51019d9bf603e835c65993220a47c46bbcfa9070e7581c', '{"settings": "5e9810d5f9d07c1b"}', '', null, 'events');
insert into load values (3, 'table', 'datasette', 't.db change', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', 0.1, 'accepted', '', '', 4, 3, 1, '2026-04-05T10:00:00Z', '9ae13a9ac36123f56f7c1b5438e465644233b92f2692e36903344b0a72acfaab', '{"settings": "50bccb25720d33b9"}', '', null, 'events');
insert into load values (4, 'thing', 'datasette', 't.db thing', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', 0.1, 'accepted', '', '', 2, 2, 0, null, '7bb686ee2de732f7955146c2715b6523262a405e1b38ff3f6c7fa2624ec1500d', '{"settings": "19f83ecca2e7eb38"}', '', null, 'rows');
insert into load values (5, 'board', 'snapshots', 'board.csv', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z', 0.1, 'accepted', '', '', 2, 2, 0, '2026-11-20T12:00:00Z', 'fbd5cb5a8e0529044eb5e4a2bb13d227cc73d0cb023296e8ae6a136dd9558c12', '{"settings": "4f7411409ac6dbb9", "header": ["item", "status", "slug"]}', '', null, 'states');
insert into load values (6, 'board', 'snapshots', 'board.csv', '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z', 0.1, 'accepted', '', '', 2, 2, 0, '2026-11-21T12:00:00Z', 'cfb6a37c1aba5e205f18df68125eb9d885577698d2be4fa78aa3d5c9b400178f', '{"settings": "4f7411409ac6dbb9", "header": ["item", "status", "slug"]}', '', null, 'states');
insert into raw values ('board', 5, 2, 'A', '{"item": "A", "status": "To do", "slug": "a"}');
insert into raw values ('board', 5, 3, 'B', '{"item": "B", "status": "To do", "slug": "b"}');
insert into raw values ('board', 6, 2, 'A', '{"item": "A", "status": "Doing", "slug": "a"}');
insert into raw values ('board', 6, 3, 'B', '{"item": "B", "status": "To do", "slug": "b"}');
insert into raw values ('list', 1, 2, 'x', '{"slug": "x", "stage": "To do", "day": "2026-01-05", "was": "Idea", "Team": "Roads", "a/b": "1", "~": "", "change": "", "why": "", "name": "The x"}');
insert into raw values ('list', 1, 3, 'x', '{"slug": "x", "stage": "Doing", "day": "2026-01-05T10:30+0100", "was": "", "Team": "Roads", "a/b": "2", "~": "a \"b\"", "change": "", "why": "fee not paid", "name": "The x"}');
insert into raw values ('list', 1, 4, 'x', '{"slug": "x", "stage": "Done", "day": "2026-01-07 09:00Z", "was": "", "Team": "Roads", "a/b": "", "~": "", "change": "", "why": "", "name": ""}');
insert into raw values ('list', 1, 5, 'y', '{"slug": "y", "stage": "To do", "day": "2026-01-06"}');
insert into raw values ('list', 1, 6, 'y', '{"slug": "y", "stage": "", "day": "2026-01-08", "was": "", "Team": "Parks", "a/b": "", "~": "", "change": "gone", "why": "", "name": "The y"}');
insert into raw values ('pictures', 2, 2, 'a', '{"item": "a", "status": "", "since": "2026-01-05"}');
insert into raw values ('pictures', 2, 3, 'a', '{"item": "a", "status": "To do", "since": "2026-01-05"}');
insert into raw values ('pictures', 2, 4, 'b', '{"item": "b", "status": "To do", "since": "2026-02-05"}');
insert into raw values ('pictures', 2, 5, 'a', '{"item": "a", "status": "Doing", "since": "2026-02-05"}');
insert into raw values ('table', 3, 1, 'a', '{"slug": "a", "stage": "To do", "day": "2026-04-03", "blocked": null, "sequence": "2"}');
insert into raw values ('table', 3, 2, 'a', '{"slug": "a", "stage": "Doing", "day": "2026-04-05T10:00", "blocked": "waits", "sequence": "1"}');
insert into raw values ('table', 3, 3, 'b', '{"slug": "b", "stage": "To do", "day": "2026-04-03", "blocked": "", "sequence": null}');
insert into raw values ('thing', 4, 1, '1', '{"id": "1", "name": "one"}');
insert into raw values ('thing', 4, 2, '2', '{"id": "2", "name": null}');
insert into reject values ('list', 1, 'list.csv', 7, 'day', 'soon', 'no date: write it as 2026-04-03 or 2026-04-03T14:30Z');
insert into reject values ('table', 3, 't.db change', 4, 'slug', 'To do, 2026-04-03', 'no item: the key is empty');
insert into source values ('board', 'snapshots', '{"item": "item", "status": "status", "blocked": "blocked", "name": "name", "link": "link"}', 'UTC', '2026-11-21T12:00:00Z');
insert into source values ('list', 'events', '{"item": "slug", "status": "stage", "blocked": "why", "name": "name", "link": "link", "since": "day", "from": "was", "sequence": "sequence", "effective": "effective", "note": "note", "gone": "change"}', 'Europe/London', '2026-11-20T12:00:00Z');
insert into source values ('pictures', 'events', '{"item": "item", "status": "status", "blocked": "blocked", "name": "name", "link": "link", "since": "since", "from": "from", "sequence": "sequence", "effective": "effective", "note": "note", "told": "between"}', 'UTC', '2026-11-20T12:00:00Z');
insert into source values ('table', 'datasette', '{"item": "slug", "status": "stage", "blocked": "blocked", "name": "name", "link": "link", "since": "day", "from": "from", "sequence": "sequence", "effective": "effective", "note": "note"}', 'UTC', '2026-11-20T12:00:00Z');
insert into source values ('thing', 'datasette', '{"item": "item", "status": "status", "blocked": "blocked", "name": "name", "link": "link", "since": "since", "from": "from", "sequence": "sequence", "effective": "effective", "note": "note"}', 'UTC', '2026-11-20T12:00:00Z');
-- What the lists and snapshots say, row by row, whatever their columns are called.
-- cell_at: where in a row a column is. By its plain name DuckDB would take $status or * for a path.
create or replace macro cell_at(named, word) as
    '/' || replace(replace(named->>word, '~', '~0'), '/', '~1');
create or replace view listed as
with told as (
    select raw.source, raw.load_id, raw.line, raw.key, raw.row, load.place, load.seen_at,
           load.tells, source.time_zone, source.columns as named
    from raw join load using (load_id) join source on source.source = raw.source
    where load.tells in ('events', 'states')
)
select source, load_id, line, place, seen_at, tells, time_zone,
       coalesce(nullif(trim(row->>cell_at(named, 'item')), ''), key) as item,
       if(lower(row->>cell_at(named, 'gone')) in ('gone', 'true', 'yes', '1'), '(gone)',
          coalesce(trim(row->>cell_at(named, 'status')), '')) as status,
       row->>cell_at(named, 'since') as since_text, row->>cell_at(named, 'from') as from_status,
       try_cast(row->>cell_at(named, 'sequence') as bigint) as told_sequence,
       row->>cell_at(named, 'blocked') as blocked,
       json_exists(row, cell_at(named, 'blocked')) as has_blocked,
       nullif(trim(row->>cell_at(named, 'name')), '') as name,
       nullif(trim(row->>cell_at(named, 'link')), '') as link, named->>'told' as told
from told;

-- What the items are called, by the newest answer that names them.
create or replace view item_detail as
select source, item, arg_max(name, (seen_at, line)) as name, arg_max(link, (seen_at, line)) as link,
       max(seen_at) as seen_at
from listed group by source, item;
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
-- Snapshots compared with the one before: what changed lies between two readings.
create or replace view snapshot_event as
with reading as (
    select source, load_id, seen_at, lag(seen_at) over in_time as before_at,
           row_number() over in_time as reading_no
    from load where outcome = 'accepted' and tells = 'states'
    window in_time as (partition by source order by seen_at, load_id)
), shown as (
    select listed.*, reading.before_at, reading.reading_no,
           lag(reading.reading_no) over of_item as was_no,
           lead(reading.reading_no) over of_item as next_no, lag(status) over of_item as was_status,
           coalesce(trim(blocked), '') as reason,
           lag(coalesce(trim(blocked), '')) over of_item as was_reason,
           lag(has_blocked) over of_item as had_blocked
    from listed join reading using (source, load_id)
    window of_item as (partition by listed.source, listed.item order by reading.reading_no)
), gone as (
    -- an item that the reading after its last one does not show
    select shown.source, shown.item, reading.seen_at, reading.before_at, reading.load_id
    from shown join reading on reading.source = shown.source
        and reading.reading_no = shown.reading_no + 1
    where shown.next_no is distinct from shown.reading_no + 1
), flagged as (
    -- the column may be new: what it says at first may have been so for long
    select *, coalesce(had_blocked, reading_no > 1) as was_there from shown where has_blocked
)
select source, item, 'status' as kind, status as value, seen_at as since, before_at as not_before,
       if(reading_no = 1, 'at least', 'between') as precision, reading_no = 1 as opening,
       0 as sequence, place, line
from shown where was_no is null or was_no < reading_no - 1 or was_status <> status
union all
select source, item, 'blocked', reason, seen_at, before_at,
       if(was_there, 'between', 'at least'), not was_there, 0, place, line
from flagged where reason is distinct from if(had_blocked, was_reason, '')
union all
select gone.source, gone.item, 'status', '(gone)', gone.seen_at, gone.before_at, 'between', false,
       0, load.place, 0
from gone join load using (load_id);

create or replace view stage_event as from list_event union all from snapshot_event;
-- Rows of logs, canaries, polls and CI runs as checks. Of a log's row success is a resource, not
-- a status.
create or replace view check_told as
with told as (
    select source, process, endpoint as subject, entry_date::timestamptz as "at",
           coalesce(ok = 'true', coalesce(resource, '') <> '') as ok,
           coalesce(status, '') as status,
           coalesce(exception, '') as exception,
           -- No check takes thirty years, less than no time, or what is no number.
           if(try_cast(elapsed as double) between 0 and 1e9, elapsed::double, null) as seconds,
           coalesce(resource, '') as resource, link
    from raw_log
)
select source, process, subject, "at", ok, status,
       case when ok then '' when exception <> '' then exception
            when status not in ('', '200') then status
            else 'no data in the answer' end as detail,
       seconds, resource, link
from told;

-- The same result told twice, by two files or by reading a little again, counts once.
create or replace view check_result as select distinct * exclude (link) from check_told;
