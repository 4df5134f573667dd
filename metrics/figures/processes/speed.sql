-- Speed: for each subject answered in the last 7 whole ISO weeks, the median of its weekly median seconds in them and in the 26 weeks before; slowing when all 7 lie above the median before and half as long again, faster when all lie below it by a third; an answer that timed out took at least so long, other failures are left out.
create macro speed(as_of) as table
    with told as (
        select *, week_of(epoch_us(as_of::timestamptz) + 1) - week_no as ago from check_speed
        where week_no < week_of(epoch_us(as_of::timestamptz) + 1)
          and week_no >= week_of(epoch_us(as_of::timestamptz) + 1) - 33
    ), counted as (
        select subject_no, count(*) filter (ago <= 7) as weeks, count(*) filter (ago > 7) as weeks_before,
               sum(answers) filter (ago <= 7) as answers, sum(timed_out) filter (ago <= 7) as timed_out,
               quantile_disc(seconds, 0.5) filter (ago <= 7) as seconds, bool_or(at_least) filter (ago <= 7) as at_least,
               quantile_disc(seconds, 0.5) filter (ago > 7) as before_seconds,
               min(seconds) filter (ago <= 7) as least_seconds, max(seconds) filter (ago <= 7) as most_seconds
        from told group by subject_no having count(*) filter (ago <= 7) > 0
    )
    select n.process_group, n.process, n.subject, n.name, n.link, n.organisation, c.seconds::double as seconds,
           c.at_least, c.before_seconds::double as before_seconds, c.weeks, c.weeks_before,
           c.answers::bigint as answers, c.timed_out::bigint as timed_out,
           case when weeks < 7 or weeks_before < 13 then 'too few'
                when least_seconds > before_seconds and seconds >= 1.5 * before_seconds then 'slowing'
                when most_seconds < before_seconds and seconds <= before_seconds / 1.5 then 'faster'
                else 'no change' end as change
    from counted c join named_subject n using (subject_no)
    order by c.seconds desc, n.process_group, n.process, n.subject;
