-- The states of a process: the colour is the key; a box says box_word, everything else state_word.
create macro state_word(colour) as case colour
    when 'red' then 'failing' when 'amber' then 'to watch' when 'green' then 'healthy'
    else 'not judged' end;
create macro box_word(colour) as case colour
    when 'red' then 'Failing' when 'amber' then 'Watch' when 'green' then 'Healthy' end;
create macro worst_first(colour) as case colour
    when 'red' then 1 when 'amber' then 2 when 'grey' then 3 else 4 end;

-- process: each process that is looked at. A group that no source tells of yet has one, unnamed.
create table process as
select told.process_no, told.process, groups.process_group, groups.name as group_name,
       groups.group_no, target.red, target.amber
from process_group as groups left join check_process as told using (process_group)
left join process_target as target
    on target.process_group = groups.process_group and target.measure = 'failing';
update process set process = '' where process is null;

-- process_run: each run and, where one is due every so often, each that did not take place: in a
-- file up to its last row, at an address up to when it last answered. Too many failing checks, or
-- no run, is bad; so many bad ones of the last few turn the process red, and it stays so until few
-- are left.
create table process_run as
with told as (
    select used.process_group, bool_or(used.live) as live,
           max(epoch_us(asked.asked_at)) filter (used.live) as asked_us
    from process_source as used left join landing.source as asked using (source) group by all
), due as (
    select slot.process_no, groups.every_us, unnest(generate_series(min(slot.slot_us), greatest(
               max(slot.slot_us),
               if(any_value(told.live), coalesce(max(told.asked_us), 0), 0) - groups.every_us),
           groups.every_us)) as slot_us
    from check_slot as slot join check_process using (process_no)
    join process_group as groups using (process_group) join told using (process_group)
    where groups.every_us is not null group by slot.process_no, groups.every_us
), run as (
    -- A run is known once its last check is; one that did not take place, once its slot is over.
    select process_no, slot_us, coalesce(slot.checks, 0) as checks, slot.failed,
           coalesce(slot.subjects, 0) as subjects, slot.first_us, slot.last_us,
           coalesce(slot.last_us, slot_us + due.every_us) as known_us
    from check_slot as slot full join due using (process_no, slot_us)
), judged as (
    -- A share is compared as a share: 0.29 times 100 is less than 29 in binary.
    select run.*, groups.window_runs, groups.window_bad, groups.window_back, checks = 0 as missing,
           if(process.red is null, null, checks = 0 or failed / checks > process.red) as bad,
           if(process.amber is null, null, checks = 0 or failed / checks > process.amber)
               as doubtful
    from run join process using (process_no) join process_group as groups using (process_group)
), counted as (
    select *, count(*) over recent as runs, count(*) filter (bad) over recent as bad_runs,
           count(*) filter (missing) over recent as missing_runs,
           count(*) filter (doubtful) over recent as doubtful_runs
    from judged window recent as (partition by process_no order by slot_us
                                  rows between (window_runs - 1) preceding and current row)
), turned as (
    select *, case when runs < window_runs then null when bad_runs >= window_bad then true
                   when bad_runs <= window_back then false end as turns_red,
           case when runs < window_runs then null when doubtful_runs >= window_bad then true
                when doubtful_runs <= window_back then false end as turns_amber,
           bad <> lag(bad) over (partition by process_no order by slot_us) as alternates
    from counted
), stayed as (
    -- Between the two counts nothing turns: the last turn still holds.
    select *, last_value(turns_red ignore nulls) over so_far as is_red,
           last_value(turns_amber ignore nulls) over so_far as is_amber,
           count(*) filter (alternates) over (partition by process_no order by slot_us
               rows between 19 preceding and current row) as turns
    from turned window so_far as (partition by process_no order by slot_us)
)
select * exclude (runs, turns_red, turns_amber, is_red, is_amber, window_runs, window_bad,
                  window_back),
       case when bad is null or runs < window_runs then 'grey' when is_red then 'red'
            when is_amber then 'amber' else 'green' end as state
from stayed order by process_no, slot_us;
