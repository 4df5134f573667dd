-- One row per process at an instant: its newest run, its state by the rule over its last runs, and
-- why it can't be judged: no data, stale, no target or too few runs.
create macro process_now(as_of) as table
    with known as (
        select *, state is distinct from lag(state) over runs_so_far as changes
        from process_run where known_us <= epoch_us(as_of::timestamptz)
        window runs_so_far as (partition by process_no order by slot_us)
    ), newest as (
        select process_no, arg_max(known, slot_us) as run, max(known_us) as known_us,
               max(last_us) as last_us,
               max(last_us) filter (coalesce(not bad, failed < checks)) as good_us,
               max(slot_us) filter (changes) as since_us,
               arg_max(failed, slot_us) filter (not missing) as failed,
               arg_max(checks, slot_us) filter (not missing) as checks, count(*) as runs
        from known group by process_no
    ), told as (
        select process.*, groups.every_us, groups.stale_after, groups.window_runs,
               groups.window_bad, groups.window_back, groups.note, newest.* exclude (process_no),
               in_days(epoch_us(as_of::timestamptz) - newest.known_us) as age_days,
               if(count(*) over (partition by process_group) = 1, group_name, process)
                   as process_name
        from process join process_group as groups using (process_group)
        left join newest using (process_no)
    )
    select *, case when runs is null then 'no data' when age_days > stale_after then 'stale'
                   when red is null then 'no target' when runs < window_runs then 'too few'
                   else '' end as unjudged,
           day_said(make_timestamptz(known_us)) as known_day,
           format('{:,} of {:,} checks failed in the run of {} ({:.0f}%)', failed, checks,
                  strftime(make_timestamptz(last_us),
                           if(every_us >= days_us(1), '%-d %B %Y', '%-d %B %Y, %H:%M UTC')),
                  100.0 * failed / checks) as last_run_said
    from told;

create macro process_target_at(as_of) as table
    with measured as (
        select now.*, target.measure, now.failed / now.checks as value, target.reason, target.owner,
               target.set_on, if(unjudged = '', run.state, 'unknown') as verdict,
               run.missing_runs as missed,
               if(run.state = 'amber', run.doubtful_runs, run.bad_runs) as over
        from process_now(as_of) as now join process_target as target using (process_group)
        where target.measure = 'failing'
    ), ruled as (
        select *, case
            when over = 0 then format('none of the last {} runs was over it', window_runs)
            when missed = 0 then format('{} of the last {} runs {} over it', over, window_runs,
                                         for_count(over, 'was', 'were'))
            when missed = over
            then format('{} of the last {} runs did not take place', over, window_runs)
            else format('{} of the last {} runs {} over it and {} did not take place',
                        over - missed, window_runs, for_count(over - missed, 'was', 'were'),
                        missed) end
            -- Red stays until few are left, so it can outlast what turned it red.
            || if(verdict = 'red' and over < window_bad,
                  format('; it turns back at {}', window_back), '') as rule
        from measured
    )
    select *, case
        when unjudged = 'no data' then 'nothing has been told of it yet'
        when unjudged = 'stale' then format('nothing is known of it after {}', known_day)
        when unjudged = 'too few'
        then format('{}; {} so far, {} are needed', last_run_said, counted(runs, 'run'),
                    window_runs)
        -- Red or to watch though the newest run is within it: what made it so comes first.
        when verdict in ('red', 'amber') and value <= if(verdict = 'amber', amber, red)
        then format('{}; {}, within the limit of {}%{}', rule, last_run_said,
                    limit_number(100 * if(verdict = 'amber', amber, red)),
                    if(verdict = 'amber', ' to watch', ''))
        else format('{}, limit {}%{}; {}', last_run_said,
                    limit_number(100 * if(verdict = 'amber', amber, red)),
                    if(verdict = 'amber', ' to watch', ''), rule) end as said
    from ruled;
