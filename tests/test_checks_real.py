"""The real collection log: what the figures say against plain SQL on the files themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

LOG = Path(__file__).parent.parent / "examples/planning-data/log"
END = datetime(2024, 3, 7, 23, 59, tzinfo=UTC)


@pytest.fixture(scope="module")
def files():
    """The rows as they are, each once: seven are there twice, in a folder that was copied."""
    with duckdb.connect() as con:
        con.execute(
            "create table log as select distinct split_part(parse_filename(filename), '.', 1) as process, "
            "endpoint, entry_date::timestamp as entry_date, status, exception, elapsed, resource "
            "from read_parquet($files, filename = true)", {"files": str(LOG / "*.parquet")},
        )  # fmt: skip
        yield con


def test_weekly_totals_are_those_of_sql_on_the_files(publication, files):
    """ISO weeks of UTC; 2020 has 53, and no week is counted twice or lost at a new year."""
    rows = publication.figure("check_week", datetime(2024, 4, 1, tzinfo=UTC))
    found = {(r.process, r.iso_week): (r.checks, r.failed, r.looked_at)
             for r in rows[rows.process != ""].itertuples() if r.checks}  # fmt: skip
    told = files.execute(
        "select process, strftime(entry_date, '%G-W%V'), count(*), count(*) filter (coalesce(resource, '') = ''), "
        "count(distinct endpoint) from log group by all"
    ).fetchall()
    assert found == {(process, week): tuple(counts) for process, week, *counts in told}
    assert sum(n for n, *_ in found.values()) == 1_439_190 - 7
    assert {"2020-W53", "2021-W01", "2022-W52"} <= {week for _, week in found}


def test_what_failed_without_any_status_is_counted(publication, files):
    """Counting statuses alone would lose the time-outs, and take a page without data for success."""
    rows = publication.figure("check_error", END, counted_by="kind")
    by_kind = rows.groupby("name").failed.sum()
    told = dict(files.execute(
        "select case when coalesce(exception, '') <> '' then exception "
        "when coalesce(status, '') in ('', '200') then 'no data in the answer' else 'HTTP ' || status end, count(*) "
        "from log where coalesce(resource, '') = '' and entry_date >= '2023-12-04' and entry_date < '2024-03-04' "
        "group by 1").fetchall())  # fmt: skip
    assert by_kind.to_dict() == told
    assert by_kind["no data in the answer"] == 5_707
    assert by_kind["SSLError"] > 3_000


def test_days_without_a_row_are_outages_of_the_collector(publication):
    rows = publication.figure("outage", END)
    brownfield = rows[(rows.process == "brownfield-land") & (rows.missed_runs == 20)].iloc[0]
    assert brownfield.from_at == datetime(2022, 11, 23, tzinfo=UTC)
    both = rows[rows.from_at == datetime(2022, 8, 16, tzinfo=UTC)]
    assert (len(both), both.missed_runs.min()) == (7, 2)
    assert set(both[both.missed_runs == 2].processes) == {7}


def test_the_longest_failing_is_failing_since_the_last_data_it_gave(publication, files):
    first = publication.figure("failing", END).iloc[0]
    last_good, first_bad, good_since = files.execute(
        "with good as (select max(entry_date) as at_time from log where endpoint = $e and process = $p and resource <> '') "
        "select any_value(at_time), min(entry_date), count(*) filter (resource <> '') from log, good "
        "where endpoint = $e and process = $p and entry_date > at_time",
        {"e": first.subject, "p": first.process},
    ).fetchall()[0]  # fmt: skip
    assert first.last_good_at.replace(tzinfo=None) == last_good
    assert first.since.replace(tzinfo=None) == first_bad
    assert (good_since, first["name"]) == (
        0, "https://www.darlington.gov.uk/media/2285/brownfield_land_register.csv",
    )  # fmt: skip


def test_a_box_changes_its_colour_far_less_often_than_its_runs_change(publication):
    rows = publication.figure("run", END)
    flips = turns = 0
    for _, one in rows.groupby("process"):
        bad, red = one.bad.astype(bool).to_list(), (one.state == "red").to_list()
        flips += sum(a != b for a, b in pairwise(bad))
        turns += sum(a != b for a, b in pairwise(red))
    assert (rows.alternates.sum(), rows.turned.sum()) == (flips, turns)
    assert turns * 3 < flips


def test_the_collector_s_own_process_has_in_service_what_it_looks_at(publication):
    """The configuration and the log are two sources: they agree to a few endpoints."""
    week = publication.figure("check_week", END, process="").iloc[-1]
    assert (week.iso_week, week.in_service, week.looked_at) == ("2024-W09", 1238, 1241)
