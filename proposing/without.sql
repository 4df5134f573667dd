-- How many items of a source have no status now.
select count(*) from (
    select item, arg_max(value, (since, sequence, line)) as status from stage_event
    where source = $source and kind in ('status', 'exists') group by item
) where status = '';
