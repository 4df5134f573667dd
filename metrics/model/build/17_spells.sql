-- spell: what ages are told from at any instant, so that none is asked to join: each stay in a
-- stage or in no stage, and each visit that ended an item's way (delivered, abandoned), with the
-- item's first sign (first_), and when it came to the same stage again.
create table spell as
with first as (
    select item_no, first_known_at as first_at, first_us, first_at_least, first_known_age_us
    from item join item_clock using (item_no)
), who_return as (
    -- Only who goes back, or on from no stage, can come to a stage again.
    select distinct item_no from stage_stay
    where next_place is not null
      and (next_stage_no < stage_no or place in ('done', 'left', 'unmapped'))
), again as (
    select item_no, stay_no, again_at from (
        select item_no, stay_no, lead(entered_at) over (
                   partition by item_no, stage order by stay_no) as again_at
        from stage_stay semi join who_return using (item_no)
        where place not in ('done', 'left', 'unmapped')
    ) where again_at is not null
), stay as (
    select stream, item_no, stay_no, place,
           if(place = 'unmapped', ''::a_stage, stage) as stage, stage_no, entered_at,
           left_at, entered_us, left_us, known_age_us, at_least, again_at,
           case when next_place = 'left' then 'left'::an_exit
                when next_place = 'done' or next_stage_no > stage_no then 'on'::an_exit
                when next_place = 'unmapped' then 'unmapped'::an_exit
                when next_place is not null then 'back'::an_exit end as exit,
           coalesce(left_in_bulk, false) as left_in_bulk, false as bulk
    from stage_stay left join again using (item_no, stay_no)
    where place not in ('done', 'left')
    union all
    select stream, item_no, stay_no, place, ''::a_stage, stage_no, entered_at, left_at,
           entered_us, left_us, known_age_us, at_least, null, null, false, bulk
    from stage_visit
    -- Over before the data begins: how long it took can't be known.
    where place in ('done', 'left') and not (visit_no = 1 and at_least)
)
select stay.*, first_at, first_us, first_at_least, first_known_age_us
from stay join first using (item_no);
