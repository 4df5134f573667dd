-- Checks of the weeks since the first that something new tells of (the weeks before are carried over).
-- Times are microseconds of UTC; a week has the number of its Monday, 5 January 1970 being 0.
create temp table new_check as
select w.process_group, r.source, r.process, r.subject, epoch_us(r."at") as at_us, r.ok,
       if(r.ok, '', r.detail) as detail, r.seconds::float as seconds, r.link
from landing.check_told r join process_source w on w.source = r.source
where week_of(epoch_us(r."at")) >= (from check_since);
insert into check_process
select (select coalesce(max(process_no), 0) from check_process) + row_number() over (order by process_group, process),
       process_group, process
from (select distinct process_group, process from new_check) n
where not exists (from check_process k where k.process_group = n.process_group and k.process = n.process);

insert into check_subject (subject_no, process_no, subject)
select (select coalesce(max(subject_no), 0) from check_subject) + row_number() over (order by process_no, subject),
       process_no, subject
from (select distinct p.process_no, n.subject from new_check n
      join check_process p on p.process_group = n.process_group and p.process = n.process) n
where not exists (from check_subject k where k.process_no = n.process_no and k.subject = n.subject);

update check_subject s set link = n.link from (
    select p.process_no, c.subject, arg_max(c.link, c.at_us) as link
    from new_check c join check_process p on p.process_group = c.process_group and p.process = c.process
    where c.link is not null group by all
) n where n.process_no = s.process_no and n.subject = s.subject;

-- The same result told twice counts once.
create temp table one_check as
select distinct p.process_no, s.subject_no, n.at_us, week_of(n.at_us) as week_no, n.ok, n.detail, n.seconds
from new_check n join check_process p on p.process_group = n.process_group and p.process = n.process
join check_subject s on s.process_no = p.process_no and s.subject = n.subject;

-- check_stretch: the results of a subject one after the other, as long as they are alike, week by week.
insert into check_stretch
with compared as (
    select *, lag(detail) over (partition by subject_no, week_no order by at_us, ok, detail, seconds)
                  is distinct from detail as begins
    from one_check
), numbered as (
    select *, count(*) filter (begins) over (partition by subject_no, week_no
                                             order by at_us, ok, detail, seconds) as nth
    from compared
)
select process_no, subject_no, week_no, min(at_us), max(at_us), nth, count(*), any_value(ok), any_value(detail)
from numbered group by process_no, subject_no, week_no, nth;

-- check_speed: the median seconds of a subject's answers in a week; one that timed out took at least so long.
insert into check_speed
with answered as (
    select *, not ok as timed_out from one_check
    where seconds is not null and (ok or regexp_matches(lower(detail), 'time(d )?[ -]?out'))
)
select subject_no, week_no, count(*), count(*) filter (timed_out), quantile_disc(seconds, 0.5),
       coalesce(quantile_disc(seconds, 0.5) >= min(seconds) filter (timed_out), false)
from answered group by subject_no, week_no;

-- check_slot: a run of a process: all its checks of one slot (a day, an hour), or of one instant.
insert into check_slot
with slotted as (
    select c.*, if(g.every_us is null, c.at_us, (c.at_us - 345600000000) // g.every_us * g.every_us + 345600000000) as slot_us
    from one_check c join check_process p using (process_no) join process_group g using (process_group)
)
select process_no, slot_us, count(*), count(*) filter (not ok), count(distinct subject_no), min(at_us), max(at_us)
from slotted group by process_no, slot_us;

-- check_evidence: when each source last told of a check, day by day.
insert into check_evidence
select source, week_of(max(at_us)), max(at_us) from new_check group by source, at_us // 86400000000;

-- A process that was renamed leaves nothing behind.
delete from check_process where process_no not in (select process_no from check_slot);
delete from check_subject where process_no not in (select process_no from check_slot);

drop table new_check;
drop table one_check;
