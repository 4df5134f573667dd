-- Typical time: the age by which half have moved on, with the counts it must not be read without.
create macro typical_of(whose, as_of) as table
    with reached as (
        select stream, stage, process_no, min(age_us) filter (is_half(moved_on)) as typical_us
        from survival_of(whose, as_of) group by all
    ), counted as (
        select stream, stage, process_no, count(*) as spells,
               count(*) filter (exit = 'on') as finished,
               list_sort(list(spell_us) filter (exit = 'on')) as finished_us,
               count(*) filter (exit is null) as open,
               median(spell_us) filter (exit is null) as open_median_us,
               median_at_least(if(exit is null, spell_us, null), at_least)
                   as open_median_at_least,
               count(*) filter (exit = 'left') as abandoned,
               count(*) filter (not placed) as at_least,
               count(*) filter (not placed and late_us > 0) as over_before,
               count(*) filter (exit = 'on' and spell_us < days_us(1)) as one_sitting,
               count(*) filter (placed) as placed,
               max(spell_us) filter (placed) as longest_us
        from spell_of(whose, as_of) group by all
    )
    select counted.*, if(enough_for(counted.placed, 0.5), reached.typical_us, null) as typical_us,
           percentile_of(counted.finished_us, 0.5) as finished_median_us
    from counted left join reached using (stream, stage, process_no);
