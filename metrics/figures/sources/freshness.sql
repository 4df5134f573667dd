-- Freshness: for each source of a stream (stream '' of processes only), the newest thing it told, how old that is, how many answers and rows were taken or refused, and its last answer.
-- kind: the kind of source
-- age_days: since the newest thing it told
create macro freshness(as_of) as table
    with tried as (
        select source, count(*) filter (outcome = 'accepted') as readings,
               count(*) filter (outcome = 'refused') as refused_readings,
               sum(rows_in)::bigint as rows_in, sum(accepted)::bigint as accepted,
               sum(refused)::bigint as refused, arg_max(outcome, load_id) as last_outcome,
               arg_max(reason, load_id) as last_reason, max(started_at) as last_tried_at
        from load group by all
    ), newest as (
        select source, max(newest_at) filter (newest_at <= as_of::timestamptz) as newest
        from evidence group by all
    )
    select used.stream, used.source, used.kind, newest.newest,
           in_days(epoch_us(as_of::timestamptz) - epoch_us(newest.newest)) as age_days,
           -- A closed recording is never stale: it says until when it tells.
           used.covers_until is null and coalesce(newest.newest < as_of::timestamptz
               - to_microseconds(days_us(used.stale_after)::bigint), false) as stale,
           used.covers_until, coalesce(tried.readings, 0) as readings,
           coalesce(tried.refused_readings, 0) as refused_readings,
           coalesce(tried.rows_in, 0) as rows_in, coalesce(tried.accepted, 0) as accepted,
           coalesce(tried.refused, 0) as refused,
           coalesce(tried.last_outcome, 'never collected') as last_outcome,
           coalesce(tried.last_reason, '') as last_reason, tried.last_tried_at
    from source_use as used left join tried using (source) left join newest using (source)
    order by used.stream, used.precedence;
