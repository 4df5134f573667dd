"""Each threshold of processes and of sources, held on both sides.

Small and worked by hand, as in test_metrics_checks.py: at(1) is 2026-01-01 at 01:00, p is bad when
more than half of its checks fail, to watch above a quarter, and red from 2 bad runs of 3 on.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from looked import LOOKED, at, check, prepared, publication, published, row, written
from servers import Handler, answering, datasette

from settings.sources import Events, HttpChecks, PipelineLogs, Snapshots
from sources import StopSource, TryLater, collecting, fingerprint, http_checks
from sources.landing import saving
from sources.reading import http

MICRO = timedelta(microseconds=1)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """Subjects and processes that each lie at a threshold, side by side."""
    checks = [
        # Both are bad six times in the last 20 runs' turns, but v's first turn is a run older.
        *row("u", "u", "g" * 5 + "bgbgbg" + "g" * 14), *row("v", "v", "g" * 4 + "bgbgbg" + "g" * 15),
        *row("w", "w", "gbgbg" + "g" * 20),
        *row("gone", "gone", "gggg" + "b" * 6), *row("gone", "kept", "g" * 13),
    ]  # fmt: skip
    asked = publication(tmp_path_factory.mktemp("looked"), checks, at(40))
    yield asked
    asked.close()


def test_a_process_flaps_from_six_turns_in_its_last_20_runs_on(looked_at):
    """u turns on days 6 to 11. On day 25 its last 20 runs begin with that of day 6: six turns; v
    turned on day 5 first: five are left, and the day before, when it counted, six."""
    told = {
        (name, n): looked_at.figure("process_status", at(n, 2), process=name).flapping.item()
        for name, n in (("u", 10), ("u", 11), ("u", 25), ("v", 24), ("v", 25))
    }
    assert told == {
        ("u", 10): False, ("u", 11): True, ("u", 25): True, ("v", 24): True, ("v", 25): False,
    }  # fmt: skip


def test_a_subject_flaps_from_four_turns_in_28_days_on(looked_at):
    """w turned on days 2, 3, 4 and 5; the first counts until 28 days are over."""
    when = (at(5) - MICRO, at(5), at(30) - MICRO, at(30))
    told = [set(looked_at.figure("flapping", one).subject) & {"w"} for one in when]
    assert told == [set(), {"w"}, {"w"}, set()]


def test_a_subject_is_dead_once_it_failed_for_longer_than_allowed(looked_at):
    """8 days are allowed, and it fails since day 5."""
    told = [looked_at.figure("failing", when, subject="gone").dead.item() for when in (at(12, 2), at(13), at(13) + MICRO)]  # fmt: skip
    assert told == [False, False, True]


def test_a_subject_is_forgotten_once_it_was_not_looked_at_for_so_long(tmp_path):
    """3 days: a was looked at on day 1, b of p three days later and b of q a moment after that."""
    checks = [*row("p", "a", "b"), check("p", "b", at(4)), check("q", "a", at(1), False), check("q", "b", at(4) + MICRO)]  # fmt: skip
    asked = publication(tmp_path, checks)
    assert asked.figure("failing", at(4, 2)).process.to_list() == ["p"]


def test_what_is_known_is_too_old_after_so_many_days(looked_at):
    """10 days after the last check, on day 25."""
    told = [looked_at.figure("process_status", when, process="w").word.item() for when in (at(35), at(35) + MICRO)]  # fmt: skip
    assert told == ["Healthy", "Stale"]


def share(process: str, runs: list[tuple[int, int]]) -> list[dict]:
    """A run a day: so many checks of which so many failed."""
    return [check(process, f"s{n}", at(day), n >= failed)
            for day, (checks, failed) in enumerate(runs, 1) for n in range(checks)]  # fmt: skip


def test_a_sentence_names_the_share_that_decided_and_the_limit_it_is_held_to(tmp_path):
    """Limit 50%, to watch above 25%: each process as its fourth run, in which 1 of 4 (or 3) failed."""
    checks = [
        *share("at amber", [(4, 1)] * 4), *share("over amber", [(3, 1)] * 4),
        *share("at the limit", [(4, 2)] * 4), *share("over it", [(4, 3)] * 4),
        *share("was red", [(4, 3), (4, 3), (4, 3), (3, 1)]),
        *share("twice", [(4, 0), (4, 0), (3, 1), (3, 1)]),
        *share("was amber", [(4, 2), (4, 2), (4, 2), (4, 1)]),
    ]  # fmt: skip
    rows = publication(tmp_path, checks).figure("process_status", at(4, 2)).set_index("process")
    day = "checks failed in the run of 4 January 2026"
    assert {name: (r.colour, r.sentence) for name, r in rows.iterrows() if name} == {
        "at amber": ("green", f"1 of 4 {day} (25%), limit 50%; none of the last 3 runs was over it."),
        "over amber": ("amber", f"1 of 3 {day} (33%), limit 25% to watch; 3 of the last 3 runs were over it."),
        "twice": ("amber", f"1 of 3 {day} (33%), limit 25% to watch; 2 of the last 3 runs were over it."),
        "at the limit": ("amber", f"2 of 4 {day} (50%), limit 25% to watch; 3 of the last 3 runs were over it."),
        "over it": ("red", f"3 of 4 {day} (75%), limit 50%; 3 of the last 3 runs were over it."),
        "was red": ("red", f"2 of the last 3 runs were over it; 1 of 3 {day} (33%), within the limit of 50%."),
        "was amber": ("amber", f"2 of the last 3 runs were over it; 1 of 4 {day} (25%), within the limit of 25% to watch."),
    }  # fmt: skip


def test_left_to_itself_a_window_is_three_bad_of_five_and_back_at_one(tmp_path):
    """Three bad ones turn it red, and so long as two are left it stays so; of five, not of six."""
    runs = {
        "two": "bbggg",
        "three": "gbbbgggg",
        "apart": "bggbb",
        "of six": "bgggbb",
        "few": "bbbb",
    }
    told = prepared(tmp_path, LOOKED.replace("    window: {runs: 3, bad: 2, back: 0}\n", ""))
    written(tmp_path, [c for name, days in runs.items() for c in row(name, "a", days)])
    rows = published(tmp_path, told, at(20)).figure("run", at(8, 2), process_group="pages")
    assert {name: part.state.to_list()[4:] for name, part in rows.groupby("process")} == {
        "two": ["green"], "three": ["red", "red", "red", "green"], "apart": ["red"],
        "of six": ["green", "green"], "few": [],
    }  # fmt: skip


def test_not_running_is_a_word_for_as_many_missed_runs_as_turn_it_red(tmp_path):
    """Of the last three runs two did not take place, or one did not and one was bad."""
    checks = row("p", "a", "gggg..g") + row("q", "a", "gggg.bg")
    rows = publication(tmp_path, checks).figure("process_status", at(7, 2)).set_index("process")
    assert (rows.word["p"], rows.word["q"]) == ("Not running", "Failing")


def answers(subject: str, before: float, after: float, odd: float | None = None, weeks=(13, 0, 7)):
    """An answer in each week: so many weeks of one time, so many without, so many of another time,
    of which the last may be odd."""
    seconds = [before] * weeks[0] + [None] * weeks[1] + [after] * weeks[2]
    seconds[-1] = after if odd is None else odd
    told = enumerate(seconds, 21 - sum(weeks))
    return [check("p", subject, at(7 * n), seconds=s) for n, s in told if s]


def test_speed_changes_by_half_again_or_by_a_third_in_all_seven_weeks(tmp_path):
    """2 seconds before: 3 is half as long again; 3 before: 2 is a third less; either side of both."""
    cases = {
        "slowing": (2, 3), "not slowing": (2, 2.999), "faster": (3, 2), "not faster": (3, 2.001),
        "slowing, all above": (2, 3, 2.001), "one at it": (2, 3, 2),
        "faster, all below": (3, 2, 2.999), "one as ever": (3, 2, 3),
        "six weeks": (2, 3, None, (13, 1, 6)), "twelve before": (2, 3, None, (12, 0, 7)),
    }  # fmt: skip
    checks = [c for name, case in cases.items() for c in answers(name, *case)]
    # 26 weeks before count, 13 of one second and 13 of nine: with one week more, or less, half is nine.
    checks += [
        check("p", "old", at(7 * (n - 13)), seconds=1 if 0 < n < 14 else 9) for n in range(34)
    ]
    asked = publication(tmp_path, checks, at(200))
    rows = asked.figure("speed", at(145)).set_index("subject")
    assert rows.change.to_dict() == {
        "slowing": "slowing", "not slowing": "no change", "faster": "faster", "not faster": "no change",
        "slowing, all above": "slowing", "one at it": "no change", "faster, all below": "faster",
        "one as ever": "no change", "six weeks": "too few", "twelve before": "too few",
        "old": "slowing",
    }  # fmt: skip
    assert (rows.weeks["old"], rows.weeks_before["old"], rows.before_seconds["old"]) == (7, 26, 1)
    # A week is over at its last microsecond, on Sunday evening.
    monday = at(145, 0)
    told = [asked.figure("speed", monday - n * MICRO, subject="twelve before") for n in (2, 1)]
    assert [rows.weeks_before.item() for rows in told] == [11, 12]


def test_errors_are_those_of_the_last_13_whole_weeks(tmp_path):
    """Asked on Monday 6 April: the 13 weeks began on Monday 5 January, day 5."""
    checks = [check("p", "a", at(5, 0) - MICRO, False), check("p", "b", at(5, 0), False),
              check("p", "c", at(96, 0) - MICRO, False), check("p", "d", at(96, 0), False)]  # fmt: skip
    asked = publication(tmp_path, checks, at(120))
    assert asked.figure("error_kind", at(96, 0), process="p").failed.to_list() == [2]
    named = asked.figure("check_error", at(96, 0), counted_by="organisation")
    assert named.set_index("name").failed.to_dict() == {"B council": 1, "not known": 1}


def test_what_was_added_in_26_weeks(tmp_path):
    """b was added on Thursday 1 January: it is among those added for 26 weeks, not for 27."""
    checks = [check("p", "a", at(1 + 7 * n)) for n in range(30)] + [check("p", "b", at(1))]
    rows = publication(tmp_path, checks, at(230)).figure("check_week", at(220), process="p")
    assert rows.added_26_weeks.to_list()[:27] == [1] * 26 + [0]


# Sources


class Status(Handler):
    """Answers with the status that its path names, and with no questions left at /403/none. But for
    a plain 403 it says when to ask again."""

    def do_GET(self):
        self.send_response(int(self.path.split("/")[1]))
        if self.path.endswith("none"):
            self.send_header("X-RateLimit-Remaining", "0")
        if self.path != "/403":
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


@pytest.fixture(scope="module")
def host():
    with answering(Status) as address:
        yield address


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [("400", StopSource, "answered 400: "), ("428", StopSource, "answered 428: "),
     ("429", TryLater, "answered 429, three times"), ("430", StopSource, "answered 430: "),
     ("499", StopSource, "answered 499: "), ("500", TryLater, r"answered 500\."),
     ("403", StopSource, "answered 403: "), ("403/none", TryLater, "its limit is used up"),
     ("403/later", TryLater, "answered 403, three times: it asks not to be asked so often"),
     ("429/none", TryLater, "its limit is used up")],
)  # fmt: skip
def test_whose_fault_an_answer_is(host, status, error, said):
    """Too many questions is nobody's fault here: asked again next time. Other 4xx are ours to mend."""
    with pytest.raises(error, match=said):
        http.get(f"{host}/{status}")


