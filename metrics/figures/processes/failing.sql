-- Failing: each subject whose last check failed and which is still looked at, longest first: since when it fails (its first failed check after the last good one), its last good check, what it fails with, and whether it is dead (failing for longer than stages.yaml allows) or was ended in the configuration and is polled all the same.
-- detail: what it fails with
-- since: its first failed check after the last good one
-- days: since then
create macro failing(as_of) as table
    select process_group, process, subject, name, link, organisation, error_name(detail) as detail,
           make_timestamptz(first_us) as since, in_days(failing_us) as days,
           make_timestamptz(before_us) as last_good_at, never_good, dead, ended
    from failing_at(as_of) order by first_us, process_group, process, subject;
