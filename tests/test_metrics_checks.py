"""Each figure of the processes on an example small enough to check on paper (looked.STORY).

p has a, b and (on three days) d; nothing ran on day 8. q has c alone. Bad is more than half;
red from 2 bad runs of 3 on until none of 3 is; day 1 is Thursday 1 January 2026, at 01:00.
"""

from __future__ import annotations

import pandas
import pytest
from looked import LOOKED, STORY, at, check, prepared, publication, published, row, written

from settings import database
from sources import collecting

END = at(12, 23)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return publication(tmp_path_factory.mktemp("checks"), STORY)


def test_run(story):
    """p: a of a, b, d fails on day 3 (2 of 3: a and d), both fail on day 4, b alone from 5 on."""
    rows = story.figure("run", END, process_group="pages", process="p")
    assert [(r.checks, r.missing) for r in rows.itertuples()] == [
        (3, False), (3, False), (3, False), *[(2, False)] * 4, (0, True), *[(2, False)] * 4,
    ]  # fmt: skip
    assert rows.failed.fillna(-1).to_list() == [0, 0, 2, 2, 1, 1, 1, -1, 1, 1, 1, 1]
    assert rows.bad.to_list() == [False, False, True, True, *[False] * 3, True, *[False] * 4]
    # Days 3 and 4 make red; of 5, 6, 7 none is bad: back, and to watch; day 8 is one bad of 3.
    assert rows.state.to_list() == [
        "grey", "grey", "green", "red", "red", "red", "amber", "amber", "amber", "amber", "amber", "amber",
    ]  # fmt: skip


def test_a_share_at_its_limit_is_not_over_it(tmp_path):
    """29 of 100 with a limit of 0.29: 0.29 times 100 is a little less than 29 in binary."""
    told = prepared(tmp_path, LOOKED.replace("limit: 0.5", "limit: 0.29"))
    written(tmp_path, [check("p", f"s{n}", at(1), ok=n >= 29) for n in range(100)])
    asked = published(tmp_path, told, at(2))
    assert asked.figure("run", END, process="p").bad.to_list() == [False]


def test_a_flapping_process_changes_its_colour_once(story):
    """c: good, bad, bad, good, bad, then good: four changes, one stretch of red from 3 to 7."""
    rows = story.figure("run", END, process="q")
    assert rows.state.to_list() == ["grey", "grey", *["red"] * 5, *["green"] * 5]


def test_process_status(story):
    rows = story.figure("process_status", END).set_index("process")
    p, q, build = rows.loc["p"], rows.loc["q"], rows.loc[""]
    assert (p.colour, p.word, p.checks, p.failed, p.runs) == ("amber", "Watch", 2, 1, 12)
    assert p.sentence == (
        "1 of 2 checks failed in the run of 12 January 2026 (50%), limit 25% to watch; "
        "3 of the last 3 runs were over it."
    )
    assert p.since == at(7, 0)
    assert (q.colour, q.word, q.since) == ("green", "Healthy", at(8, 0))
    assert (q.last_run_at, q.last_good_at) == (at(12), at(12))
    assert (build.colour, build.word, build.process_name) == ("grey", "No data", "Builds")
    then = story.figure("process_status", at(5, 2), process="q").iloc[0]
    assert (then.colour, then.word, then.since) == ("red", "Failing", at(3, 0))
    assert then.sentence == (
        "1 of 1 checks failed in the run of 5 January 2026 (100%), limit 50%; "
        "2 of the last 3 runs were over it."
    )
    assert (then.last_good_at, round(then.good_days, 6)) == (at(4), round(25 / 24, 6))
    few = story.figure("process_status", at(2, 2), process="q").iloc[0]
    assert (few.colour, few.word) == ("grey", "Too few")
    gone = story.figure("process_status", at(23), process="q").iloc[0]
    assert (gone.colour, gone.word) == ("grey", "Stale")
    assert gone.sentence.startswith("Nothing is known of it after 12 January 2026, 11 days")


