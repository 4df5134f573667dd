-- What stages.yaml says, as tables. Filled by publish.py before the rest of the model is built.
create table stream (
    stream text primary key, name text, item text, items text, link text, note text, time_zone text, days text,
    stale_after bigint, opens_at timestamptz, data_at timestamptz
);
create table stage (
    stream text, stage text, stage_no bigint, name text, has_wait boolean, has_work boolean, statuses text,
    measured_by text, note text, primary key (stream, stage)
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
create table not_progress (stream text, happened_on date, what text, primary key (stream, happened_on));
create table stream_attribute (stream text, attribute text, "column" text, source text);
create table stream_source (
    stream text, source text, precedence bigint, kind text, covers_from timestamptz,
    covers_until timestamptz, counted boolean, primary key (stream, source)
);
create table day_clock (
    stream text, starts_at timestamptz, worked_us bigint, working boolean
);
create table event_all (
    stream text, source text, precedence bigint, item text, kind text, value text,
    since timestamptz, not_before timestamptz, precision text, opening boolean, sequence bigint,
    place text, line bigint
);
create table item_detail (stream text, item text, name text, link text);
create table load as select * exclude (body, cursor) from landing.load;
create table reject as from landing.reject;

