-- stripped: a text without the space around it, whatever sort of space: trim takes no tabs and line
-- ends, with which stages.yaml can name no status.
create or replace macro stripped(told) as
    regexp_replace(told, '^[\s\pZ\x0b\x1c-\x1f\x{85}]+|[\s\pZ\x0b\x1c-\x1f\x{85}]+$', '', 'g');
-- blocked_as: a reason; a plain no is none.
create or replace macro blocked_as(told) as
    if(lower(stripped(told)) in ('no', 'n', 'false', '0', 'none', '-'), '', stripped(told));
-- What the lists and snapshots say, row by row, whatever their columns are called.
-- Every row as it was told: its columns by name.
create or replace view raw as
select source, load_id, line, key, row from raw_row
union all
select told.source, load_id, line, item,
       to_json(map_from_entries(list_filter(
           list_zip(names, list_select([item, status, since, from_status, sequence, blocked, gone,
                                        name, link] || coalesce(more, []), places)),
           lambda cell: has_nulls or cell[2] is not null)))
from raw_list as told join raw_header using (load_id);

-- A source whose kind was changed tells what its last answer tells: no list and pictures at once.
create or replace view load_now as
select load.* from load semi join (
    select source, arg_max(tells, load_id) as tells from load where outcome = 'accepted'
    group by source
) as last using (source, tells);

create or replace view listed as
with told as (
    select raw.source, raw.load_id, raw.line, raw.key, raw.row, load.place, load.seen_at,
           load.tells, source.time_zone, source.columns as named
    from raw_row as raw join load_now as load using (load_id)
    join source on source.source = raw.source
    where load.tells = 'states'
)
select source, load_id, line, place, seen_at, tells, time_zone,
       coalesce(nullif(trim(row->>cell_at(named, 'item')), ''), key) as item,
       if(lower(stripped(row->>cell_at(named, 'gone'))) in ('gone', 'true', 'yes', '1'), '(gone)',
          coalesce(stripped(row->>cell_at(named, 'status')), '')) as status,
       null as since_text, null::timestamptz as since_at, null as from_status,
       null::bigint as told_sequence,
       blocked_as(row->>cell_at(named, 'blocked')) as blocked,
       json_exists(row, cell_at(named, 'blocked')) as has_blocked,
       nullif(trim(row->>cell_at(named, 'name')), '') as name,
       nullif(trim(row->>cell_at(named, 'link')), '') as link, null as told
from told
union all by name
select told.source, load_id, line, place, seen_at, tells, time_zone, item,
       if(lower(stripped(gone)) in ('gone', 'true', 'yes', '1'), '(gone)',
          coalesce(stripped(status), '')) as status,
       since as since_text, since_at, stripped(from_status) as from_status,
       try_cast(sequence as bigint) as told_sequence,
       blocked_as(blocked) as blocked, blocked is not null as has_blocked,
       nullif(trim(name), '') as name,
       nullif(trim(link), '') as link, source.told
from raw_list as told join load_now as load using (load_id)
join (select source, time_zone, columns->>'told' as told from source) as source
    on source.source = told.source
where load.tells = 'events';

-- What the items are called, by the newest answer that names them.
create or replace view item_detail as
select source, item, arg_max(name, (seen_at, line)) as name, arg_max(link, (seen_at, line)) as link,
       max(seen_at) as seen_at
from listed group by source, item;
