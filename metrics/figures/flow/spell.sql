-- Spell: each stay of an item in a stage (stage '' is the whole line, from first entry to delivery or abandonment), with its age in days when first known, its age at its end or so far, how it ended (on, left, unmapped, or null while open), and how long ago it began; the ends booked in bulk edits are marked.
create macro spell(as_of) as table
    with known as (
        select stream, stage, newest_at from evidence_at(as_of)
        union all
        select stream, '', min(newest_at) from evidence_at(as_of) group by stream
    )
    select s.stream, s.stage, s.stage_no, coalesce(g.name, 'Whole line') as stage_name, s.item,
           s.entered_at, (c.now_us - s.start_us) / 86400e6 as began_days_ago,
           least(s.known_age_us, s.spell_us) / 86400e6 as late_days, s.spell_us / 86400e6 as days,
           s.exit, s.at_least, coalesce(s.left_in_bulk, false) as in_bulk, k.newest_at as known_until,
           (c.now_us - q.now_us) / 86400e6 as quarter_days, (c.now_us - h.now_us) / 86400e6 as half_year_days,
           (c.now_us - y.now_us) / 86400e6 as year_days
    from spell_at(as_of) s join clock_of(as_of) c using (stream)
    join clock_of(as_of::timestamptz - interval 91 day) q using (stream)
    join clock_of(as_of::timestamptz - interval 182 day) h using (stream)
    join clock_of(as_of::timestamptz - interval 364 day) y using (stream)
    join known k on k.stream = s.stream and k.stage = s.stage
    left join stage g on g.stream = s.stream and g.stage = s.stage
    order by s.stream, s.stage_no, s.entered_at, s.item;
