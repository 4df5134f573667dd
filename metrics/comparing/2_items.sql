-- What happened to items between the two instants.
insert into change by name
select happened.stream, what as kind, 'item' as subject, if(stage = '', to_stage, stage) as stage,
       item, name, link, what, "at", not_before, stage_name as was,
       if(what in ('blocked', 'unblocked'), reason, to_name) as now, in_bulk,
       happened_said(name, what, stage_name, to_name, reason, in_bulk,
                     when_said(time_zone, not_before, "at")) || '.' as sentence,
       10 + list_position(['delivered', 'arrived', 'moved on', 'moved back', 'reopened',
                           'abandoned', 'not mapped', 'blocked', 'unblocked'], what) as group_no
from happened join line using (stream), span
where known = 'as of' and "at" > since and "at" <= as_of;

-- The item that has been in each stage longest: no change, but what does not. Of those there before
-- the data begins nobody knows which; each may have been there longer than any other.
insert into change by name
select stream, 'stuck longest' as kind, 'item' as subject, stage, item, name, link,
       'stuck longest' as what, entered_at as "at",
       if(stage_at_least, null, entered_at) as not_before, stage_name as was, stage_name as now,
       format('{} has been in {} {}{}, {}.', name, stage_name,
              if(stage_at_least, 'for at least ', 'for '), told_days(days_said(
                  if(stage_at_least, told_down(stage_age_days), stage_age_days)), day_word(days)),
              case when items = 1 then 'the only one there'
              when rivals = 0 then format('longest of the {:,} there', items)
              else format('and none of the {:,} there is known to have been there longer', items)
              end) as sentence,
       30 as group_no
from (select *, count(*) filter (stage_at_least or stage_age_days = longest_days) over here - 1
                    as rivals
      from (select *, max(stage_age_days) over here as longest_days from open_item
            window here as (partition by stream, stage))
      window here as (partition by stream, stage))
join known_stage using (stream, stage) join line using (stream)
qualify row_number() over (partition by stream, stage order by stage_age_days desc, item) = 1;
