-- Flapping: subjects that went from good to bad or back at least four times in the last 28 days, most often first.
create macro flapping(as_of) as table
    select n.process_group, n.process, n.subject, n.name, n.link, n.organisation, count(*) as changes,
           arg_max(s.ok, s.spell_no) as ok, make_timestamptz(max(s.first_us)) as last_change_at
    from check_spell s join named_subject n using (subject_no)
    where s.before_us is not null and s.first_us <= epoch_us(as_of::timestamptz)
      and s.first_us > epoch_us(as_of::timestamptz) - 28 * 86400000000
    group by all having count(*) >= 4 order by changes desc, n.process_group, n.process, n.subject;
