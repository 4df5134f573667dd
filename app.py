"""The dashboard: opens the current publication and shows a page of it.

streamlit run app.py
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from logging import getLogger
from pathlib import Path
from threading import Thread
from time import sleep
from typing import NoReturn

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.navigation.page import Page

import metrics
from dashboard.guard import doors, entrance, headers, signing_in
from dashboard.pages import (
    catalogue,
    flow,
    map,
    meeting,
    overview,
    pipeline,
    review,
    sources,
    stage,
)
from dashboard.parts import boxes, seen, signed_in, turns, view
from dashboard.programs import routes
from telling import leaving

DATA = os.environ.get("VALUESTREAM_DATA", "data")
LOG = getLogger("valuestream")
leaving.logs()
CHECKED_EVERY = 15  # seconds
KEEP = {"Cache-Control": "public, max-age=31536000, immutable"}


def healthz(request) -> JSONResponse:
    """200 and the publication shown, opened, with why it is not the newest where it is not; or 503
    and what to run when there is none. Only whether, where people sign in: it is asked without.
    Opening takes a moment, for which no other answer waits."""
    try:
        shown = metrics.open(DATA)
        warning = shown.instead or shown.outdated
    except (FileNotFoundError, metrics.Unreadable) as nothing:
        told = {"ok": False} if SIGN_IN else {"error": str(nothing)}
        return JSONResponse(told, status_code=503)
    shown.close()
    if SIGN_IN:
        return JSONResponse({"ok": not warning})
    told = {"publication": shown.file.name} | ({"warning": warning} if warning else {})
    return JSONResponse(told)


def newest(request) -> PlainTextResponse:
    """What the pointer names, "" for nothing: an open page that was drawn of another goes on to it."""
    name = view.named(DATA)
    return PlainTextResponse(name.name if name else "", headers={"Cache-Control": "no-store"})


async def overview_by_name(request) -> RedirectResponse:
    """The first page has its name for an address too, as the others do."""
    return RedirectResponse(f"./?{request.url.query}" if request.url.query else "./")


async def script(request) -> Response:
    """What draws the boxes. Its address names its version, so a browser may keep it."""
    return Response(boxes.SCRIPT, media_type="text/javascript", headers=KEEP)


async def style(request) -> Response:
    """How the boxes look."""
    return Response(boxes.STYLE, media_type="text/css", headers=KEEP)


def page() -> None:
    """A page of the newest publication that can be read."""
    try:
        _page()
    except metrics.Unreadable as error:
        if error.damaged:
            st.rerun()  # with the next newest
        _nothing("This can't be read", str(error))


def _page() -> None:
    """Choose stream and day, then draw the page that the address names."""
    st.html(Path(__file__).parent / "dashboard/parts/page.css")
    pages = [
        st.Page(lambda: overview.show(now), title="Overview", url_path="overview", default=True),
        st.Page(lambda: stage.show(now), title="Stage", url_path="stage"),
        st.Page(lambda: flow.show(now), title="Flow", url_path="flow"),
        st.Page(lambda: pipeline.show(now), title="Pipeline", url_path="pipeline"),
        st.Page(lambda: review.show(now), title="Review", url_path="review"),
        st.Page(lambda: map.show(now), title="Map", url_path="map"),
        st.Page(lambda: sources.show(now), title="Sources", url_path="sources"),
        st.Page(lambda: catalogue.show(now), title="Catalogue", url_path="catalogue"),
    ]
    current = st.navigation(pages, position="hidden")  # the links are our own
    named, now, head, said = _asked(pages, current)
    query = st.query_params.to_dict().items()
    with turns.turn(now.publication.file, now.as_of, current.url_path, *query):
        if view.named(DATA) != named:  # something newer came while it waited
            named, now, head, said = _asked(pages, current)
        view.refusal(DATA, now.today or now.publication)
        banners = [boxes.drawn_of(named), *view.banner(now), *seen.banner(said)]
        if meeting.is_asked_for():
            st.html(Path(__file__).parent / "dashboard/parts/meeting.css")
            meeting.show(now, banners)
        else:
            boxes.draw(*head, *banners, key="head")
            current.run()
            signed_in.draw()


def _asked(pages: list[Page], current: Page) -> tuple[Path | None, view.View, list[dict], str]:
    """What the pointer names; what the address asks for of it, what is drawn above each page, and
    what is said of the day on which it was seen."""
    try:
        named, shown = view.publication(DATA)
    except FileNotFoundError as nothing:
        _nothing("Nothing to show yet", str(nothing))
    if outdated := view.outdated(shown):
        _nothing("Publish once more", outdated)
    then = seen.asked(DATA, shown)
    now, head = view.choose(then.publication, pages, current, then.day)
    return named, replace(now, today=shown) if then.day else now, head, then.said


def _nothing(why: str, cure: str) -> NoReturn:
    view.dressed(why)
    st.title(why)
    st.text(cure)
    boxes.draw(boxes.drawn_of(view.named(DATA)), key="nothing")
    st.stop()


def keep_warm() -> None:
    """Work the first page out before anybody asks: at the start, and whenever there is a newer one.
    And let go of what nobody holds any more: looking for it after every page, as Streamlit would,
    keeps everybody waiting."""
    done = None
    while True:
        try:
            named, shown = view.publication(DATA)
            opened = view.opening(shown, shown.table("stream").iloc[0], "Overview")
            if (key := (named, opened.as_of)) != done:
                overview.drawn(opened)
                if done is None:
                    gc.collect()
                    gc.freeze()  # the libraries, which stay: nothing is looked for among them
                done = key
        except Exception as error:  # the page itself says what is wrong to whoever opens it
            LOG.info("Not worked out ahead: %s", error)
        sleep(CHECKED_EVERY)
        gc.collect()


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """What goes on beside the server."""
    Thread(target=keep_warm, daemon=True).start()
    yield


if refused := doors.refused():
    sys.stderr.write(refused + "\n")
    raise SystemExit(2)

SIGN_IN = signing_in.settings()
MIDDLEWARE = [Middleware(headers.Headers), Middleware(doors.Doors, sign_in=SIGN_IN)]
if SIGN_IN:
    MIDDLEWARE.append(Middleware(entrance.Entrance, sign_in=SIGN_IN))

app = st.App(
    __file__,
    secrets=SIGN_IN.secrets if SIGN_IN else None,
    lifespan=lifespan,
    routes=[
        Route("/healthz", healthz),
        Route("/newest", newest),
        Route("/overview", overview_by_name),
        Route("/boxes.js", script),
        Route("/boxes.css", style),
        *routes.routes(DATA),
    ],
    middleware=MIDDLEWARE,
)

if __name__ == "__main__":
    page()
