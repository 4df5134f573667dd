-- The words that all other SQL is written in. They live in the publication, so that any DuckDB
-- client that opens the file has them too. "us" is microseconds, which keep every sum exact.
create macro in_days(us) as us / 86400e6;
create macro days_us(days) as days * 86400000000;
-- What a stream's own days are called: `days` of the table stream.
create macro day_word(days) as if(days = 'working', 'working days', 'days');
-- So many, the number as it is told, in words that fit one as well: 1 day, 2 days.
create macro told_days(told, days) as told || ' ' || if(told = '1', left(days, -1), days);
create macro whole_days(days, day_word) as if(
    days < 1, 'under a ' || left(day_word, -1), told_days(format('{:,.0f}', days), day_word));
create macro for_count(count_of, of_one, of_more) as if(count_of = 1, of_one, of_more);
create macro counted(count_of, one) as told_days(format('{:,}', count_of), one || 's');
-- Days and weeks: those of a stream begin at midnight in its own zone.
create macro local_day(zone, instant) as timezone(zone, instant)::date;
create macro local_week(zone, instant) as date_trunc('week', timezone(zone, instant))::date;
create macro day_said(instant) as strftime(instant, '%-d %B %Y');

-- The weeks of checks are UTC's, from Monday; 5 January 1970, the first Monday, begins week 0.
create macro week_of(us) as (us - 345600000000) // 604800000000;
create macro week_begins_us(week_no) as week_no * 604800000000 + 345600000000;
create macro week_monday(week_no) as date '1970-01-05' + (week_no * 7)::integer;
-- The first week that is not over: a week is over at its last microsecond, hence the 1.
create macro week_under_way(instant) as week_of(epoch_us(instant::timestamptz) + 1);
-- Slots of any length are counted from a Monday, so that one of seven days is a week.
create macro slot_begins_us(us, every_us) as
    (us - 345600000000) // every_us * every_us + 345600000000;

-- Percentiles: nearest rank, and given only where there are enough to stand on.
create macro nearest_rank(sorted, share) as sorted[ceil(share * len(sorted))::bigint];
create macro enough_for(count_of, share) as
    count_of >= case share when 0.5 then 5 when 0.7 then 8 when 0.85 then 15 when 0.95 then 45 end;
create macro percentile_of(sorted, share) as
    if(enough_for(len(sorted), share), nearest_rank(sorted, share), null);
-- A share worked out in floating point reaches a half a hair below it.
create macro is_half(share) as share >= 0.5 - 1e-12;

-- Whether a spell has a place at ages of a curve: not what was there when the records begin, for
-- nobody knows how long, nor what was over before they began.
create macro is_placed(at_least, known_age_us, spell_us) as
    if(known_age_us = 0, not at_least, known_age_us < spell_us);
-- What has no place may have stayed longer than the longest that has one.
create macro longest_said() as 'the longest stay whose start is known';
-- Whether the median of some ages is at least so much: it would be more, were those that are known
-- only as at least older by thirty thousand years.
create macro median_at_least(ages, at_least) as
    coalesce(median(ages + if(at_least, 1000000000000000000, 0)) <> median(ages), false);

-- What parts and places are called.
create macro in_stage(part) as part in ('queue', 'paused', 'work');
create macro part_name(stage_name) as coalesce(stage_name, 'Whole line');
create macro place_name(stage_name, place) as coalesce(stage_name, case place
    when 'done' then 'Delivered' when 'left' then 'Abandoned' else 'Not mapped' end);
create macro error_name(detail) as
    if(regexp_full_match(detail, '\d{3}'), 'HTTP ' || detail, detail);

-- A number beside its limit never reads as equal to it unless it is: 1.7 against 1.5, not 2.
create macro without_zeros(told) as rtrim(rtrim(told, '0'), '.');
create macro limit_number(value) as without_zeros(format('{:,.3f}', value::double));
create macro number_beside(value, beside) as case
    when value = beside then limit_number(value)
    when round(value) <> round(beside) then format('{:,.0f}', round(value))
    when round(value, 1) <> round(beside, 1) then format('{:,.1f}', round(value, 1))
    else without_zeros(format('{:,.6f}', value::double)) end;
-- Days by themselves: whole ones, but for the first few.
create macro days_said(value) as
    if(value < 10, limit_number(round(value, 1)), format('{:,.0f}', value));
-- What is known to be at least so much is never told as more: 841.8 are at least 841, and beside a
-- limit as many of its digits as keep it on its own side: 842.3 against 842.
create macro told_down(value) as if(value < 10, floor(value * 10 + 1e-9) / 10, floor(value));
create macro least_beside(value, beside) as case
    when value = beside then limit_number(value)
    when beside not between told_down(value) and value then days_said(told_down(value))
    when beside not between floor(value * 10) / 10 and value
    then format('{:,.1f}', floor(value * 10) / 10)
    else without_zeros(format('{:,.6f}', value::double)) end;
