-- Percent complete and accurate: of the hand-offs out of a stage, the share not later returned to it or to an earlier stage; hand-offs of the last 28 days are too early to say; stage '' is the product through the stream.
create macro percent_complete_and_accurate(as_of) as table
    with hand_off as (
        select s.*, s.left_at > as_of::timestamptz - interval 28 day as too_early,
               exists (from stage_stay b where b.stream = s.stream and b.item = s.item
                       and b.stay_no > s.stay_no and b.entered_at <= as_of::timestamptz
                       and b.stage_no <= s.stage_no and b.place not in ('done', 'left', 'unmapped')
                       and not b.process_changed and not b.bulk) as is_returned
        from stay_at(as_of) s where s.exit = 'on' and not s.left_in_bulk
    ), counted as (
        select stream, stage, stage_no, count(*) filter (is_returned or not too_early) as hand_offs,
               count(*) filter (is_returned) as returned, count(*) filter (too_early and not is_returned) as too_early
        from hand_off group by all
    ), rated as (
        select *, if(hand_offs = 0, null, 100.0 * (hand_offs - returned) / hand_offs) as percent
        from counted
    )
    select g.stream, g.stage, g.stage_no, g.name as stage_name, coalesce(hand_offs, 0) as hand_offs,
           coalesce(returned, 0) as returned, coalesce(too_early, 0) as too_early, percent
    from stage g left join rated r using (stream, stage)
    union all
    select stream, '', 0, 'Whole line', sum(hand_offs), sum(returned), sum(too_early),
           if(bool_or(hand_offs = 0), null, 100 * product(percent / 100))
    from rated group by stream
    order by 1, 3;
