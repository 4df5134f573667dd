-- Up to when all that a stream depends on has told: each source but closed recordings, those that
-- tell of one stage only (the one that counts the items tells of all), and those that begin later;
-- one that never told has told nothing yet.
create macro heard_from_all_at(as_of) as table
    with latest as (
        select stream, max(told_until) as told_until, max(changed_at) as changed_at
        from heard_at(as_of) group by all
    ), first as (
        select stream, arg_min(source, coalesce(told_until, '-infinity')) as source,
               if(count(told_until) = count(*), min(told_until), null) as told_until
        from heard_at(as_of) as heard
        where covers_until is null
          and not exists (from stage join stream_source as used using (stream)
                          where used.stream = heard.stream and used.source = heard.source
                          and not used.counted and stage.measured_by = used.source)
          and (told_until is not null or source not in (select source from evidence_day
                                                        union all select source from asked))
        group by stream
    )
    select stream.stream, stream.stale_after, stream.same_after, latest.changed_at,
           -- Where everything is old, no single source is.
           coalesce(in_days(epoch_us(as_of::timestamptz) - epoch_us(latest.told_until))
                    <= stale_after and first.told_until is distinct from latest.told_until
                    and first.source is not null, false) as is_one,
           if(is_one, first.source, '') as source,
           if(is_one, first.told_until, latest.told_until) as told_until
    from stream left join latest using (stream) left join first using (stream);

-- How old the evidence is at an instant: per stream, and per stage that has a source of its own.
-- newest_at: up to when it tells; changed_at: when what it tells last changed.
create macro evidence_at(as_of) as table
    with told as (
        select stage.stream, stage.stage, whole.stale_after, whole.same_after,
               if(stage.measured_by = '', whole.source, stage.measured_by) as source,
               if(stage.measured_by = '', whole.told_until, own.told_until) as newest_at,
               if(stage.measured_by = '', whole.changed_at, own.changed_at) as changed_at
        from stage join heard_from_all_at(as_of) as whole using (stream)
        left join heard_at(as_of) as own on own.stream = stage.stream
            and own.source = stage.measured_by
    )
    select stream, stage, source, newest_at, changed_at,
           in_days(epoch_us(as_of::timestamptz) - epoch_us(newest_at)) as age_days, stale_after,
           coalesce(in_days(epoch_us(as_of::timestamptz) - epoch_us(changed_at)) > same_after,
                    false) as is_same
    from told;

-- Known until: of the whole line (stage '') as long as all its stages are.
create macro known_at(as_of) as table
    select stream, stage, newest_at from evidence_at(as_of)
    union all
    select stream, '', min(newest_at) from evidence_at(as_of) group by stream;
