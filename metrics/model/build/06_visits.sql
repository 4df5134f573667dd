-- visit: a stay in one status, from one event of an item to its next; narrow, as events are.
create temp table visit as
with timed as (
    select event.* exclude (is_status, place, line), placed.place_no, placed.stage_no,
           clock_at(clock.starts_at, clock.worked_us, clock.working, event.since) as entered_us
    from event join placed using (stream, value) join clock_day as clock
        on clock.stream = event.stream
        and clock.on_day is not distinct from if(placed.always, null, event.on_day)
    where event.is_status
), turned as (
    select *, lead(since) over history as left_at, lead(entered_us) over history as left_us,
           lead(bulk) over history as left_in_bulk,
           place_no is distinct from lag(place_no) over history as new_stay
    from timed window history as (partition by item_no order by event_no)
)
select turned.*,
       count(*) filter (new_stay) over (partition by item_no order by event_no) as stay_no,
       opening or (event_no = 1 and item.first_known_at < since) as at_least,
       greatest(0, known_from.from_us - entered_us) as known_age_us
from turned join item using (item_no) join known_from
    on known_from.stream = turned.stream and known_from.source = turned.source;
