"""Names of data and of settings reach the pages only where they are shown letter for letter."""

from __future__ import annotations

import csv
import json
from urllib.parse import urlencode

import pytest
from browser import opened
from looked import at, check, prepared, published, written
from playwright.sync_api import expect
from servers import dashboard
from visitor import connected, drawn, shown

NAME = "**b** [x](http://e.example/) :red[r] <b>t</b> $x^2$ `c` :material/home: ~~s~~ # h"
# A reason may hold a link, which telling.told finds.
REASON = NAME.replace("[x](http://e.example/)", "")
Q = json.dumps(NAME)
SETTINGS = f"""
title: {Q}
streams:
  line:
    name: {Q}
    item: {Q}
    items: {Q}
    note: {Q}
    sources: [list]
    counted_by: list
    attributes: {{{Q}: same, {json.dumps("Other " + NAME)}: size}}
    stages:
      a: {{name: {Q}, queue: [Waiting], work: [{Q}]}}
    process_changes: [{{date: 2025-12-03, what: {Q}}}]
processes:
  pages: {{name: {Q}, sources: [log], every: 24}}
sources:
  list: {{kind: events, file: list.csv}}
  log: {{kind: pipeline_logs, file: "log*.jsonl"}}
"""
PAGES = [
    "/", "/stage", "/stage?look=survival", "/stage?look=ages", "/stage?look=limits", "/map", "/sources", "/catalogue",
    "/review", "/?present=1", "/?present=1&screen=stage/a", "/?present=1&screen=processes",
    *(f"/flow?chart={chart}" for chart in ["cumulative", "ageing", "lead", "throughput", "work", "moves", "behaviour", "survival", "forecast", "compare"]),
    *(f"/pipeline?show={part}" for part in ["weeks", "errors", "failing", "recovery", "runs", "speed"]),
    f"/flow?{urlencode({'chart': 'compare', 'by': NAME})}",
    f"/flow?{urlencode({'chart': 'compare', 'by': 'Other ' + NAME})}",
    f"/stage?{urlencode({'stream': NAME, 'stage': NAME, 'part': NAME, 'as_of': NAME})}",
]  # fmt: skip
# What reads no Markdown: our own boxes, tables, charts, the name of a tab.
LETTER_FOR_LETTER = {"bidi_component", "dataframe", "vega_lite_chart"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The address of an app in which all that can have a name is called NAME."""
    folder = tmp_path_factory.mktemp("hostile")
    told = prepared(folder, SETTINGS)
    rows = [
        [f"{NAME}{n}", f"{NAME}{n}", status, f"2025-{month:02}-{n:02}", REASON, "x", size]
        for n, size in enumerate([NAME, "small"] * 6, 1)
        for month, status in ((11, "Waiting"), (12, NAME))
    ]
    with (folder / "list.csv").open("w", newline="") as file:
        head = ["item", "name", "status", "since", "blocked", "same", "size"]
        csv.writer(file).writerows([head, *rows, [NAME, NAME, "Waiting", NAME, "", "", ""]])
    days = range(-20, 1)
    written(
        folder, [check(NAME, NAME, at(n), ok=n < -5, detail=NAME, seconds=n + 30) for n in days]
    )
    published(folder, told, at(1)).close()
    with dashboard(folder, "healthz") as address:
        yield address


def test_no_name_reaches_what_reads_markdown(hostile):
    seen = set()
    with connected(hostile) as connection:
        for path in PAGES:
            messages = shown(connection, path)
            for element in drawn(messages):
                kind = element.WhichOneof("type")
                assert kind != "exception", path
                if any(part in str(element) for part in ("**b**", "$x^2$", ":material/home:")):
                    assert kind in LETTER_FOR_LETTER, f"{path}: {kind}"
                    seen.add(kind)
    assert seen == LETTER_FOR_LETTER


def test_a_name_is_seen_letter_for_letter(page, hostile):
    opened(page, hostile + PAGES[-3])
    expect(page.get_by_text(f"All items have the same {NAME}: there is nothing")).to_be_visible()
    opened(page, hostile + PAGES[-1])
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    assert page.locator("a[href^='http:'], b:text-is('t'), code, .katex").count() == 0
