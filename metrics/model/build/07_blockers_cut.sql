-- blocked_part: how long each wording stood in each visit to a status that is in a stage. at_least:
-- nobody knows since when, of the first of a run.
create table blocked_part as
with cut as (
    select run.stream, run.item_no, run.run_no, run.group_no, run.event_no, run.wording,
           run.at_least, visit.stage,
           greatest(visit.entered_at, run.since) as from_at,
           nullif(least(coalesce(visit.left_at, 'infinity'), coalesce(run.until_at, 'infinity')),
                  'infinity'::timestamptz) as until_at
    from blocked_run as run join stage_visit as visit
        on visit.item_no = run.item_no
        and run.since < coalesce(visit.left_at, 'infinity')
        and coalesce(run.until_at, 'infinity') > visit.entered_at
    where in_stage(visit.part) and coalesce(visit.left_at > visit.entered_at, true)
)
select cut.* replace (at_least and from_at = min(from_at) over (partition by item_no, run_no)
                          as at_least),
       clock_at(began.starts_at, began.worked_us, began.working, cut.from_at) as from_us,
       clock_at(ended.starts_at, ended.worked_us, ended.working, cut.until_at) as until_us
from cut
asof join day_clock as began on began.stream = cut.stream and began.starts_at <= cut.from_at
asof left join day_clock as ended on ended.stream = cut.stream and ended.starts_at <= cut.until_at;
drop table blocked_run;
