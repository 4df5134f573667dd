-- hand_off_at: from leaving one stage's work to entering the next one's, a row for each stay whose
-- work is over. Where a stage does not tell waiting from work, the whole stay counts as its work.
create macro hand_off_at(as_of) as table
    with placed as (
        select visit.*, stage.stage_no is not null
                   and (visit.part = 'work' or not stage.has_work) as in_work
        from visit_at(as_of) as visit
        left join stage on stage.stream = visit.stream and stage.stage = visit.stage
            and in_stage(visit.part)
    ), last_work as (
        -- The last visit to work of each stay: before it, a stay only goes to and fro.
        select * from placed where in_work
        qualify row_number() over (partition by item_no, stay_no order by visit_no desc) = 1
    ), ended as (
        select *, entered_us + stay_us as ended_us from last_work where not is_open
    ), decided as (
        -- The first that decides what came of it: waiting before the next stage's work does not.
        select ended.*, later.entered_us as met_us,
               case when later.part in ('left', 'unmapped') then later.part
                    when later.part = 'done'
                    then if(ended.stage_no = stages.last_no, 'on', 'skipped')
                    when later.stage_no <= ended.stage_no then 'back'
                    when later.stage_no = ended.stage_no + 1 then 'on'
                    else 'skipped' end as outcome
        from ended join (select stream, max(stage_no) as last_no from stage group by all) as stages
            using (stream)
        left join placed as later on later.item_no = ended.item_no
            and later.stay_no > ended.stay_no
            and (later.in_work or not in_stage(later.part)
                 or later.stage_no <> ended.stage_no + 1)
        qualify row_number() over (partition by ended.item_no, ended.stay_no
                                   order by later.visit_no) = 1
    )
    select stream, item_no, stay_no, stage, stage_no,
           if(met_us is null, null, outcome) as outcome,
           in_days(coalesce(met_us, now_us) - ended_us) as days
    from decided join clock_of(as_of) using (stream);
