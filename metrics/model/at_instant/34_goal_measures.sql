-- Goals at an instant. goal_flow_at, goal_process_at: what each result's measure is, as far as it
-- is known, and why it may not be so after all (doubt, '' for none).
create macro goal_flow_at(as_of) as table
    with seen as (
        select stream, stage, strays, stray_statuses, is_same, changed_at,
               oldest_at_least as is_older, wip > 0 and is_held_always as is_still
        from stage_seen_at(as_of)
        union all
        select stream, '', any_value(strays), any_value(stray_statuses), bool_or(is_same),
               min(changed_at) filter (is_same), false, false
        from stage_seen_at(as_of) group by stream
    )
    select result.goal, result.result, now.value, now.items, coalesce(now.why, 'no data') as why,
           coalesce(now.said, 'no data yet') as said,
           case when strays > 0
                then format('{:,} in no stage at all ({}), and any of them may count here', strays,
                            stray_statuses)
                when is_same
                then format('its source has told exactly the same since {}: either nothing moved '
                            || 'or it is dead', day_said(changed_at))
                when result.measure = 'oldest' and is_older or result.measure = 'idle' and is_still
                then 'the data begins too late to say how much longer' else '' end as doubt
    from goal_result as result left join flow_measure_at(as_of) as now
        on now.stream = result.stream and now.stage = result.stage
        and now.measure = result.measure
    left join seen on seen.stream = result.stream and seen.stage = result.stage
    where result.kind <> 'process';

create macro goal_process_at(as_of) as table
    with measured as (
        select *, count(*) over (partition by process_group) as several
        from process_measure_at(as_of)
    )
    select result.goal, result.result, now.value, now.items, coalesce(now.why, 'no data') as why,
           coalesce(now.said, if(result.process <> '', 'nothing has been told of it',
                                 'its group has several processes: stages.yaml must name one'))
               as said, '' as doubt
    from goal_result as result left join measured as now
        on now.process_group = result.process_group
        and (now.process = result.process or result.process = '' and now.several = 1)
    where result.kind = 'process';
