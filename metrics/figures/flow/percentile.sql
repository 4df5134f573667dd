-- Percentile: of the finished stays in each stage (stage '' is the whole line, entry to delivery), the 50th, 70th, 85th and 95th percentile of the lead time (nearest rank), given from 5, 8, 15 and 45 stays on; finished work only, so never to be read without those still in.
create macro percentile(as_of) as table
    with ranked as (
        select stream, stage, count(*) filter (exit = 'on') as finished, count(*) filter (exit is null) as open,
               count(*) filter (exit = 'on' and at_least) as at_least,
               median(spell_us) filter (exit is null) as open_median_us,
               list_sort(list(spell_us) filter (exit = 'on')) as us
        from spell_at(as_of) group by all
    )
    select r.stream, r.stage, coalesce(g.stage_no, 0) as stage_no, coalesce(g.name, 'Whole line') as stage_name,
           finished, at_least, open, open_median_us / 86400e6 as open_median_age_days,
           if(finished >= 5, us[ceil(0.50 * finished)::bigint], null) / 86400e6 as p50_days,
           if(finished >= 8, us[ceil(0.70 * finished)::bigint], null) / 86400e6 as p70_days,
           if(finished >= 15, us[ceil(0.85 * finished)::bigint], null) / 86400e6 as p85_days,
           if(finished >= 45, us[ceil(0.95 * finished)::bigint], null) / 86400e6 as p95_days
    from ranked r left join stage g on g.stream = r.stream and g.stage = r.stage
    order by r.stream, stage_no;
