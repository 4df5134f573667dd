-- blocked_clock_at: up to when blocks are known, on the stream's clock then and 13 weeks before. No
-- clock runs beyond the end of the sources that tell of blocks.
create macro blocked_clock_at(as_of) as table
    with known as (
        select stream.stream, least(as_of::timestamptz, data_at, until_at) as known_at,
               known_at - to_days(91) as past_at
        from stream join blocked_known using (stream)
    )
    select stream, known_at,
           max_by(clock_at(starts_at, worked_us, working, known_at), starts_at) as now_us,
           max_by(clock_at(starts_at, worked_us, working, past_at), starts_at)
               filter (starts_at <= past_at) as past_us
    from known join day_clock using (stream) where starts_at <= known_at group by all;

-- blocked_part_at: what stood so far, each wording in each visit.
create macro blocked_part_at(as_of) as table
    select part.* exclude (stage), part.stage::text as stage,
           greatest(0, least(coalesce(until_us, now_us), now_us) - from_us) as us,
           greatest(0, least(coalesce(until_us, now_us), now_us) - greatest(from_us, past_us))
               as lately_us,
           coalesce(from_us >= past_us, true) as begins_lately,
           coalesce(until_at > as_of::timestamptz, true) as is_open
    from blocked_part as part join blocked_clock_at(as_of) using (stream)
    where from_at <= as_of::timestamptz;

-- blocker_name_at: what each blocker is called: as stages.yaml says, else by the wording that stood
-- most often by then, of as many the first.
create macro blocker_name_at(as_of) as table
    with counted as (
        select stream, group_no, wording, count(distinct (item_no, event_no)) as times,
               min(from_at) as first_at
        from blocked_part_at(as_of) group by all
    ), ranked as (
        select stream, group_no, list(wording order by times desc, first_at, wording) as wordings
        from counted group by all
    ), own as (
        select stream, blocker_no, any_value(blocker) as blocker,
               string_agg(word, ', ' order by word_no) as words
        from blocker_word group by all
    )
    select ranked.stream, group_no, wordings, case rule when 'own' then own.blocker
               when 'none' then 'no reason given' else wordings[1] end as blocker,
           case rule when 'own' then 'words of stages.yaml: ' || own.words
               when 'none' then 'says only that it is blocked' when 'link' then 'the same link'
               else 'the same words' end as rule
    from ranked
    join (select distinct stream, group_no, rule, own_no from blocker_wording) as grouped
        using (stream, group_no)
    left join own on own.stream = ranked.stream and own.blocker_no = grouped.own_no;

-- blocked_until_at: whether it can be said what is blocked now, in each stage and the whole line
-- (stage ''): up to when both the places of items and their blocks are told.
create macro blocked_until_at(as_of) as table
    with told as (
        select coverage.stream, max(told_until) as told_until
        from coverage join heard_at(as_of) using (stream, source)
        where coverage.kind = 'blocked' group by coverage.stream
    )
    select known.stream, known.stage, least(newest_at, told_until) as known_until,
           coalesce(in_days(epoch_us(as_of::timestamptz) - epoch_us(known_until)) > stale_after,
                    true) as stale
    from known_at(as_of) as known join told using (stream) join stream using (stream);

-- blocked_item_at: the items blocked at the instant, with the place of each among those that the
-- same blocker holds, in the line (nth) and in its stage (stage_nth): the longest first.
create macro blocked_item_at(as_of) as table
    select held.stream, held.stage, blocker, rule, item.item, item.name, item.link,
           row_number() over (partition by held.group_no order by us desc, item_no) as nth,
           row_number() over (partition by held.group_no, held.stage order by us desc, item_no)
               as stage_nth
    from (select stream, group_no, item_no, arg_max(stage, from_at) as stage, sum(us) as us
          from blocked_part_at(as_of) group by stream, group_no, item_no, run_no
          having bool_or(is_open)) as held
    join blocker_name_at(as_of) using (stream, group_no) join item using (item_no);
