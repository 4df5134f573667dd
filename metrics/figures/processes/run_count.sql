-- Run count: of all runs of each process, and of each group together (process ''), how many were due or took place, how many did not take place, how often single runs went from good to bad or back, and how often by its rule the colour turned red or back.
create macro run_count(as_of) as table
    with told as (
        select process_group, process, missing, coalesce(alternates, false) as alternates,
               coalesce((state = 'red') <> (lag(state) over (
                   partition by process_no order by slot_us) = 'red'), false) as turned
        from process_run join process using (process_no)
        where known_us <= epoch_us(as_of::timestamptz)
    ), part as (
        select * replace (unnest(['', process]) as process) from told
    )
    select process_group, process, count(*) as runs, count(*) filter (missing) as missing,
           count(*) filter (alternates) as alternates, count(*) filter (turned) as turned
    from part group by all order by process_group, process;
