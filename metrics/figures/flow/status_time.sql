-- Status time: for each of the source's own statuses, the stays in it that ended and their median days beside the items still in it and their median days: finished work alone calls a blocked status fast.
create macro status_time(as_of) as table
    with counted as (
        select stream, status, any_value(stage) as stage, any_value(stage_no) as stage_no,
               any_value(part) as part, count(*) filter (not is_open) as finished,
               list_sort(list(stay_us) filter (not is_open)) as finished_us,
               count(*) filter (is_open) as open,
               median(stay_us) filter (is_open) as open_median_us,
               max(stay_us) filter (is_open) as oldest_us
        from visit_at(as_of) where in_stage(part) or part = 'unmapped' group by all
    )
    select stream, coalesce(stage, '') as stage, coalesce(stage_no, 0) as stage_no, status, part,
           finished, in_days(percentile_of(finished_us, 0.5)) as finished_median_days, open,
           in_days(open_median_us) as open_median_age_days, in_days(oldest_us) as oldest_days
    from counted order by stream, stage_no, part, status;
