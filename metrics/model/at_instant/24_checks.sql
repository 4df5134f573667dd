-- The last run of each process at an instant, and the subjects still looked at by then.
create macro last_run_at(as_of) as table
    select process_no, process_group, max(last_us) as last_us, any_value(forget_after) * 86400000000 as forget_us
    from process_run join check_process using (process_no) join process_group using (process_group)
    where last_us <= epoch_us(as_of::timestamptz) group by process_no, process_group;

create macro subject_at(as_of) as table
    select s.process_no, s.subject_no, arg_max(s.ok, (s.first_us, s.nth)) as ok,
           arg_max(s.detail, (s.first_us, s.nth)) as detail
    from check_stretch s join last_run_at(as_of) r using (process_no)
    where s.first_us <= epoch_us(as_of::timestamptz) and s.last_us >= r.last_us - r.forget_us
    group by s.process_no, s.subject_no;
