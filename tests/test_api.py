"""The figures as other programs ask for them: the rows of the pages, bounded, described, never made up."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from urllib.parse import urlencode

import jsonschema
import pandas
import pytest
import requests
from browser import DESIGN, SUPPLY
from seeds import SEED
from servers import serving
from starlette.applications import Starlette
from test_server import ODD, asked

import metrics
from dashboard.programs import answering, routes
from telling import exports

ROOT = Path(__file__).parent.parent
QUEUE = f"/api/figure/queue_size?stream={DESIGN}"


class Client(NamedTuple):
    """Who asks a server by the paths on it."""

    place: str

    def get(self, path: str, **more: object) -> requests.Response:
        return requests.get(self.place + path, timeout=30, **more)


@contextmanager
def client(data: Path) -> Iterator[Client]:
    """The routes alone over a data folder."""
    with serving(Starlette(routes=routes.routes(str(data)))) as place:
        yield Client(place)


@pytest.fixture(scope="module")
def api(example):
    with client(example) as told:
        yield told


def told(api: Client, address: str) -> dict:
    answer = api.get(address)
    assert answer.status_code == 200, (address, answer.text)
    return answer.json()


def test_a_figure_says_what_it_is_what_it_stands_on_and_how_old_it_is(api, publication):
    answer = told(api, f"{QUEUE}&as_of=2026-05-02")
    at = publication.day_ends(datetime(2026, 5, 2).date(), DESIGN)
    rows = publication.figure("queue_size", at, stream=DESIGN)
    assert answer["rows"] == exports.records(rows) and answer["rows_in_all"] == len(rows) == 4
    assert answer["rows"][3]["oldest_days"] is None  # nothing is there: that is no 0
    assert answer["sentence"] == publication.meaning("queue_size")
    assert answer["as_of"] == "2026-05-02T22:59:59.999999Z" and answer["filters"] == {
        "stream": DESIGN
    }
    assert answer["publication"]["name"] == publication.file.name
    published = datetime.fromisoformat(answer["publication"]["published_at"])
    assert published == publication.published_at
    days = (datetime.now(UTC) - published) / timedelta(days=1)
    assert answer["publication"]["age_days"] == pytest.approx(max(days, 0), abs=0.01)
    units = {column["name"]: column["unit"] for column in answer["columns"]}
    assert list(units) == list(rows) and (units["waiting"], units["oldest_days"]) == (
        "count",
        "days",
    )
    assert answer["warnings"] == [] and answer["next"] is None


def test_a_figure_s_csv_is_the_page_s_and_the_command_s_own(api, publication):
    answer = api.get(f"/api/figure/age.csv?stream={DESIGN}")
    at = publication.opens_at(DESIGN)
    rows = publication.figure("age", at, stream=DESIGN)
    assert answer.text == exports.text(rows)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["valuestream-rows"] == str(len(rows))
    assert datetime.fromisoformat(answer.headers["valuestream-as-of"]) == at
    assert f"{DESIGN}-age.csv" in answer.headers["content-disposition"]


def test_without_an_instant_it_is_asked_where_the_page_opens(api, publication):
    for stream in (DESIGN, SUPPLY):
        answer = told(api, f"/api/figure/verdict?stream={stream}")
        at = publication.opens_at(stream)
        assert datetime.fromisoformat(answer["as_of"]) == at
        assert answer["rows"] == exports.records(publication.figure("verdict", at, stream=stream))
    zoned = told(api, f"{QUEUE}&as_of=2026-05-01T12:00+01:00")["as_of"]
    assert zoned == "2026-05-01T11:00:00.000000Z"
    at = datetime.fromisoformat(told(api, "/api/figure/process_status")["as_of"])
    assert at == publication.processes_open_at()


def test_a_day_is_its_end_however_it_is_written_and_a_week_is_none(folder):
    """20250601 was the midnight before that day, 2025-W22 one of a Monday, and an instant of long ago
    was answered with a year of three figures, which nothing reads."""
    with client(folder) as api:
        for day in ("2026-01-08", "20260108"):
            answer = told(api, f"/api/figure/queue_size?stream=line&as_of={day}")
            assert answer["as_of"] == "2026-01-08T23:59:59.999999Z"
        assert api.get("/api/figure/queue_size?stream=line&as_of=2026-W02").status_code == 400
        long_ago = told(api, "/api/figure/queue_size?stream=line&as_of=0500-01-01T00:00Z")["as_of"]
        assert long_ago == "0500-01-01T00:00:00.000000Z"
        assert datetime.fromisoformat(long_ago).year == 500


def test_pages_of_rows_joined_are_all_rows(api, publication):
    """No row twice and none lost, of figures in which many rows are alike."""
    for name, limit in (("age", Random(SEED).randint(60, 300)), ("hand_off", 3)):
        whole = publication.figure(name, publication.opens_at(DESIGN), stream=DESIGN)
        address, rows, csv = f"/api/figure/{name}?stream={DESIGN}&limit={limit}", [], []
        while address:
            answer = told(api, address)
            assert (answer["rows_in_all"], len(answer["rows"])) == (
                len(whole),
                min(limit, len(whole) - len(rows)),
            )
            rows += answer["rows"]
            csv.append(api.get(address.replace(f"/{name}?", f"/{name}.csv?")).text)
            address = answer["next"]
        assert rows == exports.records(whole), name
        joined = pandas.concat(pandas.read_csv(io.StringIO(text), dtype=str) for text in csv)
        assert joined.to_csv(index=False) == exports.text(whole)


def test_rows_are_chosen_by_any_column_of_text(api):
    rows = told(api, f"/api/figure/age?stream={DESIGN}&stage=discover&part=queue")["rows"]
    assert rows and {(row["stage"], row["part"]) for row in rows} == {("discover", "queue")}
    hostile = told(api, f"/api/figure/age?stream={DESIGN}&item='; drop table item; --")
    assert (hostile["rows"], hostile["rows_in_all"]) == ([], 0)
    # The name of an item is one like any other: it was an error of the server.
    name = rows[0]["name"]
    called = told(api, f"/api/figure/age?{urlencode({'stream': DESIGN, 'name': name})}")["rows"]
    assert called and {row["name"] for row in called} == {name}
    assert {row["stream"] for row in told(api, "/api/figure/freshness?stream=")["rows"]} <= {""}


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/api/figure/queue_sise", 404, "no figure 'queue_sise'. Did you mean 'queue_size'?"),
        ("/api/figure/queue_size", 400, f"Which stream? Add stream= with one of: {DESIGN}"),
        ("/api/figure/queue_size.csv", 400, "Which stream?"),
        ("/api/figure/age?stream=design-dataset", 404, f"no stream 'design-dataset'. Did you mean '{DESIGN}'?"),
        (f"{QUEUE}&stage=discvoer", 404, "no stage 'discvoer'. Did you mean 'discover'?"),
        ("/api/figure/run?process_group=ic", 404, "no process_group 'ic'."),
        ("/api/figure/process_status?process=brownfeild-land", 404, "no process 'brownfeild-land'. Did you mean 'brownfield-land'?"),
        (f"/api/figure/freshness.csv?stream={DESIGN}&source=chnage-log", 404, "no source 'chnage-log'. Did you mean 'change-log'?"),
        ("/api/figure/run?stream=x", 400, "run is of no stream"),
        (f"{QUEUE}&as_of=1+May", 400, "as_of='1 May' is no date: write it as 2025-06-01"),
        (f"{QUEUE}&as_of=2999-01-01", 400, "as_of=2999-01-01 has not come yet"),
        (f"{QUEUE}&as_of=2999-01-01T12:00Z", 400, "has not come yet"),
        (f"{QUEUE}&stgae=discover", 400, "no key 'stgae'. Did you mean 'stage'?"),
        (f"{QUEUE}&x=1", 400, "There are: stream, as_of, limit, offset, publication, stage, stage_name."),
        (f"{QUEUE}&limit=10001", 400, "limit='10001' is no whole number from 1 to 10,000."),
        (f"{QUEUE}&offset=-1", 400, "offset='-1' is no whole number"),
        (f"{QUEUE}&limit=1&limit=2", 400, "'limit' is asked for twice"),
        ("/api/nothing", 404, "There is nothing at this address. There are /api/figures"),
        ("/api", 404, "There is nothing at this address."),
    ],
)  # fmt: skip
def test_what_can_t_be_answered_is_a_sentence_with_the_cure(api, address, status, said):
    answer = api.get(address)
    assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text
    assert said in answer.json()["error"]
    assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers


def test_no_odd_word_is_an_error_of_the_server(api):
    for key in ("stream", "as_of", "limit", "offset", "stage", "ü"):
        for value in Random(f"{SEED}{key}").sample(ODD, 5):
            given = {"stream": DESIGN, "limit": "1"} | {key: value}
            try:
                answer = api.get("/api/figure/status", params=given)
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                # A line so long is refused before it has come whole, and what follows is not heard.
                assert len(value) == 100_000
                continue
            assert answer.status_code in (200, 400, 404), (key, value, answer.text)
            assert len(answer.text) < 10_000


def test_a_repeat_costs_nothing_until_something_else_is_asked_or_published(folder, monkeypatch):
    address = "/api/figure/age?stream=line&as_of=2026-01-08"
    with client(folder) as api:
        tag = api.get(address).headers["etag"]
        assert api.get(address).headers["cache-control"] == "private, no-cache"
        with monkeypatch.context() as patch:
            patch.setattr(metrics.Publication, "rows", None)  # nothing is worked out
            repeat = api.get(address, headers={"If-None-Match": f'"x", {tag}'})
            assert (repeat.status_code, repeat.content, repeat.headers["etag"]) == (304, b"", tag)
        for other in (address.replace("08", "07"), f"{address}&limit=1", f"{address}&stage=a"):
            assert api.get(other, headers={"If-None-Match": tag}).status_code == 200, other
        first, _ = sorted((folder / "published").glob("*.duckdb"))
        (folder / "published/current").write_text(first.name)
        assert api.get(address, headers={"If-None-Match": tag}).status_code == 200


def test_no_rows_of_another_publication_are_taken_for_the_next(folder):
    """Between two pages of an answer another publication came: rows were there twice, or never."""
    first, second = sorted((folder / "published").glob("*.duckdb"))
    (folder / "published/current").write_text(first.name)
    with client(folder) as api:
        for name in ("status_count", "status_count.csv"):
            answer = api.get(f"/api/figure/{name}?stream=line&limit=1&as_of=2026-01-08")
            following = answer.links["next"]["url"]
            assert api.get(following).status_code == 200
            (folder / "published/current").write_text(second.name)
            replaced = api.get(following)
            assert replaced.status_code == 409
            assert f"{second.name} answers now: begin again" in replaced.json()["error"]
            (folder / "published/current").write_text(first.name)


def test_where_nothing_can_be_read_it_is_said_and_nothing_is_made_up(folder, tmp_path):
    with client(tmp_path / "empty") as api:
        nothing = api.get("/api/figures")
        assert nothing.status_code == 503 and "Nothing is published" in nothing.json()["error"]
    with client(folder) as api:
        told(api, "/api/figures")
        (folder / "published/refused.json").write_text(
            '{"at": "2027-01-03T00:00:00+00:00", "reasons": ["3 items are lost."]}'
        )
        [warning] = told(api, "/api/figures")["warnings"]
        assert "3 items are lost." in warning
        metrics.current(folder).write_bytes(b"")
        assert "can't be opened" in told(api, "/api/figure/status")["warnings"][0]


def test_too_many_at_once_are_told_to_come_again_and_who_watches_is_answered(api):
    places = answering.FIGURES.places
    taken = [places.acquire() for _ in range(answering.AT_ONCE + answering.WAITING)]
    try:
        answer = api.get("/api/figures")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
        assert api.get("/metrics").status_code == 200
    finally:
        for _ in taken:
            places.release()
    assert api.get("/api/figures").status_code == 200


def test_the_list_holds_every_figure_and_stream(api):
    answer = told(api, "/api/figures")
    assert {one["figure"]: one["sentence"] for one in answer["figures"]} == metrics.figures()
    assert [one["stream"] for one in answer["streams"]] == [DESIGN, SUPPLY]
    assert api.get(answer["figures"][-1]["json"] + f"?stream={DESIGN}").status_code == 200


def test_the_description_is_right_and_the_answers_are_as_it_says(api):
    document = told(api, "/api/openapi.json")
    schema = json.loads((ROOT / "tests/payloads/openapi-3.1-schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    names = {path.removeprefix("/api/figure/") for path in document["paths"]}
    assert names >= set(metrics.figures()) | {f"{name}.csv" for name in metrics.figures()}
    for name in ("queue_size", "littles_law", "process_status", "verdict"):
        given = document["paths"][f"/api/figure/{name}"]["get"]
        has_stream = any(key.get("name") == "stream" for key in given["parameters"])
        answer = told(api, f"/api/figure/{name}" + f"?stream={DESIGN}" * has_stream)
        content = given["responses"]["200"]["content"]["application/json"]["schema"]
        whole = content | {"components": document["components"]}
        jsonschema.Draft202012Validator(whole).validate(answer)
        [_, rows] = content["allOf"]
        row = rows["properties"]["rows"]["items"]["properties"]
        assert answer["rows"] and list(row) == list(answer["rows"][0])


def test_the_server_answers_them_with_its_headers_and_only_reading(app):
    status, body = asked(app, QUEUE)
    assert status == 200 and json.loads(body)["rows_in_all"] == 4
    assert asked(app, QUEUE, "HEAD") == (200, "")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert asked(app, "/api/figures", method)[0] == 405
    assert asked(app, "/api/figures", Host="evil.example")[0] == 403


def test_the_lines_of_the_page_can_be_typed(app, tmp_path):
    page = (ROOT / "docs/api.md").read_text()
    lines = [one for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
             for one in block.splitlines() if one.startswith("curl")]  # fmt: skip
    assert len(lines) > 6
    for one in lines:
        typed = one.replace("http://localhost:8501", app).replace("curl ", "curl --silent -i ")
        done = subprocess.run(typed, shell=True, cwd=tmp_path, capture_output=True, timeout=30)
        assert done.returncode == 0, (one, done.stdout[-300:])
        head = done.stdout.lower()
        assert b" 200 ok" in head and b"\r\nx-content-type-options: nosniff" in head, one
        if b"/csv" in head:
            again = subprocess.run(typed, shell=True, cwd=tmp_path, capture_output=True, timeout=30)
            assert (b" 304 " in again.stdout) == ("--etag" in one)
