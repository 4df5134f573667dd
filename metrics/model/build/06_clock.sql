-- clock: microseconds of the stream's own time (calendar, or working days only), so that
-- every duration is one subtraction of integers and lead = process + wait holds exactly.
create macro clock_at(started, worked, working, at_time) as
    worked + case when working then epoch_us(at_time) - epoch_us(started) else 0 end;

-- clock_day: the clock of each of its days; a clock that always runs has one for all.
create temp table clock_day as
select stream::a_stream as stream, if(days = 'calendar', null, local_day(time_zone, starts_at))
           as on_day, starts_at, worked_us, working
from day_clock join stream using (stream);

-- known_from: since when each recording tells, on that clock.
create temp table known_from as
select told.stream::a_stream as stream, told.source::a_source as source,
       clock_at(clock.starts_at, clock.worked_us, clock.working, told.from_at) as from_us
from coverage as told asof join day_clock as clock
    on clock.stream = told.stream and clock.starts_at <= told.from_at
where told.kind = 'status';

-- placed: where each status stands on the map of its stream.
create temp table placed_word as
with map as (
    select word.*, map.stage, map.stage_no, stream.days = 'calendar' as always,
           -- '(gone)': the item is no longer in a snapshot that once showed it.
           -- '(archived)': its board put it away.
           case when word.value = '(gone)' then 'left'
                else coalesce(map.part, if(word.value = '(archived)', 'left', 'unmapped')) end
               as part
    from (select distinct stream, value from event where kind = 'status') as word join stream
        on stream.stream = word.stream
    left join status_map as map on map.stream = word.stream and map.status = word.value
)
select *, if(in_stage(part), stage, part) as place from map;

create temp type a_status as enum (select distinct value::text from placed_word order by all);
create temp type a_stage as enum (select distinct stage from placed_word where stage is not null
                                  union select '' order by stage);  -- '': none
create temp type a_part as enum (select distinct part from placed_word order by part);
create temp type a_place as enum (select distinct place from placed_word order by place);

create temp type an_exit as enum ('back', 'left', 'on', 'unmapped');

create temp table placed as
select * replace (stage::a_stage as stage, part::a_part as part, place::a_place as place),
       value::text::a_status as status
from placed_word;
