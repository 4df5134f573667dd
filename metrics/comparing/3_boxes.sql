-- Colours and verdicts that are others than they were.
insert into change by name
with two as (
    select later.*, time_zone, span.since as since_at, as_of, past.colour as was,
           past.word as was_word,
           -- The rule of a process says since when; of a stage it is not known.
           coalesce(later.colour <> 'grey' and past.colour is not null
                    and later.since > span.since and later.since <= as_of, false) as is_told
    from box as later join line on line.stream = later.stream
    left join box as past on past.known = 'since'
        and past.subject = later.subject and past.stream = later.stream
        and past.stage = later.stage and past.process_group = later.process_group
        and past.process = later.process, span
    where later.known = 'as of' and past.colour is distinct from later.colour
)
-- Newly red (or green) is what is known not to have been so before.
select stream, case when coalesce(was, 'grey') = 'grey' then 'changed colour'
                    when colour = 'red' then 'newly red' when colour = 'green' then 'newly green'
                    else 'changed colour' end as kind,
       subject, stage, process_group, process, name, 'colour' as what,
       if(is_told, since, as_of) as "at", if(is_told, since, since_at) as not_before,
       coalesce(was, '') as was, colour as now,
       format('{} is {} now ({}): {} {}', name, colour, word, sentence,
              if(was is null, format('Nothing was known of it on {}.', day_in(time_zone, since_at)),
                 format('It was {} ({}) on {}.', was, was_word, day_in(time_zone, since_at))))
           as sentence,
       list_position(['newly red', 'newly green', 'changed colour'], kind) as group_no
from two;

insert into change by name
select later.stream, 'verdict changed' as kind, if(later.stage = '', 'line', 'stage') as subject,
       later.stage, later.stage_name as name, 'verdict' as what, as_of as "at",
       since as not_before, past.word as was, later.word as now,
       format('{}: {} now; it was {} on {}. {}', later.stage_name, verdict_said(later.word),
              verdict_said(past.word), day_in(time_zone, since), later.sentence) as sentence,
       4 as group_no
from verdict as later join verdict as past using (stream, stage) join line using (stream), span
where later.known = 'as of' and past.known = 'since' and later.word <> past.word;

-- Colours that an earlier publication gave otherwise for the same instant.
insert into change by name
select later.stream, 'corrected' as kind, later.subject, later.stage, later.process_group,
       later.process, later.name, 'colour' as what, span.since as "at", span.since as not_before,
       early.colour as was, later.colour as now, true as late,
       format('{} was {} on {}, as is known now ({}): {} The publication of {} told {} ({}) for '
              || 'that moment.', later.name, later.colour, day_in(time_zone, span.since),
              later.word, later.sentence, moment_in(time_zone, made), early.colour, early.word)
           as sentence,
       43 as group_no
from box as later join box as early on early.known = 'before'
    and early.subject = later.subject and early.stream = later.stream
    and early.stage = later.stage and early.process_group = later.process_group
    and early.process = later.process
join line on line.stream = later.stream, span
where later.known = 'since' and early.colour <> later.colour;
