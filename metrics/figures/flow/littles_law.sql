-- Littles law: over the last 26 whole weeks, work in progress divided by throughput is the average lead time, but only where at least five items were delivered, none was abandoned or moved in bulk, and arrivals, work in progress and age at the end differ from departures and the start by at most a tenth; else which of these fails.
create macro littles_law(as_of) as table
    with lately as (
        select w.*, row_number() over (partition by stream, stage order by week desc) as nth
        from week_at(as_of) w
    ), summed as (
        -- sums of doubles: DuckDB 2.0.0, as another client opens it, takes sums of few integers for smaller
        select stream, stage, stage_no, stage_name, count(*) as weeks, min(week) as first_week, max(week) as last_week,
               sum(entered::double)::bigint as entered, sum(moved_on::double)::bigint as moved_on, sum(abandoned::double)::bigint as abandoned,
               sum(bulk::double)::bigint as bulk, avg(open) as wip, arg_min(open, week) as wip_first,
               arg_max(open, week) as wip_last, arg_min(age_us, week) / 86400e6 as age_first,
               arg_max(age_us, week) / 86400e6 as age_last
        from lately where nth <= 26 group by all
    ), judged as (
        select *, [if(weeks < 26, format('only {} whole weeks are known', weeks), null),
                   if(moved_on < 5, format('{} moved on, and it takes 5', moved_on), null),
                   if(abandoned + bulk > 0, format('{} were abandoned or moved in bulk', abandoned + bulk), null),
                   if(abs(entered - moved_on) > 0.1 * greatest(entered, moved_on, 1),
                      format('{} came in and {} moved on', entered, moved_on), null),
                   if(abs(wip_last - wip_first) > 0.1 * greatest(wip_last, wip_first, 1),
                      format('work in progress went from {} to {}', wip_first, wip_last), null),
                   if(abs(age_last - age_first) > 0.1 * greatest(age_last, age_first),
                      format('the median age went from {:,.0f} to {:,.0f} days', age_first, age_last), null)] as wrong
        from summed
    ), said as (
        select *, [x for x in wrong if x is not null] as fails from judged
    )
    select j.stream, j.stage, j.stage_no, j.stage_name, first_week, last_week, weeks,
           entered, moved_on, abandoned, bulk, wip as mean_wip, len(fails) = 0 as holds,
           if(len(fails) = 0, 7 * weeks * wip / moved_on, null) as lead_days,
           if(len(fails) = 0, format('{:,.1f} items in progress, {:,.1f} a week moved on: {:,.1f} days each on average.', wip, moved_on / weeks, 7 * weeks * wip / moved_on),
              format('Not drawn: {}.', array_to_string(fails, '; '))) as sentence
    from said j order by j.stream, j.stage_no;
