-- Happened: each thing that happened to an item so far: it arrived in the line, moved on, moved back, was reopened (from delivered or abandoned into a stage), delivered or abandoned, was moved from or to a status that is not mapped, blocked or unblocked; without what was so before the data begins.
-- what: arrived, moved on, moved back, reopened, delivered, abandoned, not mapped, (un)blocked
-- stage: where it was; '' if it came from no stage
-- to_stage: where it went; '' if it went to no stage, or nowhere
-- to_name: what that is called; '' if it went nowhere
-- at: when, or the latest that it can have been
-- not_before: the earliest that it can have been: the same, if the time is known
-- in_bulk: booked in an edit in bulk, which is no progress
-- reason: if blocked or unblocked, why it was blocked, in the source's words of then, the last
create macro happened(as_of) as table
    with visit as (
        select *, lag(place) over history as was, lag(stage_no) over history as was_no,
               lag(coalesce(entered_not_before, entered_at)) over history as was_at
        from stage_visit window history as (partition by item_no order by visit_no)
    ), moved as (
        select *, case when place = 'done' then 'delivered' when place = 'left' then 'abandoned'
                       when was is null then 'arrived' when was in ('done', 'left') then 'reopened'
                       when 'unmapped' in (was, place) then 'not mapped'
                       when stage_no < was_no then 'moved back' else 'moved on' end as what,
               -- A recording that begins with it elsewhere: it went since it was last told of.
               coalesce(entered_not_before, if(at_least, was_at, entered_at)) as not_before
        from visit where begins_stay and not (was is null and at_least)
    ), flag as (
        select item_no, since, value <> '' as is_blocked,
               min(coalesce(not_before, since)) as not_before
        from stage_event where kind = 'blocked' group by all
    ), worded as (
        -- A reason may be worded anew later than what is asked for.
        select item_no, span_from_at, arg_max(value, event_no) as wording
        from (select distinct item_no, span_from_at, span_until_at from visit_blocked
              where span_from_at <= as_of::timestamptz)
        join stage_event using (item_no)
        where kind = 'blocked' and value <> '' and since >= span_from_at
          and since < coalesce(span_until_at, 'infinity') and since <= as_of::timestamptz
        group by all
    ), held as (
        select blocked.* replace (coalesce(wording, reason) as reason)
        from visit_blocked as blocked left join worded using (item_no, span_from_at)
    ), told as (
        select stream, item_no, visit_no, unnest(if(was is null and what <> 'arrived',
                   ['arrived', what], [what])) as what,
               was, place as went, entered_at as at_time, not_before, bulk, '' as reason
        from moved
        union all
        select stream, item_no, visit_no, 'blocked', stage, '', from_at, null, false, reason
        from held where from_at = span_from_at and not at_least
        union all
        select stream, item_no, visit_no, 'unblocked', stage, '', until_at, null, false, reason
        from held where until_at = span_until_at
    )
    select told.stream, item.item, item.name, item.link, told.what,
           coalesce(source.stage, '') as stage,
           if(coalesce(was, '') = '', '', place_name(source.name, was)) as stage_name,
           coalesce(aim.stage, '') as to_stage,
           if(went = '', '', place_name(aim.name, went)) as to_name,
           at_time as "at", coalesce(told.not_before, flag.not_before, at_time) as not_before,
           told.bulk as in_bulk, told.reason
    from told join item using (item_no)
    left join stage as source on source.stream = told.stream and source.stage = told.was
    left join stage as aim on aim.stream = told.stream and aim.stage = told.went
    left join flag on flag.item_no = told.item_no
        and flag.since = told.at_time and flag.is_blocked = (told.what = 'blocked')
        and told.went = ''
    where at_time <= as_of::timestamptz
    order by told.stream, at_time, item_no, visit_no, told.what <> 'arrived', told.what;
