-- Flow efficiency: process time divided by lead time, a ratio of sums over finished and unfinished stays; not measurable where a stage has no wait or no work part in the map; stage '' is the whole stream.
-- process_days: the sum over all stays: in work and not blocked
-- wait_days: the sum over all stays: in a queue, paused or blocked
-- lead_days: both sums together
-- sentence: the share in words, or why there is none
create macro flow_efficiency(as_of) as table
    with summed as (
        select stream, stage, stage_no, sum(stays)::bigint as stays,
               sum(open_stays)::bigint as open_stays, sum(process_us) as process_us,
               sum(lead_us) - sum(process_us) as wait_us, sum(lead_us) as lead_us
        from time_at(as_of) group by grouping sets ((stream, stage, stage_no), (stream))
    ), lacking as (
        select stream, string_agg(name, ', ' order by stage_no) as names
        from stage where not (has_wait and has_work) group by all
    ), told as (
        select summed.stream, coalesce(summed.stage, '') as stage,
               coalesce(summed.stage_no, 0) as stage_no, stage.name, stays, open_stays, process_us,
               wait_us, lead_us, has_wait, has_work, names
        from summed
        left join stage on stage.stream = summed.stream and stage.stage = summed.stage
        left join lacking on lacking.stream = summed.stream
    )
    select stream, stage, stage_no, part_name(name) as stage_name, stays, open_stays,
           in_days(process_us) as process_days, in_days(wait_us) as wait_days,
           in_days(lead_us) as lead_days,
           if(coalesce(not (has_wait and has_work), names is not null) or lead_us = 0, null,
              process_us / lead_us) as efficiency,
           case when stage <> '' and not has_wait
                then 'No status of this stage says an item is waiting, so waiting inside it '
                     || 'is not seen.'
                when stage <> '' and not has_work
                then 'No status of this stage says an item is being worked on: all of it is '
                     || 'waiting.'
                when stage = '' and names is not null
                then format('Not measurable: waiting and working are not told apart in {}.', names)
                when lead_us = 0 then 'No time recorded in this stage.'
                else format('Worked on for {:.0f}% of the time, over {}, {:,} of them still open.',
                            100.0 * process_us / lead_us, counted(stays, 'stay'), open_stays)
           end as sentence
    from told order by stream, stage_no;
