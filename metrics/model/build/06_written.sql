-- stage_visit (a stay in one status) and stage_stay (a stay in one stage), with their words.
create table stage_visit as
select item.stream, item.item, event_no as visit_no, stay_no, placed.stage, placed.stage_no,
       placed.part, placed.place, visit.value::text as status, since as entered_at, left_at,
       not_before as entered_not_before, precision::text as precision, observed_at,
       source::text as source, bulk, process_changed, left_in_bulk, at_least, entered_us, left_us,
       known_age_us
from visit join placed on placed.stream = visit.stream and placed.value = visit.value
join item using (item_no);

-- A stay lasts until the next one of its item begins.
create temp table stay as
select * replace (lead(since) over history as left_at, lead(entered_us) over history as left_us,
                  lead(bulk) over history as left_in_bulk), lead(on_day) over history as left_on,
       lead(place_no) over history as next_place_no, lead(stage_no) over history as next_stage_no,
       lead(process_changed) over history as left_by_change
from visit where new_stay window history as (partition by item_no order by stay_no);

create temp table place as
select place_no, any_value(place) as place from placed group by all;

create table stage_stay as
select item.stream, item.item, stay_no, placed.place, placed.stage, stay.stage_no,
       since as entered_at, entered_us, left_at, left_us, at_least, known_age_us, bulk,
       process_changed, next.place as next_place, next_stage_no, left_in_bulk, left_by_change
from stay join placed on placed.stream = stay.stream and placed.value = stay.value
join item using (item_no) left join place as next on next.place_no = next_place_no;

-- item_clock: the stream's clock when the first was heard of an item, and what is known of its age.
create temp table item_clock as
select item_no, clock_at(clock.starts_at, clock.worked_us, clock.working, item.first_known_at)
           as first_us, first.at_least as first_at_least,
       first.known_age_us as first_known_age_us
from item join stream using (stream) join clock_day as clock on clock.stream = item.stream
    and clock.on_day is not distinct from
        if(stream.days = 'calendar', null, local_day(stream.time_zone, item.first_known_at))
join visit as first using (item_no) where first.event_no = 1;
