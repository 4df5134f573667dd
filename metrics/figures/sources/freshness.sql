-- Freshness: for each source of a stream (stream '' of processes only), up to when it has told all there was and how long ago that is, when what it tells last changed, how many answers and rows were taken or refused, and its last answer.
-- kind: the kind of source
-- told_until: up to when it has told all there was: when it was last read, or its record ends
-- newest: the newest thing it told
-- age_days: since told_until
-- same_days: how long it had told the same by then
-- note: what its last answer that was taken says of itself
create macro freshness(as_of) as table
    with tried as (
        select source, count(*) filter (outcome = 'accepted') as readings,
               count(*) filter (outcome = 'refused') as refused_readings,
               sum(rows_in)::bigint as rows_in, sum(accepted)::bigint as accepted,
               sum(refused)::bigint as refused, arg_max(outcome, load_id) as last_outcome,
               arg_max(reason, load_id) as last_reason,
               arg_max(note, load_id) filter (outcome = 'accepted') as note,
               max(started_at) as last_tried_at
        from load group by all
    )
    select used.stream, used.source, used.kind, heard.told_until, heard.newest_at as newest,
           in_days(epoch_us(as_of::timestamptz) - epoch_us(heard.told_until)) as age_days,
           in_days(epoch_us(heard.told_until) - epoch_us(heard.changed_at)) as same_days,
           -- A closed recording is never stale: it says until when it tells.
           used.covers_until is null and coalesce(heard.told_until < as_of::timestamptz
               - to_microseconds(days_us(used.stale_after)::bigint), false) as stale,
           used.covers_until, coalesce(tried.readings, 0) as readings,
           coalesce(tried.refused_readings, 0) as refused_readings,
           coalesce(tried.rows_in, 0) as rows_in, coalesce(tried.accepted, 0) as accepted,
           coalesce(tried.refused, 0) as refused,
           coalesce(tried.last_outcome, 'never collected') as last_outcome,
           coalesce(tried.last_reason, '') as last_reason, tried.last_tried_at,
           coalesce(tried.note, '') as note
    from source_use as used left join tried using (source)
    left join heard_at(as_of) as heard
        on heard.stream = used.stream and heard.source = used.source
    order by used.stream, used.precedence;
