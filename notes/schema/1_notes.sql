-- What people wrote. A row is never changed: who changes a note adds its next revision, the last one
-- is the note, and all of them say who changed what. Times are UTC, as 2026-05-02T09:30:00.000000Z.
create table revision (
    note text not null check (note <> ''),
    revision integer not null check (revision >= 1),
    at text not null check (at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z'),
    by text not null check (by <> ''),
    kind text not null check (kind in ('note', 'promise')),
    -- What it is of: '' for what it is not of.
    stream text not null,
    stage text not null,
    process_group text not null,
    process text not null,
    item text not null,
    measure text not null,      -- which figure it should move
    value_then real,            -- its value when the promise was made; null: not known
    day text not null check (day glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    text text not null,
    action text not null,
    who text not null,
    due text check (due glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    state text not null check (state in ('open', 'kept', 'broken', 'withdrawn')),
    primary key (note, revision),
    check (text <> '' or action <> '')
) strict, without rowid;

create index revision_of on revision (stream, stage, process_group, process, item);

create table review (
    stream text not null,
    at text not null check (at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*Z'),
    by text not null check (by <> ''),
    primary key (stream, at)
) strict, without rowid;

pragma user_version = 1;
