"""What is told of the sources: how old each one's word is, and everything that was refused."""

from __future__ import annotations

import pandas

from telling import words
from telling.asked import Asked
from telling.told import Table, Told

DAY = pandas.Timedelta(days=1)
# The columns of two grids by those of their figures: the reason comes first.
REFUSED = {"reason": "Reason", "value": "What it said", "field": "Field", "source": "Source",
           "place": "File or address", "line": "Line"}  # fmt: skip
DOUBT = {"what": "Finding", "detail": "Detail", "name": "Name", "link": "Link", "item": "Key"}


def freshness(asked: Asked, fresh: pandas.DataFrame, caption: str) -> Table:
    """What each source told and how old that is; rows of the figure freshness."""
    rows = [
        [
            f.source,
            _state(asked, f),
            asked.day(f.last_tried_at),
            asked.day(f.told_until - pandas.to_timedelta(f.same_days, unit="D")),
            asked.day(f.newest),
            words.days(f.age_days),
            f"{words.number(f.readings)} taken, {words.number(f.refused_readings)} refused",
            f"{words.number(f.accepted)} of {words.number(f.rows_in)} taken, {words.number(f.refused)} "
            "refused",
            f.kind.replace("_", " "),
        ]
        for f in fresh.itertuples()
    ]
    columns = ["Source", "How it stands", "Last asked", "Identical since", "Newest data", "Age", "Answers",
               "Rows", "Kind"]  # fmt: skip
    return Table(caption, columns, rows, "No source is set for this stream.")


def _state(asked: Asked, source) -> str:
    """Why a source has nothing newer, where its last answer says so; whether it is fresh; and what has
    to be known of that answer."""
    said = f"last answer {source.last_outcome}: {source.last_reason}" if source.last_reason else ""
    told = verdict(asked, source)
    return "; ".join(filter(None, (said, told, source.note)))


def ages(asked: Asked) -> Table:
    """How old the data of each source of the stream is, in short."""
    rows = [
        [f.source, asked.day(f.newest), words.days(f.age_days), verdict(asked, f)]
        for f in asked.figure("freshness").itertuples()
    ]
    columns = ["Source", "Newest data", "Age", "Verdict"]
    return Table("How old the data is", columns, rows, "No source is set for this stream.")


def oldest(asked: Asked) -> pandas.Series | None:
    """The source, a row of freshness, up to whose word all is known: the oldest of those that go on
    telling; where all are closed recordings the newest. None where nothing has been read."""
    told = asked.figure("freshness").dropna(subset="told_until").sort_values("age_days")
    if told.empty:
        return None
    open_ones = told[told.covers_until.isna()]
    return told.iloc[0] if open_ones.empty else open_ones.iloc[-1]


def age_line(asked: Asked) -> str:
    """Up to when all is known, in a line."""
    source, fresh = oldest(asked), asked.figure("freshness")
    if source is None:
        return "How old the data is: nothing has been read yet"
    old = words.counted(int(fresh.stale.sum()), "source")
    stale = f"; {old} out of date" if fresh.stale.any() else ""
    return f"How old the data is: known until {asked.day(source.told_until)}{stale}"


def unheard(asked: Asked) -> list[str]:
    """The sources whose last answer could not be used or did not come, a sentence each."""
    fresh = asked.figure("freshness")
    return [
        f"{f.source}: its last answer was {f.last_outcome} on {asked.day(f.last_tried_at)}: {f.last_reason}"
        for f in fresh[fresh.last_outcome.isin(["refused", "failed"])].itertuples()
    ]


def old(asked: Asked) -> list[str]:
    """The sources that have told nothing for too long, a sentence each: not read, or read without
    anything new in them."""
    fresh = asked.figure("freshness")
    return [
        f"{f.source} tells of nothing after {asked.day(f.told_until)}, {words.days(f.age_days)} before "
        "the moment shown."
        if f.last_outcome not in ("refused", "failed") and f.last_tried_at - f.told_until > DAY
        else f"{f.source} was last read {words.ago(f.age_days)}."
        for f in fresh[fresh.stale].itertuples()
    ]


def verdict(asked: Asked, source) -> str:
    """Whether a source, a row of freshness, is fresh; a closed recording can't be."""
    if not pandas.isna(source.covers_until):
        last = source.covers_until - pandas.Timedelta(1, "us")  # the day that it names is outside
        return f"closed: tells of times until {asked.day(last)}"
    if pandas.isna(source.told_until):
        return "told nothing by this day" if source.readings else "never read"
    return "out of date" if source.stale else "up to date"


def refused(asked: Asked) -> Told:
    """Every row and answer of the stream and of the processes that could not be used."""
    rows = pandas.concat([asked.figure("refused_row"), asked.figure("refused_row", stream="")])
    said = f"{words.counted(len(rows), 'row or whole answer', 'rows or whole answers')} could not be used; each with its reason."
    return Told("Refused rows and answers", [said], rows[list(REFUSED)].rename(columns=REFUSED))


def doubt(asked: Asked) -> Told:
    """The items whose history contradicts itself or the map."""
    rows = asked.figure("doubt")[list(DOUBT)].rename(columns=DOUBT)
    said = f"{words.counted(len(rows), 'finding')}: {asked.publication.meaning('doubt')}"
    return Told("Histories in doubt", [said], rows)
