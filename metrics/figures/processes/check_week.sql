-- Check week: for each whole ISO week of a process (Monday to Sunday in UTC): how many subjects the configuration has in service at its end and how many were added in it, and in the 26 weeks to it, how many were looked at and how many of those failed when last looked at, the checks and the failed ones, and the runs that did not take place, in it and since the first week; a share is not given where nothing was checked; process '' is the whole group.
create macro check_week(as_of) as table
    select process_group, process, week, strftime(week, '%G-W%V') as iso_week, in_service, added,
           looked_at, failing, checks, failed, failed / nullif(checks, 0) as share, missed_runs,
           sum(added) over half_year::bigint as added_26_weeks,
           sum(missed_runs) over so_far::bigint as missed_runs_so_far
    from process_week where end_us - 1 <= epoch_us(as_of::timestamptz)
    window so_far as (partition by process_group, process order by week),
           half_year as (partition by process_group, process order by week
                         rows between 25 preceding and current row)
    order by process_group, process, week;
