-- From events to stays: stage_visit (a stay in one status), stage_stay (a stay in one stage).
-- clock: microseconds of the stream's own time (calendar, or working days only), so that
-- every duration is one subtraction of integers and lead = process + wait holds exactly.
create macro clock_at(started, worked, working, at_time) as
    worked + case when working then epoch_us(at_time) - epoch_us(started) else 0 end;

create temp table placed as
with turned as (
    select e.*, i.first_known_at, lead(e.since) over history as until_at
    from stage_event e join item i using (stream, item) where e.kind = 'status'
    window history as (partition by e.stream, e.item order by e.event_no)
), mapped as (
    select t.*, m.stage, m.stage_no,
           case when t.value = '(gone)' then 'left' else coalesce(m.part, 'unmapped') end as part
    from turned t left join status_map m on m.stream = t.stream and m.status = t.value
)
select * exclude (place), case when part in ('done', 'left', 'unmapped') then part else stage end as place
from mapped;

create table stage_visit as
with marked as (
    select *, place is distinct from lag(place) over history as new_stay from placed
    window history as (partition by stream, item order by event_no)
), counted as (
    select *, count(*) filter (new_stay) over (partition by stream, item order by event_no) as stay_no
    from marked
)
select c.stream, c.item, c.event_no as visit_no, c.stay_no, c.stage, c.stage_no, c.part, c.place,
       c.value as status, c.since as entered_at, c.until_at as left_at,
       c.not_before as entered_not_before, c.precision, c.observed_at, c.source, c.bulk,
       c.process_changed, c.opening or (c.event_no = 1 and c.first_known_at < c.since) as at_least,
       clock_at(d.starts_at, d.worked_us, d.working, c.since) as entered_us,
       clock_at(u.starts_at, u.worked_us, u.working, c.until_at) as left_us,
       greatest(0, epoch_us(c.observed_at) - epoch_us(c.since)) as known_age_us
from counted c
asof join day_clock d on d.stream = c.stream and d.starts_at <= c.since
asof left join day_clock u on u.stream = c.stream and u.starts_at <= c.until_at;

create table stage_stay as
with stays as (
    select stream, item, stay_no, place, any_value(stage) as stage, min(stage_no) as stage_no,
           min(entered_at) as entered_at, min(entered_us) as entered_us,
           case when count(left_at) = count(*) then max(left_at) end as left_at,
           case when count(left_us) = count(*) then max(left_us) end as left_us,
           arg_min(at_least, visit_no) as at_least, arg_min(known_age_us, visit_no) as known_age_us,
           arg_min(bulk, visit_no) as bulk, arg_min(process_changed, visit_no) as process_changed
    from stage_visit group by stream, item, stay_no, place
)
select *, lead(place) over history as next_place, lead(stage_no) over history as next_stage_no,
       lead(bulk) over history as left_in_bulk, lead(process_changed) over history as left_by_change
from stays window history as (partition by stream, item order by stay_no);
