-- Talk about: at most ten open items of each line worth a word, each for one reason, the first of these that it has: newly blocked (in the last 7 days), came back (to an earlier stage, or into the line, in the last 13 weeks), blocked, slow (in the line for longer than 95 in 100 of those that moved on from its stage were), oldest; the first of each reason, then the second of each, and so on; none of a stage whose source has told nothing for too long.
-- place: 1 to 10
-- why: newly blocked, came back, blocked, slow or oldest
-- days: since it was blocked, since it came back; in the line if slow; in its stage if oldest
-- at_least: it was so before the data begins, so the days are more
-- p95_days: if slow, the age by which 95 in 100 had moved on
create macro talk_about(as_of) as table
    with known as (
        select told.stream, told.stage, least(as_of::timestamptz, data_at) as until_at
        from evidence_at(as_of) as told join stream using (stream)
        where told.age_days <= told.stale_after
    ), stay as (
        select now.stream, now.item, now.stay_no, now.lead_us, now.at_least, now.entered_at,
               now.entered_us,
               before.place in ('done', 'left') or before.stage_no > now.stage_no as is_back
        from stay_at(as_of) as now left join stage_stay as before
            on before.stream = now.stream and before.item = now.item
            and before.stay_no = now.stay_no - 1
        where now.is_open
    ), candidate as (
        select item.stream, item.item, coalesce(item.name, item.item) as name, item.link,
               item.stage, item.stage_no, band.stage_name, item.blocked_reason, stay.lead_us,
               item.now_us - item.blocked_us as blocked_us, item.blocked_at_least,
               item.now_us - item.first_us as age_us, item.at_least as age_at_least,
               stay.at_least as stay_at_least, band.p95_us,
               case when not item.blocked_at_least and item.flagged_at > until_at - to_days(7)
                    then 1
                    when is_back and not stay.at_least and stay.entered_at > until_at - to_days(91)
                    then 2
                    when item.blocked_at is not null then 3
                    when item.now_us - item.first_us > band.p95_us then 4 else 5 end as why_no
        from item_at(as_of) as item join known using (stream, stage)
        join stay using (stream, item)
        join band_at(as_of) as band on band.stream = item.stream and band.stage = item.stage
        where in_stage(item.part)
    ), told as (
        -- What has just happened is told latest first, all else longest first.
        select *, case why_no when 1 then blocked_us when 2 then lead_us when 3 then blocked_us
                              when 4 then age_us else lead_us end as us,
               case why_no when 1 then blocked_at_least when 2 then false
                           when 3 then blocked_at_least when 4 then age_at_least
                           else stay_at_least end as at_least
        from candidate
    ), ranked as (
        select *, row_number() over (partition by stream, why_no
            order by if(why_no <= 2, us, -us), item) as rank
        from told
    ), placed as (
        select *, row_number() over (partition by stream order by rank, why_no) as place
        from ranked
    )
    select stream, place, item, name, link, stage, stage_no, stage_name,
           case why_no when 1 then 'newly blocked' when 2 then 'came back' when 3 then 'blocked'
                       when 4 then 'slow' else 'oldest' end as why,
           blocked_reason, in_days(us) as days, at_least,
           if(why_no = 4, in_days(p95_us), null) as p95_days
    from placed where place <= 10 order by stream, place;
