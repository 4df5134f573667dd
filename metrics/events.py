"""Every change of a line as it is believed, for programs that work it out in another way."""

from __future__ import annotations

import duckdb
import pyarrow

BATCH = 50_000  # rows
_EVENTS = """
select item.item, item.name, item.link, visit.status::text as status,
       visit.entered_at as since, visit.entered_not_before as not_before,
       -- What was so before anything is known of it has been so at least since.
       if(visit.at_least, 'at least', visit.precision::text) as precision,
       nullif(visit.stage::text, '') as stage, visit.part::text as part
from stage_visit as visit join item using (item_no)
where visit.stream = $stream order by item.item, visit.visit_no
"""


def of(con: duckdb.DuckDBPyConnection, stream: str) -> pyarrow.RecordBatchReader:
    """The changes of a stream of a publication.

    Columns: item, name, link, status (the source's own word), since and not_before (UTC), precision,
    stage (none where the status is on no map), part.
    """
    return con.sql(_EVENTS, params={"stream": stream}).to_arrow_reader(BATCH)
