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
