-- Check error: the failed checks of the last 13 whole ISO weeks, counted in three ways: by kind (the HTTP status, the exception, or no data in the answer), by organisation and by process; each with the checks it was out of and the subjects it touched; a process that was checked and never failed is there with none.
create macro check_error(as_of) as table
    with told as (
        select s.*, n.process_group, n.process, if(n.organisation = '', 'not known', n.organisation) as organisation
        from check_stretch s join named_subject n using (subject_no)
        where s.week_no < week_of(epoch_us(as_of::timestamptz) + 1)
          and s.week_no >= week_of(epoch_us(as_of::timestamptz) + 1) - 13
    ), counted as (
        select 'kind' as counted_by, t.process_group, t.process,
               if(regexp_full_match(detail, '\d{3}'), 'HTTP ' || detail, detail) as name,
               sum(checks) as failed, count(distinct subject_no) as subjects
        from told t where not ok group by all
        union all
        select 'organisation', process_group, process, organisation, sum(checks) filter (not ok),
               count(distinct subject_no) filter (not ok)
        from told group by all
        union all
        select 'process', process_group, process, process, coalesce(sum(checks) filter (not ok), 0),
               count(distinct subject_no) filter (not ok)
        from told group by all
    ), out_of as (
        select process_group, process, sum(checks) as checks from told group by all
    ), of_organisation as (
        select process_group, process, organisation as name, sum(checks) as checks from told group by all
    )
    select c.counted_by, c.process_group, c.process, c.name, c.failed::bigint as failed,
           coalesce(o.checks, a.checks)::bigint as checks, c.subjects
    from counted c join out_of a using (process_group, process)
    left join of_organisation o on c.counted_by = 'organisation' and o.process_group = c.process_group
        and o.process = c.process and o.name = c.name
    where c.failed > 0 or c.counted_by = 'process' order by c.counted_by, c.failed desc, c.process_group, c.process, c.name;
