-- Flow efficiency: process time divided by lead time, a ratio of sums over finished and unfinished stays; not measurable where a stage has no wait or no work part in the map; stage '' is the whole stream.
create macro flow_efficiency(as_of) as table
    with summed as (
        select stream, stage, stage_no, count(*) as stays, count(*) filter (is_open) as open_stays,
               sum(process_us) as process_us, sum(wait_us) as wait_us, sum(lead_us) as lead_us
        from stay_at(as_of) group by grouping sets ((stream, stage, stage_no), (stream))
    ), lacking as (
        select stream, string_agg(name, ', ' order by stage_no) as names
        from stage where not (has_wait and has_work) group by all
    )
    select s.stream, coalesce(s.stage, '') as stage, coalesce(s.stage_no, 0) as stage_no,
           coalesce(g.name, 'Whole line') as stage_name, s.stays, s.open_stays,
           s.process_us / 86400e6 as process_days, s.wait_us / 86400e6 as wait_days,
           s.lead_us / 86400e6 as lead_days,
           case when coalesce(not (g.has_wait and g.has_work), l.names is not null) or s.lead_us = 0 then null
                else s.process_us / s.lead_us end as efficiency,
           case when s.stage is not null and not g.has_wait
                then 'No status of this stage says an item is waiting, so waiting inside it is not seen.'
                when s.stage is not null and not g.has_work
                then 'No status of this stage says an item is being worked on: all of it is waiting.'
                when s.stage is null and l.names is not null
                then format('Not measurable: waiting and working are not told apart in {}.', l.names)
                when s.lead_us = 0 then 'No time recorded in this stage.'
                else format('Worked on for {:.0f}% of the time, over {} stays, {} of them still open.',
                            100.0 * s.process_us / s.lead_us, s.stays, s.open_stays) end as sentence
    from summed s left join stage g on g.stream = s.stream and g.stage = s.stage
    left join lacking l on l.stream = s.stream
    order by s.stream, stage_no;
