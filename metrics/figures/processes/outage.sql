-- Outage: each stretch in which a process was due to run and did not, with the runs missed in it and how many processes of its group missed every one of them too.
create macro outage(as_of) as table
    with missed as (
        select r.*, p.process_group, p.process, p.group_no, g.every_us,
               r.slot_us - row_number() over (partition by r.process_no order by r.slot_us) * g.every_us as stretch,
               count(*) over (partition by p.process_group, r.slot_us) as processes
        from process_run r join process p using (process_no) join process_group g using (process_group)
        where r.missing and r.known_us <= epoch_us(as_of::timestamptz)
    )
    select process_group, process, make_timestamptz(min(slot_us)) as from_at,
           make_timestamptz(max(slot_us) + any_value(every_us)) as until_at, count(*) as missed_runs,
           (max(slot_us) + any_value(every_us) - min(slot_us)) / 86400e6 as days, min(processes) as processes
    from missed group by process_group, process, group_no, stretch
    order by from_at desc, group_no, process;