def test_processes_are_held_to_their_targets(story):
    """On day 12: p over 25% in its last 3 runs, q good, nothing told of builds yet."""
    rows = story.figure("target_now", END, kind="process").set_index("name")
    told = {name: (r.value, r.amber, r.red, r.verdict) for name, r in rows.iterrows()}
    assert told["p"] == (0.5, 0.25, 0.5, "amber")
    assert told["q"] == (0, 0.25, 0.5, "green")
    assert told["Builds"][-1] == "unknown"
    assert rows.said["Builds"] == "nothing has been told of it yet"
    assert rows.said["p"] + "." == story.figure("process_status", END, process="p").sentence.item()
    assert set(zip(rows.measure, rows.unit, rows.stream, rows.stage, strict=True)) == {
        ("failing", "share", "", "")
    }
    assert (rows.reason["p"], rows.owner["p"]) == ("half", "us")
    few = story.figure("target_now", at(2, 2), process="q").iloc[0]
    assert (few.verdict, few.said[-31:]) == ("unknown", "(100%); 2 runs so far, 3 are needed"[-31:])
    gone = story.figure("target_now", at(23), process="q").iloc[0]
    assert (gone.verdict, gone.said) == ("unknown", "nothing is known of it after 12 January 2026")


def test_process_count(story):
    """p is to watch, q healthy, and of builds nothing is told."""
    rows = story.figure("process_count", END)
    told = rows[["colour", "state_word", "processes"]].to_dict("split")["data"]
    assert told == [["amber", "to watch", 1], ["grey", "not judged", 1], ["green", "healthy", 1]]


def test_a_state_is_called_the_same_everywhere(story):
    runs, status = story.figure("run", END, process="p"), story.figure("process_status", END)
    assert runs.state_word.to_list() == [
        "not judged", "not judged", "healthy", "failing", "failing", "failing", "to watch",
        "did not take place", *["to watch"] * 4,
    ]  # fmt: skip
    assert dict(zip(status.colour, status.state_word, strict=True)) == {
        "amber": "to watch", "green": "healthy", "grey": "not judged",
    }  # fmt: skip


def test_run_count(story):
    """p: bad on 3, 4 and 8: four changes; red once and back once. q (c): four changes, once each."""
    rows = story.figure("run_count", END).set_index(["process_group", "process"])
    told = {key: tuple(r) for key, r in zip(rows.index, rows.to_numpy(), strict=True)}
    assert told == {
        ("pages", ""): (24, 1, 8, 4), ("pages", "p"): (12, 1, 4, 2), ("pages", "q"): (12, 0, 4, 2),
    }  # fmt: skip


def test_a_process_that_goes_back_and_forth_is_called_flapping_and_keeps_its_colour(tmp_path):
    asked = publication(tmp_path, row("p", "a", "gbgbgbgbgbgb"))
    states = asked.figure("run", END).state.to_list()
    assert states == ["grey", "grey", "green", *["red"] * 9]  # day 3 has one bad of three
    told = asked.figure("process_status", END).iloc[0]
    assert told.flapping
    assert told.sentence.endswith("Flapping: good and bad took turns 11 times in the last 20 runs.")


def test_check_week(story):
    """Week 1 has days 1 to 4 (11 checks of p), week 2 days 5 to 11: 12 of p, for day 8 is missing."""
    rows = story.figure("check_week", END, process="p")
    told = rows[["iso_week", "looked_at", "failing", "checks", "failed", "missed_runs"]]
    assert told.to_dict("split")["data"] == [
        ["2026-W01", 3, 3, 11, 4, 0], ["2026-W02", 2, 1, 12, 6, 1],
    ]  # fmt: skip
    assert rows[["in_service", "added"]].to_dict("split")["data"] == [[2, 1], [1, 0]]
    both = story.figure("check_week", END, process_group="pages", process="")
    assert both[["checks", "failed", "looked_at"]].to_dict("split")["data"] == [
        [15, 6, 4],
        [19, 7, 3],
    ]
    assert rows.added_26_weeks.to_list() == [1, 1]
    assert rows.missed_runs_so_far.to_list() == [0, 1]
    # A week counts once it is over: on Sunday evening the second is not there yet.
    assert len(story.figure("check_week", at(11, 23), process="p")) == 1


