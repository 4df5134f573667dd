-- What is compared: what figures told at two instants, and what an earlier publication told.
-- known: since, as of or before (that publication, as of since).
create table span (since timestamptz, as_of timestamptz, made timestamptz);
-- The lines, and '' for processes. is_compared: an earlier publication has the line too.
create table line (stream text, time_zone text, days text, is_compared boolean default false);
create table stage (stream text, stage text, stage_no bigint);
create table happened (
    known text, stream text, item text, name text, link text, what text, stage text,
    stage_name text, to_stage text, to_name text, "at" timestamptz, not_before timestamptz,
    in_bulk boolean, reason text
);
create table box (
    known text, subject text, stream text default '', stage text default '',
    process_group text default '', process text default '', name text, colour text, word text,
    sentence text, since timestamptz
);
create table verdict (
    known text, stream text, stage text, stage_name text, word text, sentence text
);
create table open_item (
    stream text, stage text, stage_name text, item text, name text, link text,
    entered_at timestamptz, stage_age_days double, stage_at_least boolean
);
-- The stages of which it is known how long their items have been there.
create table known_stage (stream text, stage text, items bigint);

-- A row for each change; group_no is the order in which they are told.
create table change (
    stream text, kind text, subject text, stage text, process_group text default '',
    process text default '', item text default '', name text, link text, what text,
    "at" timestamptz, not_before timestamptz, was text default '', now text default '',
    in_bulk boolean default false, late boolean default false, sentence text, group_no bigint
);

-- Words. A day is one of the line's own zone; a moment says the time of day.
create macro day_in(zone, moment) as day_said(timezone(zone, moment));
create macro moment_in(zone, moment) as
    strftime(timezone(zone, moment), '%-d %B %Y, %H:%M')
        || if(zone in ('UTC', 'Etc/UTC'), ' UTC', '');
create macro when_said(zone, not_before, moment) as
    if(day_in(zone, not_before) = day_in(zone, moment), 'on ' || day_in(zone, moment),
       'between ' || day_in(zone, not_before) || ' and ' || day_in(zone, moment));
-- Two times of one day: each to the second, or as far below it as it says.
create macro exact_in(zone, moment) as
    regexp_replace(strftime(timezone(zone, moment), '%-d %B %Y, %H:%M:%S.%f'), '(:00)?\.0+$', '')
        || if(zone in ('UTC', 'Etc/UTC'), ' UTC', '');
create macro exactly_said(zone, not_before, moment) as
    if(not_before = moment, 'on ' || exact_in(zone, moment),
       'between ' || exact_in(zone, not_before) || ' and ' || exact_in(zone, moment));
create macro happened_said(name, what, stage_name, to_name, reason, in_bulk, told_when) as name
    || case what
    when 'arrived'
    then ' arrived' || if(to_name in ('Delivered', 'Abandoned'), '', ' in ' || to_name)
    when 'moved on' then ' moved on from ' || stage_name || ' to ' || to_name
    when 'moved back' then ' went back from ' || stage_name || ' to ' || to_name
    when 'reopened' then ' was reopened, from ' || stage_name || ' to ' || to_name
    when 'delivered'
    then ' was delivered' || if(stage_name = '', '', ' from ' || stage_name)
    when 'abandoned'
    then if(stage_name = '', ' was abandoned', ' went from ' || stage_name || ' to ' || to_name)
    when 'not mapped' then ' went from ' || stage_name || ' to ' || to_name
    when 'blocked' then ' was marked as blocked in ' || stage_name || ' (' || reason || ')'
    else ' was no longer marked as blocked in ' || stage_name || ' (' || reason || ')' end
    || ' ' || told_when || if(in_bulk, ', in an edit in bulk', '');
create macro verdict_said(word) as case word
    when 'faster' then 'getting faster' when 'slower' then 'getting slower'
    when 'same' then 'neither faster nor slower' else 'not known to get faster or slower' end;
