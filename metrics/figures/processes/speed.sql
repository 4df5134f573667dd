-- Speed: for each subject answered in the last 7 whole ISO weeks, the median of its weekly median seconds in them and in the 26 weeks before; slowing when all 7 lie above the median before and half as long again, faster when all lie below it by a third; an answer that timed out took at least so long, other failures are left out.
-- at_least: the median answer timed out, so it took at least so long
-- weeks: weeks with an answer among the last 7
create macro speed(as_of) as table
    select process_group, process, subject, name, link, organisation, seconds::double as seconds,
           at_least, before_seconds::double as before_seconds, weeks, weeks_before,
           answers::bigint as answers, timed_out::bigint as timed_out, change
    from speed_at(as_of) order by seconds desc, process_group, process, subject;
