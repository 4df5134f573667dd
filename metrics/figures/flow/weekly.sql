-- Weekly: for each whole week of each stage (stage '' is the whole stream), as known at its end: items that entered, moved on (or were delivered) and were abandoned, the median lead time of those that moved on, and how many are still in, their median age and its growth since the week before (7 days a week if nothing moves); weeks of bulk edits are left out of limits.
create macro weekly(as_of) as table
    select stream, stage, stage_no, stage_name, week, base, left_out, entered, moved_on, abandoned,
           bulk, lead_n, lead_us / 86400e6 as lead_days, open, age_us / 86400e6 as age_days,
           growth_us / 86400e6 as growth_days
    from week_at(as_of) order by stream, stage_no, week;
