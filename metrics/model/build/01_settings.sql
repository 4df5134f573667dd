-- What stages.yaml says, as tables. Filled by publish.py before the rest of the model is built.
create table stream (
    stream text primary key, name text, item text, items text, link text, note text,
    time_zone text, days text, stale_after int, same_after int, opens_at timestamptz,
    data_at timestamptz,
    banner text                        -- words above every page
);
create table stage (
    stream text, stage text, stage_no bigint, name text, has_wait boolean, has_work boolean,
    statuses text, measured_by text, note text, primary key (stream, stage)
);
create table status_map (
    stream text, status text, stage text, stage_no bigint, part text, until date,
    primary key (stream, status)
);
create table target (
    stream text, stage text, measure text, amber double, red double, reason text, owner text,
    set_on date
);
create table process_change (stream text, changed_on date, what text);
create table not_progress (
    stream text, happened_on date, what text, primary key (stream, happened_on)
);
create table blocker_word (stream text, blocker_no bigint, blocker text, word_no bigint, word text);
create table stream_attribute (stream text, attribute text, "column" text, source text);
create table stream_source (
    stream text, source text, precedence bigint, kind text, covers_from timestamptz,
    covers_until timestamptz, counted boolean, primary key (stream, source)
);
-- The traits of sources: see settings/sources.py.
create table source_kind (source text, kind text, tells text, live boolean, recorded boolean);
create table day_clock (stream text, starts_at timestamptz, worked_us bigint, working boolean);
create table load as select * exclude (body, cursor) from landing.load;
create table reject as from landing.reject;

-- Processes that are looked at: what stages.yaml says of them, and the checks kept of them.
create table process_group (
    process_group text primary key, group_no bigint, name text, subject text, subjects text,
    every_us bigint, stale_after double, forget_after bigint, dead_after bigint,
    window_runs bigint, window_bad bigint, window_back bigint, note text, opens_at timestamptz,
    data_at timestamptz
);
create table process_source (
    process_group text, source text, kind text, live boolean, covers_until timestamptz,
    primary key (process_group, source)
);
create table process_target (
    process_group text, measure text, amber double, red double, reason text, owner text, set_on date
);
create table check_source (
    source text primary key, load_id bigint, started_at timestamptz, rule text
);
create table check_process (process_no integer, process_group text, process text);
create table check_subject (subject_no integer, process_no integer, subject text, link text);
create table check_detail (
    process_group text, process text, subject text, name text, link text, organisation text,
    added_at timestamptz, ended_at timestamptz
);
create table check_stretch (
    process_no integer, subject_no integer, week_no bigint, first_us bigint, last_us bigint,
    nth bigint, checks bigint, ok boolean, detail text
);
create table check_speed (
    subject_no integer, week_no bigint, answers bigint, timed_out bigint, seconds float,
    at_least boolean
);
create table check_slot (
    process_no integer, slot_us bigint, checks bigint, failed bigint, subjects bigint,
    first_us bigint, last_us bigint
);
create table check_evidence (source text, week_no bigint, at_us bigint);
