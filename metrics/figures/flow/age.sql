-- Age: for each open item, days since it first entered the stream and since it entered its stage, and how long it has been blocked; "at least" where it was there before the data begins.
-- stage: the stage's id in stages.yaml; empty if its status is mapped to none
-- entered_at: when it entered its stage
-- blocked: marked as blocked
create macro age(as_of) as table
    with open_visit as (
        select item_no, stage, stage_no, part, status from stage_visit
        where is_open_at(entered_at, left_at, as_of) and (in_stage(part) or part = 'unmapped')
    ), stay as (
        select spell.*, now_us from spell join clock_of(as_of) using (stream)
        where is_open_at(entered_at, left_at, as_of) and place not in ('done', 'left')
    ), blocked as (
        select item_no, wording as reason, span_from_us, at_least
        from visit_blocked join worded_at(as_of) using (item_no)
        where is_open_at(from_at, until_at, as_of)
    )
    select stay.stream, visit.stage, visit.stage_no, stage.name as stage_name, visit.part,
           visit.status, item.item, item.name, item.link,
           first_at as first_entered_at,
           if(stay.stage = '', null, stay.entered_at) as entered_at,
           in_days(now_us - first_us) as age_days, first_at_least as at_least,
           if(stay.stage = '', null, in_days(now_us - stay.entered_us)) as stage_age_days,
           if(stay.stage = '', null, stay.at_least) as stage_at_least,
           blocked.item_no is not null as blocked, blocked.reason as blocked_reason,
           in_days(now_us - blocked.span_from_us) as blocked_days,
           coalesce(blocked.at_least, false) as blocked_at_least
    from open_visit as visit join stay using (item_no) join item using (item_no)
    left join blocked using (item_no)
    left join stage on stage.stream = stay.stream and stage.stage = visit.stage
    order by stay.stream, stage_age_days desc, item_no;
