-- clock: microseconds of the stream's own time (calendar, or working days only), so that
-- every duration is one subtraction of integers and lead = process + wait holds exactly.
create macro clock_at(started, worked, working, at_time) as
    worked + case when working then epoch_us(at_time) - epoch_us(started) else 0 end;

-- clock_day: the clock of each of its days; a clock that always runs has one for all.
create temp table clock_day as
select stream::told_stream as stream, if(days = 'calendar', null, local_day(time_zone, starts_at))
           as on_day, starts_at, worked_us, working
from day_clock join stream using (stream);

-- known_from: since when each recording tells, on that clock.
create temp table known_from as
select told.stream::told_stream as stream, told.source::told_source as source,
       clock_at(clock.starts_at, clock.worked_us, clock.working, told.from_at) as from_us
from coverage as told asof join day_clock as clock
    on clock.stream = told.stream and clock.starts_at <= told.from_at
where told.kind = 'status';

-- placed: where each status stands on the map of its stream.
create temp table placed as
with map as (
    select word.*, map.stage, map.stage_no, stream.days = 'calendar' as always,
           -- '(gone)': the item is no longer in a snapshot that once showed it.
           case when word.value = '(gone)' then 'left' else coalesce(map.part, 'unmapped') end
               as part
    from (select distinct stream, value from event where is_status) as word join stream
        on stream.stream = word.stream
    left join status_map as map on map.stream = word.stream and map.status = word.value
)
select *, if(in_stage(part), stage, part) as place, dense_rank() over (order by place) as place_no
from map;
