-- What verdict and spread are worked out from (metrics/parts.py).
-- part_at: the stages and the whole lines (stage ''), the instant at which each can be judged, and
-- why it can't be (unseen, a sentence).
create macro part_at(as_of) as table
    with part as (
        select stream, stage, stage_no, name from stage
        union all select stream, '', 0, null from stream
    ), told as (
        select part.stream, part.stage, part.stage_no, part_name(part.name) as stage_name,
               day_word(stream.days) as day_word, stream.stale_after,
               least(known.newest_at, as_of::timestamptz) as judged_at,
               in_days(epoch_us(as_of::timestamptz) - epoch_us(known.newest_at)) as age_days
        from part join stream using (stream) left join known_at(as_of) as known
            on known.stream = part.stream and known.stage = part.stage
    )
    select stream, stage, stage_name, judged_at, day_word,
           row_number() over (order by stream, stage_no) as place,
           case when judged_at is null or age_days > stale_after
                then format('{} {}: what has happened since is not known.',
                            if(stage = '', 'A source of the line', 'Its source'),
                            coalesce('ends ' || day_said(judged_at), 'has told nothing'))
                else '' end as unseen
    from told;

-- week_edge_at: the ends of the weeks up to an instant, by the stream's own clock, oldest first:
-- those of five years at most, from the first sign of an item on.
create macro week_edge_at(as_of) as table
    with began as (
        select stream, min(entered_at) as began_at from stage_visit group by all
    ), edge as (
        select stream, as_of::timestamptz - to_days((7 * week)::integer) as ends_at
        from began, range(0, 261) as weeks(week)
        where as_of::timestamptz - to_days((7 * week)::integer) >= began_at
    )
    select edge.stream,
           in_days(clock_at(clock.starts_at, clock.worked_us, clock.working, edge.ends_at))
               as edge_days
    from edge asof join day_clock as clock
        on clock.stream = edge.stream and clock.starts_at <= edge.ends_at
    order by edge.stream, edge.ends_at;

-- pace_spell_at: each stay on the same clock. A move booked in an edit in bulk is no pace.
create macro pace_spell_at(as_of) as table
    select stream, stage, item_no, in_days(start_us) as start_days,
           in_days(least(known_age_us, spell_us)) as late_days, in_days(spell_us) as age_days,
           exit is not distinct from 'on' and not left_in_bulk as moved, exit,
           left_in_bulk as in_bulk,
           not at_least as seen, is_placed(at_least, known_age_us, spell_us) as placed
    from spell_at(as_of);
