-- Throughput: items entering, delivered and abandoned in each week (Monday, the stream's own zone), weeks with none kept; deliveries later reopened, items there before the data begins and bulk edits are not counted as progress.
-- bulk: arrivals, and moves to where items are now, booked in edits in bulk: no progress
create macro throughput(as_of) as table
    from throughput_at(as_of) order by stream, week;
