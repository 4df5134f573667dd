-- Transition: how often items moved from one place to another (stages, in the line, delivered, abandoned), as forward one stage, skipping stages, coming back, reopening, delivered or abandoned, with the median days in the place they left; moves booked in bulk and moves made by a change of the process are counted apart, and the median stands on those whose time is known: not booked in bulk, and not there before the data begins.
-- kind: forward, skipping, back, reopened, delivered, `delivered, skipping`, abandoned, not mapped
-- items: different items among them
-- timed: moves whose time is known, on which the median stands
-- last_at: when the last of them was made
create macro transition(as_of) as table
    with named as (
        select move.*, place_name(source.name, move.place) as from_name,
               place_name(aim.name, move.next_place) as to_name,
               -- What is no stage comes after all stages.
               coalesce(source.stage_no, 100) as from_no, coalesce(aim.stage_no, 100) as to_no
        from move_at(as_of) as move
        left join stage as source on source.stream = move.stream and source.stage = move.place
        left join stage as aim on aim.stream = move.stream and aim.stage = move.next_place
    )
    select stream, place as from_place, from_name, next_place as to_place, to_name, kind,
           count(*) as moves, count(distinct item_no) as items, count(*) filter (bulk) as in_bulk,
           count(*) filter (by_change) as by_change,
           count(*) filter (not bulk and not at_least) as timed,
           in_days(median(stay_us) filter (not bulk and not at_least)) as median_days,
           max(left_at) as last_at
    from named group by stream, place, from_name, next_place, to_name, kind, from_no, to_no
    order by stream, from_no, to_no, to_place, from_place;
