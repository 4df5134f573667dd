-- Weekly: for each whole week of each stage (stage '' is the whole stream), as known at its end: items that entered, moved on (or were delivered) and were abandoned, the median lead time of those that moved on, how many were in on average and how many still are, their median age and its growth since the week before (7 days a week if nothing moves); weeks of bulk edits are left out of limits.
-- open: items still in at the week's end
-- mean_open: items in at each instant of the week, on average
-- age_days: the median age of those still in at its end
-- lead_days: the median lead time of those that moved on
create macro weekly(as_of) as table
    select stream, stage, stage_no, stage_name, week, base, left_out, entered, moved_on, abandoned,
           bulk, lead_n, in_days(lead_us) as lead_days, open,
           stay_us / nullif(week_us, 0) as mean_open, in_days(age_us) as age_days,
           in_days(growth_us) as growth_days
    from week_at(as_of) order by stream, stage_no, week;
