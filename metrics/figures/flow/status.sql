-- Status: each stage's colour, word and the sentence that decided it, from the targets in stages.yaml; grey where there is no target, too little to go on, items in statuses of no stage, all is blocked where only the queue has a target, or the data is stale, missing or the same for so long that it may be dead; neither is ever green.
-- since: the day, in the stream's own zone, something last left it, while it holds any
-- reason: if red or amber, what weighs most: that nothing moves, then time, queue, oldest, number
-- place: 1 for the worst stage of its line: by colour, what reason weighs, how far it is over
create macro status(as_of) as table
    select stream, stage, stage_no, stage_name,
           if(verdict in ('red', 'amber', 'green'), verdict, 'grey') as colour,
           case verdict
               when 'red' then 'Stuck' when 'amber' then 'Watch' when 'green' then 'On target'
               when 'no target' then 'No target'
               when 'unknown' then if(is_unsure, 'Not sure', 'Too few')
               when 'stale' then 'Stale' when 'same' then 'Unchanged' when 'stray' then 'Not sure'
               when 'blocked' then 'All blocked'
               else 'Not measured' end as word,
           case verdict
               when 'red' then reds || '.' when 'amber' then ambers || '.'
               when 'green' then greens || '.'
               when 'unknown' then unknowns || coalesce('; ' || greens, '') || '.'
               when 'no target' then format('{:,} in the stage; no target set in stages.yaml.', wip)
               when 'no data' then if(source = '', 'No data for this stage yet.', format(
                   '{} has told nothing yet: what happens in this stage is not known.', source))
               when 'stray'
               then format('{}; but {:,} in no stage at all: stages.yaml maps their status to none '
                           || '({}).', greens, strays, stray_statuses)
               when 'blocked'
               then format('{}; but {} blocked, and no target is for that.', greens,
                           for_count(wip, 'the 1 in it is', format('all {:,} in it are', wip)))
               when 'same'
               then format('{} told exactly the same since {}: either nothing moved or {} dead. '
                           || '{}.',
                           if(source = '', 'The sources have', source || ' has'),
                           day_said(changed_at), if(source = '', 'they are', 'it is'),
                           coalesce(ambers, greens))
               when 'stale'
               then format('The data ends {}, {} before this day: too old to judge.',
                           day_said(newest_at), whole_days(age_days, 'days'))
               when 'source stale'
               then format('{} ends {}, {} before this day: what happened in this stage since then '
                           || 'is not known. {} {} not been seen to leave it.',
                           source, day_said(newest_at), whole_days(age_days, 'days'),
                           counted(wip, 'item'), for_count(wip, 'has', 'have'))
               else format('Its statuses were removed from the process on {}: nothing can be seen '
                           || 'in it any more.', day_said(removed_on)) end as sentence,
           if(wip > 0, local_day(time_zone, last_left_at), null) as since,
           if(verdict in ('red', 'amber'), first.said, null) as reason,
           row_number() over (partition by stream order by worst_first(colour),
                              if(reason is null, (null, null), (first.weight, -first.times_over)),
                              stage_no) as place
    from stage_verdict_at(as_of) join (select stream, time_zone from stream) using (stream)
    order by stream, stage_no;
