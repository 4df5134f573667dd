"""What a new answer takes the place of in the landing database, and which is not believed."""

from __future__ import annotations

import json
from typing import NamedTuple

import duckdb

from settings.sources import Datasette, Events, Source, Whole, Xes
from sources import Reading, fingerprint
from sources.landing import rows
from sources.reading.times import STILL_TO_COME, time_of, to_come


class Load(NamedTuple):
    """What saving a reading came to; counts are rows."""

    outcome: str
    rows_in: int
    accepted: int
    refused: int


def seen_before(con: duckdb.DuckDBPyConnection, settings: Source, reading: Reading) -> bool:
    """A list or table that has not changed, or a snapshot of the same instant, read alike."""
    last = con.execute(
        "select sha256, cursor->>'settings' from load where source = $source "
        "and outcome in ('accepted', 'refused') "
        "and if($at_instant, seen_at = $seen_at, place = $place) order by load_id desc limit 1",
        {
            "source": settings.name,
            "place": reading.place,
            "seen_at": reading.seen_at,
            "at_instant": settings.tells == "states",
        },
    ).fetchall()
    same = bool(reading.sha256) and last == [(reading.sha256, fingerprint(settings))]
    return same and not _come(con, settings, reading)


def _come(con: duckdb.DuckDBPyConnection, settings: Source, reading: Reading) -> bool:
    """Whether a row of it was refused for a time that was still to come, and has come since."""
    if not isinstance(settings, Events | Datasette | Xes):
        return False
    told = con.execute(_STILL, {"source": settings.name, "reason": STILL_TO_COME}).fetchall()
    return any(not to_come(time_of(value, settings)[1], reading.seen_at) for (value,) in told)


def loss(con: duckdb.DuckDBPyConnection, settings: Source, reading: Reading) -> str:
    """Why an answer that should hold all there is is not believed: it lost too many of the items of
    the one before it. Of a list or table that is the last of the same place, from which a single
    item may always go: people correct what they keep by hand."""
    if not isinstance(settings, Whole) or reading.adds:
        return ""
    before = con.execute(
        _BEFORE,
        {
            "source": settings.name,
            "seen_at": reading.seen_at,
            "place": reading.place,
            "tells": settings.tells,
        },
    ).fetchall()
    if not before:
        return ""
    [(load_id, item_column)] = before
    asked = {"load_id": load_id}
    same = item_column == settings.names["item"]
    asked |= {} if same else {"named": json.dumps(settings.names)}
    con.register("incoming", rows.scanned(reading.rows))
    had, lost = con.execute(_LOST if same else _LOST_BY_NAME, asked).fetchall()[0]
    con.unregister("incoming")
    may_go = settings.largest_loss * had
    if lost <= (may_go if settings.tells == "states" else max(may_go, 1)):
        return ""
    return f"{lost} of the {had} items of the answer before are missing: not believed (largest_loss allows more)."


def make_room(con, settings: Source, reading: Reading, refused: bool, load_id: int) -> None:
    """Forget what this reading takes the place of; a refused one only a snapshot of its instant.
    The rows to which it adds are from here on of its load."""
    source, place = {"source": settings.name}, {"place": reading.place}
    if settings.tells == "states":
        instant = source | {"seen_at": reading.seen_at}
        old = [load_id for (load_id,) in con.execute(_SAME_INSTANT, instant).fetchall()]
        for forget in _FORGET_LOADS * bool(old):
            con.execute(forget, {"old": old})
    elif settings.tells == "checks" and not refused:
        # A file that changed brings all its rows again: they take the place of its old ones.
        con.execute(
            "delete from raw_log where source = $source and load_id in "
            "(select load_id from load where source = $source and place = $place)",
            source | place,
        )
        con.execute("delete from reject where source = $source and place = $place", source | place)
        if settings.keyed:
            con.register("incoming", reading.rows)
            con.execute(_TOLD_AGAIN, source)
            con.unregister("incoming")
    elif reading.adds:
        for move in _MOVE_LISTS:
            con.execute(move, source | {"load_id": load_id})
        for key, name in reading.renamed.items():
            con.execute(_RENAME, source | {"list": key, "name": name})
    elif not refused:  # a list or a table is the whole of what there is
        for forget in _FORGET_LISTS:
            con.execute(forget, source)


def added_to(con: duckdb.DuckDBPyConnection, settings: Source, came: Load) -> Load:
    """What there is with what came: as if all of it had come at once."""
    [(rows_in, accepted, refused)] = con.execute(_LAST, {"source": settings.name}).fetchall()
    return Load(
        came.outcome, rows_in + came.rows_in, accepted + came.accepted, refused + came.refused
    )


_STILL = "select distinct value from reject where source = $source and reason = $reason"
_BEFORE = """
select load_id, item_column from load left join raw_header using (load_id)
where load.source = $source and outcome = 'accepted'
  and if($tells = 'states', seen_at < $seen_at, place = $place and tells = $tells)
order by if($tells = 'states', seen_at, null) desc, load_id desc limit 1
"""
# What does not fit in memory can be put aside for such a join, not for a "not in".
_COUNTED = """
select (select count(*) from had), (select count(*) from had anti join incoming using (item))
"""
_LOST = "with had as (select distinct item from raw_list where load_id = $load_id) " + _COUNTED
# The item column may have been corrected since: the rows are asked, not their old key.
_LOST_BY_NAME = (
    "with had as (select distinct coalesce(nullif(trim(row->>cell_at($named, 'item')), ''), key) "
    "as item from raw where load_id = $load_id) " + _COUNTED
)
_TOLD_AGAIN = (
    "delete from raw_log where source = $source "
    "and (endpoint, entry_date) in (select (endpoint, entry_date) from incoming)"
)
_SAME_INSTANT = (
    "select load_id from load where source = $source and seen_at = $seen_at "
    "and outcome in ('accepted', 'refused')"
)
_FORGET_LOADS = (
    "delete from raw_row where load_id in $old",
    "delete from reject where load_id in $old",
    "delete from load where load_id in $old",
)
_MOVE_LISTS = (
    "update raw_row set load_id = $load_id where source = $source",
    "update raw_list set load_id = $load_id where source = $source",
    "update raw_header set load_id = $load_id where source = $source",
    "update reject set load_id = $load_id where source = $source",
    # Of a board it holds each card, and only the last one is gone on from.
    "update load set cursor = null where source = $source and load_id < $load_id",
)
# Which of a board's lists a row is in stands after its other columns; of one that is archived or gone
# the status is not that of the list.
_RENAME = (
    "update raw_list set status = $name where source = $source and more[1] = $list "
    "and status not in ('', '(archived)')"
)
_LAST = (
    "select rows_in, accepted, refused from load where source = $source and outcome = 'accepted' "
    "order by load_id desc limit 1"
)
# Pictures that it showed under another kind can't be had again: they stay, and tell nothing meanwhile.
_NO_PICTURE = (
    "where source = $source and load_id not in "
    "(select load_id from load where source = $source and tells = 'states')"
)
_FORGET_LISTS = (
    "delete from raw_row " + _NO_PICTURE,
    "delete from raw_list where source = $source",
    "delete from raw_header where source = $source",
    "delete from reject " + _NO_PICTURE,
)
