"""Steady or erratic, steadier or less steady: on lines whose truth is known, and by hand."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy
import pytest
import spread as known
import verdict as lines
from line import LINE, day, event, publication
from seeds import chance, told

from metrics.statistics import behaviour, spread
from metrics.statistics.spread import Stays, Weeks

RUNS = 30
OURS = {name: line for name, (_, line) in known.KNOWN.items()}


def words(line) -> Counter:
    return Counter(known.said(line, seed).word for seed in range(RUNS))


@pytest.mark.parametrize("name", [
    "steady, 30 days", "steady, 180 days", "2 in 5 weeks", "3 people 90% busy", "1 person 90% busy",
    "sittings every 3 weeks", "holiday, booked after", "split in two, 13 weeks", "none come",
    "batches, 90 days", "seasons",
])  # fmt: skip
def test_a_line_in_which_nothing_changes_is_neither_steadier_nor_less_steady(name):
    """Benchmarks try 300 of each: 2 in a hundred at most. Of 30, one or two may be wrong."""
    found = words(lines.UNCHANGED[name])
    assert found[spread.STEADIER] <= 2 and found[spread.LESS_STEADY] <= 2


@pytest.mark.parametrize(
    ("name", "least"),
    [("1.4 times", 0.9), ("1.7 times", 0.9), ("4.7 times", 0.3), ("2.2 to 1.4 times", 0.5),
     ("1.4 to 2.2 times", 0.9)],
)  # fmt: skip
def test_what_is_known_of_a_line_is_found(name, least):
    assert words(OURS[name])[known.KNOWN[name][0]] >= least * RUNS


@pytest.mark.parametrize(
    ("name", "word", "most"),
    [("2.2 times", spread.ERRATIC, 0), ("3.5 times", spread.STEADY, 0),
     ("by dice, 2.7 times", spread.STEADY, 2), ("by dice, 2.7 times", spread.ERRATIC, 2)],
)  # fmt: skip
def test_neither_word_is_said_of_a_line_on_the_other_side(name, word, most):
    """2.7 times is what throwing dice would give: on it each word is wrong."""
    assert words(OURS[name])[word] <= most


def stays_of(came, age, moved) -> Stays:
    came, age, moved = (numpy.asarray(column) for column in (came, age, moved))
    no = numpy.zeros(len(came), bool)
    return Stays(came.astype(float), no * 0.0, age.astype(float), moved, moved, no, ~no)


def widened(seed: int = 0) -> tuple[Stays, numpy.ndarray]:
    """104 weeks of 5 items a week: quick ones (10 days) and slow ones (90), half of each from week
    78 on and hardly any quick one before; each kind for itself stays as it was."""
    random = numpy.random.default_rng(seed)
    came = numpy.sort(random.uniform(0, 728, 520))
    quick = random.random(520) < numpy.where(came < 78 * 7 - 40, 0.03, 0.5)
    went = came + lines.stays(random, numpy.where(quick, 10, 90), 520, 0.2)
    return stays_of(came, numpy.minimum(went, 728) - came, went <= 728), quick.astype(str)


def test_more_of_another_kind_is_a_caution_and_no_change_within_each_kind():
    stays, kinds = widened()
    edges = numpy.arange(105) * 7.0
    plain = spread.spread(stays, edges, None, [])
    assert plain.word == spread.LESS_STEADY
    assert "More of another kind of item" in plain.cautions[0]
    within = spread.spread(stays, edges, None, [kinds])
    assert within.word not in (spread.LESS_STEADY, spread.STEADIER)


def test_when_twice_as_many_come_the_word_is_withheld():
    random = numpy.random.default_rng(3)
    came, went = known.respread(0.3, 1.0)(random)
    more = numpy.sort(random.uniform(546, 728, 120))
    came, went = (numpy.concatenate(two) for two in ((came, more), (went, more + 30)))
    kept = came < 728
    came, went = came[kept], went[kept]
    told = spread.spread(
        stays_of(came, numpy.minimum(went, 728) - came, went <= 728),
        numpy.arange(105) * 7.0, None, [],
    )  # fmt: skip
    assert told.word == spread.UNKNOWN and "came in during these 26 weeks" in told.cautions[0]


def even(count: int) -> Stays:
    """So many, a day apart, that take 10 to 19 days in turn: half 14, 85 in 100 18."""
    return stays_of(numpy.arange(count), 10 + numpy.arange(count) % 10, numpy.ones(count, bool))


def test_thirty_must_have_entered():
    told = spread.spread(even(30), numpy.arange(5) * 7.0, None, [])
    assert told.word == spread.STEADY
    assert (told.quarter, told.half, told.most) == (12, 14, 18)
    assert told.times == pytest.approx(18 / 14)
    assert told.because[0] == (
        "Of 30 that entered, a quarter within 12 days, half within 14 days, 85 in 100 within 18 "
        "days, 1.3 times as long as half."
    )
    few = spread.spread(even(29), numpy.arange(5) * 7.0, None, [])
    assert few.word == spread.UNKNOWN and few.because[-1].startswith("Too little to tell")


def test_the_85th_takes_fifteen_and_half_takes_five():
    for count, missing in (
        (15, []),
        (14, ["most"]),
        (5, ["most"]),
        (4, ["quarter", "half", "most"]),
    ):
        told = spread.spread(even(count), numpy.arange(5) * 7.0, None, [])
        assert [n for n in ("quarter", "half", "most") if getattr(told, n) is None] == missing
    # All of them moved on: that half did by no age would be false.
    for count, seen in ((4, "4 were"), (1, "1 was"), (0, "none was")):
        told = spread.spread(even(count), numpy.arange(5) * 7.0, None, [])
        assert told.because[0] == f"By what age they move on takes 5 seen to enter, and {seen}."


@pytest.mark.parametrize(
    ("weeks", "word"),
    [(Weeks(26, 3, 1.0), spread.STEADY), (Weeks(26, 4, 1.0), spread.UNKNOWN),
     (Weeks(26, 4, 0.99), spread.STEADY)],
)  # fmt: skip
def test_a_line_with_four_weeks_out_of_limits_is_not_called_steady(weeks, word):
    told = spread.spread(even(60), numpy.arange(5) * 7.0, weeks, [])
    assert told.word == word
    assert f"{weeks.out} of the last 26 weeks were out of limits" in " ".join(told.because)


def test_fewer_than_half_moved_on_is_never_steady():
    moved = numpy.arange(60) % 10 < 4
    told = spread.spread(
        stays_of(numpy.arange(60), numpy.where(moved, 10, 50), moved),
        numpy.arange(5) * 7.0,
        None,
        [],
    )
    assert told.half is None and told.quarter == 10 and told.word == spread.UNKNOWN
    assert "half not reached" in told.because[0]


def test_the_85th_not_reached_but_far_beyond_is_erratic():
    """Six of ten move on at 10 days, the others are still in after 100: the 85th takes ten times as
    long at least, and how much longer nobody knows."""
    moved = numpy.arange(60) % 10 < 6
    told = spread.spread(
        stays_of(numpy.arange(60), numpy.where(moved, 10, 100), moved),
        numpy.arange(5) * 7.0,
        None,
        [],
    )
    assert (told.half, told.most, told.times, told.word) == (10, None, None, spread.ERRATIC)
    assert "at least 10.0 times" in told.because[-1]


def test_dice_are_the_measure():
    """The 85th of an exponential distribution is log(0.15) / log(0.5) times its median."""
    assert pytest.approx(-math.log(1 - 0.85) / math.log(2), abs=1e-12) == spread.DICE


def ages_by(spells: list[tuple], share: Fraction):
    """Aalen and Johansen in exact fractions: the first age by which a share has moved on."""
    staying, moved = Fraction(1), Fraction(0)
    for age in sorted({a for a, _ in spells}):
        at_risk = sum(a >= age for a, _ in spells)
        here = [e for a, e in spells if a == age and e]
        moved += staying * Fraction(sum(e == "on" for e in here), at_risk)
        staying *= 1 - Fraction(len(here), at_risk)
        if moved >= share:
            return age
    return None


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.more)])
def test_spread(tmp_path, seed):
    """The figure's ages beside an independent calculation, typical_time and the behaviour chart."""
    random, events, spells = chance("spread", seed), [], []
    for n in range(random.randint(30, 60)):
        came, stay = random.randint(0, 250), random.choice([2, 5, 9, 20, 60, 150])
        how = random.choice(["on", "on", "on", "left"])
        events.append(event(f"i{n}", "A working", day(1 + came)))
        if came + stay <= 300:
            status = "B waiting" if how == "on" else "Dropped"
            events.append(event(f"i{n}", status, day(1 + came + stay)))
        spells.append((min(stay, 300 - came), how if came + stay <= 300 else None))
    asked = publication(tmp_path, events)
    now = day(301)
    with told(f"line {seed}", events):
        row = asked.figure("spread", now, stream="line", stage="a").iloc[0]
        assert row.entered == len(spells)
        for column, share in (("quarter_days", "1/4"), ("half_days", "1/2"), ("p85_days", "17/20")):
            expected = ages_by(spells, Fraction(share))
            found = row[column]
            assert found == pytest.approx(expected) if expected is not None else found != found
        typical = asked.figure("typical_time", now, stage="a").typical_days.iloc[0]
        assert row.half_days == typical or (row.half_days != row.half_days and typical != typical)
        weeks = asked.figure("weekly", now, stage="a")
        chart = behaviour.process_behaviour(weeks, "moved_on").rows.tail(26)
        assert (row.weeks, row.weeks_out) == (
            26, ((chart.value > chart.upper) | (chart.value < chart.lower)).sum()
        )  # fmt: skip
        nothing = asked.figure("spread", now, stage="c").iloc[0]
        assert (nothing.word, nothing.sentence) == ("can't tell", "Nothing has entered it yet.")
    asked.close()


def test_after_its_source_ended_nothing_is_said(tmp_path):
    events = [event(f"i{n}", s, day(on)) for n in range(40) for s, on in
              (("A working", 1 + n), ("B waiting", 8 + n + n % 5))]  # fmt: skip
    asked = publication(tmp_path, events, text=LINE, asked=day(60))
    assert asked.figure("spread", day(60), stage="a").word.iloc[0] == spread.STEADY
    row = asked.figure("spread", day(120), stage="a").iloc[0]
    assert row.word == "can't tell" and "what has happened since is not known" in row.sentence
    assert row[["entered", "quarter_days", "weeks", "judged_at"]].isna().all()
    asked.close()
