"""How a program is answered: from the current publication, in turn, and not again what it has."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import BoundedSemaphore

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

import metrics
from dashboard.parts import view
from telling import answers, asking, exports

VERSION = version("valuestream")
JSON = "application/json; charset=utf-8"
# One works and some wait: the pages keep most of the machine, and nobody waits for long.
AT_ONCE, WAITING, SECONDS = 1, 8, 20
BUSY = f"More than {WAITING} ask at once: ask again in a few seconds."


class Lane:
    """Questions that take turns among themselves."""

    def __init__(self) -> None:
        self.places, self.work = BoundedSemaphore(AT_ONCE + WAITING), BoundedSemaphore(AT_ONCE)

    def answer(self, respond: Callable[[], Response]) -> Response:
        """What `respond` gives when it is its turn, or that there are too many."""
        if not self.places.acquire(blocking=False):
            return error(503, BUSY, **{"Retry-After": "3"})
        try:
            if not self.work.acquire(timeout=SECONDS):
                return error(503, BUSY, **{"Retry-After": "3"})
            try:
                return respond()
            finally:
                self.work.release()
        finally:
            self.places.release()


# Whoever watches does not wait for whoever asks for much.
FIGURES, WATCHING = Lane(), Lane()


class Shown:
    """The publication that answers, and what an answer says of it. Raises as metrics.open does."""

    def __init__(self, data: str) -> None:
        _, self.publication = _opened(data)
        if outdated := view.outdated(self.publication):
            raise FileNotFoundError(outdated)
        self.now = view.shared_now(self.publication)
        self.about = answers.about(self.publication, metrics.refusal(data), self.now)

    def tag(self, *told: object) -> str:
        """The ETag of an answer that depends on the publication and on what is told here. It is a
        weak one, for on the way an answer may be packed."""
        name, opened = self.publication.file.name, self.publication.instead
        text = repr((VERSION, name, opened, self.about["warnings"], told))
        return f'W/"{sha256(text.encode()).hexdigest()[:32]}"'


Respond = Callable[[Request, Shown], Response]


# Opened beside the pages' own, so that whoever asks for many instants does not have the pages work
# theirs out anew; DuckDB holds the file once.
@st.cache_resource(validate=view.is_current, show_spinner=False)
def _opened(data: str) -> tuple[Path | None, metrics.Publication]:
    return view.named(data), metrics.open(data)


def error(status: int, sentence: str, **headers: str) -> Response:
    """A sentence that says why there is no answer."""
    text = exports.json_text({"error": sentence})
    return Response(text, status, {"Cache-Control": "no-store"} | headers, media_type=JSON)


def unchanged(request: Request, tag: str) -> bool:
    """Whether whoever asks has this very answer already."""
    had = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    return tag in had or "*" in had


def answer(
    request: Request, shown: Shown, tag: str, kind: str, make: Callable[[], tuple[str, dict]]
) -> Response:
    """What `make` gives (a text and headers of its own), unless whoever asks has it already. It may
    be kept by them alone, and is asked about each time: that costs next to nothing."""
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Valuestream-Publication": shown.publication.file.name,
        "Valuestream-Published": answers.instant(shown.publication.published_at),
    }
    if unchanged(request, tag):
        return Response(status_code=304, headers=headers)
    text, more = make()
    return Response(text, headers=headers | more, media_type=kind)


def _responded(request: Request, data: str, respond: Respond) -> Response:
    """What `respond` answers; where the publication turns out to be damaged, from the next newest."""
    try:
        return respond(request, Shown(data))
    except metrics.Unreadable as unreadable:
        if not unreadable.damaged:
            raise
        return respond(request, Shown(data))


def answering(data: str, respond: Respond, lane: Lane) -> Callable[[Request], Response]:
    """A route: `respond` in its turn, with what can't be answered as a sentence."""

    def route(request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return error(405, "Here is only something to read: ask with GET.", Allow="GET, HEAD")
        try:
            return lane.answer(lambda: _responded(request, data, respond))
        except asking.NotThere as wrong:
            return error(404, str(wrong))
        except asking.Replaced as wrong:
            return error(409, str(wrong))
        except asking.Wrong as wrong:
            return error(400, str(wrong))
        except (FileNotFoundError, metrics.Unreadable) as nothing:
            return error(503, str(nothing), **{"Retry-After": "60"})

    return route
