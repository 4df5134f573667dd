-- Refused row: every row and every whole answer that could not be used, with its place and the reason.
create macro refused_row(as_of) as table
    select w.stream, r.source, r.place, r.line, r.field, r.value, r.reason
    from reject r join source_use w using (source) join load l using (load_id)
    where l.seen_at <= greatest(as_of::timestamptz, l.started_at)
    union all
    select w.stream, l.source, l.place, 0, '(whole answer)', '', l.reason
    from load l join source_use w using (source) where l.outcome in ('refused', 'failed')
    order by 1, 2, 3, 4;
