-- week_flow: what came, went and stayed in each week, in each stage and in the whole stream (stage '').
create table week_flow as
with part as (
    select '' as stage, 0 as stage_no, stream from stream
    union all select stage, stage_no, stream from stage
), came as (
    select stream, stage, entered_week as week, count(*) as entered
    from flow_spell where is_entry and not at_least group by all
), went as (
    select f.stream, f.stage, w.week, count(*) filter (exit = 'on' and not by_bulk) as moved_on,
           count(*) filter (exit = 'left' and not by_bulk) as abandoned, count(*) filter (by_bulk) as bulk,
           list_sort(list(left_us - start_us) filter (exit = 'on' and not by_bulk and not at_least)) as leads
    from flow_spell f join week w on w.stream = f.stream and w.week = f.left_week
    where coalesce(back_at, 'infinity') > w.ends_at group by all
), still as (
    select f.stream, f.stage, w.week, count(*) as open, median(w.ends_us - f.start_us) as age_us
    from flow_spell f join week w on w.stream = f.stream and f.entered_at <= w.ends_at
         and coalesce(f.left_at, 'infinity') > w.ends_at
    group by all
)
select w.stream, p.stage, p.stage_no, w.week, w.ends_at, w.base, w.left_out,
       coalesce(c.entered, 0) as entered, coalesce(g.moved_on, 0) as moved_on,
       coalesce(g.abandoned, 0) as abandoned, coalesce(g.bulk, 0) as bulk,
       coalesce(len(g.leads), 0) as lead_n, g.leads[ceil(len(g.leads) / 2.0)::bigint] as lead_us,
       coalesce(s.open, 0) as open, s.age_us,
       if(w.left_out, null, s.age_us - lag(s.age_us) over (
           partition by w.stream, p.stage order by w.week)) as growth_us
from week w join part p using (stream)
left join came c using (stream, stage, week) left join went g using (stream, stage, week)
left join still s using (stream, stage, week);
