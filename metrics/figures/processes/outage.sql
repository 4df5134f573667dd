-- Outage: each stretch in which a process was due to run and did not, with the runs missed in it and how many processes of its group missed every one of them too.
-- until_at: when the last of the runs missed in it would have been over
-- days: from the first of them until then
-- processes: processes of its group that missed every one of them, itself included
create macro outage(as_of) as table
    with missed as (
        -- Missed runs in a row are equally far apart: less their number they fall on one slot.
        select run.slot_us, process.process_group, process.process, process.group_no,
               groups.every_us,
               run.slot_us - row_number() over (partition by run.process_no order by run.slot_us)
                   * groups.every_us as stretch,
               count(*) over (partition by process.process_group, run.slot_us) as processes
        from process_run as run join process using (process_no)
        join process_group as groups using (process_group)
        where run.missing and run.known_us <= epoch_us(as_of::timestamptz)
    )
    select process_group, process, make_timestamptz(min(slot_us)) as from_at,
           make_timestamptz(max(slot_us) + any_value(every_us)) as until_at,
           count(*) as missed_runs,
           in_days(max(slot_us) + any_value(every_us) - min(slot_us)) as days,
           min(processes) as processes
    from missed group by process_group, process, group_no, stretch
    order by from_at desc, group_no, process;
