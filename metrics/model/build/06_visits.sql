-- stage_visit: a stay in one status, from one event of an item to its next. entered_on and
-- left_on: those days, by the stream's zone; begins_stay: the first of a stay in one stage.
create table stage_visit as
with timed as (
    select event.* exclude (kind, value, was, place, line), placed.stage, placed.stage_no,
           placed.part, placed.place, placed.status,
           clock_at(clock.starts_at, clock.worked_us, clock.working, event.since) as entered_us
    from event join placed using (stream, value) join clock_day as clock
        on clock.stream = event.stream
        and clock.on_day is not distinct from if(placed.always, null, event.on_day)
    where event.kind = 'status'
), turned as (
    select *, lead(since) over history as left_at, lead(entered_us) over history as left_us,
           lead(bulk) over history as left_in_bulk, lead(on_day) over history as left_on,
           place is distinct from lag(place) over history as begins_stay
    from timed window history as (partition by item_no order by event_no)
)
select item_no, turned.stream, event_no as visit_no,
       count(*) filter (begins_stay) over (partition by item_no order by event_no) as stay_no,
       begins_stay, stage, stage_no, part, place, status, since as entered_at,
       on_day as entered_on, left_at, left_on, not_before as entered_not_before, precision,
       turned.source, bulk, process_changed, left_in_bulk,
       opening or (event_no = 1 and item.first_known_at < since) as at_least,
       entered_us, left_us, greatest(0, known_from.from_us - entered_us) as known_age_us
from turned join item using (item_no) join known_from
    on known_from.stream = turned.stream and known_from.source = turned.source;
drop table event;

-- stage_stay: a stay in one stage; it lasts until the next one of its item begins.
create table stage_stay as
select item_no, stream, stay_no, place, stage, stage_no, entered_at, entered_on, entered_us,
       lead(entered_at) over history as left_at, lead(entered_on) over history as left_on,
       lead(entered_us) over history as left_us, at_least, known_age_us, bulk, process_changed,
       lead(place) over history as next_place, lead(stage_no) over history as next_stage_no,
       lead(bulk) over history as left_in_bulk, lead(process_changed) over history as left_by_change
from stage_visit where begins_stay window history as (partition by item_no order by stay_no);

-- item_clock: the stream's clock when the first was heard of an item, and what is known of its age.
create temp table item_clock as
select item_no, clock_at(clock.starts_at, clock.worked_us, clock.working, item.first_known_at)
           as first_us, first.at_least as first_at_least,
       first.known_age_us as first_known_age_us
from item join stream using (stream) join clock_day as clock on clock.stream = item.stream
    and clock.on_day is not distinct from
        if(stream.days = 'calendar', null, local_day(stream.time_zone, item.first_known_at))
join stage_visit as first using (item_no) where first.visit_no = 1;
