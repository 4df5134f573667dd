"""The answer: faster, slower, the same or unknown, on lines whose truth is known."""

from __future__ import annotations

from collections import Counter

import numpy
import pytest
import verdict as lines
from line import LINE, TARGET, day, event, publication

from metrics.statistics import faster
from metrics.statistics.expected import Spells, weekly
from metrics.statistics.stretch import deviation

RUNS = 40


def words(line, plain: bool = False) -> Counter:
    """How often each word is said of a line; plain: without any caution."""
    told = [lines.said(line, seed) for seed in range(RUNS)]
    return Counter(v.word for v in told if not (plain and v.cautions))


@pytest.mark.parametrize("name", [
    "steady, 30 days", "steady, 180 days", "2 in 5 weeks", "3 people 90% busy", "1 person 80% busy",
    "sittings every 3 weeks", "4 weeks' holiday", "holiday, booked after", "split in two, 13 weeks",
    "split in two, 26 weeks", "twice as many come", "none come", "batches of 6",
])  # fmt: skip
def test_a_line_in_which_nothing_changes_is_neither_faster_nor_slower(name):
    """Benchmarks try 300 of each: 2 in a hundred at most. Of 40, one or two may be wrong."""
    told = words(lines.UNCHANGED[name])
    assert told[faster.FASTER] <= 2
    assert told[faster.SLOWER] <= 2


@pytest.mark.parametrize("name", ["more easy, 13 weeks", "more easy, 26 weeks", "more hard"])
def test_a_shift_of_kinds_that_nothing_tells_apart_is_never_plainly_a_change_of_pace(name):
    told = words(lines.UNCHANGED[name], plain=True)
    assert not told[faster.FASTER] + told[faster.SLOWER]


@pytest.mark.parametrize("name", ["stopped", "stopped, a queue", "stopped, sittings"])
def test_a_line_that_stopped_is_slower(name):
    word, line = lines.CHANGED[name]
    assert words(line, plain=True)[word] >= 0.95 * RUNS


@pytest.mark.parametrize(
    "name", ["half, all, 13 weeks", "half, new, 26 weeks", "twice as long, all"]
)
def test_a_line_that_takes_half_or_twice_as_long_is_mostly_found(name):
    word, line = lines.CHANGED[name]
    told = words(line)
    assert told[word] >= 0.6 * RUNS
    assert not told[faster.SLOWER if word == faster.FASTER else faster.FASTER]


def test_within_each_kind_a_shift_of_kinds_is_no_change():
    """More easy ones come: with the kind of each item declared, neither faster nor a caution."""
    said = Counter()
    for seed in range(RUNS):
        random = numpy.random.default_rng(seed)
        came = lines.arrivals(random, 4)
        easy = random.random(len(came)) < numpy.where(came < 78 * 7, 0.2, 0.8)
        went = came + lines.stays(random, numpy.where(easy, 10, 60), len(came), 0.5)
        spells = _spells(came, went)
        kinds = numpy.where(easy, "easy", "hard")
        said["kinds", faster.verdict(spells, EDGES, [kinds]).word] += 1
        said["none", faster.verdict(spells, EDGES, []).word] += 1
    assert said["kinds", faster.FASTER] <= 1
    assert said["none", faster.FASTER] >= 5


EDGES = numpy.arange(lines.WEEKS + 1) * 7.0


def _spells(came, went) -> Spells:
    now = EDGES[-1]
    there = numpy.asarray(came) < now
    came, went = numpy.asarray(came, float)[there], numpy.asarray(went, float)[there]
    return Spells(came, numpy.zeros(len(came)), numpy.minimum(went, now) - came, went <= now,
                  *[numpy.ones(len(came), bool)] * 2)  # fmt: skip


def test_moves_at_ages_that_before_never_saw_are_counted_apart():
    """40 items; none leaves for 39 weeks, 30 are delivered in the last 13: nothing compares."""
    came = numpy.linspace(0, 7, 40)
    went = numpy.where(numpy.arange(40) < 30, 39 * 7 + 1 + numpy.arange(40) * 2.9, 1e9)
    there = Spells(
        came, numpy.zeros(40), numpy.minimum(went, 364) - came, went <= 364, came >= 0, came >= 0
    )
    told = faster.verdict(there, EDGES[:53], [])
    assert told.word == faster.UNKNOWN
    assert (told.moved, told.compared, told.left_out, told.expected) == (30, 0, 30, 0)
    assert "at ages that hardly anything had reached before" in told.because[0]


def test_what_is_expected_by_hand():
    """Before: of ten items that reach 10 days, two move then. After: five reach 10 days: one is
    expected, though three moved."""
    start = numpy.array([0.0] * 10 + [40.0] * 5)
    age = numpy.array([10.0, 10.0] + [35.0] * 8 + [10.0] * 3 + [11.0] * 2)
    moved = numpy.array([True] * 2 + [False] * 8 + [True] * 3 + [False] * 2)
    spells = Spells(start, numpy.zeros(15), age, moved, start >= 0, start >= 0)
    [told] = weekly(spells, numpy.array([0.0, 35.0, 55.0]), [1])
    assert told.compared.tolist() == [2, 3]
    assert told.expected.tolist() == pytest.approx([2, 1])
    assert told.left_out.tolist() == [0, 0]
    # Had all five stayed to 36 days, four days longer than enough had been seen: left out.
    [late] = weekly(
        spells._replace(age=numpy.where(start > 0, 36.0, age)), numpy.array([0, 35, 90.0]), [1]
    )
    assert (late.compared.tolist(), late.left_out.tolist()) == ([2, 0], [0, 3])


