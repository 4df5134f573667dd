-- Of the newest answer of a source: how many rows could not be used, and of the first its field,
-- its value and the reason.
select count(*), arg_min(field, line), arg_min(value, line), arg_min(reason, line)
from reject
where source = $source and load_id = (select max(load_id) from load where source = $source);
