"""What every page shares: the publication, the stream and day in the address, figures, exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas
import streamlit as st
from streamlit.navigation.page import Page

import metrics
from dashboard.parts import boxes, choices
from telling import exports as files
from telling import words
from telling.asked import Asked

FIRST_DAY = date(2000, 1, 1)
SHARED = timedelta(minutes=10)
# What the address says that is of one stream only.
OF_A_STREAM = "stage of part blocked text page by one other period_0 period_1 period_2 period_3"


@dataclass(frozen=True)
class View(Asked):
    """One stream at one instant, as the address names it; its frames are shared between visitors.

    `page`: the name of the page. `day_shown`: the day that the page shows, of the stream's own zone,
    or of UTC for processes. `seen`: the day on whose evening its publication was the newest, where
    the address asks for one that no longer is; `today`: the one that is the newest now.
    """

    page: str = ""
    day_shown: date = date.min
    seen: date | None = None
    today: metrics.Publication | None = None

    def day_ends(self, day: date, stream: str = "") -> datetime:
        return _day_ends(str(self.publication.file), day, stream, self.publication)

    def _figure(self, name: str, filters: dict) -> pandas.DataFrame:
        return _figure(str(self.publication.file), name, self.as_of, self.publication, **filters)

    def _rows(self, name: str, wanted: metrics.Wanted, filters: dict) -> metrics.Listed:
        ask, shown = _many if wanted.most is None else _rows, self.publication
        return ask(str(shown.file), name, self.as_of, wanted, shown, **filters)

    def _table(self, name: str, filters: dict) -> pandas.DataFrame:
        return _table(str(self.publication.file), name, self.publication, **filters)

    def _changes(
        self, since: datetime, before: metrics.Publication | None, stream: str
    ) -> pandas.DataFrame:
        file, other = str(self.publication.file), str(before and before.file)
        return _changes(file, other, since, self.as_of, stream, self.publication, before)

    @property
    def key(self) -> tuple:
        """All that what a page tells of it depends on, notes apart: what is told is kept by this."""
        files = (str(shown and shown.file) for shown in (self.publication, self.today))
        when = (self.as_of, self.opened, self.day_shown, self.seen, days_ago(self))
        return (*files, self.stream.stream, *when)

    def of(self, stream: str) -> Self:
        other = super().of(stream)
        if not self.opened:
            return other
        zone = ZoneInfo(other.stream.time_zone)
        return replace(other, day_shown=other.as_of.astimezone(zone).date())

    def processes(self) -> Self:
        looked = super().processes()
        return replace(looked, day_shown=looked.as_of.date()) if self.opened else looked

    def address(self, page: str, **more: str) -> str:
        """A page of ours with this stream and day, for a link that opens elsewhere."""
        kept = {} if self.opened else {"as_of": self.day_shown.isoformat()}
        if self.seen:
            kept["seen"] = self.seen.isoformat()
        return f"{page or './'}?{urlencode({'stream': self.stream.stream, **more, **kept})}"

    def known_today(self) -> Self | None:
        """The same stream and instant as the newest publication knows them; None where that has no
        such stream any more."""
        assert self.today
        rows = _table(str(self.today.file), "stream", self.today, stream=self.stream.stream)
        if rows.empty:
            return None
        stream = rows.iloc[0]
        opened = self.opened and pandas.notna(stream.opens_at)  # else its address names the day
        known = replace(self, publication=self.today, stream=stream, opened=opened)
        return replace(known, seen=None, today=None)


def named(data: str | Path) -> Path | None:
    """The publication that the pointer names, whether it can be opened or not."""
    try:
        return metrics.current(data)
    except FileNotFoundError:
        return None


def is_current(opened: tuple[Path | None, metrics.Publication]) -> bool:
    """Whether what was opened is still what the pointer names, and answers."""
    name, publication = opened
    return not publication.failed and name == named(publication.file.parent.parent)


@st.cache_resource(validate=is_current, show_spinner=False)
def publication(data: str) -> tuple[Path | None, metrics.Publication]:
    """What the pointer names, and the publication that is shown, shared; opened anew when the
    pointer names another."""
    return named(data), metrics.open(data)


@st.cache_resource(max_entries=8, show_spinner=False)
def _outdated(file: str, _shown: metrics.Publication) -> str:
    return _shown.outdated


def outdated(shown: metrics.Publication) -> str:
    """What to do where another version of the program made it; or "". A file never changes."""
    return _outdated(str(shown.file), shown)


@st.cache_resource(max_entries=400, show_spinner=False)
def _day_ends(file: str, day: date, stream: str, _shown: metrics.Publication) -> datetime:
    return _shown.day_ends(day, stream)


# Frames are kept as resources: the data cache would copy them for every visitor.
@st.cache_resource(max_entries=400, show_spinner=False)
def _figure(file, name, as_of, _publication, **filters) -> pandas.DataFrame:
    return _publication.figure(name, as_of, **filters)


@st.cache_resource(max_entries=100, show_spinner=False)
def _rows(file, name, as_of, wanted, _publication, **filters) -> metrics.Listed:
    return _publication.rows(name, as_of, wanted, **filters)


# A row for each of a million stays: few of these are kept.
@st.cache_resource(max_entries=4, show_spinner=False)
def _many(file, name, as_of, wanted, _publication, **filters) -> metrics.Listed:
    return _publication.rows(name, as_of, wanted, **filters)


@st.cache_resource(max_entries=100, show_spinner=False)
def _table(file, name, _publication, **filters) -> pandas.DataFrame:
    return _publication.table(name, **filters)


@st.cache_resource(max_entries=40, show_spinner=False)
def _changes(file, file_before, since, as_of, stream, _publication, _before) -> pandas.DataFrame:
    return _publication.changes(since, as_of, stream, _before)


def choose(
    shown: metrics.Publication, pages: list[Page], page: Page, seen: date | None = None
) -> tuple[View, list[dict]]:
    """The view that the address names, and what to draw above it: the pages, the stream and the day
    to choose from."""
    streams = _table(str(shown.file), "stream", shown).set_index("stream", drop=False)
    row = choices.Row()
    stream = streams.loc[row.one_of("Value stream", streams.name, "stream", drops=OF_A_STREAM)]
    now, opened = _now(shown, stream, seen), opening(shown, stream, page.title, seen)
    if page.url_path == "pipeline":
        opened = opened.processes()  # which open at a day of their own
    last = max(opened.day_shown, now.date())
    day = row.day("As of the end of", "as_of", opened.day_shown, FIRST_DAY, last)
    view = opened
    if day != opened.day_shown:
        at = min(opened.day_ends(day, stream.stream), now.astimezone(UTC))
        view = replace(opened, as_of=at, opened=False, day_shown=day)
    names = {view.address(one.url_path): one.title for one in pages}
    links = choices.links("Pages", names, view.address(page.url_path))
    return view, row.nodes(links)


def opening(
    shown: metrics.Publication, stream: pandas.Series, page: str, seen: date | None = None
) -> View:
    """A stream (a row of the table stream) where it opens."""
    opens = stream.opens_at
    at = _now(shown, stream, seen) if pandas.isna(opens) else opens.to_pydatetime()
    day = at.astimezone(ZoneInfo(stream.time_zone)).date()
    return View(shown, stream, at.astimezone(UTC), True, page, day, seen)


def entitled(view: View, *parts: str) -> None:
    """The title of the browser's tab: the parts of the page that are shown, the page, the stream."""
    dressed(" – ".join([*parts, view.page, view.stream["name"]]))


