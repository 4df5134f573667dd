-- Typical time: the age by which half of the items that entered a stage have moved on (Kaplan-Meier median, unfinished items counted, abandonment a competing exit; those there before the data begins, whose age is not known, and those over before it, left out and counted apart), beside the median of finished stays only; not given where a stage's own source has ended; stage '' is the whole stream.
-- at_least: stays left out of typical_days: there before the data begins, or over before it
-- abandoned: stays that ended in abandoning the item, those in edits in bulk among them
-- over_before: those of them that were over before the data begins
create macro typical_time(as_of) as table
    with unseen as (
        select stream, stage from evidence_at(as_of)
        where source <> '' and coalesce(age_days > stale_after, true)
    ), told as (
        select typical.*, coalesce(stage.stage_no, 0) as stage_no,
               part_name(stage.name) as stage_name,
               if(typical.stage = '', 'been delivered', 'moved on') as done,
               case when exists (from unseen where unseen.stream = typical.stream
                                 and typical.stage in ('', unseen.stage)) then 'not measured'
                    when not enough_for(placed, 0.5) then 'too few'
                    when typical_us is null then 'not reached' else '' end as typical_word
        from typical_at(as_of) as typical
        left join stage on stage.stream = typical.stream and stage.stage = typical.stage
    )
    select stream, stage, stage_no, stage_name,
           if(typical_word = '', in_days(typical_us), null) as typical_days, typical_word,
           finished, in_days(finished_median_us) as finished_median_days, open,
           in_days(open_median_us) as open_median_age_days, open_median_at_least, abandoned,
           at_least, over_before, one_sitting,
           if(typical_word = 'not measured',
              format('{:,} of {:,} entered {} known to have {}; what happened to {} is not '
                     || 'known, because a source has ended.', finished, spells,
                     for_count(finished, 'is', 'are'), done, counted(open, 'other')),
              format('{:,} of {:,} entered {} {}{}; {:,} still in{}{}. {}{}{}{}',
                  finished, spells, for_count(finished, 'has', 'have'), done,
                  if(went_back > 0, format(', {:,} of them back', went_back), ''), open,
                  if(open > 0, format(', for a median of {}{}',
                                       if(open_median_at_least, 'at least ', ''),
                                       replace(whole_days(
                                           if(open_median_at_least, floor(in_days(open_median_us)),
                                              in_days(open_median_us)), day_word(stream.days)),
                                               'under ',
                                               if(open_median_at_least, 'part of ', 'under '))),
                     ''),
                  if(abandoned > 0, format('; {} abandoned', abandoned), ''),
                  if(one_sitting > 0, format('{} of the {} {} booked in and out within a day: '
                     || 'that is recorded time, not work. ', one_sitting, finished,
                     for_count(one_sitting, 'was', 'were')), ''),
                  if(at_least > over_before, format('{:,} {} there before the data '
                     || 'begins, at what age is not known: {} in no typical time. ',
                     at_least - over_before,
                     for_count(at_least - over_before, 'was', 'were'),
                     for_count(at_least - over_before, 'it counts', 'they count')), ''),
                  if(over_before > 0, format('{:,} {} over before the data begins: {} in no '
                     || 'typical time. ', over_before, for_count(over_before, 'was', 'were'),
                     for_count(over_before, 'it counts', 'they count')), ''),
                  case typical_word when 'too few' then 'Too few for a typical time.'
                       when 'not reached' then 'Not reached: by no age so far have half moved on.'
                       else format('Half move on within {}.', replace(
                           whole_days(in_days(typical_us), day_word(stream.days)),
                           'under ', '')) end)
           ) as sentence
    from told join stream using (stream) order by stream, stage_no;
