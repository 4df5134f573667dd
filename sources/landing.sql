-- The landing database: what came, as it came, and what was tried.
create table if not exists load (      -- each attempt: an answer accepted or refused, or a failure
    load_id bigint primary key, source text, kind text, place text, seen_at timestamptz,
    started_at timestamptz, seconds double, outcome text, reason text, note text, rows_in bigint,
    accepted bigint, refused bigint, newest timestamptz, sha256 text, cursor json, body text
);
create table if not exists raw (       -- rows of lists, tables and snapshots: columns as text
    source text, load_id bigint, line bigint, key text, row json
);
create table if not exists raw_log (   -- rows of pipeline logs: there are millions, so flat
    source text, load_id bigint, line bigint, process text, endpoint text, entry_date text,
    status text, exception text, elapsed text, bytes text, content_type text, resource text
);
create table if not exists reject (    -- rows that can't be used, and why
    source text, load_id bigint, place text, line bigint, field text, value text, reason text
);
create table if not exists source (    -- settings as last collected, for the views
    source text primary key, kind text, columns json, time_zone text
);
