-- What each stage is held to. stage_seen_at: the stages, and why nothing can be judged in one:
-- no data, stale (all data, or that of its own source) or removed from the process.
create macro stage_seen_at(as_of) as table
    with removed as (
        select stream, stage, max(until) as removed_on from status_map where in_stage(part)
        group by all having count(*) = count(until) and max(until) <= as_of::timestamptz::date
    )
    select now.*, known.source, known.newest_at, known.age_days, known.changed_at, known.is_same,
           removed.removed_on,
           case when known.newest_at is null then 'no data'
                when known.age_days > known.stale_after
                then if(known.source = '', 'stale', 'source stale')
                when removed.removed_on is not null and now.wip = 0 then 'removed'
                else '' end as unseen
    from stage_now(as_of) as now join evidence_at(as_of) as known using (stream, stage)
    left join removed using (stream, stage);

-- A target of a whole stream (stage '') would need its row in stage_seen_at; all else is ready.
create macro stage_target_at(as_of) as table
    with measured as (
        select seen.*, target.measure, target.amber, target.red, target.reason, target.owner,
               target.set_on, in_days(typical.typical_us) as typical_days,
               case target.measure
                    when 'queue' then waiting when 'wip' then wip
                    when 'oldest' then if(wip = 0, 0, oldest_days)
                    when 'idle' then if(wip = 0, 0, idle_days)
                    -- Half not having moved on yet, the typical time is at least the longest stay.
                    when 'typical' then if(enough_for(typical.spells, 0.5), in_days(
                         coalesce(typical.typical_us, typical.longest_us)), null) end as value
        from target join stage_seen_at(as_of) as seen using (stream, stage)
        left join typical_of('stages', as_of) as typical
            on typical.stream = seen.stream and typical.stage = seen.stage
    ), judged as (
        select *, case when unseen <> '' or value is null then 'unknown'
                       when value > red then 'red' when value > amber then 'amber'
                       when measure = 'typical' and typical_days is null then 'unknown'
                       else 'green' end as verdict
        from measured
    )
    select *, case
        when unseen = 'no data' then 'no data for this stage yet'
        when unseen = 'removed' then 'its statuses were removed from the process'
        when unseen <> '' then format('the data ends {}: too old to judge', day_said(newest_at))
        when measure in ('oldest', 'idle') and wip = 0 then 'nothing in it'
        when measure = 'queue' then format('{:,} waiting, target {:,.0f}', waiting, red)
        when measure = 'wip' then format('{:,} in the stage, target {:,.0f}', wip, red)
        when measure = 'oldest' then format('oldest {}{:,.0f} days, target {:,.0f}',
            if(oldest_at_least, 'at least ', ''), oldest_days, red)
        when measure = 'idle' and last_left_at is null
        then format('nothing has left it in {:,.0f} days of data, limit {:,.0f}', idle_days, red)
        when measure = 'idle'
        then format('nothing has left it for {:,.0f} days, limit {:,.0f}', idle_days, red)
        when value is null then 'too few for a typical time'
        when typical_days is null
        then format('half have not moved on within {:,.0f} days, target {:,.0f}', value, red)
        else format('half move on within {:,.0f} days, target {:,.0f}', value, red) end as said
    from judged;
