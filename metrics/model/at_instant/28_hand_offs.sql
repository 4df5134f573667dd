-- hand_off_at: from leaving one stage's work to entering the next one's, a row for each stay whose
-- work is over. Where a stage does not tell waiting from work, the whole stay counts as its work.
create macro hand_off_at(as_of) as table
    with worked as (
        -- The first and the last of the work of each stay: between them it only goes to and fro.
        select visit.item_no, visit.stay_no, min(entered_us) as work_us, max(left_us) as ended_us,
               bool_or(is_open_at(entered_at, left_at, as_of)) as is_open
        from stage_visit as visit left join (from stage where not has_work) as no_work
            on no_work.stream = visit.stream and no_work.stage = visit.stage
        where entered_at <= as_of::timestamptz
          and (part = 'work' or in_stage(part) and no_work.stage is not null)
        group by all
    ), followed as (
        select stay.stream, stay.item_no, stay_no, stage, stage_no, ended_us, is_open,
               lead(place) over history as next_place, lead(stage_no) over history as next_no,
               lead(entered_us) over history as next_us, lead(work_us) over history as next_work_us,
               lead(place, 2) over history as after_place,
               lead(stage_no, 2) over history as after_no,
               lead(entered_us, 2) over history as after_us
        from stage_stay as stay left join worked using (item_no, stay_no)
        where entered_at <= as_of::timestamptz
        window history as (partition by stay.item_no order by stay_no)
    ), decided as (
        -- Waiting before the next stage's work decides nothing; what comes after it does.
        select *, coalesce(next_no = stage_no + 1
                           and next_place not in ('done', 'left', 'unmapped'), false) as is_next,
               is_next and next_work_us is null as only_waited,
               if(only_waited, after_place, next_place) as met_place,
               if(only_waited, after_no, next_no) as met_no,
               case when only_waited then after_us when is_next then next_work_us
                    else next_us end as met_us
        from followed where not is_open
    )
    select decided.stream, item_no, stay_no, stage, stage_no,
           case when met_us is null then null when met_place in ('left', 'unmapped') then met_place
                when met_place = 'done' then if(stage_no = last_no, 'on', 'skipped')
                when met_no <= stage_no then 'back' when met_no = stage_no + 1 then 'on'
                else 'skipped' end as outcome,
           in_days(coalesce(met_us, now_us) - ended_us) as days
    from decided join clock_of(as_of) using (stream)
    join (select stream, max(stage_no) as last_no from stage group by all) using (stream);
