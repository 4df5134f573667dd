-- Age: for each open item, days since it first entered the stream and since it entered its stage, and how long it has been blocked; "at least" where it was there before the data begins.
create macro age(as_of) as table
    select i.stream, i.stage, i.stage_no, g.name as stage_name, i.part, i.status, i.item,
           coalesce(i.name, i.item) as name, i.link, i.first_entered_at, s.entered_at,
           (i.now_us - i.first_us) / 86400e6 as age_days, i.at_least,
           s.lead_us / 86400e6 as stage_age_days, s.at_least as stage_at_least,
           i.blocked_at is not null as blocked, i.blocked_reason,
           (i.now_us - i.blocked_us) / 86400e6 as blocked_days,
           coalesce(i.blocked_at_least, false) as blocked_at_least
    from item_at(as_of) i
    left join stay_at(as_of) s on s.stream = i.stream and s.item = i.item and s.is_open
    left join stage g on g.stream = i.stream and g.stage = i.stage
    where i.part in ('queue', 'paused', 'work', 'unmapped')
    order by i.stream, stage_age_days desc, i.item;
