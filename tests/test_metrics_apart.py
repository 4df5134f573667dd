"""What must not be mixed: bulk edits, times known only as "at least", working days, short stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from line import LINE, day, event, publication

from metrics.statistics import survival
from telling import pace, stage
from telling.asked import asked as of_stream

WORKING = "working\n    holidays: {country: GB, subdivision: ENG}"
BULK = LINE.replace(
    "    left: [Dropped]\n",
    "    left: [Dropped]\n    not_progress: [{date: 2026-01-10, what: one edit}]\n",
)


def stays(*told: tuple) -> list[dict]:
    """Items in A from a day to another (None: still), those there before the data begins marked."""
    events = []
    for n, (came, went, opening) in enumerate(told):
        first = event(f"i{n}", "A waiting", day(came), opening=opening)
        events.append(first | ({"precision": "at least"} if opening else {}))
        events += [event(f"i{n}", "B waiting", day(went))] if went else []
    return events


def test_status_time_leaves_bulk_edits_and_what_was_there_before_apart(tmp_path):
    """Six left A: after 2, 3, 4, 5 and 6 days, two in an edit in bulk on the 10th, and one that was
    there before: the median of the five that are known is 4, and of all eight it would be 5."""
    known = [(2, 4, False), (2, 5, False), (2, 6, False), (2, 7, False), (2, 8, False)]
    told = stays(*known, (1, 10.5, False), (1, 10.5, False), (1, 9, True))
    asked = publication(tmp_path, told, text=BULK)
    row = asked.figure("status_time", day(20), stage="a").iloc[0]
    assert (row.finished, row.in_bulk, row.at_least, row.timed) == (8, 2, 1, 5)
    assert row.finished_median_days == 4
    move = asked.figure("transition", day(20)).iloc[0]
    assert (move.moves, move.in_bulk, move.timed, move.median_days) == (8, 2, 5, 4)
    # One known stay fewer, and there is no median of four.
    fewer = publication(tmp_path / "fewer", told[2:], text=BULK)
    row = fewer.figure("status_time", day(20), stage="a").iloc[0]
    assert row.timed == 4 and row.finished_median_days != row.finished_median_days
    fewer.close()
    asked.close()


def test_the_sentence_of_a_status_says_what_it_does_not_count(tmp_path):
    known = [(2, 4 + n, False) for n in range(5)]
    asked = publication(
        tmp_path, stays(*known, (1, 10.5, False), (1, 9, True), (2, None, False)), text=BULK
    )
    said = pace.misled(of_stream(asked, "line", day(20)), "a")
    assert said == [
        "In the status A waiting the 5 that left it (not counting 2 others: 1 left in bulk edits and "
        "1 there before the data begins) had a median of 4 days, but 1 is still in it, for a median of 18 days so "
        "far."
    ]
    asked.close()


@pytest.mark.parametrize(
    ("there", "at_least"),
    [
        # Ages 19, 9 and 4: whichever is older than half of them may be older still, and half stay 9.
        ([(1, None, True), (11, None, False), (16, None, False)], False),
        ([(1, None, False), (11, None, True), (16, None, False)], True),
        ([(1, None, False), (11, None, False), (16, None, True)], True),
        # Of four the median lies between the second and the third: 9 and 4.
        ([(1, None, False), (11, None, True), (16, None, False), (18, None, False)], True),
        ([(1, None, True), (11, None, False), (16, None, False), (18, None, False)], False),
    ],
)
def test_the_median_of_open_work_is_at_least_where_it_must_be(tmp_path, there, at_least):
    asked = publication(tmp_path, stays(*there))
    now = day(20)
    queue = asked.figure("queue_size", now, stage="a").iloc[0]
    assert queue.median_age_days == (9 if len(there) == 3 else 6.5)
    assert queue.median_at_least == at_least
    for name in ("typical_time", "percentile", "status_time"):
        row = asked.figure(name, now, stage="a").iloc[0]
        assert row.open_median_at_least == at_least, name
    told = of_stream(asked, "line", now)
    shown = dict(stage.numbers(told, told.table("stage", stage="a").iloc[0], queue))
    assert shown["half are here for"].startswith("at least ") == at_least
    sentence = asked.figure("typical_time", now, stage="a").sentence.iloc[0]
    assert ("for a median of at least" in sentence) == at_least
    asked.close()


def test_littles_law_counts_what_is_never_there_at_midnight(tmp_path):
    """One comes each noon and is done six hours later: never one at a week's end, but a quarter of
    one at any time, seven a week, a quarter of a day each."""
    events = []
    for n in range(230):
        came = day(1.5 + n)
        events += [
            event(f"p{n}", "A waiting", came),
            event(f"p{n}", "Done", came + timedelta(hours=6)),
        ]
    asked = publication(tmp_path, events)
    law = asked.figure("littles_law", day(220), stage="").iloc[0]
    assert law.holds and law.moved_on == 182
    # The clocks went forward in these weeks: they are an hour shorter.
    assert law.mean_wip == pytest.approx(182 * 0.25 / (182 - 1 / 24), abs=1e-9)
    assert law.lead_days == 0.25
    weeks = asked.figure("weekly", day(220), stage="a")
    assert set(weeks.open) == {0}
    # The first week, from Monday 29 December, has but the four days from Thursday on.
    assert weeks.mean_open.iloc[:3].to_list() == [4 * 0.25 / 7, 0.25, 0.25]
    asked.close()


def test_the_line_holds_what_is_in_any_stage(tmp_path):
    """In A for two days of the week, in B for three, done for one, and back in B for one more."""
    events = [
        event("x", "A waiting", day(5)), event("x", "B working", day(7)), event("x", "Done", day(10)),
        event("x", "B working", day(11)), event("y", "A waiting", day(20)),
    ]  # fmt: skip
    asked = publication(tmp_path, events)
    weeks = asked.figure("weekly", day(21)).set_index(["stage", "week"]).mean_open
    first = weeks.xs("2026-01-05", level="week")
    assert first.to_dict() == pytest.approx({"": 6 / 7, "a": 2 / 7, "b": 4 / 7, "c": 0}, abs=1e-9)
    assert weeks.xs("2026-01-12", level="week")[""] == 1  # y came on the 20th
    asked.close()


@pytest.fixture(scope="module")
def working(tmp_path_factory):
    """Sixty items on working days: each comes on a Monday and is handed on after one to three."""
    monday, events = datetime(2026, 1, 5, 9, tzinfo=UTC), []
    for n in range(60):
        came = monday + timedelta(weeks=n // 2)
        events.append(event(f"i{n}", "A working", came))
        if n < 55:
            events.append(event(f"i{n}", "B waiting", came + timedelta(days=1 + n % 3)))
            events.append(event(f"i{n}", "B working", came + timedelta(days=4 + n % 3)))
    text = LINE.replace("queue: TARGET", "queue: TARGET, oldest: TARGET, typical: TARGET")
    asked = publication(tmp_path_factory.mktemp("working"), events, text=text, days=WORKING)
    yield asked
    asked.close()


def test_a_stream_of_working_days_says_so(working):
    """From noon of Monday to Thursday, Friday or over the weekend: two or three working days."""
    now = datetime(2026, 8, 5, 12, tzinfo=UTC)
    told = of_stream(working, "line", now)
    assert told.unit == "working days"
    units = working.figure("target_now", now, stage="a").set_index("measure").unit
    assert units.to_dict() == {
        "queue": "items",
        "oldest": "working days",
        "typical": "working days",
    }
    hand_off = working.figure("hand_off", now, stage="a").sentence.iloc[0]
    assert hand_off.endswith("Half are in B's work within 3 working days.")
    spread = working.figure("spread", now, stage="a").sentence.iloc[0]
    assert "half within 2 working days, 85 in 100 within 3 working days" in spread
    box = working.figure("status", now, stage="a").sentence.iloc[0]
    assert "oldest 8 working days" in box or "working days, target 2" in box
    typical = working.figure("typical_time", now, stage="a").sentence.iloc[0]
    assert typical.endswith("Half move on within 2 working days.")
    assert "for a median of" in typical and "days" in typical.split("median of")[1]
    assert dict(stage.numbers(told, told.table("stage", stage="a").iloc[0],
                              told.figure("queue_size", stage="a").iloc[0]))["oldest"].endswith("working days")  # fmt: skip
    assert "Working days in this stage" in stage.item_columns(told).values()
    weeks = pace.behaviour(told, "a", "A", "lead_time")
    assert weeks.unit == "working days" and "working days" in " ".join(weeks.told.sentences)
    for sentence in (hand_off, spread, typical):
        assert not [w for w in _units(sentence) if w != "working"], sentence


def _units(sentence: str) -> list[str]:
    """The word before each "days" or "day"."""
    words = sentence.replace(".", " ").replace(",", " ").split()
    return [words[n - 1] for n, word in enumerate(words) if word in ("day", "days")]


LATE = LINE.replace("file: log.csv}", "file: log.csv, covers: {from: 2026-01-12}}")


def test_what_was_over_before_the_records_began_is_on_no_curve(tmp_path):
    """Records from 12 January on. Five were in A for three days before; five came on the 12th and
    are still in on the 30th: nobody is known to have moved on, and no time is typical."""
    events = [event(f"gone{n}", s, day(on)) for n in range(5)
              for s, on in (("A waiting", 1), ("B waiting", 4))]  # fmt: skip
    events += [event(f"here{n}", "A waiting", day(12)) for n in range(5)]
    asked = publication(tmp_path, events, text=LATE)
    row = asked.figure("typical_time", day(30), stage="a").iloc[0]
    assert (row.typical_word, row.finished, row.open) == ("not reached", 5, 5)
    assert (row.at_least, row.over_before) == (5, 5)
    assert "5 were over before the data begins: they count in no typical time." in row.sentence
    curve = survival.curve(asked.figure("spell", day(30), stage="a"))
    assert curve.moved_on.to_list() == [0] and curve.at_risk.to_list() == [5]
    spread = asked.figure("spread", day(30), stage="a").iloc[0]
    assert spread.entered == 5 and spread.quarter_days != spread.quarter_days
    asked.close()


def test_on_working_days_the_age_at_which_an_item_is_first_known_is_one_of_working_days(tmp_path):
    """In A since Friday 2 January, first known on Monday the 12th: six working days, not ten. Moved on
    at the start of Tuesday 20 January: twelve."""
    events = [event("x", "A waiting", day(2)), event("x", "B waiting", day(20))]
    asked = publication(tmp_path, events, text=LATE, days=WORKING)
    row = asked.figure("spell", day(30), stage="a").iloc[0]
    assert (row.late_days, row.days) == (6, 12)
    asked.close()


def test_of_a_day_that_is_not_over_only_what_had_happened_is_told(tmp_path):
    """x comes at noon, y in the evening: at six there is one, and at the day's end there are two."""
    asked = publication(
        tmp_path, [event("x", "A waiting", day(5.5)), event("y", "A working", day(5.8))]
    )
    evening, end = day(5.75), day(6) - timedelta(microseconds=1)
    for at, counts in ((evening, [1, 0, 0, 1]), (end, [1, 1, 0, 2]), (day(6.5), [1, 1, 0, 2])):
        rows = asked.figure("wip_by_day", at, stage="a").set_index("day")
        assert rows.loc["2026-01-05", ["waiting", "working", "blocked", "wip"]].to_list() == counts
    assert len(rows) == 2  # the day itself, and the one under way
    asked.close()
