-- Checks of the weeks since the first that something new tells of (the weeks before are carried
-- over by checked.py). Times are microseconds of UTC.
create temp table new_check as
select used.process_group, told.source, told.process, told.subject, epoch_us(told."at") as at_us,
       told.ok, if(told.ok, '', told.detail) as detail, told.seconds::float as seconds, told.link
from landing.check_told as told join process_source as used on used.source = told.source
where week_of(epoch_us(told."at")) >= (from check_since);

-- Numbers go on from the highest: those of the carried weeks must keep their meaning.
insert into check_process
select (select coalesce(max(process_no), 0) from check_process)
           + row_number() over (order by process_group, process), process_group, process
from (select distinct process_group, process from new_check)
anti join check_process using (process_group, process);

insert into check_subject (subject_no, process_no, subject)
select (select coalesce(max(subject_no), 0) from check_subject)
           + row_number() over (order by process_no, subject), process_no, subject
from (select distinct process_no, subject
      from new_check join check_process using (process_group, process))
anti join check_subject using (process_no, subject);

update check_subject as old set link = new.link from (
    select process_no, subject, arg_max(link, at_us) as link
    from new_check join check_process using (process_group, process)
    where link is not null group by all
) as new where new.process_no = old.process_no and new.subject = old.subject;
-- The same result told twice counts once.
create temp table one_check as
select distinct process_no, subject_no, at_us, week_of(at_us) as week_no, ok, detail, seconds
from new_check join check_process using (process_group, process)
join check_subject using (process_no, subject);

-- check_stretch: the results of a subject one after the other, as long as they are alike, week by
-- week: a week's rows never change once it is over, so they can be carried over.
insert into check_stretch
with compared as (
    select *, lag(detail) over history is distinct from detail as begins from one_check
    window history as (partition by subject_no, week_no order by at_us, ok, detail, seconds)
), numbered as (
    select *, count(*) filter (begins) over history as nth from compared
    window history as (partition by subject_no, week_no order by at_us, ok, detail, seconds)
)
select process_no, subject_no, week_no, min(at_us), max(at_us), nth, count(*), any_value(ok),
       any_value(detail)
from numbered group by process_no, subject_no, week_no, nth;

-- check_speed: a subject's median seconds in a week; one that timed out took at least so long.
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
    select one_check.*, if(every_us is null, at_us, slot_begins_us(at_us, every_us)) as slot_us
    from one_check join check_process using (process_no) join process_group using (process_group)
)
select process_no, slot_us, count(*), count(*) filter (not ok), count(distinct subject_no),
       min(at_us), max(at_us)
from slotted group by process_no, slot_us;

-- check_evidence: when each source last told of a check, day by day.
insert into check_evidence
select source, week_of(max(at_us)), max(at_us) from new_check group by source, at_us // days_us(1);
-- A process that was renamed leaves nothing behind.
delete from check_process where process_no not in (select process_no from check_slot);
delete from check_subject where process_no not in (select process_no from check_slot);
drop table new_check;
drop table one_check;
