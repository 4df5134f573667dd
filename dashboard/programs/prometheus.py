"""The address that a Prometheus scrapes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response

import metrics
from dashboard.programs.answering import Shown, answer
from telling import openmetrics


def scrape(request: Request, shown: Shown) -> Response:
    """Colours, queues and ages as OpenMetrics text. Raises metrics.Unreadable."""
    tag, warnings = shown.tag("metrics", shown.now), len(shown.about["warnings"])

    def made() -> tuple[str, dict]:
        return _text(tag, shown.publication, warnings, shown.now), {}

    return answer(request, shown, tag, openmetrics.TYPE, made)


# Whoever scrapes every few seconds does not say what it has already.
@st.cache_resource(max_entries=2, show_spinner=False)
def _text(tag: str, _shown: metrics.Publication, _warnings: int, _now: datetime) -> str:
    return openmetrics.text(_shown, _warnings, _now)
