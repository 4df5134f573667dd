"""Checks into a new publication: weeks that nothing new tells of are carried over from the last one.

So a daily run works on the rows of a week or two, however many years the log goes back. What is
carried is what would be worked out again: the same rows by the same rule (a test compares the two).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

MODEL = Path(__file__).parent.parent / "model" / "build"


def gather(con: duckdb.DuckDBPyConnection, before: Path | None) -> None:
    """Fill the check tables of model/build/01_settings.sql from `landing` and the publication `before`.

    `before` is of no use when another rule made it, or another landing database; then all is
    worked out from the rows.
    """
    rule = _rule(con)
    con.execute("create temp table check_since as select -1 as since_week")
    if before is not None and before.exists():
        _carry(con, before, rule)
    con.execute((MODEL / "02_checked.sql").read_text())
    con.execute(_KEPT, {"rule": rule})


def _rule(con: duckdb.DuckDBPyConnection) -> str:
    """What the carried tables were made by: our SQL, the view of checks, the settings they use."""
    told = con.execute(
        "select sql from duckdb_views() where database_name = 'landing' and view_name = 'check_told' "
        "union all select process_group || ' ' || coalesce(every_us, 0) from process_group "
        "union all select process_group || ' ' || source from process_source order by all"
    ).fetchall()
    steps = ("00_words.sql", "01_settings.sql", "02_checked.sql")
    ours = [(MODEL / name).read_text() for name in steps]
    parts = [*ours, *(text for (text,) in told)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _carry(con: duckdb.DuckDBPyConnection, before: Path, rule: str) -> None:
    """Copy the weeks before the first that a new answer tells of, and say which that is."""
    try:
        # DuckDB 1.5 takes no parameter here; the path is ours, and quoted.
        con.execute("attach '{}' as before (read_only)".format(str(before).replace("'", "''")))
    except duckdb.Error:
        return  # damaged, or in use by a writer: everything is in the landing database too
    con.begin()
    try:
        usable = con.execute(_SAME_SHAPE).fetchall() and con.execute(_USABLE, {"rule": rule})
        if usable and usable.fetchall() == [(True,)]:
            con.execute(_SINCE)
            con.execute(_COPY)
        con.commit()
    except duckdb.Error:
        con.rollback()  # damaged further in: nothing of it is kept
    finally:
        con.execute("detach before")


_SAME_SHAPE = "from duckdb_tables() where database_name = 'before' and table_name = 'check_source'"
# Every answer that it was made of is still there, and all were read by the same rule.
_USABLE = """
select coalesce(bool_and(k.rule = $rule and l.load_id is not null), false) from before.check_source k
left join landing.load l on l.load_id = k.load_id and l.source = k.source and l.started_at = k.started_at
"""
# A new answer of a place takes the place of its old ones: the weeks of both are worked out anew.
_SINCE = """
with new_place as (
    select distinct l.source, l.place from landing.load l
    join process_source w using (source) left join before.check_source k using (source)
    where l.outcome = 'accepted' and l.accepted > 0 and l.load_id > coalesce(k.load_id, 0)
)
update check_since set since_week = coalesce((
    select min(coalesce(week_of(epoch_us(l.oldest)), -1)) from landing.load l
    join new_place using (source, place) where l.outcome = 'accepted' and l.accepted > 0
), 1000000)
"""
_COPY = """
insert into check_process from before.check_process;
insert into check_subject from before.check_subject;
insert into check_stretch from before.check_stretch where week_no < (from check_since);
insert into check_speed from before.check_speed where week_no < (from check_since);
insert into check_evidence from before.check_evidence where week_no < (from check_since);
insert into check_slot from before.check_slot where week_of(slot_us) < (from check_since);
"""
_KEPT = """
insert into check_source
select source, max(load_id), max_by(started_at, load_id), $rule from landing.load
where outcome = 'accepted' and source in (select source from process_source) group by source
"""
