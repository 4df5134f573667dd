-- Flapping: subjects that went from good to bad or back at least four times in the last 28 days, most often first.
create macro flapping(as_of) as table
    select subject.process_group, subject.process, subject.subject, subject.name, subject.link,
           subject.organisation, count(*) as changes, arg_max(spell.ok, spell.spell_no) as ok,
           make_timestamptz(max(spell.first_us)) as last_change_at
    from check_spell as spell join named_subject as subject using (subject_no)
    where spell.before_us is not null and spell.first_us <= epoch_us(as_of::timestamptz)
      and spell.first_us > epoch_us(as_of::timestamptz) - days_us(28)
    group by all having count(*) >= 4
    order by changes desc, subject.process_group, subject.process, subject.subject;
