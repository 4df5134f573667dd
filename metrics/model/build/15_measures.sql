-- Why a measure has no value, and what a phrase says of it.
create macro measure_why(measure, unseen, placed, typical_days, is_short) as case
    when unseen = 'source stale' then 'stale' when unseen <> '' then unseen
    when measure = 'typical' and not enough_for(placed, 0.5) then 'too few'
    when measure = 'typical' and typical_days is null then 'not reached'
    when measure in ('delivered', 'arrivals') and is_short then 'too short' else '' end;

create macro measure_said(kind, measure, why, value, day_word, wip, newest_at, until_at,
                          never_left, oldest_at_least) as case
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
    when measure = 'oldest' then format('oldest {}{}', if(oldest_at_least, 'at least ', ''),
                                        told_days(days_said(value), day_word))
    when measure = 'idle' and never_left
    then format('nothing has moved on in {} of data', told_days(days_said(value), 'days'))
    when measure = 'idle'
    then format('nothing has moved on for {}', told_days(days_said(value), 'days'))
    when measure = 'typical' then format('half {} within {}',
        if(kind = 'line', 'are delivered', 'move on'), told_days(days_said(value), day_word))
    else format('{:,.0f} {} in the 13 weeks to {}', value,
                if(measure = 'delivered', 'delivered', 'arrived'), day_said(until_at)) end;
