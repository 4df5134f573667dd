-- From checks to runs with their state, and to each subject's spells of good and bad results.
-- process: each process that is looked at. A group that no source tells of yet has one, unnamed.
create table process as
select p.process_no, g.process_group, p.process, g.name as group_name, g.group_no, t.red, t.amber
from process_group g join check_process p using (process_group)
left join process_target t on t.process_group = g.process_group and t.measure = 'failing'
union all
select null, g.process_group, '', g.name, g.group_no, t.red, t.amber
from process_group g left join process_target t on t.process_group = g.process_group and t.measure = 'failing'
where not exists (from check_process p where p.process_group = g.process_group);

-- process_run: each run and, where one is due every so often, each that did not take place: in a file
-- up to its last row, at an address up to when it last answered. Too many failing checks, or no run,
-- is bad; so many bad ones of the last few turn the process red, and it stays so until few are left.
create table process_run as
with told as (
    select w.process_group, bool_or(w.live) as live, max(epoch_us(s.asked_at)) filter (w.live) as asked_us
    from process_source w left join landing.source s using (source) group by all
), due as (
    select c.process_no, g.every_us, unnest(generate_series(min(c.slot_us), greatest(max(c.slot_us),
               if(any_value(t.live), coalesce(max(t.asked_us), 0), 0) - g.every_us), g.every_us)) as slot_us
    from check_slot c join check_process p using (process_no) join process_group g using (process_group)
    join told t using (process_group) where g.every_us is not null group by c.process_no, g.every_us
), run as (
    select coalesce(c.process_no, d.process_no) as process_no, coalesce(c.slot_us, d.slot_us) as slot_us,
           coalesce(c.checks, 0) as checks, c.failed, coalesce(c.subjects, 0) as subjects, c.first_us, c.last_us,
           coalesce(c.last_us, d.slot_us + d.every_us) as known_us
    from check_slot c full join due d on d.process_no = c.process_no and d.slot_us = c.slot_us
), judged as (
    select r.*, g.window_runs, g.window_bad, g.window_back, checks = 0 as missing,
           if(p.red is null, null, checks = 0 or failed / checks > p.red) as bad,
           if(p.amber is null, null, checks = 0 or failed / checks > p.amber) as doubtful
    from run r join process p using (process_no) join process_group g using (process_group)
), counted as (
    select *, count(*) over recent as runs, count(*) filter (bad) over recent as bad_runs,
           count(*) filter (missing) over recent as missing_runs,
           count(*) filter (doubtful) over recent as doubtful_runs
    from judged window recent as (partition by process_no order by slot_us
                                  rows between (window_runs - 1) preceding and current row)
), turned as (
    select *, case when runs < window_runs then null when bad_runs >= window_bad then true
                   when bad_runs <= window_back then false end as turns_red,
           case when runs < window_runs then null when doubtful_runs >= window_bad then true
                when doubtful_runs <= window_back then false end as turns_amber,
           bad <> lag(bad) over (partition by process_no order by slot_us) as alternates
    from counted
), stayed as (
    select *, last_value(turns_red ignore nulls) over so_far as is_red,
           last_value(turns_amber ignore nulls) over so_far as is_amber,
           count(*) filter (alternates) over (partition by process_no order by slot_us
                                              rows between 19 preceding and current row) as turns
    from turned window so_far as (partition by process_no order by slot_us)
)
select * exclude (runs, turns_red, turns_amber, is_red, is_amber, window_runs, window_bad, window_back),
       case when bad is null or runs < window_runs then 'grey' when is_red then 'red' when is_amber then 'amber' else 'green' end as state
from stayed order by process_no, slot_us;

-- check_spell: the results of a subject as long as they are all good, or all bad.
create table check_spell as
with compared as (
    select *, lag(ok) over history is distinct from ok as begins from check_stretch
    window history as (partition by subject_no order by first_us, last_us, nth)
), numbered as (
    select *, count(*) filter (begins) over (partition by subject_no order by first_us, last_us, nth) as spell_no
    from compared
), spell as (
    select process_no, subject_no, spell_no, any_value(ok) as ok, min(first_us) as first_us,
           max(last_us) as last_us, sum(checks)::bigint as checks
    from numbered group by process_no, subject_no, spell_no
)
select *, lag(last_us) over (partition by subject_no order by spell_no) as before_us,
       lead(first_us) over (partition by subject_no order by spell_no) as until_us
from spell;
