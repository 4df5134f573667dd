-- blocker_count_at: what each blocker holds and has cost so far, in the line (stage '') and in each
-- of its stages, from the parts of all its blocks; and the stages in which it held any.
create macro blocker_count_at(as_of) as table
    with summed as (
        select stream, coalesce(stage, '') as stage, group_no, item_no, run_no, sum(us) as us,
               sum(lately_us) as lately_us, bool_or(is_open) as is_open,
               bool_or(at_least) as at_least,
               bool_or(at_least and begins_lately) as begins_lately
        from blocked_part_at(as_of)
        group by grouping sets ((stream, stage, group_no, item_no, run_no),
                                (stream, group_no, item_no, run_no))
    ), counted as (
        select stream, stage, group_no, count(*) filter (is_open) as items_now,
               sum(lately_us) as lately_us, sum(us) as all_us,
               count(*) filter (begins_lately) as lately_at_least,
               count(distinct item_no) as items, count(*) as spans,
               count(*) filter (at_least) as at_least, max(us) as longest_us,
               min_by(item_no, (-us, item_no)) as longest_no,
               min_by(at_least, (-us, item_no)) as longest_at_least
        from summed group by all
    ), placed as (
        select group_no, string_agg(name, ', ' order by stage_no) as stages
        from (select distinct stream, group_no, stage from blocked_part_at(as_of))
        join stage using (stream, stage) group by group_no
    )
    select counted.*, placed.stages from counted join placed using (group_no);
