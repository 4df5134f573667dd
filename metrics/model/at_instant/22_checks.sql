-- Checks at an instant: when each process was last looked at, the subjects still looked at, what
-- fails. A run that is under way counts as far as it has got. Of results alike in one week only the
-- first and the last time are kept, so a stretch that goes on after the instant counts as begun.
create macro last_looked_at(as_of) as table
    select process_no, process_group,
           max(if(last_us <= epoch_us(as_of::timestamptz), last_us, first_us)) as last_us,
           days_us(any_value(forget_after)) as forget_us
    from check_stretch join check_process using (process_no)
    join process_group using (process_group)
    where first_us <= epoch_us(as_of::timestamptz) group by process_no, process_group;

create macro subject_at(as_of) as table
    select stretch.process_no, stretch.subject_no,
           arg_max(stretch.ok, (stretch.first_us, stretch.nth)) as ok,
           arg_max(stretch.detail, (stretch.first_us, stretch.nth)) as detail
    from check_stretch as stretch join last_looked_at(as_of) as newest using (process_no)
    where stretch.first_us <= epoch_us(as_of::timestamptz)
      and stretch.last_us >= newest.last_us - newest.forget_us
    group by stretch.process_no, stretch.subject_no;

create macro failing_at(as_of) as table
    select subject.process_group, subject.process, subject.subject, subject.name, subject.link,
           subject.organisation, newest.detail, spell.first_us, spell.before_us,
           epoch_us(as_of::timestamptz) - spell.first_us as failing_us,
           spell.before_us is null as never_good,
           epoch_us(as_of::timestamptz) - spell.first_us > days_us(groups.dead_after) as dead,
           coalesce(subject.ended_at <= as_of::timestamptz, false) as ended
    from subject_at(as_of) as newest join check_spell as spell using (subject_no)
    join named_subject as subject using (subject_no)
    join process_group as groups on groups.process_group = subject.process_group
    where not newest.ok and not spell.ok and spell.first_us <= epoch_us(as_of::timestamptz)
      and coalesce(spell.until_us > epoch_us(as_of::timestamptz), true);

-- The checks of the last 13 whole weeks, and whose they were.
create macro checked_at(as_of) as table
    select stretch.*, subject.process_group, subject.process,
           if(subject.organisation = '', 'not known', subject.organisation) as organisation
    from check_stretch as stretch join named_subject as subject using (subject_no)
    where stretch.week_no < week_under_way(as_of) and stretch.week_no >= week_under_way(as_of) - 13;

create macro speed_at(as_of) as table
    with told as (
        select *, week_under_way(as_of) - week_no as ago from check_speed
        where week_no < week_under_way(as_of) and week_no >= week_under_way(as_of) - 33
    ), counted as (
        select subject_no, count(*) filter (ago <= 7) as weeks,
               count(*) filter (ago > 7) as weeks_before,
               sum(answers) filter (ago <= 7) as answers,
               sum(timed_out) filter (ago <= 7) as timed_out,
               quantile_disc(seconds, 0.5) filter (ago <= 7) as seconds,
               bool_or(at_least) filter (ago <= 7) as at_least,
               quantile_disc(seconds, 0.5) filter (ago > 7) as before_seconds,
               min(seconds) filter (ago <= 7) as least_seconds,
               max(seconds) filter (ago <= 7) as most_seconds
        from told group by subject_no having count(*) filter (ago <= 7) > 0
    )
    select subject.process_group, subject.process, subject.subject, subject.name, subject.link,
           subject.organisation, counted.*,
           case when weeks < 7 or weeks_before < 13 then 'too few'
                when least_seconds > before_seconds and seconds >= 1.5 * before_seconds
                then 'slowing'
                when most_seconds < before_seconds and seconds <= before_seconds / 1.5 then 'faster'
                else 'no change' end as change
    from counted join named_subject as subject using (subject_no);
