-- The events that the sources of each stream tell, and what its items are called.
insert into event_all by name
select w.stream, w.precedence, e.* from landing.stage_event e join stream_source w using (source);

insert into item_detail
select w.stream, d.item, arg_max(d.name, (d.seen_at, -w.precedence)),
       coalesce(arg_max(d.link, (d.seen_at, -w.precedence)),
                replace(any_value(s.link), '{item}', url_encode(d.item)))
from landing.item_detail d join stream_source w using (source) join stream s using (stream)
group by w.stream, d.item;

-- What items can be compared by: the value in the latest answer of the source that counts them.
create table item_attribute as
select a.stream, r.key as item, a.attribute,
       coalesce(arg_max(json_extract_string(r.row, '$."' || a."column" || '"'), (r.load_id, r.line)), '') as value
from stream_attribute a join landing.raw r using (source)
where r.key <> '' group by a.stream, r.key, a.attribute;
