-- Throughput year: of the last 52 weeks of throughput, the one under way included, the items that arrived, were delivered and abandoned in all, and the weeks without a delivery; with the moves booked in bulk edits, left out of these, in the 52 weeks and ever.
-- bulk: arrivals, and moves to where items are now, booked in edits in bulk: no progress
-- bulk_ever: the same in all weeks
create macro throughput_year(as_of) as table
    with counted as (
        select *, row_number() over (partition by stream order by week desc) as nth
        from throughput_at(as_of)
    )
    -- sums of doubles: see littles_law
    select stream, count(*) filter (nth <= 52) as weeks,
           min(week) filter (nth <= 52) as first_week, max(week) as last_week,
           (sum(arrivals::double) filter (nth <= 52))::bigint as arrivals,
           (sum(delivered::double) filter (nth <= 52))::bigint as delivered,
           (sum(abandoned::double) filter (nth <= 52))::bigint as abandoned,
           count(*) filter (nth <= 52 and delivered = 0) as weeks_without,
           (sum(bulk::double) filter (nth <= 52))::bigint as bulk,
           sum(bulk::double)::bigint as bulk_ever
    from counted group by stream order by stream;
