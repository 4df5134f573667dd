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
OF_A_STREAM = "stage of part blocked text by one other period_0 period_1 period_2 period_3"


@dataclass(frozen=True)
class View(Asked):
    """One stream at one instant, as the address names it; its frames are shared between visitors.

    `page`: the name of the page. `day_shown`: the day that the page shows, of the stream's own zone,
    or of UTC for processes.
    """

    page: str = ""
    day_shown: date = date.min

    def _figure(self, name: str, filters: dict) -> pandas.DataFrame:
        return _figure(str(self.publication.file), name, self.as_of, self.publication, **filters)

    def _table(self, name: str, filters: dict) -> pandas.DataFrame:
        return _table(str(self.publication.file), name, self.publication, **filters)

    def processes(self) -> Self:
        looked = super().processes()
        return replace(looked, day_shown=looked.as_of.date()) if self.opened else looked

    def address(self, page: str, **more: str) -> str:
        """A page of ours with this stream and day, for a link that opens elsewhere."""
        day = {} if self.opened else {"as_of": self.day_shown.isoformat()}
        return f"{page or './'}?{urlencode({'stream': self.stream.stream, **more, **day})}"


def _named(data: str | Path) -> Path | None:
    """The publication that the pointer names, whether it can be opened or not."""
    try:
        return metrics.current(data)
    except FileNotFoundError:
        return None


def _is_current(opened: tuple[Path | None, metrics.Publication]) -> bool:
    named, publication = opened
    return not publication.failed and named == _named(publication.file.parent.parent)


@st.cache_resource(validate=_is_current, show_spinner=False)
def publication(data: str) -> tuple[Path | None, metrics.Publication]:
    """What the pointer names, and the publication that is shown, shared; opened anew when the
    pointer names another."""
    return _named(data), metrics.open(data)


# Frames are kept as resources: the data cache would copy them for every visitor.
@st.cache_resource(max_entries=400, show_spinner=False)
def _figure(file, name, as_of, _publication, **filters) -> pandas.DataFrame:
    return _publication.figure(name, as_of, **filters)


@st.cache_resource(max_entries=100, show_spinner=False)
def _table(file, name, _publication, **filters) -> pandas.DataFrame:
    return _publication.table(name, **filters)


@st.fragment(run_every=30)
def move_on(data: str, named: Path | None) -> None:
    """Start the page again when something newer has been published."""
    if _named(data) != named:
        st.rerun()


def choose(shown: metrics.Publication, pages: list[Page], page: Page) -> View:
    """The pages, the stream and the day to choose from, and the view that the address names."""
    streams = _table(str(shown.file), "stream", shown).set_index("stream", drop=False)
    row = choices.Row()
    stream = streams.loc[row.one_of("Value stream", streams.name, "stream", drops=OF_A_STREAM)]
    now, opened = _now(shown, stream), opening(shown, stream, page.title)
    if page.url_path == "pipeline":
        opened = opened.processes()  # which open at a day of their own
    last = max(opened.day_shown, now.date())
    day = row.day("As of the end of", "as_of", opened.day_shown, FIRST_DAY, last)
    view = opened
    if day != opened.day_shown:
        at = min(shown.day_ends(day, stream.stream), now.astimezone(UTC))
        view = replace(opened, as_of=at, opened=False, day_shown=day)
    names = {view.address(one.url_path): one.title for one in pages}
    links = choices.links("Pages", names, view.address(page.url_path))
    boxes.draw(*row.nodes(links), key="head")
    return view


def opening(shown: metrics.Publication, stream: pandas.Series, page: str) -> View:
    """A stream (a row of the table stream) where it opens."""
    at = _now(shown, stream) if pandas.isna(stream.opens_at) else stream.opens_at.to_pydatetime()
    day = at.astimezone(ZoneInfo(stream.time_zone)).date()
    return View(shown, stream, at.astimezone(UTC), True, page, day)


def entitled(view: View, *parts: str) -> None:
    """The title of the browser's tab: the parts of the page that are shown, the page, the stream."""
    dressed(" – ".join([*parts, view.page, view.stream["name"]]))


def dressed(title: str) -> None:
    """How the browser shows the page: its title and mark, and all of the window's width."""
    st.set_page_config(title, page_icon="▦", layout="wide")


def _now(shown: metrics.Publication, stream: pandas.Series) -> datetime:
    """Now, less ten minutes at most, so that the visitors of that time share the figures asked for;
    never before all that is shown had been published."""
    now = datetime.now(UTC)
    shared = now - (now - datetime.min.replace(tzinfo=UTC)) % SHARED
    return max(shared, shown.published_at).astimezone(ZoneInfo(stream.time_zone))


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


def exports(frame: pandas.DataFrame, name: str) -> None:
    """Buttons that download exactly the rows shown, made when asked for."""
    kinds: list[tuple[str, Callable]] = [("csv", files.csv), ("xlsx", files.xlsx)]
    with st.container(horizontal=True):
        for kind, make in kinds:
            st.download_button(
                f"Download {kind}",
                partial(make, frame),
                files.named(name, kind),
                key=f"download_{name}_{kind}",
                on_click="ignore",
            )
