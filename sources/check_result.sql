-- Pipeline log rows as checks: success is a resource, not a status.
create or replace view check_result as
with told as (
    select distinct source, process, endpoint as subject, entry_date::timestamp as at_local,
           coalesce(resource, '') as resource, coalesce(status, '') as status,
           coalesce(exception, '') as exception, try_cast(elapsed as double) as seconds
    from raw_log
)
select source, process, subject, timezone('UTC', at_local)::timestamptz as "at", resource <> '' as ok, status,
       case when resource <> '' then '' when exception <> '' then exception
            when status not in ('', '200') then status
            else 'no data in the answer' end as detail,
       seconds, resource
from told;
