-- week: each whole week, from Monday in the stream's own zone. What it holds (week_flow) is as
-- known at its last microsecond, so that a past point never changes.
create table week as
with began as (
    select stream, min(entered_at) as began_at from stage_visit group by all
), calendar as (
    select stream, time_zone, data_at, unnest(generate_series(local_week(time_zone, began_at),
        local_week(time_zone, data_at), interval 7 day))::date as week
    from stream join began using (stream)
), ended as (
    -- A week begins where the one before ended, at a last microsecond.
    select *, timezone(time_zone, week::timestamp) - interval 1 microsecond as began_at,
           timezone(time_zone, (week + 7)::timestamp) - interval 1 microsecond as ends_at
    from calendar
)
select ended.stream, ended.week, ended.ends_at,
       clock_at(clock.starts_at, clock.worked_us, clock.working, ended.ends_at) as ends_us,
       clock_at(first.starts_at, first.worked_us, first.working, ended.began_at) as began_us,
       (select count(*) from process_change as changed
        where changed.stream = ended.stream and changed.changed_on <= ended.week + 6) as base,
       exists (from not_progress as edited where edited.stream = ended.stream
               and edited.happened_on between ended.week and ended.week + 6) as left_out
from ended asof join day_clock as clock
    on clock.stream = ended.stream and clock.starts_at <= ended.ends_at
asof join day_clock as first
    on first.stream = ended.stream and first.starts_at <= ended.began_at
where ended.ends_at <= ended.data_at;

-- Each stay in an open stage, once for its stage and once for the whole stream, whose clock
-- starts at the item's first sign (start_us) and which is left only by delivery or abandonment.
create temp table flow_spell as
with stay as (
    select stay.*, stream.time_zone, first.at_least as first_at_least,
           lead(stay.left_at) over history as next_left_at,
           clock_at(clock.starts_at, clock.worked_us, clock.working, item.first_known_at)
               as first_us
    from stage_stay as stay join stream on stream.stream = stay.stream
    join item on item.stream = stay.stream and item.item = stay.item
    join stage_visit as first on first.stream = stay.stream and first.item = stay.item
        and first.visit_no = 1
    asof join day_clock as clock on clock.stream = stay.stream
        and clock.starts_at <= item.first_known_at
    window history as (partition by stay.stream, stay.item order by stay.stay_no)
), counted as (
    select stream, item, time_zone, stage, stage_no, entered_at, left_at, entered_us,
           entered_us as start_us, left_us, case when next_place = 'left' then 'left'
                         when next_place <> 'unmapped' then 'on' end as exit,
           at_least, true as is_entry, left_in_bulk, null::timestamptz as back_at
    from stay where place not in ('done', 'left', 'unmapped')
    union all
    select stream, item, time_zone, '', 0, entered_at, left_at, entered_us, first_us, left_us,
           case next_place when 'done' then 'on' when 'left' then 'left' end,
           first_at_least, stay_no = 1, left_in_bulk, next_left_at
    from stay where place not in ('done', 'left')
)
select * exclude (time_zone), coalesce(left_in_bulk, false) as by_bulk,
       local_week(time_zone, entered_at) as entered_week,
       local_week(time_zone, left_at) as left_week
from counted;
