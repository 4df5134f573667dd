-- Lead time: for each stay in a stage, days from entering to leaving (or so far, if still in), as process time (in work and not blocked) plus wait time (in a queue, paused or blocked).
create macro lead_time(as_of) as table
    select s.stream, s.stage, s.stage_no, s.item, coalesce(t.name, s.item) as name, t.link,
           s.entered_at, s.left_at, not s.is_open as finished, s.exit,
           s.lead_us / 86400e6 as lead_days, s.process_us / 86400e6 as process_days,
           s.wait_us / 86400e6 as wait_days, s.at_least
    from stay_at(as_of) s left join item_detail t using (stream, item)
    order by s.stream, s.stage_no, s.entered_at, s.item;
