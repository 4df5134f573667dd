-- target_at: every target of stages.yaml at an instant, of stages and of processes alike. The
-- figures status and process_status read its halves, which is twice as fast as the whole.
create macro target_at(as_of) as table
    select 'stage' as kind, stream, stage, stage_no as place_no, '' as process_group, '' as process,
           stage_name as name, measure,
           if(measure in ('queue', 'wip'), 'items', 'days') as unit, value::double as value,
           amber, red, verdict, said, reason, owner, set_on
    from stage_target_at(as_of) where measure is not null
    union all
    select 'process', '', '', group_no, process_group, process, process_name, measure, 'share',
           value, amber, red, verdict, said, reason, owner, set_on
    from process_target_at(as_of);
