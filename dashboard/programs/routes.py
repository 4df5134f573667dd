"""Where programs ask."""

from __future__ import annotations

from starlette.routing import Route

from dashboard.programs import figures, prometheus
from dashboard.programs.answering import FIGURES, WATCHING, answering

EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]  # of which all but one are refused


def routes(data: str) -> list[Route]:
    """The routes that answer from a data folder."""
    told = {
        "/api/figures": figures.figures,
        "/api/openapi.json": figures.description,
        "/api/figure/{name}": figures.figure,
        "/api/{rest:path}": figures.nothing,
        "/api": figures.nothing,
    }
    asked = {place: answering(data, one, FIGURES) for place, one in told.items()}
    asked["/metrics"] = answering(data, prometheus.scrape, WATCHING)
    return [Route(place, one, methods=EVERY) for place, one in asked.items()]
