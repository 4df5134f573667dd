-- What came to be known late: what happened by `since` and an earlier publication did not tell,
-- what it told that is no longer so, and what it told of another time, which may be after `since`.
-- The same may happen to an item twice at one instant.
insert into change by name
with numbered as (
    select happened.*, time_zone, row_number() over (
               partition by known, stream, item, what, stage, to_stage, "at" order by not_before)
               as nth
    from happened join line using (stream) where is_compared
), early as (
    select * from numbered where known = 'before'
), later as (
    select * from numbered where known = 'as of'
), added as (
    select later as thing, row_number() over alike as place, stream, item, what, stage, to_stage
    from later anti join early using (stream, item, what, stage, to_stage, "at", nth)
    window alike as (partition by stream, item, what, stage, to_stage order by "at", nth)
), gone as (
    select early as thing, row_number() over alike as place, stream, item, what, stage, to_stage
    from early anti join later using (stream, item, what, stage, to_stage, "at", nth)
    window alike as (partition by stream, item, what, stage, to_stage order by "at", nth)
), paired as (
    select unnest(coalesce(added.thing, gone.thing)), gone.thing as early, added.thing as later
    from added full join gone using (stream, item, what, stage, to_stage, place)
), told as (
    select *, case when later is null then 'taken back' when early is null then 'known late'
                   else 'corrected' end as kind,
           when_said(time_zone, early.not_before, early."at")
               = when_said(time_zone, not_before, "at") and early."at" <> "at" as is_close,
           if(is_close, exactly_said(time_zone, not_before, "at"),
              when_said(time_zone, not_before, "at")) as said_when,
           happened_said(name, what, stage_name, to_name, reason, in_bulk, said_when) as said,
           if(is_close, exactly_said(time_zone, early.not_before, early."at"),
              when_said(time_zone, early.not_before, early."at")) as said_early,
           format('the publication of {}', moment_in(time_zone, made)) as made_said
    from paired, span where early is not null or "at" <= since
)
select stream, kind, 'item' as subject, if(stage = '', to_stage, stage) as stage, item, name, link,
       what, "at", not_before, coalesce(said_early, '') as was,
       if(later is null, '', said_when) as now, in_bulk, true as late,
       case kind
           when 'known late'
           then format('{}: {} did not tell it yet.', said, made_said)
           when 'taken back'
           then format('It is no longer so that {}, as {} told.', said, made_said)
           else format('{}: {} told that it was {}.', said, made_said, said_early)
       end as sentence,
       list_position(['known late', 'taken back', 'corrected'], kind) + 39 as group_no
from told;
