-- What the sources of each stream tell, in their own words: its events, what its items are called,
-- and what they can be compared by. 05_coverage.sql and 05_events.sql make numbers of the words.
create temp table told_event (
    stream text, source text, precedence bigint, item text, kind text, value text,
    since timestamptz, not_before timestamptz, precision text, opening boolean, sequence bigint,
    place text, line bigint
);
create temp table told_name (stream text, item text, name text, link text);
create temp table told_attribute (stream text, item text, attribute text, value text);

insert into told_event by name
select used.stream, used.precedence, event.*
from landing.stage_event as event join stream_source as used using (source);

insert into told_name
select used.stream, told.item, arg_max(told.name, (told.seen_at, -used.precedence)),
       coalesce(arg_max(told.link, (told.seen_at, -used.precedence)),
                replace(any_value(stream.link), '{item}', url_encode(told.item)))
from landing.item_detail as told join stream_source as used using (source)
join stream using (stream)
group by used.stream, told.item;

-- The value in the latest answer of the source that counts the items.
insert into told_attribute
select asked.stream, raw.key as item, asked.attribute,
       coalesce(arg_max(json_extract_string(raw.row, '$."' || asked."column" || '"'),
                        (raw.load_id, raw.line)), '') as value
from stream_attribute as asked join landing.raw as raw using (source)
where raw.key <> '' group by asked.stream, raw.key, asked.attribute;
