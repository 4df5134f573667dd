-- Failing count: how many subjects fail when last looked at and are still looked at, of each process and of each group together (process ''), and how many of them are dead (failing for longer than stages.yaml allows), have never been seen good, or were ended in the configuration and are polled all the same.
-- failing: subjects that failed when last looked at and are still looked at
create macro failing_count(as_of) as table
    with part as (
        select process_group, '' as process from process_group
        union select process_group, process from check_process
    )
    select part.process_group, part.process, count(subject) as failing,
           count(*) filter (dead) as dead, count(*) filter (never_good) as never_good,
           count(*) filter (ended) as ended
    from part left join failing_at(as_of) as now
        on now.process_group = part.process_group and part.process in ('', now.process)
    group by all order by all;