def test_a_page_is_well_below_status_400(host):
    urls = {status: f"{host}/{status}" for status in ("399", "400", "429")}
    asked = HttpChecks(name="s", urls=urls)
    (reading,) = http_checks.readings(asked, {}, NOW)
    told = zip(*(reading.rows[c].to_pylist() for c in ("endpoint", "ok", "status")), strict=True)
    assert set(told) == {("399", "true", "399"), ("400", "false", "400"), ("429", "false", "429")}


def log_file(file, days: list[int]) -> None:
    """A log whose rows are of these days, in this order."""
    file.unlink(missing_ok=True)
    with sqlite3.connect(file) as con:
        con.execute("create table log (endpoint, entry_date, status, exception, elapsed, bytes, content_type, resource)")  # fmt: skip
        rows = [(f"{n} of {day}", f"2026-01-{day:02}T00:00:00") for n, day in enumerate(days)]
        con.executemany("insert into log (endpoint, entry_date, resource) values (?, ?, 'r')", rows)
    con.close()


@pytest.mark.more
def test_a_log_that_was_built_anew_is_read_again_from_two_days_before_its_newest_row(tmp_path):
    """First it ends on day 5. Built anew it has rows of days 2, 3, 4 and 5 that came late: those of
    day 3 and later are found."""
    file, landing = tmp_path / "log.db", tmp_path / "landing.duckdb"
    log_file(file, [1, 5])
    with datasette(file) as url:
        collecting.collect([PipelineLogs(name="s", url=url)], landing, NOW)
    log_file(file, [1, 5, 2, 3, 4, 5, 6])
    with datasette(file) as url:
        # The address is that of the server before, as far as the cursor knows.
        told = PipelineLogs(name="s", url=url)
        with saving.opened(landing) as con:
            mark = f'json_merge_patch(cursor, \'{{"settings": "{fingerprint(told)}"}}\')'
            con.execute(f"update load set cursor = {mark}")
        collecting.collect([told], landing, NOW)
    with saving.opened(landing) as con:
        rows = con.execute("select distinct subject from check_result order by 1").fetchall()
    assert [name for (name,) in rows] == [
        "0 of 1",
        "1 of 5",
        "3 of 3",
        "4 of 4",
        "5 of 5",
        "6 of 6",
    ]


