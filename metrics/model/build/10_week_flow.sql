-- week_flow: what came, went and stayed in each week, in each stage and in the whole stream
-- (stage '').
create table week_flow as
with part as (
    select '' as stage, 0 as stage_no, stream from stream
    union all select stage, stage_no, stream from stage
), numbered as (
    select *, week_number(week) as week_no from week
), came as (
    -- entered_us: when those came, all in all, that were still there when their first week ended.
    select stream, stage_no, entered_week as week_no,
           count(*) filter (is_entry and not at_least) as entered,
           count(*) filter (left_week is distinct from entered_week)::hugeint as stayed,
           sum(entered_us) filter (left_week is distinct from entered_week) as entered_us
    from flow_spell group by all
), went as (
    -- A delivery undone before its week was over (back_at) is none.
    select spell.stream, spell.stage_no, spell.left_week as week_no,
           count(*) filter (exit = 'on' and not by_bulk) as moved_on,
           count(*) filter (exit = 'left' and not by_bulk) as abandoned,
           count(*) filter (by_bulk) as bulk,
           list_sort(list(left_us - start_us) filter (exit = 'on' and not by_bulk
                                                      and not at_least)) as leads
    from flow_spell as spell join numbered as week
        on week.stream = spell.stream and week.week_no = spell.left_week
    where coalesce(back_at, 'infinity') > week.ends_at group by all
), gone as (
    select spell.stream, spell.stage_no, spell.left_week as week_no,
           sum(left_us - greatest(spell.entered_us, week.began_us)) as stay_us
    from flow_spell as spell join numbered as week
        on week.stream = spell.stream and week.week_no = spell.left_week
    group by all
)
select week.stream, part.stage, part.stage_no, week.week, week.ends_at, week.base, week.left_out,
       coalesce(came.entered, 0) as entered, coalesce(went.moved_on, 0) as moved_on,
       coalesce(went.abandoned, 0) as abandoned, coalesce(went.bulk, 0) as bulk,
       coalesce(len(went.leads), 0) as lead_n, nearest_rank(went.leads, 0.5) as lead_us,
       coalesce(still.open, 0) as open, still.age_us,
       if(week.left_out, null, still.age_us - lag(still.age_us) over (
           partition by week.stream, part.stage order by week.week)) as growth_us,
       -- What all items together spent in the stage during the week, and how long the week was. Of
       -- the open those that came in it stayed from then on, all others for the whole of it.
       (coalesce(gone.stay_us, 0) + coalesce(came.stayed * week.ends_us - came.entered_us, 0)
        + (coalesce(still.open, 0) - coalesce(came.stayed, 0))
          * (week.ends_us - week.began_us)) as stay_us,
       week.ends_us - week.began_us as week_us
from numbered as week join part using (stream)
left join came using (stream, stage_no, week_no) left join went using (stream, stage_no, week_no)
left join gone using (stream, stage_no, week_no)
left join week_age as still using (stream, stage_no, week);
