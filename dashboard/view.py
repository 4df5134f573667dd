"""What every page shares: the publication, the stream and day in the address, figures, exports."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pandas
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

import metrics
from dashboard import boxes, words
from metrics import faster

# A spreadsheet runs a cell that begins like this as a formula; an apostrophe makes it text.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class View(NamedTuple):
    """One stream at one instant, as the address names it."""

    publication: metrics.Publication
    stream: pandas.Series
    as_of: datetime
    opened: bool  # at the stream's own opening instant, because the address names no day

    def figure(self, name: str, **filters: object) -> pandas.DataFrame:
        """A figure of this stream at this instant. Shared between visitors: never change it."""
        filters = {"stream": self.stream.stream, **filters}
        return _figure(str(self.publication.file), name, self.as_of, self.publication, **filters)

    def table(self, name: str, **filters: object) -> pandas.DataFrame:
        """A model table of this stream. Shared between visitors: never change it."""
        filters = {"stream": self.stream.stream, **filters}
        return _table(str(self.publication.file), name, self.publication, **filters)

    def faster(self, stage: str = "") -> faster.Verdict:
        """Whether a stage, or the whole line, gets faster."""
        file, stream = str(self.publication.file), self.stream.stream
        return _faster(file, self.as_of, stream, stage, self.publication)

    def settings(self, name: str, **filters: object) -> pandas.DataFrame:
        """A model table that belongs to no stream. Shared between visitors: never change it."""
        return _table(str(self.publication.file), name, self.publication, **filters)

    def processes(self) -> View:
        """This view when processes are shown: unless a day is chosen, where they open themselves."""
        opens = self.publication.processes_open_at()
        return self._replace(as_of=opens) if self.opened and opens else self

    def process(self, name: str, **filters: object) -> pandas.DataFrame:
        """A figure of the processes, which belong to no stream. Shared: never change it."""
        return _figure(str(self.publication.file), name, self.as_of, self.publication, **filters)

    def day(self, value: object) -> str:
        """An instant as a day of the stream's own zone."""
        return words.day(value, self.stream.time_zone)

    def verdict(self, source) -> str:
        """Whether a source, a row of freshness, is fresh; a closed recording can't be."""
        if not pandas.isna(source.covers_until):
            return f"closed: tells of times until {self.day(source.covers_until)}"
        if pandas.isna(source.newest):
            return "its rows carry no date"
        return "out of date" if source.stale else "up to date"

    def address(self, page: str, **more: str) -> str:
        """A page of ours with this stream and day, for a link that opens elsewhere."""
        state = {"stream": self.stream.stream, **more}
        if not self.opened:
            state["as_of"] = (
                self.as_of.astimezone(ZoneInfo(self.stream.time_zone)).date().isoformat()
            )
        return f"{page}?{urlencode(state)}"


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


@st.cache_resource(max_entries=100, show_spinner=False)
def _faster(file, as_of, stream, stage, _publication) -> faster.Verdict:
    return faster.answer(_publication, as_of, stream, stage)


@st.fragment(run_every=30)
def move_on(data: str, shown: Path) -> None:
    """Start the page again when something newer has been published."""
    if metrics.current(data) != shown:
        st.rerun()


def choose(shown: metrics.Publication) -> View:
    """The stream and day selectors, kept in the address, and the view that they name."""
    streams = _table(str(shown.file), "stream", shown).set_index("stream", drop=False)
    left, middle, _ = st.columns([4, 2, 4], vertical_alignment="bottom")
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
    return View(shown, stream, _instant(stream, None if opened else picked), opened)


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
    if told in ids and (key not in state or get_script_run_ctx().is_history_navigation):
        state[key] = told
    if state.get(key) not in ids:
        state.pop(key, None)
    state.setdefault(key, ids[0])
    chosen = getattr(place, widget)(label, ids, format_func=names.get, key=key, **more)
    if told != chosen:
        st.query_params[key] = chosen
    return chosen


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


def _instant(stream: pandas.Series, picked: date | None) -> datetime:
    """The end of the picked day in the stream's zone; without one, where the stream opens."""
    now = _now(stream).astimezone(UTC)
    if picked is None:
        return now if pandas.isna(stream.opens_at) else stream.opens_at.to_pydatetime()
    end = datetime.combine(picked, time.max, ZoneInfo(stream.time_zone)).astimezone(UTC)
    return min(end, now)


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


def safe(frame: pandas.DataFrame) -> pandas.DataFrame:
    """A copy in which no text can run as a formula in a spreadsheet, and no time has a zone."""
    frame = frame.copy()
    for column in frame:
        if isinstance(frame[column].dtype, pandas.DatetimeTZDtype):
            frame[column] = frame[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif not pandas.api.types.is_any_real_numeric_dtype(frame[column]):
            frame[column] = frame[column].map(_safe_cell)
    return frame.rename(columns=_safe_cell)


def _safe_cell(value: object) -> object:
    risky = isinstance(value, str) and value.startswith(FORMULA_STARTS)
    return f"'{value}" if risky else value


def csv(frame: pandas.DataFrame) -> bytes:
    """The rows as CSV, with a mark that makes Excel read UTF-8."""
    return safe(frame).to_csv(index=False).encode("utf-8-sig")


def xlsx(frame: pandas.DataFrame) -> bytes:
    """The rows as a workbook."""
    file = io.BytesIO()
    safe(frame).to_excel(file, index=False)
    return file.getvalue()


def exports(frame: pandas.DataFrame, name: str) -> None:
    """Buttons that download exactly the rows shown, made when asked for."""
    left, right, _ = st.columns([2, 2, 6])
    kinds: list[tuple[object, str, Callable]] = [(left, "csv", csv), (right, "xlsx", xlsx)]
    for place, kind, make in kinds:
        place.download_button(
            f"Download {kind}",
            lambda make=make: make(frame),
            f"{name}.{kind}",
            key=f"download_{name}_{kind}",
            on_click="ignore",
            width="stretch",
        )
