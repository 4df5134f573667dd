-- Of each stage ($statuses and $stages say which status is of which): how many stays in it are over
-- whose beginning is known, and in how many days (of the calendar) 19 of 20 of them were.
with map as (
    select unnest($statuses) as status, unnest($stages) as stage_no
), told as (
    select item, since, precision, coalesce(stage_no, 0) as stage_no,
           row_number() over (partition by item order by since, sequence, line) as nth
    from stage_event left join map on map.status = value where source = $source and kind = 'status'
), entered as (
    select * from told
    qualify stage_no is distinct from lag(stage_no) over (partition by item order by nth)
), stay as (
    select *, lead(since) over (partition by item order by nth) as left_at from entered
)
select stage_no, count(*) as stays,
       quantile_disc(epoch(left_at - since) / 86400, 0.95) as days
from stay where stage_no > 0 and left_at is not null and precision <> 'at least' group by stage_no;
