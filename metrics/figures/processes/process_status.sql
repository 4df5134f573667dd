-- Process status: each process's colour, word and the sentence that decided it: red once so many of its last runs had more failing checks than its target or did not take place, and until few have; grey where there is no target, too few runs or no data, or where nothing is known of it for too long.
create macro process_status(as_of) as table
    with known as (
        select *, state is distinct from lag(state) over (partition by process_no order by slot_us) as changes
        from process_run where known_us <= epoch_us(as_of::timestamptz)
    ), newest as (
        select process_no, arg_max(k, slot_us) as run, max(known_us) as known_us, max(last_us) as last_us,
               max(last_us) filter (coalesce(not bad, failed < checks)) as good_us,
               max(slot_us) filter (changes) as since_us, arg_max(failed, slot_us) filter (not missing) as failed,
               arg_max(checks, slot_us) filter (not missing) as checks, count(*) as runs
        from known k group by process_no
    ), told as (
        select p.*, g.stale_after, g.window_runs, g.window_bad, g.window_back, g.note, n.* exclude (process_no),
               run.state = 'amber' as is_amber, run.missing_runs as missed,
               if(run.state = 'amber', run.doubtful_runs, run.bad_runs) as over,
               (epoch_us(as_of::timestamptz) - n.known_us) / 86400e6 as age_days,
               strftime(make_timestamptz(n.known_us), '%-d %B %Y') as known_day,
               format('{:,} of {:,} checks failed in the run of {} ({:.0f}%)', n.failed, n.checks,
                      strftime(make_timestamptz(n.last_us), if(g.every_us >= 86400000000, '%-d %B %Y', '%-d %B %Y, %H:%M UTC')), 100.0 * n.failed / n.checks) as said
        from process p join process_group g using (process_group) left join newest n using (process_no)
    ), judged as (
        select *, case when runs is null then 'No data' when age_days > stale_after then 'Stale'
                       when red is null then 'No target' when runs < window_runs then 'Too few'
                       when run.state = 'red' then if(missed >= window_bad, 'Not running', 'Failing')
                       when is_amber then 'Watch' else 'Healthy' end as word,
               case when over = 0 then format('none of the last {} runs was over it', window_runs)
                    when missed = 0 then format('{} of the last {} runs were over it', over, window_runs)
                    when missed = over then format('{} of the last {} runs did not take place', over, window_runs)
                    else format('{} of the last {} runs were over it and {} did not take place',
                                over - missed, window_runs, missed) end
               || if(run.state = 'red' and over < window_bad, format('; it turns back at {}', window_back), '') as rule
        from told
    )
    select process_group, group_name, group_no, process, if(count(*) over (partition by process_group) = 1, group_name, process) as process_name,
           if(word in ('No data', 'Stale', 'No target', 'Too few'), 'grey', run.state) as colour, word,
           case word when 'No data' then if(note = '', 'Nothing has been told of it yet.', note)
                when 'Stale' then format('Nothing is known of it after {}, {} before this moment: too old to judge.', known_day,
                    if(age_days < 2, format('{:.0f} hours', age_days * 24), format('{:,.0f} days', age_days)))
                when 'No target' then said || '; no target set in stages.yaml.'
                when 'Too few' then format('{}; {} runs so far, {} are needed.', said, runs, window_runs)
                else format('{}, limit {:.0f}%{}; {}.{}', said, 100 * if(is_amber, amber, red),
                            if(is_amber, ' to watch', ''), rule,
                            if(run.turns >= 6, format(' Flapping: good and bad took turns {} times in the last 20 runs.', run.turns), '')) end as sentence,
           make_timestamptz(since_us) as since, make_timestamptz(last_us) as last_run_at,
           make_timestamptz(good_us) as last_good_at, (epoch_us(as_of::timestamptz) - good_us) / 86400e6 as good_days,
           checks, failed, runs, run.bad_runs, missed as missing_runs, coalesce(run.turns >= 6, false) as flapping, age_days
    from judged order by group_no, process;
