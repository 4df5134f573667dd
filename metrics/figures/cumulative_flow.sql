-- Cumulative flow: for each day, the items whose highest stage so far is at least each stage, and those ever delivered, so that no line falls; with those that have since gone back below it; the abandoned, still counted in the lines they reached, have a line of their own.
create macro cumulative_flow(as_of) as table
    with last_stage as (
        select stream, max(stage_no) as last_no from stage group by all
    ), seen as (
        select v.stream, v.item, v.visit_no, v.entered_at, v.left_at, v.part,
               if(v.part = 'done', l.last_no + 1, if(v.part = 'left', null, v.stage_no)) as rank_no
        from visit_at(as_of) v join last_stage l using (stream)
    ), high as (
        select *, max(rank_no) over (partition by stream, item order by visit_no) as high_no from seen
    ), line as (
        select stream, stage_no, stage as line, name as line_name from stage
        union all select stream, last_no + 1, 'delivered', 'Delivered' from last_stage
        union all select stream, last_no + 2, 'abandoned', 'Abandoned' from last_stage
    ), step as (
        -- +1 when an item first reaches a line; behind counts it while it is back below that line
        select l.stream, l.line, min(h.entered_at) as at_time, 1 as reached, 0 as behind
        from high h join line l on l.stream = h.stream and h.rank_no >= l.stage_no
        where l.line <> 'abandoned' group by l.stream, l.line, h.item
        union all
        select l.stream, l.line, unnest([h.entered_at, h.left_at]), 0, unnest([1, -1])
        from high h join line l on l.stream = h.stream and l.stage_no <= h.high_no and l.stage_no > h.rank_no
        where l.line <> 'abandoned'
        union all
        select h.stream, 'abandoned', unnest([h.entered_at, h.left_at]), unnest([1, -1]), 0
        from high h where h.part = 'left'
    ), daily as (
        select stream, line, timezone(time_zone, at_time)::date as day, sum(reached) as reached, sum(behind) as behind
        from step join stream using (stream) where at_time is not null group by all
    ), calendar as (
        select l.stream, l.line, l.line_name, l.stage_no, unnest(generate_series(
            (select min(day) from daily d where d.stream = l.stream),
            timezone(s.time_zone, least(as_of::timestamptz, s.data_at))::date, interval 1 day))::date as day
        from line l join stream s using (stream)
    )
    select c.stream, c.line, c.line_name, c.stage_no, c.day,
           coalesce(sum(d.reached) over days, 0)::bigint as items,
           coalesce(sum(d.behind) over days, 0)::bigint as behind
    from calendar c left join daily d using (stream, line, day)
    window days as (partition by c.stream, c.line order by c.day)
    order by c.stream, c.stage_no, c.day;
