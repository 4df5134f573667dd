-- The statuses of a source: items in each now and ever, those that came to it from another one, and
-- those that went on from it. What is there without a status can be in no stage.
with told as (
    select item, value as status, line,
           row_number() over (partition by item order by since, sequence, line) as nth
    from stage_event where source = $source and kind = 'status'
), changed as (
    select *, lead(status) over history as next_status, lag(status) over history as was from told
    window history as (partition by item order by nth)
)
select status, count(distinct item) filter (next_status is null)::bigint as now,
       count(distinct item) as ever, count(distinct item) filter (was <> status) as came,
       count(distinct item) filter (next_status <> status and next_status <> '(gone)') as went_on
from changed where status not in ('(gone)', '') group by status order by min(line), status;
