-- Queue size: the items in each stage at an instant, split into waiting, working and blocked (a blocked item is counted as blocked only), with the age in the stage of the oldest, and of half of them.
create macro queue_size(as_of) as table
    select stream, stage, stage_no, stage_name, waiting, working, blocked, wip,
           oldest_days, median_age_days, oldest_at_least, median_at_least
    from stage_now(as_of) order by stream, stage_no;
