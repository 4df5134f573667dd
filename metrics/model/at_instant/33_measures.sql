-- What goals, promises and alerts are held to, each with its reason where there is none: of the
-- lines and their stages, of the processes, and of both, which is the figure measure.
create macro flow_measure_at(as_of) as table
    with line as (
        select stream, sum(wip) as wip, any_value(day_word) as day_word, any_value(began_at)
                   - to_microseconds(1) as before_at, min(newest_at) as newest_at,
               min(least(newest_at, as_of::timestamptz)) as until_at,
               case when count(newest_at) < count(*) then 'no data'
                    when bool_or(unseen in ('stale', 'source stale')) then 'stale' else '' end
                   as unseen
        from stage_seen_at(as_of) group by stream
    ), flow as (
        select line.stream, count(*) filter (what = 'delivered') as delivered,
               count(*) filter (what = 'arrived') as arrivals
        from line join (
            select stream, entered_at, 'arrived' as what from stage_stay
            where stay_no = 1 and not at_least and not bulk
            union all
            select stream, entered_at, 'delivered' from stage_stay
            where place = 'done' and not at_least and not bulk
              and coalesce(left_at > as_of::timestamptz, true)
        ) as happened on happened.stream = line.stream and entered_at <= until_at
            and entered_at > until_at - to_days(91)
        group by line.stream
    ), told as (
        select 'stage' as kind, stream, stage, told.stage_no, stage_name as name, measure,
               day_word, wip,
               unseen, newest_at, newest_at as until_at, is_held_since,
               is_held_always, oldest_at_least, value, typical_days, coalesce(placed, 0) as placed,
               false as is_short
        from stage_measure_at(as_of) as told join stage using (stream, stage)
        where has_wait or measure <> 'queue'  -- that nothing waits is not recorded, and not 0
        union all
        select 'line', stream, '', 0, stream.name, measure, day_word, wip, unseen, newest_at,
               timezone(time_zone, until_at), false, false, false,
               case measure when 'wip' then wip when 'delivered' then coalesce(delivered, 0)
                    when 'arrivals' then coalesce(arrivals, 0)
                    else in_days(coalesce(typical_us, longest_us)) end, in_days(typical_us),
               coalesce(placed, 0), until_at - to_days(91) < before_at
        from line join stream using (stream) left join flow using (stream)
        left join (from typical_at(as_of) where stage = '') using (stream),
            unnest(['wip', 'delivered', 'arrivals', 'typical']) as part(measure)
    ), judged as (
        select *, measure_why(measure, unseen, placed, typical_days, is_short) as why from told
    )
    select kind, stream, stage, '' as process_group, '' as process, name, measure,
           case when measure = 'idle' then 'days' when measure in ('oldest', 'typical')
                then day_word else 'items' end as unit, if(why = '', value, null) as value,
           case when unseen <> '' then null when measure = 'typical' then placed
                when kind = 'line' and measure <> 'wip' then value else wip end::bigint
               as items, why,
           measure_said(kind, measure, why, value, day_word, wip, newest_at, until_at,
                        is_held_since, is_held_always, oldest_at_least) as said,
           stage_no as place_no
    from judged;

create macro process_measure_at(as_of) as table
    select 'process' as kind, '' as stream, '' as stage, process_group, process,
           process_name as name, 'failing' as measure, 'share' as unit,
           if(unjudged in ('no data', 'stale'), null, failed / checks) as value,
           if(unjudged in ('no data', 'stale'), null, checks) as items,
           if(unjudged in ('no data', 'stale'), unjudged, '') as why,
           case unjudged when 'no data' then 'nothing has been told of it yet'
                when 'stale' then format('nothing is known of it after {}', known_day)
                else last_run_said end as said, group_no as place_no
    from process_now(as_of);

create macro measure_at(as_of) as table
    from flow_measure_at(as_of) union all from process_measure_at(as_of);
