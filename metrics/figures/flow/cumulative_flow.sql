-- Cumulative flow: for each day, the items whose highest stage so far is at least each stage, and those ever delivered, so that no line falls; with those that have since gone back below it; the abandoned, still counted in the lines they reached, have a line of their own.
create macro cumulative_flow(as_of) as table
    with last_stage as (
        select stream, max(stage_no) as last_no from stage group by all
    ), line as (
        select stream, stage_no as line_no, stage as line, name as line_name from stage
        union all select stream, last_no + 1, 'delivered', 'Delivered' from last_stage
        union all select stream, last_no + 2, 'abandoned', 'Abandoned' from last_stage
    ), seen as (
        -- delivered lies beyond the last stage; the abandoned are at no stage
        select v.stream, v.item, v.visit_no, l.last_no, v.part = 'left' as is_left,
               timezone(s.time_zone, v.entered_at)::date as came, timezone(s.time_zone, v.left_at)::date as went,
               if(v.part = 'done', l.last_no + 1, if(v.part = 'left', null, v.stage_no)) as rank_no
        from visit_at(as_of) v join last_stage l using (stream) join stream s using (stream)
    ), high as (
        select *, max(rank_no) over so_far as high_no, coalesce(max(rank_no) over before, 0) as was_high_no
        from seen window so_far as (partition by stream, item order by visit_no),
            before as (partition by stream, item order by visit_no rows between unbounded preceding and 1 preceding)
    ), step as (
        -- +1 when an item first reaches a line; behind counts it while it is back below that line
        select stream, unnest(generate_series(was_high_no + 1, rank_no)) as line_no, came as day, 1 as reached, 0 as behind
        from high where rank_no > was_high_no
        union all
        select stream, unnest(generate_series(rank_no + 1, high_no)), came, 0, 1 from high where rank_no < high_no
        union all
        select stream, unnest(generate_series(rank_no + 1, high_no)), went, 0, -1 from high where rank_no < high_no
        union all
        select stream, last_no + 2, came, 1, 0 from high where is_left
        union all
        select stream, last_no + 2, went, -1, 0 from high where is_left
    ), daily as (
        select stream, line_no, day, sum(reached) as reached, sum(behind) as behind
        from step where day is not null group by all
    ), calendar as (
        select l.*, unnest(generate_series(
            (select min(came) from seen v where v.stream = l.stream),
            timezone(s.time_zone, least(as_of::timestamptz, s.data_at))::date, interval 1 day))::date as day
        from line l join stream s using (stream)
    )
    select c.stream, c.line, c.line_name, c.line_no as stage_no, c.day,
           coalesce(sum(d.reached) over days, 0)::bigint as items,
           coalesce(sum(d.behind) over days, 0)::bigint as behind
    from calendar c left join daily d using (stream, line_no, day)
    window days as (partition by c.stream, c.line_no order by c.day)
    order by c.stream, c.line_no, c.day;
