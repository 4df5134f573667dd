-- Run: each run of a process (all its checks of one day or other slot in UTC, or of one instant), how many of its checks failed, whether that is too many, whether it went from good to bad or back, the state after it by the rule over its last runs, and whether that turned red or back; a run that was due and did not take place is missing.
-- checks: its checks
-- subjects: subjects looked at in it
-- missing: it was due and did not take place
-- alternates: good after a bad one, or bad after a good one
-- turned: the colour turned red or back with it
-- state_word: the state in words, or did not take place
create macro run(as_of) as table
    select process_group, process, make_timestamptz(slot_us) as slot, checks, failed, subjects,
           failed / nullif(checks, 0) as share, missing, bad,
           coalesce(alternates, false) as alternates, bad_runs, state,
           coalesce((state = 'red') <> (lag(state) over (
               partition by process_no order by slot_us) = 'red'), false) as turned,
           make_timestamptz(last_us) as last_check_at,
           if(missing, 'did not take place', state_word(state)) as state_word
    from process_run join process using (process_no)
    where known_us <= epoch_us(as_of::timestamptz) order by group_no, process, slot_us;
