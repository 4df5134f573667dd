-- event, and with the words of the source stage_event: each row a change.
create temp table event as
with compared as (
    -- Within one instant the source's own order decides, then the better recording.
    select *, lag(value) over history as was, row_number() over history as event_no
    from kept_event
    window history as (partition by item_no, kind
                       order by since, sequence, precedence, not_before, value)
)
select compared.* exclude (sequence, precedence, is_lesser, event_no),
       row_number() over (partition by item_no, kind order by event_no) as event_no,
       edited.stream is not null as bulk,
       changed.stream is not null as process_changed
from compared
left join not_progress as edited
    on edited.stream = compared.stream and edited.happened_on = compared.on_day
left join status_map as changed on changed.stream = compared.stream
    and changed.status = compared.was and changed.until <= compared.on_day
where was is distinct from value and (kind = 'status' or was is not null or value <> '');
drop table kept_event;

create table stage_event as
select * exclude (on_day) replace (value::text as value, was::text as was) from event;
