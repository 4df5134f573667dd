-- Kaplan-Meier with a competing exit (Aalen-Johansen): share of entered items that have moved on
-- by each age. Open spells are censored, spells known late enter at their known age.
-- stage '' is the whole stream: first entry to last delivered entry.
create macro spell_at(as_of) as table
    select stream, stage, stage_no, item, entered_at, entered_us as start_us, lead_us as spell_us,
           known_age_us, at_least, case when exit in ('on', 'back') then 'on' else exit end as exit, left_in_bulk
    from stay_at(as_of)
    union all
    select stream, '', 0, item, first_entered_at, first_us,
           if(part in ('done', 'left'), entered_us, now_us) - first_us, known_age_us, at_least,
           case part when 'done' then 'on' when 'left' then 'left' end, part in ('done', 'left') and bulk
    from item_at(as_of) where not (part in ('done', 'left') and visit_no = 1 and visit_at_least);

create macro survival_at(as_of) as table
    with spell as (select *, least(known_age_us, spell_us) as late_us from spell_at(as_of)),
    change as (
        select stream, stage, spell_us as age_us, count(*) filter (exit = 'on') as moved,
               count(*) filter (exit is not null) as gone, count(*) as ended, 0 as entered
        from spell group by all
        union all
        select stream, stage, late_us, 0, 0, 0, count(*) from spell group by all
    ), daily as (
        select stream, stage, age_us, sum(moved) as moved, sum(gone) as gone,
               sum(ended) as ended, sum(entered) as entered from change group by all
    ), risk as (
        -- at risk at an age: entered before it (or at zero) and not ended before it
        select *, coalesce(sum(entered) over before, 0) + if(age_us = 0, entered, 0)
                  - coalesce(sum(ended) over before, 0) as at_risk
        from daily window before as (partition by stream, stage order by age_us
                                     rows between unbounded preceding and 1 preceding)
    ), staying as (
        select *, product(if(gone > 0, 1 - gone / at_risk, 1)) over (
            partition by stream, stage order by age_us) as staying
        from risk where at_risk > 0
    ), before as (
        select *, coalesce(lag(staying) over (partition by stream, stage order by age_us), 1) as was
        from staying
    )
    select stream, stage, age_us, at_risk, moved, gone, staying,
           sum(was * moved / at_risk) over (partition by stream, stage order by age_us) as moved_on
    from before;

create macro typical_at(as_of) as table
    with reached as (
        select stream, stage, min(age_us) filter (moved_on >= 0.5 - 1e-12) as typical_us
        from survival_at(as_of) group by all
    ), counted as (
        select stream, stage, count(*) as spells, count(*) filter (exit = 'on') as finished,
               list_sort(list(spell_us) filter (exit = 'on')) as finished_us,
               count(*) filter (exit is null) as open,
               median(spell_us) filter (exit is null) as open_median_us,
               count(*) filter (exit = 'left') as abandoned, count(*) filter (at_least) as at_least,
               count(*) filter (exit = 'on' and spell_us < 86400000000) as one_sitting,
               max(spell_us) as longest_us
        from spell_at(as_of) group by all
    )
    select c.*, if(c.spells >= 5, r.typical_us, null) as typical_us,
           if(c.finished >= 5, c.finished_us[ceil(c.finished / 2.0)::bigint], null) as finished_median_us
    from counted c left join reached r using (stream, stage);
