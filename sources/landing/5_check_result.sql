-- Rows of logs, canaries, polls and CI runs as checks. Of a log's row success is a resource, not
-- a status.
create or replace view check_told as
with told as (
    select source, process, endpoint as subject, entry_date::timestamptz as "at",
           coalesce(ok = 'true', coalesce(resource, '') <> '') as ok,
           coalesce(status, '') as status,
           coalesce(exception, '') as exception,
           -- No check takes thirty years, less than no time, or what is no number.
           if(try_cast(elapsed as double) between 0 and 1e9, elapsed::double, null) as seconds,
           coalesce(resource, '') as resource, link
    from raw_log
)
select source, process, subject, "at", ok, status,
       case when ok then '' when exception <> '' then exception
            when status not in ('', '200') then status
            else 'no data in the answer' end as detail,
       seconds, resource, link
from told;

-- The same result told twice, by two files or by reading a little again, counts once.
create or replace view check_result as select distinct * exclude (link) from check_told;
