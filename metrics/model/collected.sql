-- The events that the sources of each stream tell, and what its items are called.
insert into event_all by name
select w.stream, w.precedence, e.* from landing.stage_event e join stream_source w using (source);

insert into item_detail
select w.stream, d.item, arg_max(d.name, (d.seen_at, -w.precedence)),
       coalesce(arg_max(d.link, (d.seen_at, -w.precedence)),
                replace(any_value(s.link), '{item}', url_encode(d.item)))
from landing.item_detail d join stream_source w using (source) join stream s using (stream)
group by w.stream, d.item;
