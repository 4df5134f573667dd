-- What blocks name, by rules that one can read: the words that stages.yaml lists for a blocker, the
-- first that match in the order of the file; else whether it only says that it is blocked; else the
-- same link; else the same words.
-- Letters and digits alone, between spaces, so that a word is found whole.
create macro plain_words(told) as ' ' || trim(regexp_replace(
    lower(nfc_normalize(told)), '[^\p{L}\p{M}\p{N}]+', ' ', 'g')) || ' ';
-- The same but for its case, its spaces and the punctuation at its ends.
create macro same_words(told) as regexp_replace(regexp_replace(
    lower(nfc_normalize(told)), '[\s\p{Z}]+', ' ', 'g'), '^[\p{P} ]+|[\p{P} ]+$', '', 'g');
create macro only_flagged(same) as same in ('', 'true', 'yes', 'y', 'x', '1', 'blocked', 'blocker',
                                            'flag', 'flagged', 'impediment');
-- The first address in a text, without what follows a # or ends it; hosts have no case.
create macro bare_link(told) as regexp_replace(regexp_replace(
    regexp_extract(told, '(?i)https?://[^\s<>()\[\]"]+'), '#.*$', ''), '[/.,;:!?'']+$', '');
create macro link_in(told) as lower(regexp_extract(bare_link(told), '^[^/]*//[^/?]*'))
    || regexp_replace(bare_link(told), '^[^/]*//[^/?]*', '');

-- blocker_wording: what each wording names. own: the blocker that stages.yaml gives it, or null.
create table blocker_wording as
with wording as (
    select distinct stream::text as stream, value as wording from stage_event
    where kind = 'blocked' and value <> ''
), listed as (
    select wording.stream, wording, min(blocker_no) as own_no
    from wording join blocker_word as own on own.stream = wording.stream
        and contains(plain_words(wording), plain_words(own.word))
    group by all
), named as (
    select wording.*, own_no, case
               when own_no is not null then 'own' when only_flagged(same_words(wording)) then 'none'
               when link_in(wording) <> '' then 'link' else 'words' end as rule,
           case rule when 'own' then own_no::text when 'none' then '' when 'link'
               then link_in(wording) else same_words(wording) end as names
    from wording left join listed using (stream, wording)
)
select stream, wording, rule, own_no,
       dense_rank() over (order by stream, rule, names)::integer as group_no
from named;

-- blocked_known: up to when blocks are told at all, by those sources that tell of any.
create table blocked_known as
select told.stream, min(told.from_at) as from_at, max(heard.told_until) as until_at
from coverage as told join heard_at((select max(data_at) from stream)) as heard
    using (stream, source)
where told.kind = 'blocked' group by told.stream;

-- blocked_run: how long each wording stood, and of which run of the same blocker it is; what was
-- taken back at once never stood. blocked_part: each cut to the visits that it covers.
create temp table blocked_run as
with flagged as (
    select stream::text as stream, item_no, event_no, value as wording, since, opening,
           lead(since) over (partition by item_no order by event_no) as until_at
    from stage_event where kind = 'blocked'
), stood as (
    select flagged.*, group_no
    from flagged left join blocker_wording using (stream, wording)
    where coalesce(until_at > since, true)
), begun as (
    select *, group_no is distinct from lag(group_no) over history as begins from stood
    window history as (partition by item_no order by event_no)
), numbered as (
    select *, count(*) filter (begins) over (partition by item_no order by event_no) as run_no
    from begun where group_no is not null
)
select *, bool_or(begins and opening) over (partition by item_no, run_no) as at_least
from numbered;
