"""What changed between two instants, and what came to be known late: by hand, and independently."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date, timedelta
from functools import cache
from random import Random

import duckdb
import independent
import independent_changes
import looked
import pandas
import pytest
import random_lines
from independent_time import Line
from line import LINE, STAGES, STATUSES, STORY, day, event, publication
from random_lines import Drawn
from seeds import chance, how_many, told
from test_cli import valuestream

import metrics

ITEMS = ["delivered", "arrived", "moved on", "moved back", "reopened", "abandoned", "not mapped",
         "blocked", "unblocked"]  # fmt: skip
LATE = ["known late", "taken back", "corrected"]
COLOURS = ["newly red", "newly green", "changed colour"]
MADE = day(9)
NAME = "a {} 'q' <b>%s</b> [x](y) {0}"


def by_then(log: list[dict]) -> list[dict]:
    return [one for one in log if one["since"] <= MADE]


def quicker() -> list[dict]:
    """One comes a day; each takes 40 days on average, and from day 301 on 4."""
    random, log = Random(1), []
    for n in range(400):
        took = timedelta(days=random.expovariate(1 / (40 if n < 300 else 4)))
        came = day(1 + n + random.random())
        log += [event(f"p{n}", "A waiting", came), event(f"p{n}", "Done", came + took)]
    return log


THREE = [event(n, "A waiting", day(d)) for n, d in (("p", 1), ("q", 3), ("r", 8))]
BOUNDS = [
    event("p", "A waiting", day(1)), event("q", "A waiting", day(1)),
    event("p", "B waiting", day(8), not_before=day(4), precision="between"),
    event("q", "B waiting", day(9) - timedelta(microseconds=1), not_before=day(8), precision="day"),
]  # fmt: skip
NAMES = [
    event("p", "B working", day(1)), event(NAME, "B working", day(6.1)),
    event(NAME, "A working", day(6.2)), event(NAME, "Done", day(6.3)),
    event(NAME, "B paused", day(6.4)), event(NAME, "Odd {}", day(6.5)),
    event(NAME, "Dropped", day(6.6)), event(NAME, "A waiting", day(6.7)),
    event(NAME, "why {} $1", day(6.8), kind="blocked"),
]  # fmt: skip
# Of each line, what is known now, and what was known on the 9th.
NOW = {
    "story": Drawn(STORY, Line()), "bounds": Drawn(BOUNDS, Line()), "names": Drawn(NAMES, Line()),
    "three": Drawn([*THREE, *(event(n, "Done", day(12)) for n in "pq")], Line()),
    "stale": Drawn(STORY, Line(), asked=day(13)), "wrong": Drawn(STORY, Line()),
    "bulk": Drawn(STORY, Line(bulk=frozenset([date(2026, 1, 9), date(2026, 1, 6)]))), "times": Drawn(STORY, Line()), "quicker": Drawn(quicker(), Line()),
}  # fmt: skip
THEN = {name: by_then(one.events) for name, one in NOW.items()} | {
    "story": by_then([e for e in STORY if e["value"] not in ("B waiting", "B working")]),
    "three": THREE[:2],
    "wrong": [
        *by_then([e for e in STORY if e["value"] != "Dropped"]),
        event("z", "B waiting", day(6)), event("w", "A waiting", day(3)),
    ],
    "times": [
        e | {"since": {"B waiting": day(5), "C waiting": day(7)}.get(e["value"], e["since"])}
        for e in STORY if e["value"] not in ("B working", "Done", "Dropped", "")
    ],
}  # fmt: skip


def publish_twice(folder, lines, early, made):
    """At an instant with what was known then, and later with all."""
    text = random_lines.settings(lines)
    whole = {name: one.events for name, one in lines.items()}
    for logs, now in ((early, made), (whole, day(1) + timedelta(days=500))):
        together = [e | {"source": name} for name, log in logs.items() for e in log]
        read = {name: min(one.asked, now) for name, one in lines.items() if one.asked}
        publication(folder, together, text=text, asked=read, now=now).close()
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return publish_twice(tmp_path_factory.mktemp("twice"), NOW, THEN, MADE)


@pytest.fixture(scope="module")
def asked(data):
    told = metrics.open(data)
    yield told
    told.close()


@pytest.fixture(scope="module")
def before(data):
    told = metrics.at(data, MADE)
    yield told
    told.close()


@pytest.fixture(scope="module")
def changed(asked, before):
    """(a line, since, as of) -> its changes; beside what was known then, from the 9th on. All lines
    are asked at once, and each pair of instants only once."""

    @cache
    def all_lines(since, as_of):
        return asked.changes(since, as_of, None, before if since == MADE else None)

    def of_line(line: str, since, as_of) -> pandas.DataFrame:
        rows = all_lines(since, as_of)
        return rows[rows.stream == line].reset_index(drop=True)

    return of_line


def of(rows: pandas.DataFrame, *kinds: str) -> list[tuple]:
    """(kind, name, was, now, at) of the rows of these kinds, or of all."""
    return [
        (r.kind, r.name, r.was, r.now, r.since)
        for r in rows.itertuples()
        if not kinds or r.kind in kinds
    ]


def said(rows: pandas.DataFrame, *kinds: str) -> list[str]:
    return rows[rows.kind.isin(kinds)].sentence.to_list()


def test_changes(changed):
    """After the 6th, when x came to B: y is blocked on the 7th, until the 9th, when z is dropped; x
    goes to C on the 10th."""
    rows = changed("story", day(6), day(10))
    assert of(rows, *ITEMS) == [
        ("moved on", "x", "B", "C", day(10)), ("abandoned", "z", "A", "Abandoned", day(9)),
        ("blocked", "y", "A", "legal", day(7)), ("unblocked", "y", "A", "legal", day(9)),
    ]  # fmt: skip
    assert said(rows, *ITEMS) == [
        "x moved on from B to C on 10 January 2026.",
        "z went from A to Abandoned on 9 January 2026.",
        "y was marked as blocked in A (legal) on 7 January 2026.",
        "y was no longer marked as blocked in A (legal) on 9 January 2026.",
    ]
    assert (rows.stream == "story").all() and not rows.late.any()
    assert set(rows[rows.kind == "moved on"].stage) == {"b"}


def test_what_happened_at_the_first_instant_is_old_and_at_the_second_is_new(changed):
    rows = changed("story", day(10), day(12))
    assert [one[0] for one in of(rows, *ITEMS)] == ["delivered"]
    assert of(changed("story", day(6), day(6)), *ITEMS) == []


def test_what_has_been_longest_in_each_stage_is_told_beside_what_changed(changed):
    """On day 6 y is in A since day 2, z since day 4, and x has just come to B."""
    rows = changed("story", day(6), day(6))
    assert of(rows) == [
        ("stuck longest", "y", "A", "A", day(2)), ("stuck longest", "x", "B", "B", day(6)),
    ]  # fmt: skip
    assert said(rows, "stuck longest") == [
        "y has been in A for 4 days, longest of the 2 there.",
        "x has been in B for 0 days, the only one there.",
    ]


def test_of_those_there_before_the_data_begins_none_is_known_to_be_the_longest(tmp_path):
    """In A p and q were there before; in B r was, which is longer than s, who came on day 3; in C two
    came at once."""
    there = dict(opening=True, precision="at least")
    log = [event("p", "A waiting", day(1), **there), event("q", "A working", day(2), **there),
           event("r", "B waiting", day(1), **there), event("s", "B waiting", day(3)),
           event("t", "C waiting", day(4)), event("u", "C waiting", day(4))]  # fmt: skip
    rows = publication(tmp_path, log).changes(day(5), day(6))
    assert said(rows, "stuck longest") == [
        "p has been in A for at least 5 days, and none of the 2 there is known to have been there longer.",
        "r has been in B for at least 5 days, longest of the 2 there.",
        "t has been in C for 2 days, and none of the 2 there is known to have been there longer.",
    ]


def test_nothing_is_stuck_in_what_can_not_be_seen(changed):
    assert of(changed("stale", day(6), day(10)), "stuck longest") != []
    assert of(changed("stale", day(12), day(43.1)), "stuck longest") == []


def test_a_time_known_only_between_two_bounds_is_told_with_both(changed):
    rows = changed("bounds", day(6), day(10))
    assert said(rows, "moved on") == [
        "p moved on from A to B between 4 January 2026 and 8 January 2026.",
        "q moved on from A to B on 8 January 2026.",
    ]
    assert rows[rows.kind == "moved on"].not_before.to_list() == [day(4), day(8)]


def test_an_edit_in_bulk_is_said_to_be_one(changed):
    rows = changed("bulk", day(6), day(10))
    assert said(rows, "abandoned") == [
        "z went from A to Abandoned on 9 January 2026, in an edit in bulk."
    ]
    assert rows[rows.in_bulk]["item"].to_list() == ["z"]


def test_every_happening_and_name_is_told_letter_for_letter(changed):
    assert said(changed("names", day(6), day(10)), *ITEMS) == [
        f"{NAME} was delivered from A on 6 January 2026.",
        f"{NAME} arrived in B on 6 January 2026.",
        f"{NAME} went back from B to A on 6 January 2026.",
        f"{NAME} was reopened, from Delivered to B on 6 January 2026.",
        f"{NAME} was reopened, from Abandoned to A on 6 January 2026.",
        f"{NAME} went from Not mapped to Abandoned on 6 January 2026.",
        f"{NAME} went from B to Not mapped on 6 January 2026.",
        f"{NAME} was marked as blocked in A (why {{}} $1) on 6 January 2026.",
    ]


def test_a_stage_is_newly_red_or_green_only_if_it_was_known_not_to_be(changed):
    """Red is more than two waiting, amber more than one."""
    rows = changed("three", day(6), day(10))
    assert of(rows, *COLOURS) == [("newly red", "A", "amber", "red", day(10))]
    assert rows.not_before[0] == day(6)
    assert said(rows, "newly red") == [
        "A is red now (Stuck): 3 waiting, target 2. It was amber (Watch) on 6 January 2026."
    ]
    assert of(changed("three", day(10), day(12)), *COLOURS) == [
        ("newly green", "A", "red", "green", day(12))
    ]
    rows = changed("three", day(0), day(10))
    assert of(rows, *COLOURS)[0] == ("changed colour", "A", "", "red", day(10))
    assert said(rows, *COLOURS)[0].endswith("Nothing was known of it on 31 December 2025.")
    assert of(changed("stale", day(12), day(43.1)), *COLOURS) == [
        ("changed colour", "A", "green", "grey", day(43.1))
    ]
    assert of(changed("three", day(9), day(10)), *COLOURS) == []


@pytest.mark.more
def test_a_process_is_told_with_the_run_that_turned_it(tmp_path):
    """q fails on days 2, 3 and 5: red from the run of the 3rd to that of the 8th."""
    at = looked.at
    asked = looked.publication(tmp_path, looked.STORY)
    everything, line, rows = (
        asked.changes(at(1, 2), at(5, 2), whose) for whose in (None, "line", "")
    )
    assert set(line.stream) == {"line"} and len(everything) == len(line) + len(rows)
    assert set(rows.subject) == {"process"} and set(rows.stream) == {""}
    red = rows[rows.process == "q"].iloc[0]
    assert (red.kind, red["since"], red.not_before) == ("changed colour", at(3, 0), at(3, 0))
    rows = asked.changes(at(5, 2), at(8, 2), "")
    green = rows[rows.process == "q"].iloc[0]
    assert (green.kind, green["since"], green.not_before) == ("newly green", at(8, 0), at(8, 0))
    assert green.sentence.endswith("It was red (Failing) on 5 January 2026.")
    gone = asked.changes(at(8, 2), at(23), "")
    q = gone[gone.process == "q"].iloc[0]
    assert (q.kind, q.now, q["since"], q.not_before) == ("changed colour", "grey", at(23), at(8, 2))


def test_a_verdict_that_changed_is_told_of_the_line_and_of_its_stages(changed):
    rows = changed("quicker", day(340), day(391))
    assert of(rows, "verdict changed") == [
        ("verdict changed", "Whole line", "unknown", "faster", day(391)),
        ("verdict changed", "A", "unknown", "faster", day(391)),
    ]
    assert rows[rows.kind == "verdict changed"].subject.to_list() == ["line", "stage"]
    assert said(rows, "verdict changed")[1].startswith(
        "A: getting faster now; it was not known to get faster or slower on 6 December 2026. In the "
    )
    assert of(changed("story", day(340), day(391)), "verdict changed") == []


def test_what_came_to_be_known_late_is_told_apart_from_what_happened(changed, asked, before):
    """On the 9th nobody had told yet that x went to B on the 6th."""
    rows = changed("story", MADE, day(10))
    assert of(rows, *LATE) == [("known late", "x", "", "on 6 January 2026", day(6))]
    assert said(rows, *LATE) == [
        "x moved on from A to B on 6 January 2026: the publication of 9 January 2026, 00:00 did not "
        "tell it yet."
    ]
    assert rows[rows.late].kind.to_list() == ["known late"]
    assert of(rows, *ITEMS) == [("moved on", "x", "B", "C", day(10))]
    assert not asked.changes(MADE, day(10), "story").late.any()
    assert metrics.late_said(before, MADE) == (
        "What came to be known late is told beside the publication of 9 January 2026, 00:00 UTC, "
        "the newest that is kept of those made by 9 January 2026, 00:00 UTC."
    )


def test_what_was_told_and_is_no_longer_so_is_taken_back(changed):
    rows = changed("wrong", MADE, day(10))
    assert of(rows, "taken back") == [
        ("taken back", "w", "on 3 January 2026", "", day(3)),
        ("taken back", "z", "on 6 January 2026", "", day(6)),
    ]
    assert said(rows, "taken back")[1] == (
        "It is no longer so that z moved on from A to B on 6 January 2026, as the publication of "
        "9 January 2026, 00:00 told."
    )


def test_another_time_is_a_correction(changed):
    """x was told to have come to B on the 5th and to C on the 7th: it was on the 6th and the 10th."""
    rows = changed("times", MADE, day(10))
    assert [one for one in of(rows, *LATE) if one[1] == "x"] == [
        ("corrected", "x", "on 5 January 2026", "on 6 January 2026", day(6)),
        ("corrected", "x", "on 7 January 2026", "on 10 January 2026", day(10)),
    ]
    assert said(rows, "corrected")[0] == (
        "x moved on from A to B on 6 January 2026: the publication of 9 January 2026, 00:00 told "
        "that it was on 5 January 2026."
    )


@pytest.mark.parametrize(
    ("told", "known", "then", "now"),
    [
        pytest.param({"since": day(3)}, {"since": day(3.5)}, "on {}, 00:00 UTC", "on {}, 12:00 UTC",
                     marks=pytest.mark.more),
        (
            {"since": day(3.5)},
            {"since": day(3.5) + timedelta(milliseconds=1500)},
            "on {}, 12:00 UTC", "on {}, 12:00:01.500000 UTC",
        ),
        (
            {"since": day(3.5), "not_before": day(3.25), "precision": "between"},
            {"since": day(3.75), "not_before": day(3.25), "precision": "between"},
            "between {0}, 06:00 UTC and {0}, 12:00 UTC", "between {0}, 06:00 UTC and {0}, 18:00 UTC",
        ),
    ],
)  # fmt: skip
def test_another_time_of_the_same_day_is_told_with_its_time(tmp_path, told, known, then, now):
    """Else it would say that what was told on 3 January was on 3 January."""
    text, came = LINE.replace("Europe/London", "UTC"), event("x", "A waiting", day(1))
    move = event("x", "A working", day(2))
    publication(
        tmp_path, [came, move, event("x", "B waiting", day(3)) | told], text, now=MADE
    ).close()
    one = publication(tmp_path, [came, move, event("x", "B waiting", day(3)) | known], text)
    (row,) = (
        one.changes(MADE, day(10), "line", metrics.at(tmp_path, MADE)).query("late").itertuples()
    )
    then, now = then.format("3 January 2026"), now.format("3 January 2026")
    assert (row.kind, row.was, row.now) == ("corrected", then, now)
    assert row.sentence == (
        f"x moved on from A to B {now}: the publication of 9 January 2026, 00:00 UTC told that it "
        f"was {then}."
    )
    one.close()


def test_a_colour_that_was_shown_and_would_not_be_now_is_corrected(changed):
    rows = changed("three", MADE, day(10))
    assert of(rows, "corrected") == [("corrected", "A", "amber", "red", MADE)]
    assert said(rows, "corrected") == [
        "A was red on 9 January 2026, as is known now (Stuck): 3 waiting, target 2. The publication "
        "of 9 January 2026, 00:00 told amber (Watch) for that moment."
    ]
    assert of(rows, *COLOURS) == []  # it was red before, only nobody knew


def test_what_both_told_is_not_late(changed, asked):
    assert not changed("names", MADE, day(10)).late.any()
    made = asked.published_at
    assert not asked.changes(made, made, "names", asked).late.any()


def test_at(published_twice):
    """Published on 1 and on 2 January 2027."""
    made = [metrics.at(published_twice, when) for when in (
        day(366) - timedelta(microseconds=1), day(366), day(367) - timedelta(microseconds=1),
        day(367), date(2026, 12, 31), date(2027, 1, 1), date(2030, 1, 1),
    )]  # fmt: skip
    assert [one and one.published_at.date() for one in made] == [
        None, date(2027, 1, 1), date(2027, 1, 1), date(2027, 1, 2),
        None, date(2027, 1, 1), date(2027, 1, 2),
    ]  # fmt: skip


def test_without_a_publication_of_then_it_is_said_and_not_guessed(tmp_path):
    assert metrics.at(tmp_path, day(9)) is None
    assert metrics.late_said(None, day(9)) == (
        "What came to be known late can't be told: no publication made by 9 January 2026, 00:00 UTC "
        "is kept."
    )


def test_one_that_another_version_made_is_said_and_not_asked(asked, data, tmp_path):
    shutil.copytree(data / "published", tmp_path / "published")
    with duckdb.connect(str(metrics.at(tmp_path, MADE).file)) as con:
        con.execute("update made_by set version = 'other'")
        con.execute("drop macro table happened")
    other = metrics.at(tmp_path, MADE)
    assert not asked.changes(MADE, day(10), "three", other).late.any()
    assert "made by another version of the program" in metrics.late_said(other, MADE)


def test_what_can_not_be_compared_is_refused(asked):
    with pytest.raises(ValueError, match="time zone"):
        asked.changes(day(1).replace(tzinfo=None), day(2))
    with pytest.raises(
        ValueError, match="Nothing changes from 2 January 2026, 00:00 UTC back to 1"
    ):
        asked.changes(day(2), day(1))
    with pytest.raises(KeyError, match="no stream 'nope'"):
        asked.changes(day(1), day(2), "nope")
    with pytest.raises(ValueError, match="00:00 UTC was made later"):
        asked.changes(day(1), day(2), None, asked)


@pytest.mark.more
def test_the_command_tells_the_same_as_the_door(data):
    asked = ["changes", "--stream", "three", "--as-of", "2026-01-10T00:00Z", "--since"]
    done = valuestream(*asked, "2026-01-06T00:00Z", "--format", "json", data=data)
    rows = json.loads(done.stdout)
    assert (done.returncode, [r["kind"] for r in rows]) == (
        0,
        ["newly red", "arrived", "stuck longest"],
    )
    assert "three: What came to be known late can't be told: no publication made by 6 January" in (
        done.stderr
    )
    late = valuestream(*asked, "2026-01-09T00:00Z", data=data).stdout
    assert [kind in late for kind in ("known late", "corrected", "newly red")] == [
        True,
        True,
        False,
    ]
    assert "r arrived in A on 8 January 2026" in late
    quiet = ["--since", "2025-01-01", "--as-of", "2025-01-02"]
    assert (
        valuestream("changes", *quiet, data=data).stdout.strip()
        == "Nothing is known to have changed."
    )


@pytest.mark.parametrize(
    ("since", "as_of", "said"),
    [
        ("2026-02-20", "2026-02-22", "! Nothing is known of what happened since then: the data ends 13 January 2026."),
        ("2025-01-01", "2025-01-02", "Nothing is known of this stream."),
    ],
)  # fmt: skip
def test_the_command_does_not_say_that_nothing_changed_where_nothing_is_known(
    data, since, as_of, said
):
    """The list of this line was last read on the 13th; its first item came on the 1st."""
    done = valuestream(
        "changes", "--stream", "stale", "--since", since, "--as-of", as_of, data=data
    )
    assert done.returncode == 0 and "Nothing changed" not in done.stdout
    assert f"stale: {said}" in " ".join(done.stderr.split())


def test_the_command_says_what_it_can_not_compare(data):
    done = valuestream("changes", "--since", "2026-01-05", "--as-of", "2026-01-04", data=data)
    assert done.returncode == 2 and "--since is later" in done.stderr
    assert "processes" not in done.stderr  # its stages.yaml names none
    done = valuestream("changes", "--since", "2026-01-05", "--stream", "nope", data=data)
    assert done.returncode == 2 and "There is no stream 'nope'" in done.stderr
    done = valuestream("changes", "--since", "soon", data=data)
    assert done.returncode == 2 and "'soon' is no date" in done.stderr


def known_by(random, one, instant) -> list[dict]:
    """What had been told of a line by an instant: not all, and some of it with another time."""
    events = []
    for e in one.events:
        draw = random.random()
        if e["since"] <= instant and draw > 0.15:
            moved = draw < 0.3 and e["precision"] == "exact"
            hours = timedelta(hours=random.randint(1, 40) if moved else 0)
            events.append(e | {"since": e["since"] - hours})
    items = {e["item"] for e in events if e["kind"] == "status"}
    return [e for e in events if e["item"] in items]


def test_changes_agree_with_the_independent_calculation(tmp_path):
    """Many lines, published at an instant with most of what was known then, and later with all."""
    random, kinds = chance("changes", "when"), Counter()
    lines = {f"s{n}": random_lines.drawn(chance("changes", n), 40) for n in range(how_many(2))}
    made = random_lines.STARTS[1] + timedelta(hours=random.randint(600, 1600))
    early = {name: known_by(random, one, made) for name, one in lines.items()}
    publish_twice(tmp_path, lines, early, made)
    asked, before = metrics.open(tmp_path), metrics.at(tmp_path, made)
    for since in (made, made + timedelta(days=5)):
        as_of = since + timedelta(days=random.choice([10, 25]))
        rows = asked.changes(since, as_of, None, before)
        verdicts = changed_verdicts(asked, since, as_of)
        for name, one in lines.items():
            mine = rows[rows.stream == name]
            kinds.update(mine.kind)
            which = f"line {name} from {since} to {as_of}, made {made}, {one[1:]}, {early[name]}"
            with told(which, one.events):
                now = independent.visits_of(one.events, STATUSES, one.line)
                until = min(made, one.line.known_until or made)
                line = one.line._replace(known_until=until)
                then = independent.visits_of(early[name], STATUSES, line)
                same_items(mine, (now, one.events), (then, early[name]), since, as_of)
                same_boxes(mine, now, then, since, as_of)
                changed = mine[mine.kind == "verdict changed"]
                found = {(r.stage, r.was, r.now) for r in changed.itertuples()}
                assert found == verdicts.get(name, set())
    assert set(kinds) >= {*LATE, "stuck longest"}


def changed_verdicts(asked, since, as_of) -> dict[str, set]:
    words = [
        {(r.stream, r.stage): r.word for r in asked.figure("verdict", at).itertuples()}
        for at in (since, as_of)
    ]
    changed: dict[str, set] = {}
    for (stream, stage), word in words[1].items():
        if words[0][stream, stage] != word:
            changed.setdefault(stream, set()).add((stage, words[0][stream, stage], word))
    return changed


def same_items(mine, known, known_then, since, as_of):
    now = independent_changes.happened(*known, as_of)
    found = mine[(mine.subject == "item") & mine.kind.isin(ITEMS)]
    keys = ["item", "what", "since", "not_before", "in_bulk"]
    assert sorted(found[keys].itertuples(index=False, name=None)) == sorted(
        (item, what, at, low, bulk) for item, what, _, _, at, low, bulk, _ in now if at > since
    )
    then = independent_changes.happened(*known_then, since)
    late = mine[mine.late & (mine.subject == "item")]
    assert sorted((r.kind, r.item, r.what, r.since) for r in late.itertuples()) == sorted(
        (kind, item, what, new or old)
        for kind, item, what, *_, old, new in independent_changes.late(then, now, since)
    )
    stuck = mine[mine.kind == "stuck longest"]
    expected = independent_changes.stuck(known[0], as_of)
    assert dict(zip(stuck.stage, stuck["item"], strict=True)) == expected


def same_boxes(mine, visits, visits_then, since, as_of):
    then, now = (independent_changes.colours(visits, at, STAGES) for at in (since, as_of))
    shown = independent_changes.colours(visits_then, since, STAGES)
    found = mine[(mine.what == "colour") & ~mine.late]
    assert sorted((r.kind, r.stage, r.was, r.now) for r in found.itertuples()) == sorted(
        independent_changes.turned(then, now)
    )
    found = mine[(mine.what == "colour") & mine.late]
    assert {(r.stage, r.was, r.now) for r in found.itertuples()} == {
        (stage, shown[stage], colour) for stage, colour in then.items()
        if stage in shown and shown[stage] != colour
    }  # fmt: skip
