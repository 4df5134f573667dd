-- Check error: the failed checks of the last 13 whole ISO weeks, counted in three ways: by kind (the HTTP status, the exception, or no data in the answer), by organisation and by process; each with the checks it was out of and the subjects it touched; a process that was checked and never failed is there with none.
-- name: the error, the organisation or the process
-- checks: the checks it was out of
create macro check_error(as_of) as table
    with told as (
        from checked_at(as_of)
    ), counted as (
        select 'kind' as counted_by, process_group, process, error_name(detail) as name,
               sum(checks) as failed, count(distinct subject_no) as subjects
        from told where not ok group by all
        union all
        select 'organisation', process_group, process, organisation, sum(checks) filter (not ok),
               count(distinct subject_no) filter (not ok)
        from told group by all
        union all
        select 'process', process_group, process, process,
               coalesce(sum(checks) filter (not ok), 0), count(distinct subject_no) filter (not ok)
        from told group by all
    ), of_all as (
        select process_group, process, sum(checks) as checks from told group by all
    ), of_organisation as (
        select process_group, process, organisation as name, sum(checks) as checks
        from told group by all
    )
    select counted.counted_by, counted.process_group, counted.process, counted.name,
           counted.failed::bigint as failed,
           coalesce(of_organisation.checks, of_all.checks)::bigint as checks, counted.subjects
    from counted join of_all using (process_group, process)
    left join of_organisation on counted.counted_by = 'organisation'
        and of_organisation.process_group = counted.process_group
        and of_organisation.process = counted.process and of_organisation.name = counted.name
    where counted.failed > 0 or counted.counted_by = 'process'
    order by counted.counted_by, counted.failed desc, counted.process_group, counted.process,
             counted.name;
