-- Target now: each target of stages.yaml, of a stage (process_group '') or of a process (stream ''), with the value it is held against (items, days, or a process's share of checks that failed in its newest run), whether that is red, amber, green or unknown, what a sentence says of it, and why, by whom and when it was set; the verdict on a process is by the rule over its last runs.
-- kind: stage or process
-- stage: the stage's id in stages.yaml; '' for a process
-- name: what the stage or process is called
-- value: what is held to the target; empty where it is not known
-- reason: why it was set at that
create macro target_now(as_of) as table
    with held as (
        select 'stage' as kind, stream, stage, stage_no as place_no, '' as process_group,
               '' as process, stage_name as name, measure,
               case when measure in ('queue', 'wip') then 'items' when measure = 'idle' then 'days'
                    else day_word end as unit, value::double as value,
               amber, red, verdict, said, reason, owner, set_on
        from stage_target_at(as_of) where measure is not null
        union all
        select 'process', '', '', group_no, process_group, process, process_name, measure,
               'share', value, amber, red, verdict, said, reason, owner, set_on
        from process_target_at(as_of)
    )
    select * exclude (place_no) from held
    order by kind desc, stream, place_no, process_group, process, measure;
