-- process_week: each ISO week (UTC, named by its Monday) of a process: what was looked at, what failed,
-- which runs did not take place, and how many of its subjects the configuration has in service.
create table process_week as
with each_subject as (
    select process_no, week_no, subject_no, sum(checks) as checks, sum(checks) filter (not ok) as failed,
           not arg_max(ok, (first_us, nth)) as ends_bad
    from check_stretch group by process_no, week_no, subject_no
), counted as (
    select process_no, week_no, sum(checks)::bigint as checks, coalesce(sum(failed), 0)::bigint as failed,
           count(*) as looked_at, count(*) filter (ends_bad) as failing
    from each_subject group by process_no, week_no
), missed as (
    select process_no, week_of(slot_us) as week_no, count(*) as missed_runs
    from process_run where missing group by all
), each_process as (
    select p.process_group, p.process, week_no, checks, failed, looked_at, failing, missed_runs
    from counted full join missed using (process_no, week_no) join check_process p using (process_no)
), told as (
    from each_process
    union all
    select process_group, '', week_no, sum(checks)::bigint, sum(failed)::bigint, sum(looked_at)::bigint,
           sum(failing)::bigint, sum(missed_runs)::bigint
    from each_process group by all
), calendar as (
    select process_group, process, unnest(generate_series(min(week_no), max(week_no))) as week_no
    from told group by process_group, process
), dated as (
    select *, (week_no + 1) * 604800000000 + 345600000000 as end_us from calendar
), service as (
    select c.process_group, c.process, c.week_no,
           count(*) filter (epoch_us(s.added_at) < c.end_us and coalesce(epoch_us(s.ended_at) >= c.end_us, true)) as in_service,
           count(*) filter (week_of(epoch_us(s.added_at)) = c.week_no) as added
    from dated c join check_detail s on s.process_group = c.process_group and c.process in (s.process, '')
    join check_process k on k.process_group = s.process_group and k.process = s.process
    group by all
)
select d.process_group, d.process, d.week_no, d.end_us, date '1970-01-05' + (d.week_no * 7)::integer as week,
       coalesce(t.checks, 0) as checks, coalesce(t.failed, 0) as failed, coalesce(t.looked_at, 0) as looked_at,
       coalesce(t.failing, 0) as failing, coalesce(t.missed_runs, 0) as missed_runs, s.in_service, s.added
from dated d left join told t using (process_group, process, week_no)
left join service s using (process_group, process, week_no) order by all;

-- named_subject: what the subjects are called and whose they are.
create table named_subject as
select s.subject_no, p.process_no, p.process_group, p.process, s.subject, coalesce(d.name, s.subject) as name,
       coalesce(d.link, s.link) as link, coalesce(d.organisation, '') as organisation, d.added_at, d.ended_at
from check_subject s join check_process p using (process_no)
left join check_detail d on d.process_group = p.process_group and d.process = p.process and d.subject = s.subject;
