-- stage_event: one history per item, each row a change.
create temp table event as
with compared as (
    -- Within one instant the source's own order decides, then the better recording.
    select *, lag(value) over history as was, row_number() over history as place_no
    from kept_event
    window history as (partition by item_no, is_status
                       order by since, sequence, precedence, not_before, value)
)
select compared.* exclude (sequence, precedence, is_lesser, place_no, from_at),
       row_number() over (partition by item_no, is_status order by place_no) as event_no,
       greatest(since, from_at) as observed_at, edited.stream is not null as bulk,
       changed.stream is not null as process_changed
from compared
left join not_progress as edited
    on edited.stream = compared.stream and edited.happened_on = compared.on_day
left join status_map as changed on changed.stream = compared.stream
    and changed.status = compared.was and changed.until <= compared.on_day
where was is distinct from value and (is_status or was is not null or value <> '');

create table stage_event as
select item.stream, item.item, if(is_status, 'status', 'blocked') as kind, value::text as value,
       was::text as was, since, not_before, precision::text as precision, opening, event_no,
       observed_at, source::text as source, place::text as place, line, bulk, process_changed
from event join item_told as item using (item_no);
