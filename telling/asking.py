"""What another program asks of a figure, read from words; and the rows that answer it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import NamedTuple

import metrics
from metrics.catalogue import Column, Figure, all_figures
from telling import words

USUAL, MOST = 1_000, 10_000  # rows of one answer
FARTHEST = 1_000_000_000  # row that can be asked for
NAMED = 100  # of those that there are, where something else is asked for
KEYS = ("stream", "as_of", "limit", "offset", "publication")


class Wrong(ValueError):
    """What was asked can't be answered: a sentence with what to ask instead."""


class NotThere(Wrong):
    """It names something that there is not."""


class Replaced(Wrong):
    """It goes on with rows of a publication that is no longer the one that answers."""


class Question(NamedTuple):
    """A figure at an instant: which rows of it, and how many after how many. `told` is all that was
    asked for, in words, without `offset`; `publication` is who answers."""

    figure: Figure
    columns: list[Column]
    as_of: datetime
    filters: dict[str, str]
    limit: int
    offset: int
    told: dict[str, str]
    publication: str


def question(
    shown: metrics.Publication,
    columns: list[Column],
    name: str,
    told: Iterable[tuple[str, str]],
    now: datetime,
) -> Question:
    """What is asked of the figure `name` by these pairs of key and word, at `now` where they name no
    instant and the stream does not open at one. Raises Wrong, NotThere, Replaced."""
    figure = all_figures()[name]
    words_of = _once(told)
    texts = [column.name for column in columns if column.type == "VARCHAR"]
    for key in words_of:
        if key not in KEYS and key not in texts:
            raise Wrong(_unknown("key", key, list(dict.fromkeys([*KEYS, *texts]))))
    filters = {key: word for key, word in words_of.items() if key in texts}
    if "stream" in texts:
        filters["stream"] = _stream(shown, words_of.get("stream"))
    elif "stream" in words_of:
        raise Wrong(f"{name} is of no stream: ask for it without stream=.")
    _known_places(shown, filters)
    _same_publication(shown.file.name, words_of.get("publication"))
    at = as_of(shown, words_of.get("as_of", ""), filters.get("stream", ""), now)
    limit = _number("limit", words_of, 1, MOST, USUAL)
    offset = _number("offset", words_of, 0, FARTHEST, 0)
    words_of.pop("offset", "")
    return Question(figure, columns, at, filters, limit, offset, words_of, shown.file.name)


def rows(shown: metrics.Publication, asked: Question) -> metrics.Listed:
    """The rows that were asked for, in the figure's own order, and how many there are in all; no
    more than those are ever taken out of the database. Raises NotThere, metrics.Unreadable."""
    if asked.figure.sql:
        wanted = metrics.Wanted(most=asked.limit, skip=asked.offset)
        found = shown.rows(asked.figure.name, asked.as_of, wanted, **asked.filters)
        if not found.of:
            _known_others(shown, asked)
        return found
    # What Python works out has a row for each stage.
    every = shown.figure(asked.figure.name, asked.as_of, **asked.filters)
    last = asked.offset + asked.limit
    return metrics.Listed(every.iloc[asked.offset : last], len(every))


def named(name: str) -> str:
    """The name of a figure, if there is such a one. Raises NotThere, with the nearest."""
    if name not in (known := all_figures()):
        raise NotThere(f"{_unknown('figure', name, list(known))} /api/figures lists them all.")
    return name


def as_of(shown: metrics.Publication, told: str, stream: str, now: datetime) -> datetime:
    """The instant that is asked for (UTC): a day is its end in the stream's zone, today is `now`;
    nothing is where the stream, or without one the processes, open. Raises Wrong."""
    if not told:
        opens = shown.opens_at(stream) if stream else shown.processes_open_at()
        return opens or now
    try:
        at = when(told)
        if isinstance(at, datetime):
            is_to_come = at > datetime.now(UTC)
        else:
            ends, begins = (shown.day_ends(d, stream) for d in (at, at - timedelta(days=1)))
            is_to_come, at = begins > now, min(ends, now)
    except (ValueError, OverflowError):
        raise Wrong(
            f"as_of={words.cut(told)!r} is no date: write it as 2025-06-01 or 2025-06-01T12:00Z."
        ) from None
    if is_to_come:
        raise Wrong(f"as_of={told} has not come yet: leave it out, or name a day up to today.")
    return at


def when(told: str) -> date | datetime:
    """The day, or the instant (UTC), that is written: without a zone it is of UTC. Raises ValueError,
    OverflowError."""
    if "W" in told:
        raise ValueError("A week is no day.")
    with suppress(ValueError):
        return date.fromisoformat(told)  # as 20250601 too, which is no midnight
    # A plus that nobody wrote as %2B comes as a space.
    at = datetime.fromisoformat(told.replace(" ", "+") if "T" in told else told)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _once(told: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, word in told:
        if key in found:
            raise Wrong(f"{words.cut(key)!r} is asked for twice: once is enough.")
        found[key] = word
    return found


def _stream(shown: metrics.Publication, told: str | None) -> str:
    """The stream that is asked for; where there is only one, it need not be."""
    known = list(shown.table("stream").stream)
    if told is None and len(known) == 1:
        return known[0]
    if told is None:
        raise Wrong(f"Which stream? Add stream= with one of: {', '.join(known)}.")
    if told and told not in known:
        raise NotThere(_unknown("stream", told, known))
    return told  # '' are the rows of no stream, but of the processes


def _known_places(shown: metrics.Publication, filters: dict[str, str]) -> None:
    """Raises NotThere for a stage or a group of processes there is none of: no rows would look as if
    it held nothing."""
    stream = {"stream": filters["stream"]} if filters.get("stream") else {}
    for key, table, mine in (("stage", "stage", stream), ("process_group", "process_group", {})):
        if (told := filters.get(key)) and told not in (
            known := list(shown.table(table, **mine)[key])
        ):
            raise NotThere(_unknown(key, told, known))


def _known_others(shown: metrics.Publication, asked: Question) -> None:
    """The same for a process and a source, of which there may be many: looked up where no rows are."""
    if told := asked.filters.get("process"):
        known = list(shown.figure("process_status", asked.as_of).process)
        if told not in known:
            raise NotThere(_unknown("process", told, [one for one in known if one]))
    told = asked.filters.get("source")
    if told and told not in (known := list(shown.table("source_use").source)):
        raise NotThere(_unknown("source", told, known))


def _same_publication(answers: str, told: str | None) -> None:
    """Rows of two publications are no whole: some would be there twice, and some never."""
    if told is not None and told != answers:
        raise Replaced(
            f"What comes before these rows is of the publication {words.cut(told)!r}, and {answers} "
            "answers now: begin again, without offset= and publication=."
        )


def _number(key: str, told: dict[str, str], least: int, most: int, usual: int) -> int:
    word = told.get(key, str(usual))
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 12 else -1
    if not least <= number <= most:
        raise Wrong(
            f"{key}={words.cut(word)!r} is no whole number from {least:,} to {most:,}. More rows than "
            "one answer holds are asked for by its `next`."
        )
    return number


def _unknown(what: str, told: str, known: list[str]) -> str:
    near = get_close_matches(told, known, 1)
    more = f" and {len(known) - NAMED:,} more" if len(known) > NAMED else ""
    there = (
        f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known[:NAMED])}{more}."
    )
    return f"There is no {what} {words.cut(told)!r}. {there}"
