-- Typical time: the age by which half have moved on, with the counts it must not be read without.
create macro reached_of(whose, as_of) as table
    select stream, stage, process_no, min(age_us) filter (is_half(moved_on)) as typical_us
    from survival_of(whose, as_of) group by all;

create macro counted_of(whose, as_of) as table
    with counted as (
        select stream, stage, process_no, count(*) as spells,
               count(*) filter (exit = 'on') as finished,
               count(*) filter (is_back) as went_back,
               quantile_disc(spell_us, 0.5) filter (exit = 'on') as median_us,
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
    select * exclude (median_us), if(enough_for(finished, 0.5), median_us, null)
               as finished_median_us
    from counted;

-- Of the stages and lines it is worked out once at an instant; a process has few failures.
create macro reached_at(as_of) as table from reached_of('stages', as_of);
create macro typical_at(as_of) as table
    select counted.*, if(enough_for(counted.placed, 0.5), reached.typical_us, null) as typical_us
    from counted_of('stages', as_of) as counted
    left join reached_at(as_of) as reached using (stream, stage, process_no);
create macro typical_of_processes_at(as_of) as table
    select counted.*, if(enough_for(counted.placed, 0.5), reached.typical_us, null) as typical_us
    from counted_of('processes', as_of) as counted
    left join reached_of('processes', as_of) as reached using (stream, stage, process_no);
