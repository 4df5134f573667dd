-- Lead time: for each stay in a stage, days from entering to leaving (or so far, if still in), as process time (in work and not blocked) plus wait time (in a queue, paused or blocked).
-- finished: it has ended
create macro lead_time(as_of) as table
    select stay.stream, stay.stage, stay.stage_no, item.item,
           item.name, item.link, stay.entered_at, stay.left_at,
           not stay.is_open as finished, stay.exit, in_days(stay.lead_us) as lead_days,
           in_days(stay.process_us) as process_days, in_days(stay.wait_us) as wait_days,
           stay.at_least
    from stay_time_at(as_of) as stay join item using (item_no)
    order by stay.stream, stay.stage_no, stay.entered_at, item_no, stay_no;
