-- The goals of stages.yaml in their order, and the results that they are held to. What a result
-- does not name is ''. is_least: it is to be the target or more, else the target or less.
create table goal (
    goal text primary key, goal_no bigint, objective text, owner text, under text, note text
);
create table goal_result (
    goal text, result text, result_no bigint, name text, kind text, stream text, stage text,
    process_group text, process text, place text, measure text, unit text, time_zone text,
    started_on date, starts_at timestamptz, start_value double, target double, is_least boolean,
    due_on date, due_at timestamptz, primary key (goal, result)
);
-- goal_course: what was measured at the end of the day it began, every so many weeks since, and at
-- the end of the day it was due; filled when the model is there to be asked (publishing/goals.py).
create table goal_course (
    goal text, result text, measured_at timestamptz, value double, items bigint, why text,
    said text, doubt text, primary key (goal, result, measured_at)
);
