-- How a goal's numbers are said. Beside its target a number never reads as equal unless it is.
create macro goal_number(value, beside, unit) as case unit
    when 'share' then number_beside(round(100 * value, 6), round(100 * beside, 6)) || '%'
    when 'items' then number_beside(value, beside)
    else number_beside(value, beside) || ' ' || if(value = 1, rtrim(unit, 's'), unit) end;

-- The measure's own phrase, its number as exact as it must be beside the target.
create macro goal_value_said(said, value, target, unit) as case
    when value is null or unit = 'items' then said
    when unit = 'share'
    then replace(said, format('({:.0f}%)', 100.0 * value),
                 format('({})', goal_number(value, target, unit)))
    when contains(said, ' at least ')
    then replace(said, format(' {} ', days_said(told_down(value))),
                 format(' {} ', least_beside(value, target)))
    else replace(said, format(' {} ', days_said(value)),
                 format(' {} ', number_beside(value, target))) end;

-- A change: "3.4 days less". Of what is too small to be said in tenths, that it is.
create macro goal_change(change, unit) as
    if(abs(change) * if(unit = 'share', 100, 1) < 0.1, 'under 0.1',
       days_said(abs(change) * if(unit = 'share', 100, 1)))
    || case unit when 'share' then ' points' when 'items' then '' else ' ' || unit end
    || case when change > 0 then ' more' when unit = 'items' then ' fewer' else ' less' end;

-- A share that is not whole never reads as whole, and one that is something never as nothing.
create macro goal_percent(share) as
    if(share > 0 and share < 0.01, 'under 1%', format('{:.0f}%', floor(100 * share + 1e-9)));

-- How far on the way, and the pace it would take; as far as all these are known.
create macro goal_way_said(held_at_start, way_share, time_share, ahead, needed, so_far, gone_us,
                           left_us, unit) as
    case when held_at_start then 'It was within its target when it began'
         when way_share < 0
         then format('It is further from it than at the start, with {} of the time gone',
                     goal_percent(time_share))
         when way_share = 0
         then format('It has not moved, with {} of the time gone', goal_percent(time_share))
         else format('{} of the way in {} of the time', goal_percent(way_share),
                     goal_percent(time_share)) end
    || if(left_us < days_us(7), format('; it would take {} by then', goal_change(ahead, unit)),
          format('; it would take {} a week', goal_change(needed, unit)))
    || if(so_far <> 0 and gone_us >= days_us(7),
          format(', so far it was {} a week', goal_change(so_far, unit)), '');
