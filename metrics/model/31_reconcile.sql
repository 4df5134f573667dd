-- Reconciliation: what must hold before a publication becomes current. Each rule works a number out
-- in two ways, in every stage at the end of every day (in the stream's zone) or so far. Of each
-- rule and stream it tells the first place at which they differ most.
create table reconciliation as
with last_answer as (
    select used.stream, used.source,
           arg_max(load.load_id, (load.seen_at, load.load_id)) as load_id
    from stream_source as used join load using (source)
    where used.counted and load.outcome = 'accepted' group by all
), told as (
    select answer.stream, answer.source, count(distinct raw.key) as items
    from last_answer as answer join landing.raw as raw using (source, load_id) group by all
), step as (
    select stream, stage_no, time_zone, unnest([from_at, until_at]) as at_time,
           unnest([from_us, until_us]) as us, unnest([1, -1]) as sign, stays, work, wait, marked
    from piece join stream using (stream)
), daily as (
    select stream, stage_no, local_day(time_zone, at_time) as day, sum(sign * stays) as stays,
           sum(sign * work) as work, sum(sign * wait) as wait, sum(sign * marked) as marked,
           sum(sign * stays * us) as stays_us, sum(sign * (work + wait) * us) as parts_us
    from step where at_time is not null group by all
), counted as (
    -- By the end of a day a stay has lasted the clock then, less the clock when it began.
    select told.stream, told.stage, told.day, told.waiting, told.working, told.blocked,
           clock_at(starts_at, worked_us, clock.working, over_at) as over_us,
           coalesce(sum(stays) over days, 0) as stays, coalesce(sum(work) over days, 0) as work,
           coalesce(sum(wait) over days, 0) as wait, coalesce(sum(marked) over days, 0) as marked,
           coalesce(sum(stays_us) over days, 0) as stays_us,
           coalesce(sum(parts_us) over days, 0) as parts_us
    from (select *, timezone(time_zone, (day + 1)::timestamp) as over_at
          from wip_day join stream using (stream)) as told
    left join daily using (stream, stage_no, day)
    asof join day_clock as clock on clock.stream = told.stream and starts_at <= over_at
    window days as (partition by told.stream, told.stage_no order by told.day)
), newest as (
    -- A row may be dated up to a day ahead: that has not happened yet.
    select max(data_at) as newest_at from stream
), spent as (
    select stream, stage_no, sum(work * (over_us - from_us)) as process_us,
           sum(wait * (over_us - from_us)) as wait_us
    from (select piece.*, if(until_at <= newest_at, until_us, now_us) as over_us
          from piece join clock_of((from newest)) using (stream), newest
          where from_at <= newest_at) group by all
), stayed as (
    select stream, stage_no, sum(process_us) as process_us, sum(wait_us) as wait_us
    from stay_time_at((from newest)) group by all
), held as (
    select stream, stage || ', by the end of ' || day as place, unnest([
               {rule: 'lead time = process time + wait time',
                found: over_us * (work + wait) - parts_us, expected: over_us * stays - stays_us},
               {rule: 'arrivals - departures = work in progress',
                found: waiting + working + blocked, expected: stays},
               {rule: 'in work and not blocked = working', found: working, expected: work},
               {rule: 'in no work and not blocked = waiting', found: waiting,
                expected: wait - marked}], recursive := true)
    from counted
    union all
    select stream, stage || ', so far', unnest([
               {rule: 'process time = work - blocks in it', found: coalesce(stayed.process_us, 0),
                expected: coalesce(spent.process_us, 0)},
               {rule: 'wait time = queues + pauses + blocks in work',
                found: coalesce(stayed.wait_us, 0), expected: coalesce(spent.wait_us, 0)}],
               recursive := true)
    from stage left join stayed using (stream, stage_no) left join spent using (stream, stage_no)
)
select 'items in the last answer of ' || told.source || ' = open + finished + left' as rule,
       told.stream, told.items as expected, coalesce(shown.items, 0) as found
from told left join shown_item as shown using (stream)
union all
select rule || if(min(nth) < 0, ' (' || arg_min(place, (nth, place)) || ')', ''), stream,
       arg_min(expected, (nth, place)), arg_min(found, (nth, place))
from (select *, -abs(expected - found) as nth from held) group by rule, stream;
