-- Freshness: for each source of a stream (stream '' of processes only), the newest thing it told, how old that is, how many answers and rows were taken or refused, and its last answer.
create macro freshness(as_of) as table
    with tried as (
        select source, count(*) filter (outcome = 'accepted') as readings,
               count(*) filter (outcome = 'refused') as refused_readings, sum(rows_in)::bigint as rows_in,
               sum(accepted)::bigint as accepted, sum(refused)::bigint as refused,
               arg_max(outcome, load_id) as last_outcome, arg_max(reason, load_id) as last_reason,
               max(started_at) as last_tried_at
        from load group by all
    ), newest as (
        select source, max(newest_at) filter (newest_at <= as_of::timestamptz) as newest from evidence group by all
    )
    select w.stream, w.source, w.kind, n.newest,
           (epoch_us(as_of::timestamptz) - epoch_us(n.newest)) / 86400e6 as age_days,
           coalesce(n.newest < as_of::timestamptz - to_microseconds((w.stale_after * 86400e6)::bigint), false)
               and w.covers_until is null as stale,
           w.covers_until,
           coalesce(t.readings, 0) as readings, coalesce(t.refused_readings, 0) as refused_readings,
           coalesce(t.rows_in, 0) as rows_in, coalesce(t.accepted, 0) as accepted,
           coalesce(t.refused, 0) as refused, coalesce(t.last_outcome, 'never collected') as last_outcome,
           coalesce(t.last_reason, '') as last_reason, t.last_tried_at
    from source_use w left join tried t using (source)
    left join newest n using (source) order by w.stream, w.precedence;
