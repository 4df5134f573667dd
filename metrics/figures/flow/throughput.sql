-- Throughput: items entering, delivered and abandoned in each week (Monday, the stream's own zone), weeks with none kept; deliveries later reopened, items there before the data begins and bulk edits are not counted as progress.
create macro throughput(as_of) as table
    with happened as (
        select i.stream, date_trunc('week', timezone(s.time_zone, v.entered_at))::date as week,
               case when v.visit_no = 1 then 'arrived' end as arrived, v.part as part,
               v.bulk, v.at_least, v.visit_no = i.visit_no as is_last
        from item_at(as_of) i join stage_visit v using (stream, item) join stream s using (stream)
        where v.visit_no = 1 or v.visit_no = i.visit_no
    ), counted as (
        select stream, week, count(*) filter (arrived is not null and not bulk and not at_least) as arrivals,
               count(*) filter (part = 'done' and is_last and not bulk and not at_least) as delivered,
               count(*) filter (part = 'left' and is_last and not bulk and not at_least) as abandoned,
               count(*) filter (bulk) as bulk
        from happened group by all
    ), began as (
        select stream, min(entered_at) as began_at from stage_visit group by all
    ), calendar as (
        select s.stream, unnest(generate_series(
            date_trunc('week', timezone(s.time_zone, b.began_at)),
            date_trunc('week', timezone(s.time_zone, as_of::timestamptz)), interval 7 day))::date as week
        from stream s join began b using (stream) where b.began_at <= as_of::timestamptz
    )
    select c.stream, c.week, coalesce(arrivals, 0) as arrivals, coalesce(delivered, 0) as delivered,
           coalesce(abandoned, 0) as abandoned, coalesce(bulk, 0) as bulk
    from calendar c left join counted n using (stream, week) order by c.stream, c.week;
