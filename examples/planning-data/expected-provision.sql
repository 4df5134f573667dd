-- Stage events of "Add a council's data": one work item for each expected provision,
-- an organisation that is to supply a dataset.
--   Expected        from the day the provision starts: the wait begins
--   Endpoint added  an endpoint of that organisation for that dataset is in service
--   Healthy         an endpoint in service has brought its first resource (a status alone is no data)
--   Fell back       the last endpoint in service ended, and none came after it
--                   (from the first day on, if it had ended before the provision started)
-- An endpoint already in service when the provision starts counts from that day.
with expected as (
    select row->>'organisation' as organisation, row->>'dataset' as dataset,
           timezone('Europe/London', min(row->>'start_date')::date::timestamp) as expected_at
    from landing.raw where source = 'expected-provisions' group by all
), served as (
    select distinct replace(s.row->>'organisation', 'local-authority-eng:', 'local-authority:') as organisation,
           p.row->>'pipeline' as dataset, e.row->>'endpoint' as endpoint,
           (e.row->>'entry_date')::timestamptz as added_at,
           coalesce(timezone('Europe/London', (nullif(e.row->>'end_date', '')::date + 1)::timestamp),
                    'infinity'::timestamptz) as ended_at
    from landing.raw s
    join landing.raw p on p.source = 'source-pipelines' and (p.row->>'source') = (s.row->>'source')
    join landing.raw e on e.source = 'endpoints' and (e.row->>'endpoint') = (s.row->>'endpoint')
    where s.source = 'endpoint-sources'
), brought as (
    select subject as endpoint, min("at")::timestamptz as brought_at
    from landing.check_told where ok and source in ('collection-log', 'live-log') group by all
), wanted as (
    select x.*, s.endpoint, greatest(s.added_at, x.expected_at) as added_at, s.ended_at,
           if(b.brought_at is null, null,
              greatest(b.brought_at, s.added_at, x.expected_at)) as brought_at
    from expected x join served s using (organisation, dataset) left join brought b using (endpoint)
    where s.ended_at > greatest(s.added_at, x.expected_at)
), run as (
    select *, added_at > coalesce(max(ended_at) over earlier, '-infinity'::timestamptz) as is_new
    from wanted window earlier as (partition by organisation, dataset order by added_at, endpoint
                                   rows between unbounded preceding and 1 preceding)
), numbered as (
    select *, count(*) filter (is_new) over (partition by organisation, dataset order by added_at, endpoint) as run_no
    from run
), service as (
    select organisation, dataset, run_no, min(added_at) as added_at, max(ended_at) as ended_at,
           min(brought_at) filter (brought_at < ended_at) as brought_at
    from numbered group by all
), happened as (
    select organisation, dataset, if(exists (from served s where s.organisation = x.organisation
               and s.dataset = x.dataset and s.ended_at <= x.expected_at)
               and not exists (from wanted w where w.organisation = x.organisation
               and w.dataset = x.dataset), 'Fell back', 'Expected') as value,
           expected_at as since, 0 as sequence
    from expected x
    union all select organisation, dataset, 'Endpoint added', added_at, run_no * 3 + 1 from service
    union all select organisation, dataset, 'Healthy', brought_at, run_no * 3 + 2 from service where brought_at is not null
    union all select organisation, dataset, 'Fell back', ended_at, run_no * 3 + 3 from service where isfinite(ended_at)
)
select 'expected-provisions' as source, h.organisation || '/' || h.dataset as item, 'status' as kind,
       h.value, h.since, h.since as not_before, 'day' as precision, false as opening, h.sequence,
       'provision' as place, 0 as line,
       coalesce(o.row->>'name', h.organisation) || ': ' || h.dataset as name,
       'https://datasette.planning.data.gov.uk/digital-land/provision?organisation__exact='
           || url_encode(h.organisation) || '&dataset__exact=' || url_encode(h.dataset) as link
from happened h
left join landing.raw o on o.source = 'organisations' and (o.row->>'organisation') = h.organisation
