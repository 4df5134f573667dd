-- process_week: each ISO week (UTC, named by its Monday) of a process: what was looked at, what
-- failed, which runs did not take place, and how many of its subjects the configuration has in
-- service. Process '' is the whole group.
create table process_week as
with each_subject as (
    select process_no, week_no, subject_no, sum(checks) as checks,
           sum(checks) filter (not ok) as failed, not arg_max(ok, (first_us, nth)) as ends_bad
    from check_stretch group by process_no, week_no, subject_no
), counted as (
    select process_no, week_no, sum(checks)::bigint as checks,
           coalesce(sum(failed), 0)::bigint as failed,
           count(*) as looked_at, count(*) filter (ends_bad) as failing
    from each_subject group by process_no, week_no
), missed as (
    select process_no, week_of(slot_us) as week_no, count(*) as missed_runs
    from process_run where missing group by all
), each_process as (
    select process_group, process, week_no, checks, failed, looked_at, failing, missed_runs
    from counted full join missed using (process_no, week_no) join check_process using (process_no)
), told as (
    from each_process
    union all
    select process_group, '', week_no, sum(checks)::bigint, sum(failed)::bigint,
           sum(looked_at)::bigint, sum(failing)::bigint, sum(missed_runs)::bigint
    from each_process group by all
), calendar as (
    -- Weeks of which nothing is told are kept: a silence is shown, not closed up.
    select process_group, process, unnest(generate_series(min(week_no), max(week_no))) as week_no
    from told group by process_group, process
), dated as (
    select *, week_begins_us(week_no + 1) as end_us from calendar
), service as (
    select dated.process_group, dated.process, dated.week_no,
           count(*) filter (epoch_us(detail.added_at) < dated.end_us
               and coalesce(epoch_us(detail.ended_at) >= dated.end_us, true)) as in_service,
           count(*) filter (week_of(epoch_us(detail.added_at)) = dated.week_no) as added
    from dated join check_detail as detail on detail.process_group = dated.process_group
        and dated.process in (detail.process, '')
    join check_process as known on known.process_group = detail.process_group
        and known.process = detail.process
    group by all
)
select dated.process_group, dated.process, dated.week_no, dated.end_us,
       week_monday(dated.week_no) as week, coalesce(told.checks, 0) as checks,
       coalesce(told.failed, 0) as failed, coalesce(told.looked_at, 0) as looked_at,
       coalesce(told.failing, 0) as failing, coalesce(told.missed_runs, 0) as missed_runs,
       service.in_service, service.added
from dated left join told using (process_group, process, week_no)
left join service using (process_group, process, week_no) order by all;
