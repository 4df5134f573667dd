-- The service map of stages.yaml: one row where there is any, and one for each step in its order.
create table service_map (note text);
-- A step names a stage of a stream, or one of its statuses; or a group of processes, or one of
-- them; or a figure of a stream; or none of these. What it does not name is ''.
create table map_step (
    step_no bigint primary key, activity_no bigint, activity text, story text, lane_no bigint,
    lane text, name text, uses text, note text, stream text, stage text, status text,
    process_group text, process text, figure text
);