def test_what_was_there_when_the_records_begin_is_compared_with_nothing():
    """Of twenty that are there at the start one moves; of ten that come later one does, as one did."""
    start = numpy.array([0.0] * 20 + [10.0] * 10 + [50.0] * 10)
    age = numpy.array([70.0] + [100.0] * 19 + [20.0] + [35.0] * 9 + [20.0] + [40.0] * 9)
    moved = numpy.array([True] + [False] * 19 + [True] + [False] * 9 + [True] + [False] * 9)
    spells = Spells(start, numpy.zeros(40), age, moved, start > 0, start > 0)
    [told] = weekly(spells, numpy.array([0.0, 45.0, 100.0]), [1])
    assert told.compared.tolist() == [1, 1]
    assert told.expected.tolist() == pytest.approx([1, 1])
    assert told.left_out.tolist() == [0, 1]


def test_how_far_counts_are_from_those_expected():
    """The deviance of Poisson's law: 2 (30 ln 2 - 15) = 11.589, its root 3.404."""
    assert float(deviation(30, 15)) == pytest.approx(3.4042, abs=1e-4)
    assert float(deviation(0, 8)) == pytest.approx(-4)
    assert float(deviation(8, 8)) == 0


def test_the_same_is_said_only_where_a_change_by_a_third_would_have_been_seen():
    """20 a week that take 10 days: seen. 2 a week: not, and it says what would have been."""
    rng = numpy.random.default_rng(1)
    came = lines.arrivals(rng, 20)
    many = faster.verdict(_spells(came, came + lines.stays(rng, 10, len(came))), EDGES, [])
    assert many.word == faster.SAME
    few = lines.said(lines.steady(), 1)
    assert few.word == faster.UNKNOWN
    assert few.because[1].startswith("Too little to tell: only a change by more than ")


def test_the_age_of_what_is_in_is_compared_with_how_it_grew_before():
    """Twenty items that never moved grow older by a week a week, as they always did: no change."""
    stuck = Spells(numpy.linspace(0, 7, 20), numpy.zeros(20), 728 - numpy.linspace(0, 7, 20),
                   numpy.zeros(20, bool), *[numpy.ones(20, bool)] * 2)  # fmt: skip
    assert faster.verdict(stuck, EDGES, []).word == faster.UNKNOWN

    # One comes and one goes unfinished each fortnight, ages stay; then none goes any more. Of the 9
    # that are in at first half are 63 days old; of the 15 at last, 112.
    def stay(last: int) -> Spells:
        start = numpy.arange(-120, last) * 14.0
        gone = numpy.where(start + 120 < 91 * 7, 120.0, 728 - start)
        start, gone = start[start + gone > 0], gone[start + gone > 0]
        no, yes = numpy.zeros(len(start), bool), numpy.ones(len(start), bool)
        return Spells(start, numpy.maximum(-start, 0), gone, no, start >= 0, yes)

    told = faster.verdict(stay(52), EDGES, [])
    assert told.word == faster.SLOWER
    assert "grew older by 49 days in the last 13 weeks" in told.because[1]
    working = faster.verdict(stay(52), EDGES, [], "working days")
    assert "grew older by 49 working days in the last 13 weeks" in working.because[1]
    # Where none comes either, they grow older still, but by that alone.
    told = faster.verdict(stay(45), EDGES, [])
    assert told.word == faster.UNKNOWN
    assert "grew older by 91 days in the last 13 weeks" in told.because[1]
    assert told.cautions[0].startswith("0 came in during these 13 weeks, where before brought 6.4")


def test_two_points_never_decide(tmp_path):
    """Twelve weeks of one move in 10 days, then one in 1 day: far too little to say faster."""
    events = []
    for n in range(13):
        start = day(1 + 7 * n)
        events += [event(f"i{n}", "A waiting", start),
                   event(f"i{n}", "Done", day(1 + 7 * n + (1 if n == 12 else 10)))]  # fmt: skip
    asked = publication(tmp_path, events)
    assert verdict(asked, day(1 + 7 * 13)).word == faster.UNKNOWN


def verdict(asked, at, stage=""):
    """The row of a part."""
    return asked.figure("verdict", at, stream="line", stage=stage).iloc[0]


def test_nothing_is_said_of_now_when_the_data_is_stale(tmp_path):
    asked = publication(
        tmp_path, [event("x", "A waiting", day(1)), event("x", "A working", day(3))], asked=day(3)
    )
    told = verdict(asked, day(3 + 31), "a")
    assert told.word == faster.UNKNOWN
    assert told.sentence == "Its source ends 3 January 2026: what has happened since is not known."


def test_nothing_has_entered_yet(tmp_path):
    asked = publication(tmp_path, [event("x", "A waiting", day(5))])
    assert verdict(asked, day(6), "b").sentence == "Nothing has entered it yet."


def test_a_line_that_stops_is_slower_in_a_real_publication(tmp_path):
    """Two items a week, done in 5 days, for 60 weeks; then for 13 weeks nothing moves."""
    events = []
    for n in range(146):
        start = day(1 + 3.5 * n)
        events.append(event(f"i{n}", "A waiting", start))
        if 3.5 * n + 5 < 7 * 60:
            events.append(event(f"i{n}", "Done", day(1 + 3.5 * n + 5)))
    asked = publication(tmp_path, events, LINE.replace("TARGET", TARGET), now=day(600))
    told = verdict(asked, day(1 + 3.5 * 145))
    assert told.word == faster.SLOWER
    assert told.sentence.startswith("Nothing has moved on in the last 12 weeks, where ")
    assert told.sentence.endswith(
        "of the whole weeks from the first move to the last each had some."
    )
    assert (told.moved, told.cautions) == (1, "")
    assert verdict(asked, day(1 + 7 * 59)).word == faster.UNKNOWN
