-- evidence: the instants at which a source told something, so that its age is known at any as_of.
-- A snapshot tells at each reading that nothing else changed; a list tells only its newest entry.
create table evidence as
select source, seen_at as newest_at from load join source_kind as sort using (source, kind)
where outcome = 'accepted' and (sort.tells = 'states' or sort.live)
union
select source, since from event_all where precision <> 'at least'
union
select source, make_timestamptz(at_us) from check_evidence
union
select source, max("at") from landing.check_told
where source not in (select source from process_source) group by source, "at"::date
union
select source, newest from load where outcome = 'accepted' and newest <= seen_at;

-- source_use: what each source tells of: a stream, or (stream '') only processes.
create table source_use as
select used.stream, used.source, used.kind, used.precedence, used.covers_until, stream.stale_after
from stream_source as used join stream using (stream)
union all
select '', used.source, any_value(used.kind), min(groups.group_no), any_value(used.covers_until),
       min(groups.stale_after)
from process_source as used join process_group as groups using (process_group)
where used.source not in (select source from stream_source) group by used.source;
