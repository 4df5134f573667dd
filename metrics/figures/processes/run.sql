-- Run: each run of a process (all its checks of one day or other slot in UTC, or of one instant), how many of its checks failed, whether that is too many, whether it went from good to bad or back, the state after it by the rule over its last runs, and whether that turned red or back; a run that was due and did not take place is missing.
create macro run(as_of) as table
    select p.process_group, p.process, make_timestamptz(r.slot_us) as slot, r.checks, r.failed, r.subjects,
           r.failed / nullif(r.checks, 0) as share, r.missing, r.bad, coalesce(r.alternates, false) as alternates, r.bad_runs, r.state,
           coalesce((r.state = 'red') <> (lag(r.state) over (partition by r.process_no order by r.slot_us) = 'red'), false) as turned,
           make_timestamptz(r.last_us) as last_check_at
    from process_run r join process p using (process_no)
    where r.known_us <= epoch_us(as_of::timestamptz) order by p.group_no, p.process, r.slot_us;
