-- Lately: what came into each stage in the last 1, 13 and 52 weeks of which all is known, and what moved on from it, moved back, was delivered or newly blocked; what was there before the data begins left out and edits in bulk counted apart; no row where its sources have told nothing; stage '' is the whole line.
-- weeks: how far back it looks from until_at
-- since_at: what happened after this instant counts; not before the data begins
-- until_at: as of, or where what the sources of the part have told ends, if that is earlier
-- came: entered the stage, or the line for the first time
-- moved_on: went to a later stage or were delivered
-- back: went from the stage to an earlier one
-- delivered: of the whole line only: delivered and not reopened since
-- newly_blocked: marked as blocked, still so or not
-- in_bulk: came, moved or abandoned in an edit in bulk: in none of the other counts
create macro lately(as_of) as table
    with began as (
        select stream, min(entered_at) - to_microseconds(1) as before_at from stage_visit
        group by all
    ), edge as (
        select stream, stage, weeks, least(newest_at, as_of::timestamptz) as until_at,
               greatest(least(newest_at, as_of::timestamptz) - to_days(7 * weeks), before_at)
                   as since_at
        from known_at(as_of) join began using (stream),
             (values (1::bigint), (13), (52)) as span(weeks)
        where least(newest_at, as_of::timestamptz) > before_at
    ), happened as (
        select stream, place as stage, entered_at as happened_at, 'came' as what, bulk
        from stage_stay where stage is not null and not at_least
        union all
        select stream, '', entered_at, 'came', bulk from stage_stay
        where stay_no = 1 and not at_least
        union all
        select stream, unnest(['', place]), left_at,
               if(kind in ('back', 'abandoned'), kind, 'on'), bulk
        from move_at(as_of) where kind not in ('reopened', 'not mapped')
        union all
        select stream, '', entered_at, 'delivered', bulk from stage_stay
        where place = 'done' and not at_least and coalesce(left_at > as_of::timestamptz, true)
        union all
        select stream, unnest(['', stage]), from_at, 'blocked', false from visit_blocked
        where from_at = span_from_at and from_at is distinct from until_at and not at_least
    ), counted as (
        select edge.stream, edge.stage, edge.weeks, edge.since_at, edge.until_at,
               count(*) filter (what = 'came' and not bulk) as came,
               count(*) filter (what = 'on' and not bulk) as moved_on,
               count(*) filter (what = 'back' and not bulk) as back,
               count(*) filter (what = 'delivered' and not bulk) as delivered,
               count(*) filter (what = 'blocked') as newly_blocked,
               count(*) filter (bulk and what <> 'delivered') as in_bulk
        from edge left join happened on happened.stream = edge.stream
            and happened.stage = edge.stage
            and happened_at > since_at and happened_at <= until_at
        group by all
    )
    select stream, stage, coalesce(stage_no, 0) as stage_no, part_name(stage.name) as stage_name,
           weeks, since_at, until_at, came, moved_on, back,
           if(stage = '', delivered, null) as delivered, newly_blocked, in_bulk
    from counted left join stage using (stream, stage) order by stream, stage_no, weeks;
