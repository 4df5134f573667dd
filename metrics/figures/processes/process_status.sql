-- Process status: each process's colour, word and the sentence that decided it: red once so many of its last runs had more failing checks than its target or did not take place, and until few have; grey where there is no target, too few runs or no data, or where nothing is known of it for too long.
-- since: since when the rule has given its state
-- age_days: since the newest thing known of it
-- checks: checks of its newest run
-- failed: failed checks of its newest run
-- runs: runs known so far
-- bad_runs: bad runs among the last that the rule looks at
create macro process_status(as_of) as table
    with held as (
        select process_group, process, said from process_target_at(as_of)
    ), judged as (
        select now.*, held.said,
               if(unjudged = '', run.state, 'grey') as colour,
               case unjudged when 'no data' then 'No data' when 'stale' then 'Stale'
                    when 'no target' then 'No target' when 'too few' then 'Too few'
                    else if(run.state = 'red' and run.missing_runs >= window_bad, 'Not running',
                            box_word(run.state)) end as word,
               coalesce(run.turns >= 6, false) as flapping
        from process_now(as_of) as now left join held using (process_group, process)
    )
    select process_group, group_name, group_no, process, process_name, colour, word,
           case unjudged
               when 'no data' then if(note = '', 'Nothing has been told of it yet.', note)
               when 'stale'
               then format('Nothing is known of it after {}, {} before this moment: too old to '
                           || 'judge.', known_day,
                           if(age_days < 2, format('{:.0f} hours', age_days * 24),
                              format('{:,.0f} days', age_days)))
               when 'no target' then last_run_said || '; no target set in stages.yaml.'
               else said || '.' || if(flapping and unjudged = '',
                   format(' Flapping: good and bad took turns {} times in the last 20 runs.',
                          run.turns), '') end as sentence,
           make_timestamptz(since_us) as since, make_timestamptz(last_us) as last_run_at,
           make_timestamptz(good_us) as last_good_at,
           in_days(epoch_us(as_of::timestamptz) - good_us) as good_days, checks, failed, runs,
           run.bad_runs, run.missing_runs, flapping, age_days, state_word(colour) as state_word
    from judged order by group_no, process;
