-- Talk about: at most ten open items of each line worth a word, each for one reason, the first of these that it has: newly blocked (in the last 7 days), came back (to an earlier stage, or into the line, in the last 13 weeks), blocked, slow (in the line for longer than 95 in 100 of those that moved on from its stage were), oldest; the first of each reason, then the second of each, and so on; none of a stage whose source has told nothing for too long.
-- place: 1 to 10
-- why: newly blocked, came back, blocked, slow or oldest
-- days: since it was blocked, since it came back; in the line if slow; in its stage if oldest
-- at_least: it was so before the data begins, so the days are more
-- p95_days: if slow, the age by which 95 in 100 had moved on
create macro talk_about(as_of) as table
    with known as (
        select stream, stage from evidence_at(as_of) where age_days <= stale_after
    ), ranked as (
        select *, row_number() over (partition by stream, why_no
            order by if(why_no <= 2, us, -us), item_no) as rank
        from candidate_at(as_of) semi join known using (stream, stage)
    ), placed as (
        select *, row_number() over (partition by stream order by rank, why_no) as place
        from ranked
    )
    select placed.stream, place, item.item, item.name, item.link, stage, stage_no, stage_name,
           case why_no when 1 then 'newly blocked' when 2 then 'came back' when 3 then 'blocked'
                       when 4 then 'slow' else 'oldest' end as why,
           blocked_reason, in_days(us) as days, at_least, in_days(p95_us) as p95_days
    from placed join item using (item_no)
    where place <= 10 order by placed.stream, place;
