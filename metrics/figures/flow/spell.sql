-- Spell: each stay of an item in a stage (stage '' is the whole line, from first entry to delivery or abandonment), with its age in days when first known, its age at its end or so far, how it ended (on, left, unmapped, or null while open), and how long ago it began; the ends booked in bulk edits are marked.
-- late_days: its age when first known; one that ended by that age was over before the data
-- exit: on (to a later stage, back or delivered), left or unmapped; empty while open
-- in_bulk: its end was booked in an edit in bulk
create macro spell(as_of) as table
    select spell.stream, spell.stage, spell.stage_no, part_name(stage.name) as stage_name,
           item.item, spell.entered_at, in_days(now.now_us - spell.start_us) as began_days_ago,
           in_days(spell.known_age_us) as late_days,
           in_days(spell.spell_us) as days, spell.exit, spell.at_least,
           spell.left_in_bulk as in_bulk, known.newest_at as known_until,
           -- The last weeks by the stream's own clock: on working days a quarter has 65, not 91.
           in_days(now.now_us - quarter.now_us) as quarter_days,
           in_days(now.now_us - half_year.now_us) as half_year_days,
           in_days(now.now_us - year.now_us) as year_days
    from spell_at(as_of) as spell join clock_of(as_of) as now using (stream)
    join clock_of(as_of::timestamptz - interval 91 day) as quarter using (stream)
    join clock_of(as_of::timestamptz - interval 182 day) as half_year using (stream)
    join clock_of(as_of::timestamptz - interval 364 day) as year using (stream)
    join known_at(as_of) as known on known.stream = spell.stream and known.stage = spell.stage
    left join stage on stage.stream = spell.stream and stage.stage = spell.stage
    join item using (item_no)
    order by spell.stream, spell.stage_no, spell.entered_at, item_no, days,
             spell.exit;
