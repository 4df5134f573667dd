-- evidence: the instants at which a source told something new, in order, and evidence_day: the last
-- one of each day (UTC): of an instant only its own day has to be looked through.
create table evidence as
select source, seen_at as newest_at from load join source_kind as sort using (source, kind)
where outcome = 'accepted' and (sort.tells = 'states' or sort.live)
union
select source, since from told_event where precision <> 'at least'
union
select source, make_timestamptz(at_us) from check_evidence
union
select source, max("at") from landing.check_told
where source not in (select source from process_source) group by source, "at"::date
union
-- What was told while the source was of another kind is none of its list.
select source, newest from load join source_kind using (source, kind)
where outcome = 'accepted' and newest <= seen_at
order by 2;

-- Before 1970 too: there a remainder is negative.
create macro day_begins(instant) as make_timestamptz(
    epoch_us(instant) - (epoch_us(instant) % 86400000000 + 86400000000) % 86400000000);
create table evidence_day as
select source, day_begins(newest_at) as begins_at, max(newest_at) as newest_at
from evidence group by all;

-- source_use: what each source tells of: a stream, or (stream '') only processes.
create table source_use as
select used.stream, used.source, used.kind, used.precedence, used.covers_until, stream.stale_after,
       stream.same_after
from stream_source as used join stream using (stream)
union all
select '', used.source, any_value(used.kind), min(groups.group_no), any_value(used.covers_until),
       min(groups.stale_after), null
from process_source as used join process_group as groups using (process_group)
where used.source not in (select source from stream_source) group by used.source;

-- heard_at: the two clocks of each source. told_until: up to when it has told all there was. A list
-- or table that was read says so up to that moment, whether it holds anything new or not; what was
-- recorded up to its newest entry; a closed recording up to its end; a picture of its own moment.
-- changed_at: when what it tells last changed: its newest entry, or the first time that it was read
-- as it is. newest_at: that entry.
create macro heard_at(as_of) as table
    with told as (
        select source, max(newest_at) as newest_at from (
            select source, newest_at from evidence_day
            where begins_at < day_begins(as_of::timestamptz)
            union all
            from evidence where newest_at between day_begins(as_of::timestamptz)
                                              and as_of::timestamptz
        ) group by source
    ), read as (
        select source, max(asked_at) as last_asked_at,
               max(asked_at) filter (asked_at <= as_of::timestamptz) as asked_at
        from asked group by all
    ), differed as (
        select source, max(started_at) as differed_at
        from load where outcome = 'accepted' and started_at <= as_of::timestamptz group by all
    )
    select used.stream, used.source, used.kind, used.precedence, used.covers_until, told.newest_at,
           read.asked_at, greatest(told.newest_at, if(used.covers_until is null
               and not sort.recorded, differed.differed_at, null)) as changed_at,
           greatest(told.newest_at, case
               when used.covers_until is not null
               then least(as_of::timestamptz, used.covers_until - interval 1 microsecond)
               when sort.recorded then null
               when sort.tells in ('events', 'rows') and read.last_asked_at is not null
               then least(as_of::timestamptz, read.last_asked_at)
               else read.asked_at end) as told_until
    from source_use as used join source_kind as sort using (source)
    left join told using (source) left join read using (source)
    left join differed using (source);
