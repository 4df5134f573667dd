-- Of each two statuses, how many items came to the one before they came to the other.
with first_visit as (
    select item, value as status, min((since, sequence, line)) as at
    from stage_event
    where source = $source and kind = 'status' and value <> '(gone)' group by item, value
)
select former.status as earlier, latter.status as later, count(*) as items
from first_visit as former join first_visit as latter using (item) where former.at < latter.at
group by former.status, latter.status;
