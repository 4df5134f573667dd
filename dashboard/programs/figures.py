"""The addresses of the figures: each as JSON and CSV, the list of them, and what describes it all."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

import metrics
from dashboard.programs.answering import JSON, VERSION, Shown, answer
from metrics.catalogue import columns
from telling import answers, asking, exports, openapi
from telling.answers import CSV

TEXT = "text/csv; charset=utf-8"


def figure(request: Request, shown: Shown) -> Response:
    """A figure, as CSV where its name ends so. Raises asking.Wrong, metrics.Unreadable."""
    name = request.path_params["name"]
    is_csv = name.endswith(CSV)
    name = asking.named(name.removesuffix(CSV).removesuffix(".json"))
    told = request.query_params.multi_items()
    asked = asking.question(shown.publication, columns(name), name, told, shown.now)
    question = (name, asked.filters, asked.as_of, asked.limit, asked.offset)
    if is_csv:
        return answer(request, shown, shown.tag(CSV, *question), TEXT, lambda: _csv(shown, asked))
    tag = shown.tag(*question, shown.about["publication"]["age_days"])
    return answer(request, shown, tag, JSON, lambda: _json(shown, asked))


def figures(request: Request, shown: Shown) -> Response:
    """The list of all. Raises metrics.Unreadable."""
    tag = shown.tag("figures", shown.about["publication"]["age_days"])
    made = answers.listed(shown.publication, shown.about)
    return answer(request, shown, tag, JSON, lambda: (exports.json_text(made), {}))


def description(request: Request, shown: Shown) -> Response:
    """The OpenAPI description. Raises metrics.Unreadable."""

    def made() -> tuple[str, dict]:
        told = {one: columns(one) for one in metrics.figures()}
        return exports.json_text(openapi.document(told, VERSION)), {}

    return answer(request, shown, shown.tag("openapi"), JSON, made)


def nothing(request: Request, shown: Shown) -> Response:
    """For every other address below /api. Raises asking.NotThere."""
    raise asking.NotThere(
        "There is nothing at this address. There are /api/figures, /api/figure/queue_size (and as "
        "queue_size.csv) for each of them, and /api/openapi.json."
    )


def _json(shown: Shown, asked: asking.Question) -> tuple[str, dict]:
    told = answers.as_json(shown.publication, asked, shown.about)
    return exports.json_text(told), _link(told["next"])


def _csv(shown: Shown, asked: asking.Question) -> tuple[str, dict]:
    """The rows as every CSV of ours has them; what a CSV has no place for is told beside it."""
    told = asking.rows(shown.publication, asked)
    name = exports.named(f"{asked.filters.get('stream', '')}-{asked.figure.name}".strip("-"), "csv")
    return exports.text(told.rows), _link(answers.following(asked, told, CSV)) | {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Valuestream-As-Of": answers.instant(asked.as_of),
        "Valuestream-Rows": str(told.of),
    }


def _link(following: str | None) -> dict[str, str]:
    return {"Link": f'<{following}>; rel="next"'} if following else {}
