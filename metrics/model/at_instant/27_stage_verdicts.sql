-- stage_verdict_at: what all the targets of a stage come to, and what each verdict stands on.
create macro stage_verdict_at(as_of) as table
    with decided as (
        select stream, stage, any_value(columns([
                   'stage_no', 'stage_name', 'wip', 'blocked', 'last_left_at', 'unseen', 'strays',
                   'stray_statuses', 'source', 'newest_at', 'age_days', 'changed_at', 'is_same',
                   'removed_on'])),
               bool_and(measure = 'queue') as only_queue,
               case when count(measure) = 0 then 'no target'
                    when bool_or(verdict = 'red') then 'red'
                    when bool_or(verdict = 'amber') then 'amber'
                    when bool_or(verdict = 'unknown') then 'unknown' else 'green' end as told,
               arg_min({'said': said, 'weight': weight,
                        'times_over': coalesce(value / nullif(red, 0), 'infinity')}, weight)
                   filter (verdict = if(reddest, 'red', 'amber')) as first,
               string_agg(said, '; ' order by measure) filter (verdict = 'red') as reds,
               string_agg(said, '; ' order by measure) filter (verdict = 'amber') as ambers,
               string_agg(said, '; ' order by measure) filter (verdict = 'unknown') as unknowns,
               bool_or(verdict = 'unknown' and measure = 'oldest') as is_unsure,
               string_agg(distinct said, '; ' order by said) filter (verdict = 'green') as greens
        from (select *, bool_or(verdict = 'red') over (partition by stream, stage) as reddest,
                     list_position(['idle', 'typical', 'queue', 'oldest', 'wip'], measure) as weight
              from stage_target_at(as_of)) group by stream, stage
    )
    -- What can't be seen can't be green, nor red: it comes before any target.
    -- What has not changed for long may be dead: that takes away green and amber, never red.
    select *, case when unseen <> '' then unseen
                   when strays > 0 and told = 'green' then 'stray'
                   -- What is blocked does not wait: a limit on what waits says nothing of it.
                   when told = 'green' and only_queue and wip > 0 and blocked = wip
                   then 'blocked'
                   when is_same and told in ('green', 'amber') then 'same'
                   else told end as verdict
    from decided;
