-- goal_at: how far each result is; of what was due by then, what it was on that day.
create macro goal_at(as_of) as table
    with told as (
        select result.*, as_of::timestamptz >= due_at as is_over, began.value as began_value,
               began.said as began_said, coalesce(start_value, began.value) as start,
               if(is_over, ended.value, now.value) as value,
               if(is_over, ended.items, now.items) as items,
               coalesce(if(is_over, ended.why, now.why), 'not published') as why,
               coalesce(if(is_over, ended.said, now.said),
                        'what is shown was published before that day') as said,
               coalesce(if(is_over, ended.doubt, now.doubt), '') as doubt,
               (epoch_us(as_of::timestamptz) - epoch_us(starts_at)) as gone_us,
               (epoch_us(due_at) - epoch_us(as_of::timestamptz)) as left_us
        from goal_result as result join (
            from goal_flow_at(as_of) union all from goal_process_at(as_of)
        ) as now using (goal, result)
        left join goal_course as began on began.goal = result.goal
            and began.result = result.result and began.measured_at = result.starts_at
        left join goal_course as ended on ended.goal = result.goal
            and ended.result = result.result and ended.measured_at = result.due_at
    ), held as (
        select *, if(is_least, value >= target, value <= target) as holds,
               if(is_least, start >= target, start <= target) as held_at_start,
               if(gone_us >= 0, least(1, gone_us / (gone_us + left_us)), null) as time_share,
               -- Zero added to minus nothing is nothing.
               if(gone_us >= 0 and not held_at_start, (value - start) / (target - start) + 0, null)
                   as way_share
        from told
    )
    select *, case when gone_us < 0 then 'not begun'
                   when is_over and not holds then 'missed'
                   when value is null or doubt <> '' then 'not known'
                   when holds then 'reached'
                   when start is null then 'not known'
                   when held_at_start or way_share < time_share then 'behind'
                   else 'on track' end as state
    from held;
