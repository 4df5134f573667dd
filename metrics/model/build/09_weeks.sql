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

-- Each stay in an open stage, once for its stage and once for the whole stream (stage_no 0), whose
-- clock starts at the item's first sign (start_us) and which only delivery or abandonment ends.
create macro week_number(week) as (week - date '1900-01-01') // 7;

create temp table flow_spell as
with named as (
    select stay.*, clock.first_us, clock.first_at_least,
           lead(left_at) over (partition by item_no order by stay_no) as next_left_at
    from stage_stay as stay join item_clock as clock using (item_no)
), counted as (
    select stream, stage_no, entered_at, entered_on, left_at, left_on, entered_us,
           entered_us as start_us, left_us, at_least, true as is_entry, left_in_bulk,
           case when next_place = 'left' then 'left'::an_exit
                when next_place <> 'unmapped' then 'on'::an_exit end as exit,
           null::timestamptz as back_at
    from named where place not in ('done', 'left', 'unmapped')
    union all
    select stream, 0, entered_at, entered_on, left_at, left_on, entered_us, first_us, left_us,
           first_at_least, stay_no = 1, left_in_bulk,
           case next_place when 'done' then 'on'::an_exit when 'left' then 'left'::an_exit end,
           next_left_at
    from named where place not in ('done', 'left')
)
select * exclude (entered_on, left_on), coalesce(left_in_bulk, false) as by_bulk,
       week_number(date_trunc('week', entered_on)::date) as entered_week,
       week_number(date_trunc('week', left_on)::date) as left_week
from counted;
