-- From events to stays: stage_visit (a stay in one status), stage_stay (a stay in one stage).
-- clock: microseconds of the stream's own time (calendar, or working days only), so that
-- every duration is one subtraction of integers and lead = process + wait holds exactly.
create macro clock_at(started, worked, working, at_time) as
    worked + case when working then epoch_us(at_time) - epoch_us(started) else 0 end;

create temp table placed as
with turned as (
    select event.*, item.first_known_at, lead(event.since) over history as until_at
    from stage_event as event join item using (stream, item) where event.kind = 'status'
    window history as (partition by event.stream, event.item order by event.event_no)
), mapped as (
    -- '(gone)': the item is no longer in a snapshot that once showed it.
    select turned.*, map.stage, map.stage_no,
           case when turned.value = '(gone)' then 'left'
                else coalesce(map.part, 'unmapped') end as part
    from turned left join status_map as map
        on map.stream = turned.stream and map.status = turned.value
)
select * exclude (place), if(in_stage(part), stage, part) as place from mapped;

create table stage_visit as
with marked as (
    select *, place is distinct from lag(place) over history as new_stay from placed
    window history as (partition by stream, item order by event_no)
), counted as (
    select *, count(*) filter (new_stay) over history as stay_no from marked
    window history as (partition by stream, item order by event_no)
)
select move.stream, move.item, move.event_no as visit_no, move.stay_no, move.stage, move.stage_no,
       move.part, move.place, move.value as status, move.since as entered_at,
       move.until_at as left_at, move.not_before as entered_not_before, move.precision,
       move.observed_at, move.source, move.bulk, move.process_changed,
       lead(move.bulk) over (partition by move.stream, move.item order by move.event_no)
           as left_in_bulk,
       move.opening or (move.event_no = 1 and move.first_known_at < move.since) as at_least,
       clock_at(began.starts_at, began.worked_us, began.working, move.since) as entered_us,
       clock_at(ended.starts_at, ended.worked_us, ended.working, move.until_at) as left_us,
       greatest(0, clock_at(seen.starts_at, seen.worked_us, seen.working, move.observed_at)
                   - clock_at(began.starts_at, began.worked_us, began.working, move.since))
           as known_age_us
from counted as move
asof join day_clock as began on began.stream = move.stream and began.starts_at <= move.since
asof join day_clock as seen on seen.stream = move.stream and seen.starts_at <= move.observed_at
asof left join day_clock as ended on ended.stream = move.stream
    and ended.starts_at <= move.until_at;

create table stage_stay as
with stays as (
    -- Open while any of its visits is: then the counts differ and there is no end.
    select stream, item, stay_no, place, any_value(stage) as stage, min(stage_no) as stage_no,
           min(entered_at) as entered_at, min(entered_us) as entered_us,
           case when count(left_at) = count(*) then max(left_at) end as left_at,
           case when count(left_us) = count(*) then max(left_us) end as left_us,
           arg_min(at_least, visit_no) as at_least,
           arg_min(known_age_us, visit_no) as known_age_us, arg_min(bulk, visit_no) as bulk,
           arg_min(process_changed, visit_no) as process_changed
    from stage_visit group by stream, item, stay_no, place
)
select *, lead(place) over history as next_place, lead(stage_no) over history as next_stage_no,
       lead(bulk) over history as left_in_bulk,
       lead(process_changed) over history as left_by_change
from stays window history as (partition by stream, item order by stay_no);
