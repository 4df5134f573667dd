-- What came in and went out in each week, and every move between places, at an instant.
create macro throughput_at(as_of) as table
    with happened as (
        select stream, date_trunc('week', entered_on)::date as week, visit_no = 1 as is_first,
               is_open_at(entered_at, left_at, as_of) as is_last, part, bulk,
               bulk or at_least as is_no_progress
        from stage_visit
        where entered_at <= as_of::timestamptz
          and (visit_no = 1 or is_open_at(entered_at, left_at, as_of))
    ), counted as (
        select stream, week, count(*) filter (is_first and not is_no_progress) as arrivals,
               count(*) filter (part = 'done' and is_last and not is_no_progress) as delivered,
               count(*) filter (part = 'left' and is_last and not is_no_progress) as abandoned,
               count(*) filter (bulk) as bulk
        from happened group by all
    ), began as (
        select stream, min(entered_at) as began_at from stage_visit group by all
    ), calendar as (
        select stream, unnest(generate_series(local_week(time_zone, began_at),
            local_week(time_zone, least(as_of::timestamptz, data_at)),
            interval 7 day))::date as week
        from stream join began using (stream) where began_at <= as_of::timestamptz
    )
    select calendar.stream, calendar.week, coalesce(arrivals, 0) as arrivals,
           coalesce(delivered, 0) as delivered, coalesce(abandoned, 0) as abandoned,
           coalesce(bulk, 0) as bulk
    from calendar left join counted using (stream, week);

create macro move_at(as_of) as table
    with placed as (
        -- Delivered lies beyond any last stage: 1000.
        select stream, item_no, place, stage_no, next_place, left_at,
               left_us - entered_us as stay_us, at_least,
               coalesce(left_in_bulk, false) as bulk,
               coalesce(left_by_change, false) as by_change,
               coalesce(next_stage_no, if(next_place = 'done', 1000, null)) as next_no
        from stage_stay where left_at <= as_of::timestamptz and next_place is not null
    ), last_stage as (
        select stream, max(stage_no) as last_no from stage group by all
    )
    select placed.*,
           case when next_place = 'unmapped' or place = 'unmapped' then 'not mapped'
                when next_place = 'left' then 'abandoned'
                when place in ('left', 'done') then 'reopened'
                when next_place = 'done'
                then if(stage_no >= last_no, 'delivered', 'delivered, skipping')
                when next_no < stage_no then 'back'
                when next_no = stage_no + 1 then 'forward' else 'skipping' end as kind
    from placed join last_stage using (stream);
