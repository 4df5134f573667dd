-- Of each two statuses, how many items came to the one before they came to the other.
with first_visit as (
    select item, value as status, min((since, sequence, line)) as at
    from stage_event
    where source = $source and kind = 'status' and value <> '(gone)' group by item, value
)
select a.status as earlier, b.status as later, count(*) as items
from first_visit as a join first_visit as b using (item) where a.at < b.at
group by a.status, b.status;
