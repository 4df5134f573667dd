-- Recovery: how long failing subjects take to recover, from the first failed check to the next good one: the age by which half have (Kaplan-Meier median; those still failing are counted, those no longer looked at are a competing exit), beside the median of the recovered only.
-- failing: failures that have not ended
-- typical_word: why there is no typical time: too few or not reached
create macro recovery(as_of) as table
    select process_group, process, spells as failures, finished as recovered,
           in_days(finished_median_us) as recovered_median_days, open as failing,
           in_days(open_median_us) as failing_median_days, abandoned as given_up,
           in_days(typical_us) as typical_days,
           case when not enough_for(spells, 0.5) then 'too few'
                when typical_us is null then 'not reached' else '' end as typical_word
    from typical_of_processes_at(as_of) join process using (process_no)
    order by group_no, process;