@pytest.mark.parametrize(("kept", "refused"), [(7, 0), (6, 1)])
def test_a_snapshot_may_lose_three_of_ten_items(tmp_path, kept, refused):
    file, board = tmp_path / "board.csv", Snapshots(name="b", file=str(tmp_path / "board.csv"))
    for day, items in ((0, 10), (1, kept)):
        file.write_text("item,status\n" + "".join(f"i{n},To do\n" for n in range(items)))
        (told,) = collecting.collect([board], tmp_path / "l.duckdb", NOW + timedelta(days=day))
    assert told.refused_readings == refused


def test_a_time_lies_at_most_a_day_ahead_and_not_before_1900_or_2000(tmp_path):
    file = tmp_path / "list.csv"
    times = [
        "1899-12-31T23:59:59Z",
        "1900-01-01T00:00Z",
        "2026-11-21T12:00Z",
        "2026-11-21T12:00:01Z",
    ]
    file.write_text("item,status,since\n" + "".join(f"i,To do,{t}\n" for t in times))
    (told,) = collecting.collect([Events(name="e", file=str(file))], tmp_path / "l.duckdb", NOW)
    assert (told.accepted, told.refused) == (2, 2)
    log = tmp_path / "log.json"
    times = ["1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2026-11-21T11:59:59Z", "2026-11-21T12:00:00Z"]  # fmt: skip
    log.write_text(json.dumps([{"endpoint": "e", "entry_date": t, "resource": "r"} for t in times]))
    logs = PipelineLogs(name="p", file=str(log))
    (told,) = collecting.collect([logs], tmp_path / "m.duckdb", NOW)
    assert (told.accepted, told.refused) == (2, 2)
