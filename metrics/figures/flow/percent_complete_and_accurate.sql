-- Percent complete and accurate: of the hand-offs out of a stage, the share not later returned to it or to an earlier stage; hand-offs of the last 28 days are too early to say; stage '' is the product through the stream.
create macro percent_complete_and_accurate(as_of) as table
    with hand_off as (
        select stay.*, stay.left_at > as_of::timestamptz - interval 28 day as too_early,
               -- What the process itself or an edit in bulk moved back was not sent back.
               exists (from stage_stay as later
                       where later.item_no = stay.item_no
                       and later.stay_no > stay.stay_no and later.entered_at <= as_of::timestamptz
                       and later.stage_no <= stay.stage_no
                       and later.place not in ('done', 'left', 'unmapped')
                       and not later.process_changed and not later.bulk) as is_returned
        from stay_at(as_of) as stay where stay.exit = 'on' and not stay.left_in_bulk
    ), counted as (
        select stream, stage, stage_no,
               count(*) filter (is_returned or not too_early) as hand_offs,
               count(*) filter (is_returned) as returned,
               count(*) filter (too_early and not is_returned) as too_early
        from hand_off group by all
    ), rated as (
        select *, if(hand_offs = 0, null, 100.0 * (hand_offs - returned) / hand_offs) as percent
        from counted
    )
    select stage.stream, stage.stage, stage.stage_no, stage.name as stage_name,
           coalesce(hand_offs, 0) as hand_offs, coalesce(returned, 0) as returned,
           coalesce(too_early, 0) as too_early, percent
    from stage left join rated using (stream, stage)
    union all
    select stream, '', 0, part_name(null), sum(hand_offs)::bigint, sum(returned)::bigint,
           sum(too_early)::bigint,
           if(bool_or(hand_offs = 0), null, 100 * product(percent / 100))
    from rated group by stream
    order by 1, 3;
