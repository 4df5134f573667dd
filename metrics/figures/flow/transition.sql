-- Transition: how often items moved from one place to another (stages, in the line, delivered, abandoned), as forward one stage, skipping stages, coming back, reopening, delivered or abandoned, with the median days in the place they left; moves booked in bulk and moves made by a change of the process are counted apart.
create macro transition(as_of) as table
    with placed as (
        select s.stream, s.item, s.stay_no, s.place, s.stage_no, s.next_place, s.left_us - s.entered_us as stay_us,
               coalesce(s.left_in_bulk, false) as bulk, coalesce(s.left_by_change, false) as by_change,
               coalesce(s.next_stage_no, if(s.next_place = 'done', 1000, null)) as next_no
        from stage_stay s where s.left_at <= as_of::timestamptz and s.next_place is not null
    ), last_stage as (
        select stream, max(stage_no) as last_no from stage group by all
    ), named as (
        select p.*, case when next_place = 'unmapped' or place = 'unmapped' then 'not mapped'
                    when next_place = 'left' then 'abandoned'
                    when place in ('left', 'done') then 'reopened'
                    when next_place = 'done' then if(p.stage_no >= l.last_no, 'delivered', 'delivered, skipping')
                    when next_no < p.stage_no then 'back'
                    when next_no = p.stage_no + 1 then 'forward' else 'skipping' end as kind
        from placed p join last_stage l using (stream)
    )
    select n.stream, n.place as from_place, coalesce(g.name, upper(n.place[1]) || n.place[2:]) as from_name,
           n.next_place as to_place, coalesce(h.name, case n.next_place when 'done' then 'Delivered'
               when 'left' then 'Abandoned' else 'Not mapped' end) as to_name, n.kind,
           count(*) as moves, count(distinct n.item) as items,
           count(*) filter (n.bulk) as in_bulk, count(*) filter (n.by_change) as by_change,
           median(n.stay_us) / 86400e6 as median_days
    from named n left join stage g on g.stream = n.stream and g.stage = n.place
    left join stage h on h.stream = n.stream and h.stage = n.next_place
    group by n.stream, n.place, from_name, n.next_place, to_name, n.kind, coalesce(g.stage_no, 100), coalesce(h.stage_no, 100)
    order by n.stream, coalesce(g.stage_no, 100), coalesce(h.stage_no, 100), n.next_place;
