-- Age: for each open item, days since it first entered the stream and since it entered its stage, and how long it has been blocked; "at least" where it was there before the data begins.
-- entered_at: when it entered its stage
-- blocked: marked as blocked
create macro age(as_of) as table
    with open_visit as (
        select stream, item, stage, stage_no, part, status from stage_visit
        where is_open_at(entered_at, left_at, as_of) and (in_stage(part) or part = 'unmapped')
    ), stay as (
        select spell.*, now_us from spell join clock_of(as_of) using (stream)
        where is_open_at(entered_at, left_at, as_of) and place not in ('done', 'left')
    ), blocked as (
        select stream, item, reason, span_from_us, at_least
        from visit_blocked where is_open_at(from_at, until_at, as_of)
    )
    select stay.stream, visit.stage, visit.stage_no, stage.name as stage_name, visit.part,
           visit.status, stay.item, coalesce(detail.name, stay.item) as name, detail.link,
           first_at as first_entered_at,
           if(stay.stage = '', null, stay.entered_at) as entered_at,
           in_days(now_us - first_us) as age_days, first_at_least as at_least,
           if(stay.stage = '', null, in_days(now_us - stay.entered_us)) as stage_age_days,
           if(stay.stage = '', null, stay.at_least) as stage_at_least,
           blocked.item is not null as blocked, blocked.reason as blocked_reason,
           in_days(now_us - blocked.span_from_us) as blocked_days,
           coalesce(blocked.at_least, false) as blocked_at_least
    from open_visit as visit join stay using (stream, item)
    left join blocked using (stream, item) left join item_detail as detail using (stream, item)
    left join stage on stage.stream = stay.stream and stage.stage = visit.stage
    order by stay.stream, stage_age_days desc, stay.item;
