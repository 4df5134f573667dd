-- What each stage is held to. stage_measure_at: the value of each measure of each stage, as far as
-- the data goes; where there is a target it is the value held to it.
create macro stage_measure_at(as_of) as table
    select seen.*, measure, typical.placed, in_days(typical.typical_us) as typical_days,
           case measure
               when 'queue' then waiting when 'wip' then wip
               when 'oldest' then if(wip = 0, 0, oldest_days)
               when 'idle' then if(wip = 0, 0, idle_days)
               -- Half not having moved on yet, the typical time is at least the longest stay.
               else if(enough_for(typical.placed, 0.5),
                       in_days(coalesce(typical.typical_us, typical.longest_us)), null)
           end as value
    from stage_seen_at(as_of) as seen
    left join typical_at(as_of) as typical
        on typical.stream = seen.stream and typical.stage = seen.stage,
        unnest(['queue', 'wip', 'oldest', 'idle', 'typical']) as told(measure);

-- stage_target_at: a row for each target of each stage; one of no measure where it has none.
-- A target of a whole stream (stage '') would need its row in stage_seen_at; all else is ready.
create macro stage_target_at(as_of) as table
    with measured as (
        select seen.*, target.measure, target.amber, target.red, target.reason, target.owner,
               target.set_on, held.typical_days, held.value
        from stage_seen_at(as_of) as seen left join target using (stream, stage)
        left join stage_measure_at(as_of) as held on held.stream = seen.stream
            and held.stage = seen.stage and held.measure = target.measure
    ), judged as (
        select *, case when unseen <> '' or value is null then 'unknown'
                       when value > red then 'red' when value > amber then 'amber'
                       when measure = 'typical' and typical_days is null then 'unknown'
                       -- Who was there before the data begins may be older than any limit.
                       when measure = 'oldest' and oldest_at_least and wip > 0 then 'unknown'
                       else 'green' end as verdict
        from measured
    ), beside as (
        select *, if(verdict = 'red', red, coalesce(amber, red)) as limit_told from judged
    ), worded as (
        select *, if(measure = 'oldest' and oldest_at_least, least_beside(value, limit_told),
                     number_beside(value, limit_told)) as told,
               format('{} {}{}', if(measure = 'idle', 'limit', 'target'), limit_number(red),
                      if(verdict = 'amber', ', watch above ' || limit_number(amber), '')) as held_to
        from beside
    )
    select * exclude (limit_told), case
        when unseen = 'no data' then 'no data for this stage yet'
        when unseen = 'removed' then 'its statuses were removed from the process'
        when unseen <> '' then format('the data ends {}: too old to judge', day_said(newest_at))
        when measure in ('oldest', 'idle') and wip = 0 then 'nothing in it'
        when measure = 'queue' then format('{:,} waiting, {}', waiting, held_to)
        when measure = 'wip' then format('{:,} in the stage, {}', wip, held_to)
        when measure = 'oldest' then format('oldest {}{}, {}',
            if(oldest_at_least, 'at least ', ''), told_days(told, day_word), held_to)
            || if(verdict = 'unknown', ', and since when is not known', '')
        when measure = 'idle'
        then format('{}, {}', idle_said(told, is_held_since, is_held_always), held_to)
        when value is null then 'too few for a typical time'
        when typical_days is null
        then format('fewer than half move on within {}, {}, {}', told_days(told, day_word),
                    longest_said(), held_to)
        else format('half move on within {}, {}', told_days(told, day_word), held_to) end as said
    from worded;
