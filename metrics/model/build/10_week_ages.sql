-- week_age: how many are in each stage at the end of each week, and the median of their ages,
-- without a row for each item in each week: they are counted by the week in which their clock
-- began, and only those of the week in which the median lies are looked at one by one.
create temp table week_age as
with changed as (
    select stream, stage_no, began, at_week, sum(n) as n from (
        select stream, stage_no, start_us // days_us(7) as began,
               unnest([entered_week, left_week]) as at_week, unnest([1, -1]) as n
        from flow_spell where left_week is distinct from entered_week)
    where at_week is not null group by all
), stocked as (
    select *, sum(n) over weeks as open,
           coalesce(lead(at_week) over weeks, (select 1 + week_number(max(week)) from week))
               as until_week
    from changed window weeks as (partition by stream, stage_no, began order by at_week)
), each_week as (
    select stream, stage_no, began, open, unnest(range(at_week, until_week)) as week_no
    from stocked where open > 0
), ranked as (
    select *, sum(open) over (of_week order by began) - open as before,
           sum(open) over of_week as all_open
    from each_week window of_week as (partition by stream, stage_no, week_no)
), middle as (
    -- One middle age or, of an even number, two.
    select stream, stage_no, week_no, began, all_open,
           ((all_open + 1) // 2 - before)::bigint as lower,
           (all_open // 2 + 1 - before)::bigint as upper
    from ranked where before < all_open // 2 + 1 and before + open >= (all_open + 1) // 2
), seen as (
    select middle.*, list_sort(list(spell.start_us)) as starts
    from middle join flow_spell as spell on spell.stream = middle.stream
        and spell.stage_no = middle.stage_no and spell.start_us // days_us(7) = middle.began
        and spell.entered_week <= middle.week_no
        and coalesce(spell.left_week > middle.week_no, true)
    group by all
), found as (
    select stream, stage_no, week_no, any_value(all_open)::bigint as open,
           any_value(starts[lower]) filter (lower between 1 and len(starts)) as lower_us,
           any_value(starts[upper]) filter (upper between 1 and len(starts)) as upper_us
    from seen group by stream, stage_no, week_no
)
select week.stream, found.stage_no, week.week, found.open,
       ((week.ends_us - upper_us) + (week.ends_us - lower_us)) / 2 as age_us
from found join week on week.stream = found.stream and week_number(week.week) = found.week_no;
