-- Why a measure has no value, and what a phrase says of it.
create macro measure_why(measure, unseen, placed, typical_days, is_short) as case
    when unseen = 'source stale' then 'stale' when unseen <> '' then unseen
    when measure = 'typical' and not enough_for(placed, 0.5) then 'too few'
    when measure = 'typical' and typical_days is null then 'not reached'
    when measure in ('delivered', 'arrivals') and is_short then 'too short' else '' end;

-- Nothing moved on for so long: since something did, since the stage last came to hold any, or
-- since the data begins.
create macro idle_said(told, is_held_since, is_held_always) as
    case when is_held_always
         then 'nothing has moved on in ' || told_days(told, 'days') || ' of data'
         when is_held_since
         then 'nothing has moved on in ' || told_days(told, 'days') || ' with work in it'
         else 'nothing has moved on for ' || told_days(told, 'days') end;

create macro measure_said(kind, measure, why, value, day_word, wip, newest_at, until_at,
                          is_held_since, is_held_always, oldest_at_least) as case
    when why = 'no data'
    then if(kind = 'line', 'no data for one of its stages yet', 'no data for this stage yet')
    when why = 'removed' then 'its statuses were removed from the process'
    when why = 'stale' then format('{} ends {}: too old to judge',
        if(kind = 'line', 'a source of the line', 'the data'), day_said(newest_at))
    when why = 'too few' then 'too few for a typical time'
    when why = 'too short' then 'the data begins less than 13 weeks before'
    when why = 'not reached' then format('fewer than half {} within {}, {}',
        if(kind = 'line', 'are delivered', 'move on'), told_days(days_said(value), day_word),
        longest_said())
    when measure in ('oldest', 'idle') and wip = 0 then 'nothing in it'
    when measure = 'queue' then format('{:,.0f} waiting', value)
    when measure = 'wip' then format('{:,.0f} in the {}', value, kind)
    when measure = 'oldest' and oldest_at_least
    then 'oldest at least ' || told_days(days_said(told_down(value)), day_word)
    when measure = 'oldest' then 'oldest ' || told_days(days_said(value), day_word)
    when measure = 'idle' then idle_said(days_said(value), is_held_since, is_held_always)
    when measure = 'typical' then format('half {} within {}',
        if(kind = 'line', 'are delivered', 'move on'), told_days(days_said(value), day_word))
    else format('{:,.0f} {} in the 13 weeks to {}', value,
                if(measure = 'delivered', 'delivered', 'arrived'), day_said(until_at)) end;