def dressed(title: str) -> None:
    """How the browser shows the page: its title and mark, and all of the window's width."""
    st.set_page_config(title, page_icon="▦", layout="wide")


def _now(shown: metrics.Publication, stream: pandas.Series, seen: date | None) -> datetime:
    """Now, less ten minutes at most, so that the visitors of that time share the figures asked for;
    never before all that is shown had been published. As seen on a day: its end, when that has come.
    """
    if seen and (ended := shown.day_ends(seen, stream.stream)) <= datetime.now(UTC):
        return ended.astimezone(ZoneInfo(stream.time_zone))
    return shared_now(shown).astimezone(ZoneInfo(stream.time_zone))


def shared_now(shown: metrics.Publication) -> datetime:
    """Now (UTC), as all who ask within these ten minutes share it."""
    now = datetime.now(UTC)
    return max(now - (now - datetime.min.replace(tzinfo=UTC)) % SHARED, shown.published_at)


def days_ago(view: View) -> int:
    """How many whole days ago was what is shown."""
    return (datetime.now(UTC) - view.as_of).days


def shown_as_of(view: View) -> dict | None:
    """The line that says a page shows the past, or None when it shows now."""
    if view.opened and pandas.isna(view.stream.opens_at):
        return None
    which = ", the last day of this example's data" if view.opened else ""
    text = f"Shown as of {words.day(view.day_shown)}{which}, {words.days(days_ago(view))} ago."
    return boxes.node("p", text, cls="shown")


def banner(view: View) -> list[dict]:
    """What stages.yaml wants said above every page."""
    said = view.stream.banner
    return (
        [boxes.node("section", "", boxes.node("p", said), cls="then", role="note")] if said else []
    )


def refusal(data: str, shown: metrics.Publication) -> None:
    """Why the newest publication is not shown, when there is a reason."""
    if shown.instead:
        notice = boxes.node("section", "", boxes.node("p", shown.instead), cls="refused")
        boxes.draw(notice, key="instead")
    refused = metrics.refusal(data)
    if refused:
        when = words.day(datetime.fromisoformat(refused["at"]))
        said = f"Newer data of {when} is not shown, because it does not add up:"
        reasons = [boxes.node("li", reason) for reason in refused["reasons"]]
        notice = boxes.node(
            "section", "", boxes.node("p", said), boxes.node("ul", "", *reasons), cls="refused"
        )
        boxes.draw(notice, key="refusal")


def exports(rows: pandas.DataFrame | Callable[[], pandas.DataFrame], name: str) -> None:
    """Buttons that download the rows shown, or all of those of which the first are, made when asked."""
    kinds: list[tuple[str, Callable]] = [("csv", files.csv), ("xlsx", files.xlsx)]
    with st.container(horizontal=True):
        for kind, make in kinds:
            st.download_button(
                f"Download {kind}",
                partial(_made, make, rows),
                files.named(name, kind),
                key=f"download_{name}_{kind}",
                on_click="ignore",
            )


def _made(make: Callable, rows: pandas.DataFrame | Callable[[], pandas.DataFrame]) -> bytes:
    return make(rows() if callable(rows) else rows)
