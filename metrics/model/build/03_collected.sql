-- The events that the sources of each stream tell, and what its items are called.
insert into event_all by name
select used.stream, used.precedence, told.*
from landing.stage_event as told join stream_source as used using (source);

insert into item_detail
select used.stream, told.item, arg_max(told.name, (told.seen_at, -used.precedence)),
       coalesce(arg_max(told.link, (told.seen_at, -used.precedence)),
                replace(any_value(stream.link), '{item}', url_encode(told.item)))
from landing.item_detail as told join stream_source as used using (source)
join stream using (stream)
group by used.stream, told.item;

-- What items can be compared by: the value in the latest answer of the source that counts them.
create table item_attribute as
select asked.stream, raw.key as item, asked.attribute,
       coalesce(arg_max(json_extract_string(raw.row, '$."' || asked."column" || '"'),
                        (raw.load_id, raw.line)), '') as value
from stream_attribute as asked join landing.raw as raw using (source)
where raw.key <> '' group by asked.stream, raw.key, asked.attribute;
