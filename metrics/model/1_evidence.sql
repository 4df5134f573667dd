-- evidence: the instants at which a source told something, so that its age is known at any as_of.
-- A snapshot tells at each reading that nothing else changed; a list tells only its newest entry.
create table evidence as
select source, seen_at as newest_at from load
where outcome = 'accepted' and (kind in ('snapshots', 'git_history') or place like 'http%')
union
select source, since from event_all where precision <> 'at least'
union
select source, max("at") from landing.check_result group by source, "at"::date
union
select source, newest from load where outcome = 'accepted' and newest <= seen_at;
