-- Cumulative flow: for each day, the items whose highest stage so far is at least each stage, and those ever delivered, so that no line falls; with those that have since gone back below it, and on how many that is in the line with most of them; the abandoned, still counted in the lines they reached, have a line of their own.
-- stage_no: the line's place: the stages in their order, then delivered, then abandoned
-- items: items that have ever got so far; in the line abandoned, those abandoned now
create macro cumulative_flow(as_of) as table
    with last_stage as (
        select stream, max(stage_no) as last_no from stage group by all
    ), line as (
        select stream, stage_no as line_no, stage as line, name as line_name from stage
        union all
        select stream, last_no + 1, 'delivered', place_name(null, 'done') from last_stage
        union all
        select stream, last_no + 2, 'abandoned', place_name(null, 'left') from last_stage
    ), seen as (
        -- delivered lies beyond the last stage; the abandoned are at no stage
        select visit.stream, visit.item_no, visit_no, last_no, part = 'left' as is_left,
               entered_on as came, if(left_at is null, null, left_on) as went,
               if(part = 'done', last_no + 1, if(part = 'left', null, stage_no)) as rank_no
        from visit_at(as_of) as visit join last_stage using (stream)
    ), high as (
        select *, max(rank_no) over so_far as high_no,
               coalesce(max(rank_no) over before, 0) as was_high_no
        from seen window so_far as (partition by item_no order by visit_no),
            before as (partition by item_no order by visit_no
                       rows between unbounded preceding and 1 preceding)
    ), step as (
        -- +1 when an item first reaches a line; behind counts it while it is back below that line
        select stream, unnest(generate_series(was_high_no + 1, rank_no)) as line_no, came as day,
               1 as reached, 0 as behind
        from high where rank_no > was_high_no
        union all
        select stream, unnest(generate_series(rank_no + 1, high_no)), came, 0, 1
        from high where rank_no < high_no
        union all
        select stream, unnest(generate_series(rank_no + 1, high_no)), went, 0, -1
        from high where rank_no < high_no
        union all
        select stream, last_no + 2, came, 1, 0 from high where is_left
        union all
        select stream, last_no + 2, went, -1, 0 from high where is_left
    ), daily as (
        select stream, line_no, day, sum(reached) as reached, sum(behind) as behind
        from step where day is not null group by all
    ), began as (
        select stream, min(came) as began_on from seen group by all
    ), calendar as (
        select line.*, unnest(generate_series(began_on,
            local_day(time_zone, least(as_of::timestamptz, data_at)), interval 1 day))::date as day
        from line join stream using (stream) join began using (stream)
    ), counted as (
        select calendar.stream, line, line_name, line_no as stage_no, calendar.day,
               coalesce(sum(reached) over days, 0)::bigint as items,
               coalesce(sum(behind) over days, 0)::bigint as behind
        from calendar left join daily using (stream, line_no, day)
        window days as (partition by calendar.stream, line_no order by calendar.day)
    )
    select *, max(behind) over (partition by stream, day) as most_behind
    from counted order by stream, stage_no, day;
