-- Goal: each key result under the goals of stages.yaml, its measure now (after its date, on that day) beside where it began and what it is to be: on track while its share of the way is at least that of the time, behind, reached or missed, else not known, and in words why; with the pace it would take, where start, now and target are known and its date is to come.
-- goal: its name in stages.yaml
-- objective: what the goal is, in words
-- owner: whose goal it is
-- under: the goal that it serves, '' for none
-- result: its name under the goal
-- name: what the result is called
-- kind: line, stage or process
-- stage: the stage's id in stages.yaml; '' is the whole line, or a process
-- place: what it is a measure of: the stream's, the stage's or the process's name
-- started_on: the day it began, at its end
-- start_value: what it was then, as stages.yaml has it, else as the data says
-- target: what it is to be
-- is_least: so much or more is what it is to be; else so much or less
-- due_on: the day whose end decides
-- value: what it is; empty where it is not known
-- items: on how many items or checks that stands
-- measure: as the figure measure has it
-- state: not begun, on track, behind, reached, missed or not known
-- why: why it has no value: no data, stale, removed, too few, too short, not reached, not published
-- said: the measure in words, or why it has no value
-- way_share: how much of the way from start to target it has gone; less than 0: further away
-- time_share: how much of the time has gone
-- needed_a_week: by how much it would have to change each week to be there in time
-- so_far_a_week: by how much it has changed each week since it began
create macro goal(as_of) as table
    with paced as (
        select told.*, goal.goal_no, goal.objective, goal.owner, goal.under,
               state in ('on track', 'behind') as is_under_way,
               if(is_under_way, (target - value) * days_us(7) / left_us, null) as needed,
               if(is_under_way and gone_us > 0, (value - start) * days_us(7) / gone_us, null)
                   as so_far,
               format('at {} {}', if(is_least, 'least', 'most'),
                      goal_number(target, target, unit)) as aim,
               goal_value_said(said, value, target, unit) as now_said,
               goal_number(start, target, unit) || if(goal_number(began_value, target, unit)
                   <> goal_number(start, target, unit),
                   format(' (the data says {})', goal_number(began_value, target, unit)), '')
                   as start_said
        from goal_at(as_of) as told join goal using (goal)
    ), worded as (
        select *, format('target {} by {}', aim, day_said(due_on)) as target_said,
               goal_way_said(held_at_start, way_share, time_share, target - value, needed, so_far,
                             gone_us, left_us, unit) as course
        from paced
    )
    select goal, objective, owner, under, result, name, kind, stream, stage, process_group,
           process, place, measure, unit, started_on, start as start_value, target, is_least,
           due_on, value, items, now_said as said, state,
           case when state in ('reached', 'on track') then 'green' when state = 'behind'
                then 'amber' when state = 'missed' then 'red' else 'grey' end as colour,
           why, way_share, time_share, needed as needed_a_week, so_far as so_far_a_week,
           case when state = 'not begun' then format('Begins on {}; {}.', day_said(started_on),
                                                     target_said)
                when value is null and is_over
                then format('Not known whether it was reached on {}: {}; target {}.',
                            day_said(due_on), said, aim)
                when value is null then format('Not known: {}; {}.', said, target_said)
                when doubt <> '' and state = 'not known'
                then format('Not known for sure: {}; but {}; {}.', now_said, doubt, target_said)
                when state = 'not known'
                then format('Not known how far it is: {}; {}; at its start, on {}: {}.', now_said,
                            target_said, day_said(started_on),
                            coalesce(began_said, 'not published since'))
                when state = 'missed'
                then format('Missed on {}: {}, target {}.', day_said(due_on), now_said, aim)
                when is_over
                then format('Reached on {}: {}, target {}.', day_said(due_on), now_said, aim)
                when state = 'reached'
                then format('Reached so far: {}; {}, and what counts is that day.', now_said,
                            target_said)
                else format('{}: {}, from {} on {}; {}. {}.', upper(state[1]) || state[2:],
                            now_said, start_said, day_said(started_on), target_said, course)
                end as sentence
    from worded order by goal_no, result_no;
