"""The state of everything that can be told: stages, processes, lines, sources, the publication and
promises, each as one word and the sentence that decided it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas

import metrics
from notes.note import Note
from notes.promises import overdue
from settings.alerts import Kind
from telling import board, pace, words
from telling.asked import Asked, asked

# Words that are news when nothing is known of before: the others are as it should be, or say nothing.
NEWS = {"red", "silent", "refused", "overdue"}
# Of which kind the news is that something has this word now.
KIND: dict[str, Kind] = {
    "red": "red", "calm": "recovered", "faster": "verdict", "slower": "verdict", "same": "verdict",
    "silent": "silent", "speaks": "silent", "refused": "refused", "current": "refused",
    "overdue": "overdue",
}  # fmt: skip


class State(NamedTuple):
    """One thing that can be told of, at an instant.

    `subject`: its key, for ever the same; `group`: what of it is told of together; `word`: one of
    KIND, or "" where nothing is known, or nothing is to be told; `colour`: as its box has it;
    `page`: where the dashboard shows it.
    """

    subject: str
    name: str
    group: str
    word: str
    sentence: str
    colour: str = "grey"
    page: str = ""


def of_stream(told: Asked) -> Iterator[State]:
    """The stages of a line and the verdict on it, with what happened in it lately."""
    status = told.part("status")
    yield from stages(told, status)
    if not status.empty:
        word = told.faster().word
        said = f"The line is {pace.FASTER[word]}." if word != "unknown" else _UNSURE
        yield State(
            f"line/{told.stream.stream}", told.stream["name"], told.stream["name"],
            "" if word == "unknown" else word,
            " ".join([said, *pace.because(told), board.lately(told)]),
            page=_page("", stream=told.stream.stream),
        )  # fmt: skip


_UNSURE = "Whether the line gets faster can't be told."


def stages(told: Asked, status: pandas.DataFrame) -> Iterator[State]:
    """The stages of a line; rows of the figure status."""
    for s in status.itertuples():
        yield State(
            f"stage/{s.stream}/{s.stage}", s.stage_name, told.stream["name"], _calm(s.colour),
            s.sentence, s.colour, _page("stage", stream=s.stream, stage=s.stage),
        )  # fmt: skip


def processes(status: pandas.DataFrame) -> Iterator[State]:
    """The processes; rows of the figure process_status."""
    for p in status.itertuples():
        since = f"Since {words.day(p.since)}. " if p.colour in ("red", "amber") else ""
        yield State(
            f"process/{p.process_group}/{p.process}", p.process_name, p.group_name,
            _calm(p.colour), since + p.sentence, p.colour,
            _page("pipeline", process=f"{p.process_group}/{p.process}"),
        )  # fmt: skip


def _calm(colour: str) -> str:
    """Whether a colour is red or not; what can't be judged is neither."""
    return {"red": "red", "amber": "calm", "green": "calm"}.get(colour, "")


def sources(told: Iterable[pandas.DataFrame], day: str = "UTC") -> Iterator[State]:
    """The sources, each once; rows of the figure freshness, of each stream and of processes."""
    rows = pandas.concat([*told])
    for name, uses in rows.groupby("source", sort=True):
        # One that several streams use is silent when it is so for the one that wants it freshest.
        worst = uses.sort_values("stale", ascending=False, kind="stable").iloc[0]
        yield State(
            f"source/{name}", str(name), "The sources", _heard(worst), _source(worst, day),
            "red" if _heard(worst) == "silent" else "green",
            _page("sources", stream=worst.stream) if worst.stream else "sources",
        )  # fmt: skip


def _heard(source: pandas.Series) -> str:
    unread = pandas.isna(source.told_until)
    failed = source.last_outcome in ("refused", "failed")
    if source.stale or (unread and failed):
        return "silent"
    return "" if unread else "speaks"


def _source(source: pandas.Series, zone: str) -> str:
    why = f" Its last answer was {source.last_outcome}: {source.last_reason}" if (
        source.last_outcome in ("refused", "failed") and source.last_reason
    ) else ""  # fmt: skip
    if pandas.isna(source.told_until):
        return f"{source.source} has brought nothing yet.{why}"
    at = words.day(source.told_until, zone)
    return f"{source.source} was last read {words.ago(source.age_days)}, on {at}.{why}"


def publication(refused: dict | None, unusable: str = "") -> State:
    """Whether what was published last is what is shown; `unusable`: why nothing can be shown."""
    reasons = refused["reasons"] if refused else []
    when = f" of {words.day(datetime.fromisoformat(refused['at']))}" if refused else ""
    said = f"Newer data{when} is not shown: {' '.join(reasons)}" if refused else ""
    return State(
        "publication", "The newest data", "The newest data", "refused" if said or unusable else "current",
        " ".join(filter(None, [said, unusable])) or "What was collected last is published.",
        "red" if said or unusable else "green", "sources",
    )  # fmt: skip


def promises(
    notes: Iterable[Note], now: datetime, zone: str, names: dict[tuple[str, str], str]
) -> Iterator[State]:
    """The promises: overdue once the day is over by which they were to be kept. `names`: what a stage
    (stream, stage) is called, or a line (stream, '')."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for note in notes:
        if note.kind != "promise" or note.due is None:
            continue
        late = overdue(note, today) > 0
        where = names.get((note.stream, note.stage), note.process or note.stage)
        where = ", ".join(filter(None, [where, note.item]))
        action = " ".join(note.action.split())  # it may have several lines
        yield State(
            f"promise/{note.note}", action, "Promises", "overdue" if late else "kept",
            f"{where}: {action} ({note.who}, by {words.day(note.due)}).",
            "red" if late else "green", _page("review", stream=note.stream) if note.stream else "",
        )  # fmt: skip


def _page(name: str, **state: str) -> str:
    return f"{name}?{urlencode(state)}"


def everything(data: Path, notes: Iterable[Note], now: datetime, zone: str) -> list[State]:
    """The state of all that can be told of a data folder: of streams and processes where they open,
    which is now but for an example. Where no publication can be asked, only that is known."""
    refused = metrics.refusal(data)
    try:
        with closing(metrics.open(data)) as shown:
            if shown.outdated:
                return [publication(refused, shown.outdated), *promises(notes, now, zone, {})]
            told = list(_published(shown, notes, now, zone))
    except (FileNotFoundError, metrics.Unreadable) as error:
        return [publication(refused, str(error)), *promises(notes, now, zone, {})]
    return [publication(refused, shown.instead), *told]


def _published(
    shown: metrics.Publication, notes: Iterable[Note], now: datetime, zone: str
) -> Iterator[State]:
    streams, heard = shown.table("stream"), []
    for stream in streams.stream:
        opens = shown.opens_at(stream)
        told = asked(shown, stream, opens or now)
        yield from _as_of(opens, of_stream(told))
        heard.append(told.figure("freshness"))
    opens = shown.processes_open_at()
    at = opens or now
    yield from _as_of(opens, processes(shown.figure("process_status", at)))
    yield from sources([*heard, shown.figure("freshness", at, stream="")], zone)
    names = {(s.stream, s.stage): s.name for s in shown.table("stage").itertuples()}
    names |= {(s.stream, ""): s.name for s in streams.itertuples()}
    yield from promises(notes, now, zone, names)


def _as_of(opens: datetime | None, told: Iterable[State]) -> Iterator[State]:
    """The same; where an example opens at a day of its own, that day is said."""
    for state in told:
        more = f" (As of {words.day(opens)}.)" if opens else ""
        yield state._replace(sentence=state.sentence + more)
