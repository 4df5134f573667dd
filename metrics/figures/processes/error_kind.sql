-- Error kind: what the failed checks of the last 13 whole ISO weeks failed with (the HTTP status, the exception, or no data in the answer), most first, for each process and for each group together (process ''), with all its failed checks and all its checks beside.
create macro error_kind(as_of) as table
    with told as (
        select *, error_name(detail) as name from checked_at(as_of)
    ), part as (
        select * replace (unnest(['', process]) as process) from told
    ), counted as (
        select process_group, process, name, sum(checks)::bigint as failed,
               count(distinct subject_no) as subjects
        from part where not ok group by all
    ), of_all as (
        select process_group, process, (sum(checks) filter (not ok))::bigint as all_failed,
               sum(checks)::bigint as all_checks
        from part group by all
    )
    select process_group, process, name,
           row_number() over (partition by process_group, process
                              order by failed desc, name) as nth,
           failed, subjects, all_failed, all_checks
    from counted join of_all using (process_group, process)
    order by process_group, process, nth;
