-- Refused row: every row and every whole answer that could not be used, with its place and the reason.
-- stream: the value stream it tells of; '' where only of processes
-- place: the file or address
-- line: the line there; 0 is a whole answer
create macro refused_row(as_of) as table
    select used.stream, reject.source, reject.place, reject.line, reject.field, reject.value,
           reject.reason
    from reject join source_use as used using (source) join load using (load_id)
    where load.seen_at <= greatest(as_of::timestamptz, load.started_at)
    union all
    select used.stream, load.source, load.place, 0, '(whole answer)', '', load.reason
    from load join source_use as used using (source) where load.outcome in ('refused', 'failed')
    order by 1, 2, 3, 4;
