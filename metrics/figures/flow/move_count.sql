-- Move count: all moves between places so far, by what they were: one stage on (or delivered from the last stage), skipping stages, back, reopening what was closed, abandoned, or from or to a status that is not mapped; and how many of all were booked in bulk edits or made by a change of the process.
-- abandoned: moves to abandoned, those in edits in bulk among them
create macro move_count(as_of) as table
    select stream, count(*) as moves,
           count(*) filter (kind in ('forward', 'delivered')) as one_stage_on,
           count(*) filter (kind in ('skipping', 'delivered, skipping')) as skipping,
           count(*) filter (kind = 'back') as back, count(*) filter (kind = 'reopened') as reopened,
           count(*) filter (kind = 'abandoned') as abandoned,
           count(*) filter (kind = 'not mapped') as not_mapped,
           count(*) filter (bulk) as in_bulk, count(*) filter (by_change) as by_change
    from move_at(as_of) group by stream order by stream;
