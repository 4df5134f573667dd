-- What people were told by themselves. Times are UTC, as in revision.

-- Of each thing that can be told of: its word since when, when it was last seen, what was told of it
-- last, and when it turned lately (instants with a space between).
create table alert_state (
    subject text not null primary key check (subject <> ''),
    word text not null,
    since text not null,
    seen text not null,
    told text not null,
    turned text not null
) strict, without rowid;

-- Every message; it is written in the transaction that changes what was told of its subjects.
create table alert_message (
    id integer primary key,
    kind text not null,
    title text not null,
    lines text not null check (json_valid(lines)),
    link text not null,
    at text not null,
    about text not null
) strict;

-- How far each message has got on each way. sending: whether it arrived is not known until its answer.
create table alert_delivery (
    message integer not null references alert_message (id),
    way text not null,
    state text not null check (state in ('waiting', 'sending', 'sent', 'refused')),
    at text not null,
    why text not null default '',
    primary key (message, way)
) strict, without rowid;

create index alert_delivery_open on alert_delivery (way, message) where state in ('waiting', 'sending');

-- Ways that asked not to be used before an instant.
create table alert_pause (way text not null primary key, until text not null) strict, without rowid;

pragma user_version = 2;
