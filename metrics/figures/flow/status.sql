-- Status: each stage's colour, word and the sentence that decided it, from the targets in stages.yaml; grey where there is no target, too little to go on, or the data is stale or missing; stale is never green.
create macro status(as_of) as table
    with measured as (
        select n.*, t.measure, t.red, t.amber, y.typical_us / 86400e6 as typical_days, y.longest_us / 86400e6 as longest_days,
               case t.measure when 'queue' then waiting when 'wip' then wip
                    when 'oldest' then if(wip = 0, 0, oldest_days) when 'idle' then if(wip = 0, 0, idle_days)
                    when 'typical' then case when y.spells < 5 then null
                         else coalesce(y.typical_us, y.longest_us) / 86400e6 end end as value
        from stage_now(as_of) n left join target t using (stream, stage)
        left join typical_at(as_of) y on y.stream = n.stream and y.stage = n.stage
    ), judged as (
        select *, case when measure is null then 'none' when value is null then 'unknown'
                       when value > red then 'red' when value > amber then 'amber'
                       when measure = 'typical' and typical_days is null then 'unknown'
                       else 'green' end as verdict,
               case measure when 'queue' then format('{:,} waiting, target {:,.0f}', waiting, red)
                    when 'wip' then format('{:,} in the stage, target {:,.0f}', wip, red)
                    when 'oldest' then if(wip = 0, 'nothing in it',
                         format('oldest {}{:,.0f} days, target {:,.0f}',
                                if(oldest_at_least, 'at least ', ''), oldest_days, red))
                    when 'idle' then if(wip = 0, 'nothing in it', if(last_left_at is null,
                         format('nothing has left it in {:,.0f} days of data, limit {:,.0f}', idle_days, red),
                         format('nothing has left it for {:,.0f} days, limit {:,.0f}', idle_days, red)))
                    when 'typical' then case when value is null then 'too few for a typical time'
                         when typical_days is null then format('half have not moved on within {:,.0f} days, target {:,.0f}', value, red)
                         else format('half move on within {:,.0f} days, target {:,.0f}', value, red) end
               end as said
        from measured
    ), decided as (
        select stream, stage, stage_no, stage_name, any_value(wip) as wip, any_value(last_left_at) as last_left_at,
               case when count(*) filter (verdict = 'red') > 0 then 'red' when count(*) filter (verdict = 'amber') > 0 then 'amber'
                    when count(*) filter (verdict = 'none') > 0 then 'none'
                    when count(*) filter (verdict = 'unknown') > 0 then 'unknown' else 'green' end as verdict,
               string_agg(said, '; ' order by measure) filter (verdict = 'red') as reds,
               string_agg(said, '; ' order by measure) filter (verdict = 'amber') as ambers,
               string_agg(said, '; ' order by measure) filter (verdict = 'unknown') as unknowns,
               string_agg(distinct said, '; ' order by said) filter (verdict = 'green') as greens
        from judged group by all
    ), removed as (
        select stream, stage, max(until) as removed_on
        from status_map where part in ('queue', 'paused', 'work') group by all
        having count(*) = count(until) and max(until) <= as_of::timestamptz::date
    ), dated as (
        select d.*, r.removed_on, e.source, strftime(e.newest_at, '%-d %B %Y') as newest,
               e.age_days, e.newest_at is null as is_missing, e.age_days > e.stale_after as is_stale
        from decided d join evidence_at(as_of) e using (stream, stage)
        left join removed r using (stream, stage)
    )
    select stream, stage, stage_no, stage_name,
           case when is_missing or is_stale or removed_on is not null and wip = 0 or verdict in ('none', 'unknown') then 'grey' else verdict end as colour,
           case when is_missing then 'Not measured' when is_stale then if(source = '', 'Stale', 'Not measured')
                when removed_on is not null and wip = 0 then 'Not measured'
                when verdict = 'none' then 'No target' when verdict = 'unknown' then 'Too few'
                when verdict = 'red' then 'Stuck' when verdict = 'amber' then 'Watch' else 'On target' end as word,
           case when is_missing then 'No data for this stage yet.'
                when is_stale and source <> '' then format('{} ends {}, {:,.0f} days before this day: what happened in this stage since then is not known. {:,} items have not been seen to leave it.', source, newest, age_days, wip)
                when is_stale then format('The data ends {}, {:,.0f} days before this day: too old to judge.', newest, age_days)
                when removed_on is not null and wip = 0 then format('Its statuses were removed from the process on {}: nothing can be seen in it any more.', strftime(removed_on, '%-d %B %Y'))
                when verdict = 'none' then format('{:,} in the stage; no target set in stages.yaml.', wip)
                when verdict = 'unknown' then unknowns || coalesce('; ' || greens, '') || '.'
                when verdict = 'red' then reds || '.' when verdict = 'amber' then ambers || '.' else greens || '.' end as sentence,
           if(wip > 0, last_left_at::date, null) as since
    from dated order by stream, stage_no;
