"""What every page shares: the publication, the stream and day in the address, figures, exports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

import metrics
from dashboard.parts import boxes
from telling import exports as files
from telling import words
from telling.asked import Asked


class View(Asked):
    """One stream at one instant, as the address names it; its frames are shared between visitors."""

    def _figure(self, name: str, filters: dict) -> pandas.DataFrame:
        return _figure(str(self.publication.file), name, self.as_of, self.publication, **filters)

    def _table(self, name: str, filters: dict) -> pandas.DataFrame:
        return _table(str(self.publication.file), name, self.publication, **filters)

    def address(self, page: str, **more: str) -> str:
        """A page of ours with this stream and day, for a link that opens elsewhere."""
        day = {} if self.opened else {"as_of": self.date}
        return f"{page}?{urlencode({'stream': self.stream.stream, **more, **day})}"


def _is_current(publication: metrics.Publication) -> bool:
    try:
        return publication.file == metrics.current(publication.file.parent.parent)
    except FileNotFoundError:
        return False


@st.cache_resource(validate=_is_current, show_spinner=False)
def publication(data: str) -> metrics.Publication:
    """The current publication, shared; opened anew when the pointer names another."""
    return metrics.open(data)


# Frames are kept as resources: the data cache would copy them for every visitor.
@st.cache_resource(max_entries=400, show_spinner=False)
def _figure(file, name, as_of, _publication, **filters) -> pandas.DataFrame:
    return _publication.figure(name, as_of, **filters)


@st.cache_resource(max_entries=100, show_spinner=False)
def _table(file, name, _publication, **filters) -> pandas.DataFrame:
    return _publication.table(name, **filters)


@st.fragment(run_every=30)
def move_on(data: str, shown: Path) -> None:
    """Start the page again when something newer has been published."""
    if metrics.current(data) != shown:
        st.rerun()


def choose(shown: metrics.Publication) -> View:
    """The stream and day selectors, kept in the address, and the view that they name."""
    streams = _table(str(shown.file), "stream", shown).set_index("stream", drop=False)
    left, middle, _ = st.container(key="where").columns([4, 2, 4], vertical_alignment="bottom")
    name = addressed(
        left,
        "Value stream",
        streams.name,
        "stream",
        label_visibility="collapsed",
        on_change=_open_again,
        args=(streams,),
    )
    stream = streams.loc[name]
    first = _first_day(stream)
    st.session_state["opened_on"] = first
    picked = middle.date_input(
        "As of the end of",
        value=first,
        min_value=date(2000, 1, 1),
        max_value=max(first, _now(stream).date()),
        format="YYYY-MM-DD",
        key="as_of",
        bind="query-params",
        label_visibility="collapsed",
    )
    opened = picked is None or picked == first
    return View(shown, stream, _instant(shown, stream, None if opened else picked), opened)


def addressed(
    place, label: str, names: pandas.Series, key: str, widget: str = "selectbox", **more: object
) -> str:
    """A choice among ids, shown by name and kept in the address by id, because names change.

    `names` has the ids as its index; a wrong id in the address is as good as none. Without one
    the first is chosen. `widget` is the name of one of Streamlit's that offers options.

    After Back, Forward and a click on a box the address decides. Otherwise the session does, which
    has what was chosen just now; the address has it only after this.
    """
    state, ids = st.session_state, list(names.index)
    told = st.query_params.get(key)
    if key not in state or _by_history():
        state[key] = told
    if state.get(key) not in ids:
        state.pop(key, None)
    state.setdefault(key, ids[0])
    chosen = getattr(place, widget)(label, ids, format_func=names.get, key=key, **more)
    if told != chosen:
        st.query_params[key] = chosen
    return chosen


def _by_history() -> bool:
    """Whether the browser's history brought the visitor here: Back, Forward or a click on a box."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def _open_again(streams: pandas.DataFrame) -> None:
    """Another stream opens at its own day, unless a day was chosen."""
    state = st.session_state
    if state.get("as_of") == state.get("opened_on"):
        state["as_of"] = _first_day(streams.loc[state["stream"]])


def _now(stream: pandas.Series) -> datetime:
    # To the minute, so that visitors within a minute share the figures already asked for.
    return datetime.now(ZoneInfo(stream.time_zone)).replace(second=0, microsecond=0)


def _first_day(stream: pandas.Series) -> date:
    at = _now(stream) if pandas.isna(stream.opens_at) else stream.opens_at
    return at.astimezone(ZoneInfo(stream.time_zone)).date()


def _instant(shown: metrics.Publication, stream: pandas.Series, picked: date | None) -> datetime:
    """The end of the picked day in the stream's zone; without one, where the stream opens."""
    now = _now(stream).astimezone(UTC)
    if picked is None:
        return now if pandas.isna(stream.opens_at) else stream.opens_at.to_pydatetime()
    return min(shown.day_ends(picked, stream.stream), now)


def shown_as_of(view: View) -> dict | None:
    """The line that says a page shows the past, or None when it shows now."""
    if view.opened and pandas.isna(view.stream.opens_at):
        return None
    ago = (datetime.now(UTC) - view.as_of).days
    which = ", the last day of this example's data" if view.opened else ""
    text = f"Shown as of {view.day(view.as_of)}{which}, {words.days(ago)} ago."
    return boxes.node("p", text, cls="shown")


def refusal(data: str) -> None:
    """Why the newest publication is not shown, when there is a reason."""
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
    left, right, _ = st.columns([2, 2, 6])
    kinds: list[tuple[DeltaGenerator, str, Callable]] = [
        (left, "csv", files.csv),
        (right, "xlsx", files.xlsx),
    ]
    for place, kind, make in kinds:
        place.download_button(
            f"Download {kind}",
            partial(make, frame),
            f"{name}.{kind}",
            key=f"download_{name}_{kind}",
            on_click="ignore",
            width="stretch",
        )
