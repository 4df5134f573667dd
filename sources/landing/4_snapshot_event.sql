-- Snapshots compared with the one before: what changed lies between two readings.
create or replace view snapshot_event as
with reading as (
    select source, load_id, seen_at, lag(seen_at) over in_time as before_at,
           row_number() over in_time as reading_no
    from load where outcome = 'accepted' and tells = 'states'
    window in_time as (partition by source order by seen_at, load_id)
), shown as (
    select listed.*, reading.before_at, reading.reading_no,
           lag(reading.reading_no) over of_item as was_no,
           lead(reading.reading_no) over of_item as next_no, lag(status) over of_item as was_status,
           coalesce(blocked, '') as reason,
           lag(coalesce(blocked, '')) over of_item as was_reason,
           lag(has_blocked) over of_item as had_blocked
    from listed join reading using (source, load_id)
    window of_item as (partition by listed.source, listed.item order by reading.reading_no)
), gone as (
    -- an item that the reading after its last one does not show
    select shown.source, shown.item, reading.seen_at, reading.before_at, reading.load_id
    from shown join reading on reading.source = shown.source
        and reading.reading_no = shown.reading_no + 1
    where shown.next_no is distinct from shown.reading_no + 1
), flagged as (
    -- the column may be new: what it says at first may have been so for long
    select *, coalesce(had_blocked, reading_no > 1) as was_there from shown where has_blocked
)
select source, item, 'status' as kind, status as value, seen_at as since, before_at as not_before,
       if(reading_no = 1, 'at least', 'between') as precision, reading_no = 1 as opening,
       0 as sequence, place, line
from shown where was_no is null or was_no < reading_no - 1 or was_status <> status
union all
select source, item, 'blocked', reason, seen_at, before_at,
       if(was_there, 'between', 'at least'), not was_there, 0, place, line
from flagged where reason is distinct from if(had_blocked, was_reason, '')
union all
select gone.source, gone.item, 'status', '(gone)', gone.seen_at, gone.before_at, 'between', false,
       0, load.place, 0
from gone join load using (load_id);

create or replace view stage_event as from list_event union all from snapshot_event;
