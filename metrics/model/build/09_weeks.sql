-- week: each whole week, from Monday in the stream's own zone. What it holds (week_flow) is as known
-- at its last microsecond, so that a past point never changes.
create table week as
with began as (
    select stream, min(entered_at) as began_at from stage_visit group by all
), calendar as (
    select s.stream, s.time_zone, s.data_at, unnest(generate_series(
        date_trunc('week', timezone(s.time_zone, b.began_at)),
        date_trunc('week', timezone(s.time_zone, s.data_at)), interval 7 day))::date as week
    from stream s join began b using (stream)
), ended as (
    select *, timezone(time_zone, (week + 7)::timestamp) - interval 1 microsecond as ends_at
    from calendar
)
select e.stream, e.week, e.ends_at,
       clock_at(d.starts_at, d.worked_us, d.working, e.ends_at) as ends_us,
       (select count(*) from process_change p where p.stream = e.stream and p.changed_on <= e.week + 6) as base,
       exists (from not_progress n where n.stream = e.stream
               and n.happened_on between e.week and e.week + 6) as left_out
from ended e asof join day_clock d on d.stream = e.stream and d.starts_at <= e.ends_at
where e.ends_at <= e.data_at;

-- Each stay in an open stage, once for its stage and once for the whole stream, whose clock
-- starts at the item's first sign and which is left only by delivery or abandonment.
create temp table flow_spell as
with stay as (
    select s.*, t.time_zone, f.at_least as first_at_least,
           lead(s.left_at) over (partition by s.stream, s.item order by s.stay_no) as next_left_at,
           clock_at(d.starts_at, d.worked_us, d.working, i.first_known_at) as first_us
    from stage_stay s join stream t on t.stream = s.stream
    join item i on i.stream = s.stream and i.item = s.item
    join stage_visit f on f.stream = s.stream and f.item = s.item and f.visit_no = 1
    asof join day_clock d on d.stream = s.stream and d.starts_at <= i.first_known_at
), counted as (
    select stream, item, time_zone, stage, stage_no, entered_at, left_at, entered_us as start_us, left_us,
           case when next_place = 'left' then 'left' when next_place <> 'unmapped' then 'on' end as exit,
           at_least, true as is_entry, left_in_bulk, null::timestamptz as back_at
    from stay where place not in ('done', 'left', 'unmapped')
    union all
    select stream, item, time_zone, '', 0, entered_at, left_at, first_us, left_us,
           case next_place when 'done' then 'on' when 'left' then 'left' end,
           first_at_least, stay_no = 1, left_in_bulk, next_left_at
    from stay where place not in ('done', 'left')
)
select * exclude (time_zone), coalesce(left_in_bulk, false) as by_bulk,
       date_trunc('week', timezone(time_zone, entered_at))::date as entered_week,
       date_trunc('week', timezone(time_zone, left_at))::date as left_week
from counted;
