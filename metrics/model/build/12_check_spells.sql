-- check_spell: the results of a subject as long as they are all good, or all bad.
create table check_spell as
with compared as (
    select *, lag(ok) over history is distinct from ok as begins from check_stretch
    window history as (partition by subject_no order by first_us, last_us, nth)
), numbered as (
    select *, count(*) filter (begins) over history as spell_no from compared
    window history as (partition by subject_no order by first_us, last_us, nth)
), spell as (
    select process_no, subject_no, spell_no, any_value(ok) as ok, min(first_us) as first_us,
           max(last_us) as last_us, sum(checks)::bigint as checks
    from numbered group by process_no, subject_no, spell_no
)
select *, lag(last_us) over (partition by subject_no order by spell_no) as before_us,
       lead(first_us) over (partition by subject_no order by spell_no) as until_us
from spell;

-- named_subject: what the subjects are called and whose they are.
create table named_subject as
select subject.subject_no, subject.process_no, process.process_group, process.process,
       subject.subject, coalesce(detail.name, subject.subject) as name,
       coalesce(detail.link, subject.link) as link,
       coalesce(detail.organisation, '') as organisation, detail.added_at, detail.ended_at
from check_subject as subject join check_process as process using (process_no)
left join check_detail as detail on detail.process_group = process.process_group
    and detail.process = process.process and detail.subject = subject.subject;
