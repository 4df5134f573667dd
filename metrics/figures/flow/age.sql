-- Age: for each open item, days since it first entered the stream and since it entered its stage, and how long it has been blocked; "at least" where it was there before the data begins.
-- entered_at: when it entered its stage
-- blocked: marked as blocked
create macro age(as_of) as table
    select item.stream, item.stage, item.stage_no, stage.name as stage_name, item.part, item.status,
           item.item, coalesce(item.name, item.item) as name, item.link, item.first_entered_at,
           stay.entered_at, in_days(item.now_us - item.first_us) as age_days, item.at_least,
           in_days(stay.lead_us) as stage_age_days, stay.at_least as stage_at_least,
           item.blocked_at is not null as blocked, item.blocked_reason,
           in_days(item.now_us - item.blocked_us) as blocked_days,
           coalesce(item.blocked_at_least, false) as blocked_at_least
    from item_at(as_of) as item
    left join stay_at(as_of) as stay
        on stay.stream = item.stream and stay.item = item.item and stay.is_open
    left join stage on stage.stream = item.stream and stage.stage = item.stage
    where in_stage(item.part) or item.part = 'unmapped'
    order by item.stream, stage_age_days desc, item.item;
