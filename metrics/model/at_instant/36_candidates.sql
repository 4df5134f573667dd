-- candidate_at: of each stage and reason the first ten open items that talk_about may name: what
-- has just happened latest first, all else longest first.
create macro candidate_at(as_of) as table
    with stay as (
        select now.*, least(as_of::timestamptz, data_at) as until_at
        from stay_at(as_of) as now join stream using (stream) where is_open
    ), back as (
        select now.item_no from stay as now join stage_stay as before
            on before.item_no = now.item_no
            and before.stay_no = now.stay_no - 1
        where not now.at_least and now.entered_at > until_at - to_days(91)
          and (before.place in ('done', 'left') or before.stage_no > now.stage_no)
    ), blocked as (
        select item_no, wording as reason, at_least, span_from_at, span_from_us
        from visit_blocked join worded_at(as_of) using (item_no)
        where is_open_at(from_at, until_at, as_of)
    ), open_item as (
        select stay.stream, stay.stage, stay.stage_no, stay.item_no, band.stage_name,
               blocked.reason, stay.lead_us, now_us - blocked.span_from_us as blocked_us,
               blocked.at_least as blocked_at_least, now_us - first_us as age_us, first_at_least,
               stay.at_least, band.p95_us,
               case when not blocked.at_least and span_from_at > until_at - to_days(7) then 1
                    when back.item_no is not null then 2
                    when blocked.item_no is not null then 3
                    when now_us - first_us > band.p95_us then 4 else 5 end as why_no
        from stay join band_at(as_of) as band using (stream, stage)
        left join back using (item_no) left join blocked using (item_no)
    ), told as (
        select * replace (case why_no when 1 then blocked_at_least when 2 then false
                               when 3 then blocked_at_least when 4 then first_at_least
                               else at_least end as at_least),
               case why_no when 1 then blocked_us when 2 then lead_us when 3 then blocked_us
                           when 4 then age_us else lead_us end as us
        from open_item
    )
    select stream, stage, stage_no, stage_name, item_no, why_no, us, at_least,
           reason as blocked_reason, if(why_no = 4, p95_us, null) as p95_us
    from told qualify row_number() over (partition by stream, stage, why_no
                                         order by if(why_no <= 2, us, -us), item_no) <= 10;
