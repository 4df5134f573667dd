-- Status count: the items in each status at an instant, by the source's own word, open and closed.
-- stage: the stage's id in stages.yaml; '' if it is of none: delivered, abandoned or not mapped
create macro status_count(as_of) as table
    select stream, status, coalesce(stage, '') as stage, part, count(*) as work_items,
           part in ('done', 'left') as closed
    from stage_visit where is_open_at(entered_at, left_at, as_of)
    group by all order by stream, closed, stage, status;
