-- Typical time: the age by which half of the items that entered a stage have moved on (Kaplan-Meier median, unfinished items counted, abandonment a competing exit), beside the median of finished stays only; stage '' is the whole stream.
create macro typical_time(as_of) as table
    select t.stream, t.stage, coalesce(g.stage_no, 0) as stage_no,
           coalesce(g.name, 'Whole line') as stage_name, t.typical_us / 86400e6 as typical_days,
           case when t.spells < 5 then 'too few' when t.typical_us is null then 'not reached'
                else '' end as typical_word,
           t.finished, t.finished_median_us / 86400e6 as finished_median_days, t.open,
           t.open_median_us / 86400e6 as open_median_age_days, t.abandoned, t.at_least, t.one_sitting,
           format('{} of {} entered have {}; {} still in', t.finished, t.spells,
                  if(t.stage = '', 'been delivered', 'moved on'), t.open)
           || if(t.open > 0, format(', for a median of {:.0f} days', t.open_median_us / 86400e6), '')
           || if(t.abandoned > 0, format('; {} abandoned', t.abandoned), '') || '. '
           || if(t.one_sitting > 0, format('{} of the {} were booked in and out within a day: that is recorded time, not work. ',
                  t.one_sitting, t.finished), '')
           || case when t.spells < 5 then 'Too few for a typical time.'
                   when t.typical_us is null then 'Half of them have never moved on: not reached.'
                   else format('Half move on within {:.0f} days.', t.typical_us / 86400e6) end
               as sentence
    from typical_at(as_of) t left join stage g on g.stream = t.stream and g.stage = t.stage
    order by t.stream, stage_no;
