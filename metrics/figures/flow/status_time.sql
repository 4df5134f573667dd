-- Status time: for each of the source's own statuses, the stays in it that ended and the median days of those whose time is known (not booked in bulk, and not there before the data begins), beside the items still in it and their median days: finished work alone calls a blocked status fast.
-- stage: the stage's id in stages.yaml; '' if the status is mapped to none
-- stage_no: the stage's place in the line; 0 if there is none
-- finished: stays in it that ended
-- in_bulk: those of them whose end was booked in an edit in bulk
-- at_least: those of them that began before the data
-- timed: those that are neither, on which finished_median_days stands
create macro status_time(as_of) as table
    with stay as (
        select *, not is_open and coalesce(left_in_bulk, false) as in_bulk,
               not is_open and not at_least and not coalesce(left_in_bulk, false) as is_timed
        from visit_at(as_of) where in_stage(part) or part = 'unmapped'
    ), counted as (
        select stream, status, any_value(stage) as stage, any_value(stage_no) as stage_no,
               any_value(part) as part, count(*) filter (not is_open) as finished,
               count(*) filter (in_bulk) as in_bulk,
               count(*) filter (not is_open and at_least) as at_least,
               count(*) filter (is_timed) as timed,
               list_sort(list(stay_us) filter (is_timed)) as timed_us,
               count(*) filter (is_open) as open,
               median(stay_us) filter (is_open) as open_median_us,
               median_at_least(if(is_open, stay_us, null), at_least) as open_median_at_least,
               max(stay_us) filter (is_open) as oldest_us,
               coalesce(arg_max(at_least, stay_us) filter (is_open), false) as oldest_at_least
        from stay group by all
    )
    select stream, coalesce(stage, '') as stage, coalesce(stage_no, 0) as stage_no, status, part,
           finished, in_bulk, at_least, timed,
           in_days(percentile_of(timed_us, 0.5)) as finished_median_days, open,
           in_days(open_median_us) as open_median_age_days, open_median_at_least,
           in_days(oldest_us) as oldest_days, oldest_at_least
    from counted order by stream, stage_no, part, status;
