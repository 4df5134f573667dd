-- Up to version 0.8 every row was JSON in the table raw. Those of lists become columns.
insert into raw_row
select raw.* from raw left join load using (load_id) where load.tells is distinct from 'events';

create temp table header as
with told as (
    select load_id, load.source, load.kind, json_keys(row) as names
    from raw join load using (load_id) where load.tells = 'events' group by all
), joined as (
    -- A row may lack columns at its end; of a table each row could have its own.
    select load_id, source, kind, arg_max(names, len(names)) as names, flatten(list(names)) as every
    from told group by all
), called as (
    select source, load_id, joined.kind, names || list_filter(list_distinct(every),
               lambda name: not list_contains(names, name)) as names, columns as named,
           list_transform(['item', 'status', 'since', 'from', 'sequence', 'blocked', 'gone', 'name',
                           'link'], lambda word: columns->>word) as words
    from joined join source using (source)
)
select *, list_filter(names, lambda name: not list_contains(words, name)) as more from called;

insert into raw_header
select source, load_id, names,
       list_transform(names, lambda name: if(list_contains(more, name),
           len(words) + list_position(more, name), list_position(words, name))),
       named->>'item', kind = 'datasette'
from header;

insert into raw_list
select raw.source, load_id, line, coalesce(nullif(trim(row->>cell_at(named, 'item')), ''), key),
       row->>cell_at(named, 'status'), row->>cell_at(named, 'since'), null,
       row->>cell_at(named, 'from'), row->>cell_at(named, 'sequence'),
       row->>cell_at(named, 'blocked'), row->>cell_at(named, 'gone'), row->>cell_at(named, 'name'),
       row->>cell_at(named, 'link'),
       if(more = [], null,
          list_transform(more, lambda name: row->>cell_at({'name': name}::json, 'name')))
from raw join header using (load_id);

drop table header;
drop table raw;
