-- Measure: each number that a goal, a promise or an alert can be held to: of a stage its queue, wip, oldest, idle and typical (as target_now holds them to targets, whether it has one or not), of a whole line (stage '') its wip, its typical time to delivery and what was delivered and what arrived in the last 13 weeks of which all is known (reopened, there before the data begins and in bulk left out), of a process the share of failing checks in its newest run; without a value, and with the reason, where the data is missing, stale, too little or half have not moved on yet.
-- kind: line, stage or process
-- stage: the stage's id in stages.yaml; '' is the whole line, or a process
-- name: what the line, stage or process is called
-- measure: queue, wip, oldest, idle, typical, delivered, arrivals or failing
-- value: the number; empty where it is not known
-- items: on how many items or checks it stands; empty where nothing can be seen
-- why: why there is no value: no data, stale, removed, too few, too short or not reached
-- said: the number in words, or why there is none
create macro measure(as_of) as table
    select * exclude (place_no) from measure_at(as_of)
    order by list_position(['line', 'stage', 'process'], kind), stream, place_no, process_group,
             process, measure;
