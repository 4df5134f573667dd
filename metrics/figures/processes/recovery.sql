-- Recovery: how long failing subjects take to recover, from the first failed check to the next good one: the age by which half have (Kaplan-Meier median; those still failing are counted, those no longer looked at are a competing exit), beside the median of the recovered only.
create macro recovery(as_of) as table
    with spell as (
        select s.process_no, case when s.until_us <= epoch_us(as_of::timestamptz) then 'recovered'
                    when a.subject_no is null then 'given up' end as exit,
               case when s.until_us <= epoch_us(as_of::timestamptz) then s.until_us
                    when a.subject_no is null then least(s.last_us, epoch_us(as_of::timestamptz))
                    else epoch_us(as_of::timestamptz) end - s.first_us as spell_us
        from check_spell s left join subject_at(as_of) a using (subject_no)
        where not s.ok and s.first_us <= epoch_us(as_of::timestamptz)
    ), change as (
        select process_no, spell_us, count(*) as ended, count(*) filter (exit = 'recovered') as moved,
               count(exit) as gone
        from spell group by all
    ), risk as (
        select *, sum(ended) over (partition by process_no order by spell_us desc) as at_risk from change
    ), staying as (
        select *, coalesce(product(1 - gone / at_risk) over (partition by process_no order by spell_us
                           rows between unbounded preceding and 1 preceding), 1) as was
        from risk
    ), reached as (
        select *, sum(was * moved / at_risk) over (partition by process_no order by spell_us) as recovered
        from staying
    ), typical as (
        select process_no, min(spell_us) filter (recovered >= 0.5 - 1e-12) as typical_us from reached group by all
    ), counted as (
        select process_no, count(*) as failures, count(*) filter (exit = 'recovered') as recovered,
               quantile_disc(spell_us, 0.5) filter (exit = 'recovered') as recovered_us,
               count(*) filter (exit is null) as failing, median(spell_us) filter (exit is null) as failing_us,
               count(*) filter (exit = 'given up') as given_up
        from spell group by all
    )
    select p.process_group, p.process, failures, recovered,
           if(recovered < 5, null, recovered_us / 86400e6) as recovered_median_days, failing,
           failing_us / 86400e6 as failing_median_days, given_up,
           if(failures < 5, null, typical_us / 86400e6) as typical_days,
           case when failures < 5 then 'too few' when typical_us is null then 'not reached' else '' end as typical_word
    from counted join typical using (process_no) join process p using (process_no) order by p.group_no, p.process;
