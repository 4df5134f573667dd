-- Kaplan-Meier with a competing exit (Aalen-Johansen): the share of spells that have moved on by
-- each age. Open spells are censored; spells known late enter at their known age.
-- spell_at: the stays in a stage, and (stage '') in the whole stream, from first entry to last
-- delivered entry. failure_at: from a subject's first failed check to its next good one.
create macro spell_at(as_of) as table
    select stream, stage, stage_no, item_no, entered_at, entered_us as start_us,
           lead_us as spell_us, known_age_us, at_least, if(exit = 'back', 'on', exit) as exit,
           exit = 'back' as is_back, left_in_bulk
    from stay_at(as_of)
    union all
    select spell.stream, '', 0, item_no, first_at, first_us,
           if(place in ('done', 'left'), entered_us, now_us) - first_us, first_known_age_us,
           first_at_least, case place when 'done' then 'on' when 'left' then 'left' end, false,
           bulk
    from spell join clock_of(as_of) using (stream)
    where entered_at <= as_of::timestamptz and coalesce(left_at > as_of::timestamptz, true);

create macro failure_at(as_of) as table
    -- Recovered is moving on; no longer looked at is giving up, and ends with the last check.
    select spell.process_no, case when spell.until_us <= epoch_us(as_of::timestamptz) then 'on'
                                  when looked.subject_no is null then 'left' end as exit,
           case when spell.until_us <= epoch_us(as_of::timestamptz) then spell.until_us
                when looked.subject_no is null
                then least(spell.last_us, epoch_us(as_of::timestamptz))
                else epoch_us(as_of::timestamptz) end - spell.first_us as spell_us
    from check_spell as spell left join subject_at(as_of) as looked using (subject_no)
    where not spell.ok and spell.first_us <= epoch_us(as_of::timestamptz);

-- whose: 'stages' or 'processes'. It is a constant in every call, so the other half costs nothing.
-- Those that are not placed are counted beside the curve.
create macro spell_of(whose, as_of) as table
    select stream, stage, 0 as process_no, spell_us, least(known_age_us, spell_us) as late_us,
           is_placed(at_least, known_age_us, spell_us) as placed, at_least, exit, is_back
    from spell_at(as_of) where whose = 'stages'
    union all
    select '', '', process_no, spell_us, 0, true, false, exit, false
    from failure_at(as_of) where whose = 'processes';

create macro survival_of(whose, as_of) as table
    with change as (
        -- Each spell comes at the age at which it is first known, and goes at its end.
        select stream, stage, process_no, unnest([late_us, spell_us]) as age_us,
               unnest([null, exit]) as exit, unnest([1, 0]) as comes
        from spell_of(whose, as_of) where placed
    ), daily as (
        select stream, stage, process_no, age_us, count(*) filter (exit = 'on') as moved,
               count(exit) as gone, count(*) - sum(comes) as ended, sum(comes) as entered
        from change group by all
    ), risk as (
        -- at risk at an age: entered before it (or at zero) and not ended before it
        select *, coalesce(sum(entered) over before, 0) + if(age_us = 0, entered, 0)
                  - coalesce(sum(ended) over before, 0) as at_risk
        from daily window before as (partition by stream, stage, process_no order by age_us
                                     rows between unbounded preceding and 1 preceding)
    ), staying as (
        select *, product(if(gone > 0, 1 - gone / at_risk, 1)) over ages as staying
        from risk where at_risk > 0
        window ages as (partition by stream, stage, process_no order by age_us)
    ), before as (
        select *, coalesce(lag(staying) over ages, 1) as was from staying
        window ages as (partition by stream, stage, process_no order by age_us)
    )
    select stream, stage, process_no, age_us, at_risk, moved, gone, staying,
           sum(was * moved / at_risk) over ages as moved_on
    from before window ages as (partition by stream, stage, process_no order by age_us);
