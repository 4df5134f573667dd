-- Percentile: of the finished stays in each stage (stage '' is the whole line, entry to delivery), the 50th, 70th, 85th and 95th percentile of the lead time (nearest rank), given from 5, 8, 15 and 45 stays on; finished work only, so never to be read without those still in.
-- at_least: those that ended and were there before the data begins
create macro percentile(as_of) as table
    with ranked as (
        select stream, stage, count(*) filter (exit = 'on') as finished,
               count(*) filter (exit is null) as open,
               count(*) filter (exit = 'on' and at_least) as at_least,
               median(spell_us) filter (exit is null) as open_median_us,
               median_at_least(if(exit is null, spell_us, null), at_least)
                   as open_median_at_least,
               quantile_disc(spell_us, [0.5, 0.7, 0.85, 0.95]) filter (exit = 'on') as ages
        from spell_at(as_of) group by all
    )
    select ranked.stream, ranked.stage, coalesce(stage.stage_no, 0) as stage_no,
           part_name(stage.name) as stage_name, finished, at_least, open,
           in_days(open_median_us) as open_median_age_days, open_median_at_least,
           in_days(if(enough_for(finished, 0.5), ages[1], null)) as p50_days,
           in_days(if(enough_for(finished, 0.7), ages[2], null)) as p70_days,
           in_days(if(enough_for(finished, 0.85), ages[3], null)) as p85_days,
           in_days(if(enough_for(finished, 0.95), ages[4], null)) as p95_days
    from ranked left join stage on stage.stream = ranked.stream and stage.stage = ranked.stage
    order by ranked.stream, stage_no;
