-- put_away: what was archived, or is no longer shown, after it was delivered, in however many ways:
-- it stays delivered. is_last: nothing else was told of it since.
create temp table put_away as
with word as (
    select value from (select distinct value from kept_event)
    where value::text in ('(archived)', '(gone)')
), stood as (
    select rowid as row_no, stream, item_no, source, value,
           last_value(if(value in (from word), null, value::text) ignore nulls) over history as was,
           lead(value) over history is null as is_last
    from kept_event where kind = 'status' and item_no in (
        select item_no from kept_event semi join word using (value) where kind = 'status')
    window history as (partition by item_no order by since, sequence, precedence, not_before, value)
)
select row_no, stood.stream::text as stream, item_no, source::text as source,
       value::text as value, is_last
from stood semi join word using (value) join status_map as map
    on map.stream = stood.stream and map.status = stood.was and map.part = 'done';
delete from kept_event where rowid in (select row_no from put_away);