def test_weeks_are_iso_weeks_over_the_new_year(tmp_path):
    """2020 has 53: Sunday 3 January 2021 belongs to 2020-W53, the Monday after to 2021-W01."""
    days = [at(1).replace(year=2021, day=3), at(1).replace(year=2021, day=4)]
    asked = publication(tmp_path, [check("p", "a", d) for d in days])
    assert asked.figure("check_week", END, process="p").iso_week.to_list() == [
        "2020-W53",
        "2021-W01",
    ]


def test_check_error(story):
    """The two whole weeks: by kind 404 (a twice, c thrice, d once) and the time-outs of b."""
    rows = story.figure("check_error", END)
    told = {
        (r.counted_by, r.process, r.name): (r.failed, r.checks, r.subjects)
        for r in rows.itertuples()
    }
    assert told == {
        ("kind", "p", "ConnectTimeout"): (7, 23, 1), ("kind", "p", "HTTP 404"): (3, 23, 2),
        ("kind", "q", "HTTP 404"): (3, 11, 1),
        ("organisation", "p", "B council"): (7, 10, 1), ("organisation", "p", "A council"): (2, 10, 1),
        ("organisation", "p", "not known"): (1, 3, 1), ("organisation", "q", "not known"): (3, 11, 1),
        ("process", "p", "p"): (10, 23, 3), ("process", "q", "q"): (3, 11, 1),
    }  # fmt: skip


def test_error_kind(story):
    """Of the 34 checks of both 13 failed: 7 time-outs of b, and 404 three times in p and in q."""
    rows = story.figure("error_kind", END)
    assert set(rows.process_group) == {"pages"}
    expected = [
        ("", "ConnectTimeout", 1, 7, 1, 13, 34), ("", "HTTP 404", 2, 6, 3, 13, 34),
        ("p", "ConnectTimeout", 1, 7, 1, 10, 23), ("p", "HTTP 404", 2, 3, 2, 10, 23),
        ("q", "HTTP 404", 1, 3, 1, 3, 11),
    ]  # fmt: skip
    assert [tuple(r)[1:] for r in rows.itertuples(index=False)] == expected


def test_nothing_checked_and_nothing_failed_are_two_things(tmp_path):
    asked = publication(tmp_path, row("p", "a", "gggggggggggg"))
    told = asked.figure("check_error", END)
    assert [(r.counted_by, r.failed, r.checks) for r in told.itertuples()] == [("process", 0, 11)]
    assert asked.figure("check_error", at(200)).empty


def test_failing(story):
    """b fails since day 4, seen good on day 3, dead after 8 days, ended on the 10th; d is not looked at."""
    rows = story.figure("failing", END)
    assert rows.subject.to_list() == ["b"]
    b = rows.iloc[0]
    assert (b["name"], b.organisation, b.detail) == ("Page b", "B council", "ConnectTimeout")
    assert (b.since, b.last_good_at, b.never_good, b.dead, b.ended) == (
        at(4),
        at(3),
        False,
        True,
        True,
    )
    assert b.days == pytest.approx(8 + 22 / 24)
    then = story.figure("failing", at(4, 2)).set_index("subject")
    assert then.since.to_dict() == {"a": at(3), "b": at(4), "d": at(3)}  # q is good on day 4
    assert not then.dead.any()


def test_failing_count(story):
    """On day 12 b alone, dead and ended; on day 4 a, b and d, which none has ended yet."""
    columns = ["failing", "dead", "never_good", "ended"]
    rows = story.figure("failing_count", END).set_index(["process_group", "process"])[columns]
    assert {key: r.to_list() for key, r in rows.iterrows()} == {
        ("builds", ""): [0, 0, 0, 0], ("pages", ""): [1, 1, 0, 1], ("pages", "p"): [1, 1, 0, 1],
        ("pages", "q"): [0, 0, 0, 0],
    }  # fmt: skip
    then = story.figure("failing_count", at(4, 2), process="p")[columns]
    assert then.to_numpy().tolist() == [[3, 0, 0, 0]]


def test_flapping(story):
    """c changes on days 2, 4, 5 and 6: four times; a only twice."""
    rows = story.figure("flapping", END)
    assert [(r.subject, r.changes, r.ok) for r in rows.itertuples()] == [("c", 4, True)]
    assert story.figure("flapping", at(5, 2)).empty


