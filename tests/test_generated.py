"""The made-up log that sizes are measured with: it holds what it promises, and is the same each time."""

from __future__ import annotations

import duckdb
import generated
import ours
import pytest
import standard
import tables

import metrics

ITEMS = 3000
# n: the row of the list; step: how many parts of the line the item went on by.
ROWS = """
with told as (
    select row_number() over () as n, *, list_position($statuses, status) as at_part,
           try_cast(left(since, 10) as date) as day
    from read_csv($file, all_varchar = true)
)
select *, at_part - lag(at_part) over history as step, lag(status) over history as was,
       lag(since) over history as since_before,
       lead(item) over history is null as last, lead(blocked) over history as blocked_after,
       lead(status) over history as status_after
from told window history as (partition by item order by n)
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """What can be asked of the rows of a log, with what each item did just before."""
    file = generated.write(tmp_path_factory.mktemp("log"), ITEMS).file
    told = {"file": str(file), "statuses": list(generated.STATUSES.values())}
    with duckdb.connect() as con:
        con.sql(ROWS, params=told).to_table("log")
        yield lambda query: con.execute(query).fetchone()


def test_it_is_about_as_long_as_it_says_and_in_the_order_of_each_items_time(log):
    events, items, early, last = log(
        "select count(*), count(distinct item), count(*) filter (left(since, 19) < "
        "left(since_before, 19)), max(left(since, 10)) from log"
    )
    assert items == ITEMS and 5.6 < events / items < 6
    assert early == 0 and last <= generated.LAST.date().isoformat()


def test_items_skip_step_back_and_are_reopened(log):
    skips, back, again = log(
        "select count(distinct item) filter (step > 2 and status not in ('Withdrawn')),"
        " count(distinct item) filter (step < 0 and was <> 'Decided'),"
        " count(distinct item) filter (was = 'Decided') from log"
    )
    assert min(skips, back, again) > ITEMS / 50


def test_a_sixth_is_never_finished_and_a_tenth_of_those_withdrawn(log):
    open_, withdrawn = log(
        "select count(*) filter (not bool_or(status = 'Decided')) over (),"
        " count(*) filter (bool_or(status = 'Withdrawn')) over () from log group by item limit 1"
    )
    assert abs(open_ / ITEMS - 1 / 6) < 0.02
    assert 0.05 < withdrawn / open_ < 0.15


def test_some_are_blocked_with_a_reason_that_the_next_row_clears(log):
    blocked, reasons, kept, same = log(
        "select count(*), count(distinct blocked), count(blocked_after),"
        " count(*) filter (status = status_after) from log where blocked is not null"
    )
    assert blocked > ITEMS / 20 and reasons == len(generated.REASONS)
    assert kept == 0 and 0 < same < blocked


def test_on_bulk_days_ten_times_as_many_are_moved_as_on_others_at_one_moment(log):
    usual, bulk, days = log(
        "select median(n), median(n) filter (n > 5 * usual), count(*) filter (n > 5 * usual)"
        " from (select *, median(n) over () as usual"
        "       from (select day, count(*) as n from log group by day))"
    )
    assert bulk > 8 * usual and days == generated.DAYS // generated.BULK
    [moments] = log(
        "select max(n) from (select count(*) as n from log where len(since) > 10 group by since)"
    )
    assert moments > 4 * usual


def test_an_item_is_written_in_days_or_to_the_second(log):
    days, seconds, both = log(
        "select count(*) filter (most = 10), count(*) filter (least = 20),"
        " count(*) filter (least <> most) from (select min(len(since)) as least,"
        " max(len(since)) as most from log group by item)"
    )
    assert both == 0 and days + seconds == ITEMS and 0.25 < days / ITEMS < 0.35


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path, kind):
    one, same, other = (
        generated.write(tmp_path / str(n), 500, seed, 2, kind).file.read_bytes()
        for n, seed in enumerate([1, 1, 2])
    )
    assert one == same != other


def test_a_night_adds_a_thousandth_of_the_events_at_the_end_half_of_it_new_items(tmp_path):
    before = generated.write(tmp_path / "0", 8_000)
    after = generated.write(tmp_path / "2", 8_000, nights=2)
    told, more = before.file.read_text(), after.file.read_text()
    assert more.startswith(told)
    nights = [row.split(",") for row in more[len(told) :].splitlines()]
    assert after.rows - before.rows == pytest.approx(2 * before.rows / 1000, rel=0.1)
    assert min(row[2] for row in nights) > generated.LAST.date().isoformat()
    new = sum(row[0] not in told for row in nights)
    assert 0.4 < new / (after.rows - before.rows) < 0.6


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A folder with a small log, collected and published as it is measured; its rows."""
    folder = tmp_path_factory.mktemp("published")
    rows = generated.pair(folder, 300, 1)
    ours.prepared(folder, "collect")
    ours.collect(folder)  # raises where a row is refused
    ours.publish(folder)
    return folder, rows


def landed(data) -> int:
    """The rows of the list of which a change of status was made."""
    with duckdb.connect(str(data / "landing.duckdb"), read_only=True) as con:
        told = "select count(distinct line) from stage_event where kind = 'status'"
        return con.execute(told).fetchall()[0][0]


def test_a_log_collects_and_publishes_without_a_refused_row(published):
    folder, rows = published
    shown = metrics.open(folder / "data")
    assert landed(folder / "data") == rows
    assert shown.figure("refused_row", shown.opens_at()).empty
    assert len(shown.table("item")) == 300
    assert not set(shown.table("stage_visit").part) & {"unmapped"}
    shown.close()


def test_ours_hand_made_sql_and_pandas_tell_the_same_of_it(published):
    """Else no times are told: benchmarks/scale.py stops at the first difference."""
    folder, _ = published
    told = {"ours": ours.answer(folder)}
    for way in (standard.duckdb, standard.pandas):
        told[way.__name__] = way(folder / "base.csv")
    assert set(told["ours"]["finished"]) == set(standard.STAGES)
    assert tables.differences(told) == []
    told["pandas"]["median_us"]["assess"] += 1
    [said] = tables.differences(told)
    assert said.startswith("median_us of assess: ") and said.endswith("by ours")


def test_each_page_is_visited():
    files = (generated.ROOT / "dashboard/pages").glob("[!_]*.py")
    assert set(ours.PAGES) == {file.stem for file in files}


def test_what_is_asked_of_a_publication_is_heard_once_by_its_name(published):
    """A day as an instant is told from a table, which is no question of its own."""
    plain = metrics.Publication.figure
    shown = metrics.open(published[0] / "data")
    with ours.Heard() as heard:
        shown.day_ends(generated.EDITED, "applications")
        shown.figure("freshness", generated.LAST)
    shown.figure("queue_size", generated.LAST)
    shown.close()
    assert set(heard.seconds) == {"day_ends", "figure freshness"}
    assert min(*heard.seconds.values(), heard.processor) > 0
    assert metrics.Publication.figure is plain


@pytest.mark.more
def test_each_visit_asks_something_on_a_past_day_and_where_it_opens(published):
    for day in ("", ours.PAST):
        told = ours.pages(published[0], day)
        assert set(told) == set(ours.visits())
        for visit in told.values():
            assert visit["longest"] in visit["asked"]
            assert 0 < visit["data"]["seconds"] < visit["whole"]["seconds"]
