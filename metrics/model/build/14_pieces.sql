-- piece: each stay, each part of it and each block in it by itself, for 31_reconcile.sql to hold
-- against what the figures read: lead time is that of the stays, process time that of work less
-- the blocks in it, and wait time that of all other parts and of the blocks in work. Blocks are cut
-- here anew, from the spans.
create temp table piece as
with block as (
    select item_no, from_at, until_at,
           clock_at(began.starts_at, began.worked_us, began.working, from_at) as from_us,
           clock_at(ended.starts_at, ended.worked_us, ended.working, until_at) as until_us
    from blocked_span as span
    asof join day_clock as began on began.stream = span.stream and began.starts_at <= from_at
    asof left join day_clock as ended on ended.stream = span.stream and ended.starts_at <= until_at
)
select stream, stage_no, entered_at as from_at, left_at as until_at, entered_us as from_us,
       left_us as until_us, 1 as stays, 0 as work, 0 as wait, 0 as marked
from stage_stay where place not in ('done', 'left', 'unmapped')
union all
select stream, stage_no, entered_at, left_at, entered_us, left_us, 0,
       (part = 'work')::int, (part <> 'work')::int, 0
from stage_visit where in_stage(part)
union all
select stream, stage_no, greatest(entered_at, from_at), least(left_at, until_at),
       greatest(entered_us, from_us), least(left_us, until_us), 0,
       -(part = 'work')::int, (part = 'work')::int, 1
from stage_visit join block using (item_no)
where in_stage(part) and from_at < coalesce(left_at, 'infinity')
  and coalesce(until_at, 'infinity') > entered_at;

-- shown_item: how many items are open, finished or left that a board's last answer holds too. What
-- it no longer shows left the line, or was delivered before.
create temp table shown_item as
with missing as (
    select stream, item_no from put_away join source_kind using (source)
    where is_last and value = '(gone)' and tells = 'states'
)
select stream, count(*) filter (status <> '(gone)' or tells <> 'states') as items
from stage_visit join source_kind using (source) anti join missing using (stream, item_no)
where left_at is null group by all;
