-- The landing database: what came, as it came, and what was tried.
create table if not exists load (      -- each attempt: an answer accepted or refused, or a failure
    load_id bigint primary key, source text, kind text, place text, seen_at timestamptz,
    started_at timestamptz, seconds double, outcome text, reason text, note text, rows_in bigint,
    accepted bigint, refused bigint, newest timestamptz, sha256 text, cursor json, body text
);
create table if not exists raw_row (   -- rows of tables and snapshots: columns as text
    source text, load_id bigint, line bigint, key text, row json
);
create table if not exists raw_list (  -- rows of lists: what the model reads, then all other cells
    source text, load_id bigint, line bigint, item text, status text, since text,
    since_at timestamptz,              -- where that is a time with its zone, read at a glance
    from_status text, sequence text, blocked text, gone text, name text, link text, more text[]
);
create table if not exists raw_header ( -- of a list its columns, and where in a row each stands
    source text, load_id bigint, names text[],
    places integer[],                  -- among item, status, since, from_status to link, and more
    item_column text,
    has_nulls boolean                  -- a cell may hold nothing; else a row without it is short
);
create table if not exists raw_log (   -- rows of checks: there are millions, so flat
    source text, load_id bigint, line bigint, process text, endpoint text, entry_date text,
    status text, exception text, elapsed text, bytes text, content_type text, resource text
);
-- where success is told, not shown by a resource
alter table raw_log add column if not exists ok text;
alter table raw_log add column if not exists link text;        -- where a subject is to be seen
alter table load add column if not exists oldest timestamptz;  -- the oldest check in the answer
-- what sort of answer: events, states, checks or rows
alter table load add column if not exists tells text;
create table if not exists reject (    -- rows that can't be used, and why
    source text, load_id bigint, place text, line bigint, field text, value text, reason text
);
create table if not exists source (    -- settings as last collected, for the views
    source text primary key, kind text, columns json, time_zone text
);
alter table source add column if not exists asked_at timestamptz;  -- when it last answered in full
create table if not exists ask (       -- the last time on each day that a source answered in full
    source text, asked_at timestamptz
);
-- cell_at: where in a row of JSON a column is. By its plain name DuckDB would take $status or * for
-- a path.
create or replace macro cell_at(named, word) as
    '/' || replace(replace(named->>word, '~', '~0'), '/', '~1');
