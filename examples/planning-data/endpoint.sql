-- The endpoints of each collection: their address, whose they are, and since and until when the
-- configuration has them in service. An endpoint of several organisations is named after none.
with named as (
    select organisation, row->>'name' as name
    from (select row->>'organisation' as organisation, row from landing.raw where source = 'organisations')
), listed as (
    select row->>'collection' as process, row->>'endpoint' as subject,
           replace(row->>'organisation', 'local-authority-eng:', 'local-authority:') as organisation
    from landing.raw where source = 'endpoint-sources' and (row->>'endpoint') <> ''
), owned as (
    select l.process, l.subject, count(distinct l.organisation) as owners,
           any_value(coalesce(n.name, l.organisation)) as owner
    from listed l left join named n using (organisation) group by all
)
select o.process, o.subject, e.row->>'endpoint_url' as name,
       'https://datasette.planning.data.gov.uk/digital-land/endpoint/' || o.subject as link,
       if(o.owners = 1, o.owner, o.owners || ' organisations together') as organisation,
       (e.row->>'entry_date')::timestamptz as added_at,
       timezone('UTC', (nullif(e.row->>'end_date', '')::date + 1)::timestamp) as ended_at
from owned o join landing.raw e on e.source = 'endpoints' and (e.row->>'endpoint') = o.subject