def test_recovery(story):
    """p: a recovers after 2 days, b still fails after 8 and 22 hours, d is no longer looked at."""
    rows = story.figure("recovery", END).set_index("process")
    p = rows.loc["p"]
    assert (p.failures, p.recovered, p.failing, p.given_up) == (3, 1, 1, 1)
    assert p.failing_median_days == pytest.approx(8 + 22 / 24)
    assert (p.typical_word, rows.recovered["q"]) == ("too few", 2)


def test_recovery_counts_the_unfinished(tmp_path):
    """Five failures: two recover after 1 day, three never. Half do not recover: not reached."""
    checks = [c for n in range(2) for c in row("p", f"r{n}", "gbggggg")]
    checks += [c for n in range(3) for c in row("p", f"s{n}", "gbbbbbb")]
    told = publication(tmp_path, checks).figure("recovery", at(7, 23)).iloc[0]
    assert (told.failures, told.recovered, told.failing, told.typical_word) == (
        5,
        2,
        3,
        "not reached",
    )
    assert pandas.isna(told.recovered_median_days)  # two are too few for a median


def test_speed(tmp_path):
    """Weekly: 13 weeks of 2 seconds, then 7 of 3: slowing. A time-out took at least so long."""
    checks = [check("p", "a", at(7 * n), seconds=2 if n < 14 else 3) for n in range(1, 21)]
    checks += [
        check("p", "b", at(7 * n), ok=False, detail="ReadTimeout", seconds=120) for n in (19, 20)
    ]
    checks += [
        check("p", "c", at(7 * n), ok=False, detail="404", seconds=0.1) for n in range(1, 21)
    ]
    rows = publication(tmp_path, checks, at(200)).figure("speed", at(145)).set_index("subject")
    assert set(rows.index) == {"a", "b"}
    a, b = rows.loc["a"], rows.loc["b"]
    assert (a.seconds, a.before_seconds, a.weeks, a.weeks_before, a.change) == (
        3,
        2,
        7,
        13,
        "slowing",
    )
    assert (b.seconds, b.at_least, b.timed_out, b.change) == (120, True, 2, "too few")


def test_speed_count(tmp_path):
    """a from 2 to 3 seconds, b back from 3 to 2, c and e as ever; d for 3 weeks only."""
    seconds = {"a": (2, 3), "b": (3, 2), "c": (2, 2), "e": (1, 1)}
    checks = [
        check("p", name, at(7 * n), seconds=before if n < 14 else after)
        for name, (before, after) in seconds.items() for n in range(1, 21)
    ]  # fmt: skip
    checks += [check("q", "d", at(7 * n), seconds=1) for n in (18, 19, 20)]
    rows = publication(tmp_path, checks, at(200)).figure("speed_count", at(145))
    assert [tuple(r)[1:] for r in rows.itertuples(index=False)] == [
        ("", 5, 1, 1, 2, 1), ("p", 4, 1, 1, 2, 0), ("q", 1, 0, 0, 0, 1),
    ]  # fmt: skip


def test_outage(story):
    """Day 8 is missing in p alone."""
    rows = story.figure("outage", END)
    told = [
        (r.process, r.from_at, r.until_at, r.missed_runs, r.processes) for r in rows.itertuples()
    ]
    assert told == [("p", at(8, 0), at(9, 0), 1, 1)]
    assert story.figure("outage", at(8, 20)).empty  # the day is not over


def test_one_day_missed_by_all_is_told_apart(tmp_path):
    checks = row("p", "a", "gg..gg") + row("q", "c", "gg.ggg")
    rows = publication(tmp_path, checks).figure("outage", at(7))
    assert [(r.process, r.missed_runs, r.processes) for r in rows.itertuples()] == [
        ("p", 2, 1),
        ("q", 1, 2),
    ]


