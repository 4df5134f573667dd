-- Blocker: what blocks the items of each line, and of each stage (stage '' for the whole line), most of all now: reasons that name the same, with the items blocked now and the item-days lost in the last 13 weeks and in all, as they were worded by then; an item counts only while it is in a stage.
-- stage_name: its name, or Whole line
-- place: 1 for what blocks most items now; of as many, what took most in the last 13 weeks
-- blocker: the name that `stages.yaml` gives it, else its commonest wording, letter for letter
-- rule: why these are one: words of `stages.yaml`, the same link, the same words but for their ends
-- items_now: items that it blocks at the instant; empty where nothing has been told for too long
-- open_items: all open items of the line, or of the stage, at the instant
-- now_share: items_now of open_items
-- lately_days: item-days lost in the 13 weeks up to counted_until
-- lately_at_least: spans in these of which the beginning is not known, so the days are more
-- all_days: item-days lost in all
-- items: items that it ever blocked
-- spans: how often it blocked one; going on in other words of the same blocker is no new one
-- at_least: spans of which the beginning is not known, so the days are more
-- longest_days: the longest of these spans
-- longest_at_least: its beginning is not known
-- longest_item: which item that was, by its key
-- longest_name: what it is called
-- longest_link: where it is to be seen
-- stages: the stages in which it did, in their order
-- wordings: how many wordings were taken for the same
-- also: the next four of these, the commonest first
-- known_until: up to when what blocks is told
-- counted_until: up to when days are counted: never beyond what its sources ever told
create macro blocker(as_of) as table
    with held as (
        select stream, coalesce(stage, '') as stage, sum(wip)::bigint as wip
        from stage_now(as_of) group by grouping sets ((stream, stage), (stream))
    ), told as (
        select counted.*, known.known_until, if(known.stale, null, items_now) as told_now,
               coalesce(wip, 0) as wip
        from blocker_count_at(as_of) as counted
        join blocked_until_at(as_of) as known using (stream, stage)
        left join held using (stream, stage)
    )
    select told.stream, told.stage, coalesce(stage.stage_no, 0) as stage_no,
           part_name(stage.name) as stage_name,
           row_number() over (partition by told.stream, told.stage
               order by told_now desc nulls last, lately_us desc, all_us desc, blocker, group_no)
               as place, blocker, rule, told_now as items_now, wip as open_items,
           if(wip > 0, told_now / wip, null) as now_share, in_days(lately_us) as lately_days,
           lately_at_least, in_days(all_us) as all_days, items, spans, at_least,
           in_days(longest_us) as longest_days, longest_at_least, item.item as longest_item,
           item.name as longest_name, item.link as longest_link,
           if(told.stage = '', stages, stage.name) as stages, len(wordings) as wordings,
           array_to_string(wordings[2:5], '; ') as also, known_until,
           clock.known_at as counted_until
    from told join blocker_name_at(as_of) as named using (stream, group_no)
    join blocked_clock_at(as_of) as clock using (stream)
    join item on item.item_no = told.longest_no
    left join stage on stage.stream = told.stream and stage.stage = told.stage
    order by told.stream, told.stage, place;
