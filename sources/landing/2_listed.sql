-- What the lists and snapshots say, row by row, whatever their columns are called.
create or replace view listed as
with told as (
    select raw.source, raw.load_id, raw.line, raw.key, raw.row, load.place, load.seen_at,
           load.tells, source.time_zone, source.columns as named
    from raw join load using (load_id) join source on source.source = raw.source
    where load.tells in ('events', 'states')
)
select source, load_id, line, place, seen_at, tells, time_zone,
       coalesce(nullif(trim(row->>(named->>'item')), ''), key) as item,
       if(lower(row->>(named->>'gone')) in ('gone', 'true', 'yes', '1'), '(gone)',
          coalesce(trim(row->>(named->>'status')), '')) as status,
       row->>(named->>'since') as since_text, row->>(named->>'from') as from_status,
       try_cast(row->>(named->>'sequence') as bigint) as told_sequence,
       row->>(named->>'blocked') as blocked,
       json_exists(row, named->>'blocked') as has_blocked,
       nullif(trim(row->>(named->>'name')), '') as name,
       nullif(trim(row->>(named->>'link')), '') as link, named->>'told' as told
from told;

-- What the items are called, by the newest answer that names them.
create or replace view item_detail as
select source, item, arg_max(name, (seen_at, line)) as name, arg_max(link, (seen_at, line)) as link,
       max(seen_at) as seen_at
from listed group by source, item;
