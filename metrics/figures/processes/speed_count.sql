-- Speed count: of the subjects of each process, and of each group together (process ''), that answered in the last 7 whole ISO weeks, how many are slowing, got faster or did not change, and of how many there are too few weeks to tell.
-- subjects: subjects that answered in the last 7 weeks
create macro speed_count(as_of) as table
    with part as (
        select * replace (unnest(['', process]) as process) from speed_at(as_of)
    )
    select process_group, process, count(*) as subjects,
           count(*) filter (change = 'slowing') as slowing,
           count(*) filter (change = 'faster') as faster,
           count(*) filter (change = 'no change') as no_change,
           count(*) filter (change = 'too few') as too_few
    from part group by all order by process_group, process;