def test_runs_that_come_when_they_come_are_never_missing(tmp_path):
    builds = [check("build", "Tests", at(d, h), ok, group="builds", detail="failure")
              for d, h, ok in [(1, 9, True), (1, 17, False), (9, 9, True), (20, 9, True)]]  # fmt: skip
    asked = publication(tmp_path, builds)
    one = asked.figure("process_status", at(21), process_group="builds").iloc[0]
    assert (one.process, one.process_name, one.word) == ("build", "Builds", "Healthy")
    assert "in the run of 20 January 2026, 09:00 UTC (0%)" in one.sentence
    rows = asked.figure("run", at(21), process_group="builds")
    assert (len(rows), rows.missing.any()) == (4, False)
    assert rows.state.to_list() == ["grey", "red", "red", "green"]


def test_weeks_that_nothing_new_tells_of_are_not_worked_out_again(tmp_path):
    """The old rows are taken away: their weeks are still there, from the publication before."""
    told = prepared(tmp_path)
    written(tmp_path, row("p", "a", "gbgbgbggggggg"))
    published(tmp_path, told, at(13, 3)).close()
    written(tmp_path, [check("p", "a", at(14))], "-later")
    collecting.collect(told.sources.values(), tmp_path / "landing.duckdb", at(14, 3))
    with database.connect(tmp_path / "landing.duckdb") as con:
        con.execute("delete from raw_log where entry_date < '2026-01-12'")
    rows = published(tmp_path, told, at(14, 3)).figure("run", at(14, 4), process="p")
    assert (len(rows), rows.failed.sum()) == (14, 3)


@pytest.mark.parametrize("change", ["the rule", "the landing database"])
def test_another_rule_or_landing_database_works_everything_out_again(tmp_path, change):
    told = prepared(tmp_path)
    written(tmp_path, row("p", "a", "gbgbgbggggggg"))
    published(tmp_path, told, at(13, 3)).close()
    if change == "the rule":
        told = prepared(tmp_path, LOOKED.replace("every: 24", "every: 168"))
    else:
        (tmp_path / "landing.duckdb").unlink()
        written(tmp_path, row("p", "a", "ggggggggggggg"))
    rows = published(tmp_path, told, at(14, 3)).figure("run", at(14, 4), process="p")
    expected = (3, 3) if change == "the rule" else (13, 0)
    assert (len(rows), rows.failed.sum()) == expected


@pytest.mark.parametrize(
    "where", [0.3, *(pytest.param(at, marks=pytest.mark.more) for at in (0.0, 0.6, 0.8))]
)
def test_a_damaged_last_publication_costs_nothing(tmp_path, where):
    told = prepared(tmp_path)
    written(tmp_path, row("p", "a", "gbgbgbggggggg"))
    last = published(tmp_path, told, at(13, 3))
    last.close()
    body = bytearray(last.file.read_bytes())
    middle, size = int(len(body) * where), len(body) // 5
    body[middle : middle + size] = b"\xff" * size
    last.file.write_bytes(body)
    written(tmp_path, [check("p", "a", at(14))], "-later")
    rows = published(tmp_path, told, at(14, 3)).figure("run", at(14, 4), process="p")
    assert (len(rows), rows.failed.sum()) == (14, 3)


def test_what_is_known_of_an_hourly_process_is_too_old_after_three_hours(tmp_path):
    told = prepared(
        tmp_path, LOOKED.replace("every: 24", "every: 1").replace("stale_after: 10", "")
    )
    written(tmp_path, [check("p", "a", at(1, hour)) for hour in range(6)])
    asked = published(tmp_path, told, at(2))
    late = [asked.figure("process_status", at(1, hour), process="p").iloc[0] for hour in (7.9, 8.1)]
    assert [one.colour for one in late] == ["green", "grey"]
    assert late[1].sentence == (
        "Nothing is known of it after 1 January 2026, 3 hours before this moment: too old to judge."
    )


def test_without_a_target_nothing_is_coloured(tmp_path):
    folder = tmp_path / "x"
    text = LOOKED.replace(
        "targets: {failing: {limit: 0.5, amber: 0.25, reason: half, owner: us, date: 2026-01-01}}",
        "",
    )
    told = prepared(folder, text)
    written(folder, STORY)
    rows = published(folder, told, at(40)).figure("process_status", END, process_group="pages")
    assert set(rows.colour) == {"grey"}
    assert set(rows.word) == {"No target"}
