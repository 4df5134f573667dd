-- Failing: each subject whose last check failed and which is still looked at, longest first: since when it fails (its first failed check after the last good one), its last good check, what it fails with, and whether it is dead (failing for longer than stages.yaml allows) or was ended in the configuration and is polled all the same.
create macro failing(as_of) as table
    select n.process_group, n.process, n.subject, n.name, n.link, n.organisation,
           if(regexp_full_match(a.detail, '\d{3}'), 'HTTP ' || a.detail, a.detail) as detail,
           make_timestamptz(s.first_us) as since,
           (epoch_us(as_of::timestamptz) - s.first_us) / 86400e6 as days,
           make_timestamptz(s.before_us) as last_good_at, s.before_us is null as never_good,
           epoch_us(as_of::timestamptz) - s.first_us > g.dead_after * 86400000000 as dead,
           coalesce(n.ended_at <= as_of::timestamptz, false) as ended
    from subject_at(as_of) a join check_spell s using (subject_no) join named_subject n using (subject_no)
    join process_group g on g.process_group = n.process_group
    where not a.ok and not s.ok and s.first_us <= epoch_us(as_of::timestamptz)
      and coalesce(s.until_us > epoch_us(as_of::timestamptz), true)
    order by s.first_us, n.process_group, n.process, n.subject;
