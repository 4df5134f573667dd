-- dot_at: of each stage, and of the line (stage ''), the stays that a chart draws: all, or of more
-- than it can of both kinds (finished, still in) each so many-th by age, the longest first.
create macro dot_at(as_of) as table
    with stay as (
        select stream, stage, item_no, entered_at, left_at, lead_us, at_least, is_open
        from stay_at(as_of) where is_open or exit in ('on', 'back')
        union all
        select spell.stream, '', item_no, first_at, if(place = 'done', entered_at, null),
               if(place = 'done', entered_us, now_us) - first_us,
               first_at_least or place = 'done' and at_least, place <> 'done'
        from spell join clock_of(as_of) using (stream)
        where is_open_at(entered_at, left_at, as_of) and place <> 'left'
    ), ranked as (
        select *, count(*) over (partition by stream, stage) as stays,
               count(*) over (partition by stream, stage, is_open) as alike,
               row_number() over (partition by stream, stage, is_open
                                  order by lead_us desc, item_no, entered_at) as nth
        from stay
    ), most as (
        from ranked where stays <= 1400 or (nth - 1) % ((alike + 699) // 700) = 0
    )
    select most.stream, stage, item.name, item.item, item.link,
           entered_at, in_days(lead_us) as lead_days, at_least,
           if(is_open, 'still in', 'finished') as state, left_at
    from most join item using (item_no)
    order by most.stream, stage, lead_us desc, item_no, entered_at;
