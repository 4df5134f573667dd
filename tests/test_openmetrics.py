"""Colours and queues as a Prometheus reads them: never made up, never green when stale."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from datetime import timedelta
from urllib.parse import quote

import line
import pytest
import requests
from browser import DESIGN, SUPPLY
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from servers import ROOT, free_port, running
from test_api import client

from telling import openmetrics

Series = dict[tuple, float]
# A line whose words are what a label could end at.
HOSTILE = 'a"b\\c\\n\u2028{d="e"} 1\n# EOF\n\x1b[2J\r'


def read(text: str) -> Series:
    """Every sample of a text, by its name and labels; fails where a reader would."""
    told: Series = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge" and family.documentation.endswith("."), family.name
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in told and sample.value == sample.value, key
            told[key] = sample.value
    return told


def of(told: Series, name: str, **labels: str) -> float | None:
    """One sample; None where there is none."""
    return told.get((f"valuestream_{name}", *sorted(labels.items())))


def colour(told: Series, **labels: str) -> str:
    """The one colour of a stage's box."""
    kinds = {one: of(told, "stage_state", colour=one, **labels) for one in openmetrics.COLOURS}
    assert sorted(kinds.values()) == [0, 0, 0, 1], kinds
    return next(one for one, value in kinds.items() if value)


@pytest.fixture(scope="module")
def scraped(example) -> requests.Response:
    with client(example) as api:
        return api.get("/metrics")


def test_it_is_openmetrics_to_whoever_reads_it(scraped):
    assert scraped.headers["content-type"] == openmetrics.TYPE
    assert scraped.text.endswith("\n# EOF\n") and len(read(scraped.text)) > 60
    for name in scraped.headers:
        assert name.lower() != "location"


def test_each_box_and_queue_is_the_page_s_own(scraped, publication):
    told = read(scraped.text)
    for stream in (DESIGN, SUPPLY):
        at = publication.opens_at(stream)
        assert of(told, "as_of_timestamp_seconds", stream=stream) == pytest.approx(at.timestamp())
        for row in publication.figure("status", at, stream=stream).itertuples():
            assert colour(told, stream=stream, stage=row.stage) == row.colour
    at = publication.opens_at(DESIGN)
    queue = publication.figure("queue_size", at, stream=DESIGN).set_index("stage")
    discover = {"stream": DESIGN, "stage": "discover"}
    assert of(told, "stage_queue_items", **discover) == queue.waiting.discover == 197
    assert of(told, "stage_wip_items", **discover) == queue.wip.discover
    assert of(told, "stage_oldest_age_seconds", **discover) == pytest.approx(
        queue.oldest_days.discover * 86_400
    )
    assert of(told, "publication_timestamp_seconds") == pytest.approx(
        publication.published_at.timestamp()
    )
    at = publication.processes_open_at()
    red = publication.figure("process_status", at).query("colour == 'red'")
    assert of(told, "processes_failing", group="collection") == len(red) > 0


def test_what_is_not_known_has_no_sample(scraped):
    """A stage without a queue, one whose statuses were removed, processes nobody looked at."""
    told = read(scraped.text)
    assert of(told, "stage_queue_items", stream=DESIGN, stage="specify") is None
    for name in ("stage_queue_items", "stage_wip_items", "stage_oldest_age_seconds"):
        assert of(told, name, stream=DESIGN, stage="add") is None, name
    assert of(told, "processes_failing", group="site") is None
    assert of(told, "process_failing_ratio", group="site", process="") is None
    assert of(told, "source_stale", stream=DESIGN, source="nightly-snapshots") == 0


def test_a_box_that_goes_stale_is_grey_and_tells_no_queue(tmp_path):
    asked = line.day(10)
    shown = line.publication(tmp_path, line.STORY[:3], asked=asked, now=asked)
    fresh = read(openmetrics.text(shown, 0, asked))
    stale = read(openmetrics.text(shown, 1, asked + timedelta(days=31)))
    a = {"stream": "line", "stage": "a"}
    assert (colour(fresh, **a), colour(stale, **a)) == ("green", "grey")
    assert of(fresh, "stage_queue_items", **a) == 0  # seen, and none there
    assert of(stale, "stage_queue_items", **a) is None
    source = {"stream": "line", "source": "log"}
    assert [of(told, "source_stale", **source) for told in (fresh, stale)] == [0, 1]
    assert of(stale, "source_age_seconds", **source) == 31 * 86_400
    assert of(stale, "publication_age_seconds") == 31 * 86_400
    assert of(stale, "publication_warnings") == 1
    shown.close()


def test_no_name_ends_a_label():
    told = [
        openmetrics.Sample(openmetrics.Family("x", f"{HOSTILE}."), {"name": HOSTILE[:n]}, 1)
        for n in range(len(HOSTILE) + 1)
    ]
    found = {sample[1][1] for sample in read(openmetrics.written(told))}
    assert found == {HOSTILE[:n] for n in range(len(HOSTILE) + 1)}


def test_a_small_share_is_not_none():
    """Of 3,000 checks one failed: rounded to three decimals, none had, and no alert on it fired."""
    ratio = openmetrics.Sample(openmetrics.RATIO, {"group": "g", "process": "p"}, 1 / 3000)
    [(_, told)] = read(openmetrics.written([ratio])).items()
    assert told == 1 / 3000


def test_a_scrape_that_finds_nothing_fails(tmp_path):
    with client(tmp_path) as api:
        assert api.get("/metrics").status_code == 503
        assert requests.post(f"{api.place}/metrics", timeout=30).status_code == 405


@pytest.mark.more
def test_the_prometheus_of_debian_scrapes_it(app, scraped, tmp_path):
    prometheus, promtool = shutil.which("prometheus"), shutil.which("promtool")
    if not prometheus or not promtool:
        pytest.skip("LEFT OUT: prometheus is not installed (apt-get install prometheus)")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=scraped.content, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    told = (ROOT / "docs/api.md").read_text()
    config, rules = re.findall(r"```yaml\n(.*?)```", told, re.DOTALL)
    (tmp_path / "rules.yml").write_text(rules)
    subprocess.run([promtool, "check", "rules", tmp_path / "rules.yml"], check=True)
    config = config.replace("localhost:8501", app.removeprefix("http://")).replace(" 1m ", " 1s ")
    (tmp_path / "prometheus.yml").write_text(f"{config}rule_files: [rules.yml]\n")
    place = f"http://127.0.0.1:{free_port()}"
    command = [prometheus, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
               f"--web.listen-address={place.removeprefix('http://')}"]  # fmt: skip
    query = f"{place}/api/v1/query?query=" + quote('valuestream_stage_state{colour="red"} == 1')
    with running(command, f"{place}/-/ready"):
        end, found = time.monotonic() + 60, []
        while not found and time.monotonic() < end:
            time.sleep(0.5)
            found = requests.get(query, timeout=30).json()["data"]["result"]
    red = {(one["metric"]["stream"], one["metric"]["stage"]) for one in found}
    assert red >= {(DESIGN, "discover"), (DESIGN, "specify"), (DESIGN, "co-design")}
