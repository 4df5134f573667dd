-- Typical time: the age by which half of the items that entered a stage have moved on (Kaplan-Meier median, unfinished items counted, abandonment a competing exit), beside the median of finished stays only; not given where a stage's own source has ended; stage '' is the whole stream.
create macro typical_time(as_of) as table
    with unseen as (
        select e.stream, e.stage from evidence_at(as_of) e
        where e.source <> '' and coalesce(e.age_days > e.stale_after, true)
    ), told as (
        select t.*, coalesce(g.stage_no, 0) as stage_no, coalesce(g.name, 'Whole line') as stage_name,
               case when exists (from unseen u where u.stream = t.stream and t.stage in ('', u.stage))
                    then 'not measured' when t.spells < 5 then 'too few'
                    when t.typical_us is null then 'not reached' else '' end as typical_word
        from typical_at(as_of) t left join stage g on g.stream = t.stream and g.stage = t.stage
    )
    select stream, stage, stage_no, stage_name,
           if(typical_word = '', typical_us / 86400e6, null) as typical_days, typical_word,
           finished, finished_median_us / 86400e6 as finished_median_days, open,
           open_median_us / 86400e6 as open_median_age_days, abandoned, at_least, one_sitting,
           case typical_word when 'not measured'
                then format('{:,} of {:,} entered are known to have {}; what happened to {:,} others is not known, because a source has ended.',
                            finished, spells, if(stage = '', 'been delivered', 'moved on'), open)
                else format('{:,} of {:,} entered have {}; {:,} still in{}{}. {}{}', finished, spells,
                    if(stage = '', 'been delivered', 'moved on'), open,
                    if(open > 0, format(', for a median of {:,.0f} days', open_median_us / 86400e6), ''),
                    if(abandoned > 0, format('; {} abandoned', abandoned), ''),
                    if(one_sitting > 0, format('{} of the {} were booked in and out within a day: that is recorded time, not work. ', one_sitting, finished), ''),
                    case typical_word when 'too few' then 'Too few for a typical time.'
                         when 'not reached' then 'Half of them have never moved on: not reached.'
                         else format('Half move on within {:,.0f} days.', typical_us / 86400e6) end)
           end as sentence
    from told order by stream, stage_no;
