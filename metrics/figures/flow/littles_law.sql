-- Littles law: over the last 26 whole weeks, work in progress (at every instant, not only at their ends) divided by throughput is the average lead time, but only where at least five items were delivered, none was abandoned or moved in bulk, and arrivals, work in progress and age at the end differ from departures and the start by at most a tenth; else which of these fails; for the whole line also the triangle it makes in the cumulative flow, up from the delivered by the work in progress and back by the lead time.
-- lead_days: the average lead time by the law; empty where it does not hold
-- sentence: the law in words, or what fails
-- bulk: moves booked in edits in bulk
create macro littles_law(as_of) as table
    with lately as (
        select *, row_number() over (partition by stream, stage order by week desc) as nth
        from week_at(as_of)
    ), summed as (
        -- sums of doubles: DuckDB 2.0.0, as another client opens it, takes sums of few integers
        -- for smaller
        select stream, stage, stage_no, stage_name, count(*) as weeks, min(week) as first_week,
               max(week) as last_week, sum(entered::double)::bigint as entered,
               sum(moved_on::double)::bigint as moved_on,
               sum(abandoned::double)::bigint as abandoned, sum(bulk::double)::bigint as bulk,
               sum(stay_us::double) as stay_us, sum(week_us::double) as week_us,
               arg_min(open, week) as wip_first, arg_max(open, week) as wip_last,
               in_days(arg_min(age_us, week)) as age_first,
               in_days(arg_max(age_us, week)) as age_last, day_word(days) as day_word
        from lately join stream using (stream) where nth <= 26 group by all
    ), judged as (
        select *, list_filter([
            if(weeks < 26, format('only {} {} known', counted(weeks, 'whole week'),
                                  for_count(weeks, 'is', 'are')), null),
            if(moved_on < 5, format('{} moved on, and it takes 5', moved_on), null),
            if(abandoned + bulk > 0,
               format('{} {} abandoned or moved in bulk', abandoned + bulk,
                      for_count(abandoned + bulk, 'was', 'were')), null),
            if(abs(entered - moved_on) > 0.1 * greatest(entered, moved_on, 1),
               format('{} came in and {} moved on', entered, moved_on), null),
            if(abs(wip_last - wip_first) > 0.1 * greatest(wip_last, wip_first, 1),
               format('work in progress went from {} to {}', wip_first, wip_last), null),
            if(abs(age_last - age_first) > 0.1 * greatest(age_last, age_first),
               format('the median age went from {:,.0f} to {:,.0f} {}', age_first, age_last,
                      day_word), null)], lambda reason: reason is not null) as fails
        from summed
    ), worked_out as (
        select *, len(fails) = 0 as holds, moved_on / weeks as a_week,
               stay_us / nullif(week_us, 0) as wip,
               if(len(fails) = 0, in_days(stay_us / moved_on), null) as lead_days
        from judged
    ), corner as (
        select visit.stream,
               any_value(local_day(time_zone, least(as_of::timestamptz, data_at))) as day,
               count(distinct visit.item_no) filter (part = 'done' and entered_at <= data_at)
                   as delivered
        from stage_visit as visit join stream using (stream)
        where entered_at <= as_of::timestamptz group by visit.stream
    )
    select law.stream, stage, stage_no, stage_name, first_week, last_week, weeks, entered, moved_on,
           abandoned, bulk, wip as mean_wip, holds, lead_days,
           if(holds, format('{:,.1f} in progress on average, {:,.1f} a week moved on: {:,.1f} {} '
                            || 'each on average.', wip, a_week, lead_days, day_word),
              format('Not drawn: {}.', array_to_string(fails, '; '))) as sentence,
           day as triangle_day, day - to_microseconds(days_us(lead_days)::bigint) as triangle_from,
           if(day is null, null, delivered) as triangle_base,
           if(day is null, null, delivered + wip) as triangle_top
    from worked_out as law left join corner
        on corner.stream = law.stream and law.stage = '' and law.holds
    order by law.stream, stage_no;
