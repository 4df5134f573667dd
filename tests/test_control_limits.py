"""The rules of a process behaviour chart, each by a case, its nearest miss, and brute force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.statistics.control_limits import (
    Limits,
    assurance,
    control_limits,
    near,
    outside,
    shift,
    signals,
    trend,
)

# Mean 10, mean moving range 4: limits 0 and 20.64, "close" beyond 2.908 and 17.092.
KNOWN = Limits(n=20, mean=10, mean_range=4, lower=0, upper=20.64, range_limit=13.068, trial=False)


def test_the_published_example_of_the_nist_handbook():
    """NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: mean 50.81, mean range 1.8778,
    limits 55.8041 and 45.8159. It divides by 1.128 where we, as the NHS, multiply by 2.66."""
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    told = control_limits(flow)
    assert told.mean == pytest.approx(50.81)
    assert told.mean_range == pytest.approx(1.8778, abs=0.00005)
    assert told.upper == pytest.approx(55.8041, abs=0.001)
    assert told.lower == pytest.approx(45.8159, abs=0.001)
    assert signals(flow, told) == [{}] * 10


def test_limits_by_hand():
    """3 5 4 8: mean 5, ranges 2 1 4, mean range 7/3; 5 ± 6.2067, range limit 7.623."""
    told = control_limits([3, 5, 4, 8], floor=None)
    assert (told.mean, told.n, told.trial) == (5, 4, True)
    assert (told.lower, told.upper, told.range_limit) == pytest.approx(
        (-1.206667, 11.206667, 7.623)
    )
    assert control_limits([3, 5, 4, 8]).lower == 0


def test_thirteen_points_are_needed_for_more_than_trial_limits():
    assert control_limits([1, 2] * 6).trial
    assert not control_limits([1, 2] * 6 + [1]).trial


@pytest.mark.parametrize("values", [[], [5]])
def test_under_two_points_there_are_no_limits(values):
    assert control_limits(values) is None


def test_equal_points_have_no_signal_although_their_mean_is_a_digit_off():
    values = [0.1] * 30
    assert signals(values, control_limits(values)) == [{}] * 30


def test_a_point_outside_the_limits_counts_and_one_on_them_does_not():
    assert outside([20.65, 20.64, 0, -0.1, 10], KNOWN) == [1, 0, 0, -1, 0]


@pytest.mark.parametrize(("sign", "start"), [(1, 11), (-1, 9)])
def test_seven_on_one_side_of_the_mean_are_a_shift_and_six_are_not(sign, start):
    run = [start + sign * (n % 2) for n in range(7)]
    assert shift(run, KNOWN) == [sign] * 7
    assert shift(run[:6], KNOWN) == [0] * 6
    assert shift([*run, start], KNOWN) == [sign] * 8


def test_a_point_on_the_mean_or_beyond_it_ends_a_shift():
    assert shift([11] * 6 + [10] + [11] * 6, KNOWN) == [0] * 13
    assert shift([11] * 6 + [9] + [11] * 7, KNOWN) == [0] * 7 + [1] * 7


@pytest.mark.parametrize("sign", [1, -1])
def test_seven_rising_or_falling_are_a_trend_and_six_are_not(sign):
    rising = [sign * n for n in range(7)]
    assert trend(rising) == [sign] * 7
    assert trend(rising[:6]) == [0] * 6


def test_an_equal_neighbour_ends_a_trend():
    assert trend([1, 2, 3, 4, 4, 5, 6, 7]) == [0] * 8
    assert trend([5, 1, 2, 3, 4, 5, 6, 7, 3]) == [0] + [1] * 7 + [0]
    assert trend([]) == []


def test_a_trend_that_turns_gives_its_peak_to_the_newer():
    assert trend([*range(7), *range(5, -1, -1)]) == [1] * 6 + [-1] * 7


@pytest.mark.parametrize("far", [18, 20.64])
def test_two_of_three_close_to_a_limit(far):
    assert near([far, 11, far], KNOWN) == [1, 0, 1]
    assert near([11, far, far], KNOWN) == [0, 1, 1]
    assert near([2, 9, 2], KNOWN) == [-1, 0, -1]


@pytest.mark.parametrize(
    "values",
    [
        [18, 11, 11, 18],  # two of four
        [18, 9, 18],  # the third lies on the other side
        [18, 10, 18],  # the third lies on the mean
        [18, 11, 21],  # one is outside the limits: that is its own signal
        [17, 11, 17],  # not far enough
        [18, 18],  # two of two
    ],
)
def test_what_is_not_two_of_three(values):
    assert near(values, KNOWN) == [0] * len(values)


def test_signals_are_named_with_their_side():
    values = [10, 11] * 7 + [40]
    told = signals(values, control_limits(values))
    assert told[-1] == {"outside": 1}
    assert set(told[0]) == {"shift"}


@pytest.mark.parametrize(
    ("target", "word"),
    [(20.64, "will pass"), (20.63, "hit and miss"), (0, "hit and miss"), (-0.1, "will fail")],
)
def test_assurance_reads_the_target_against_the_limits(target, word):
    assert assurance(KNOWN, target) == word


numbers = st.lists(st.integers(0, 6) | st.integers(0, 60), min_size=2, max_size=40)


@given(numbers)
def test_all_signals_agree_with_brute_force_over_every_window(values):
    limits = control_limits(values)
    mean = sum(values) / len(values)
    ranges = [abs(values[i + 1] - values[i]) for i in range(len(values) - 1)]
    spread = sum(ranges) / len(ranges)
    top, bottom = mean + 2.66 * spread, max(0, mean - 2.66 * spread)
    expected: list[dict] = [{} for _ in values]
    for sign in (1, -1):
        beyond = [sign * (v - mean) > 1e-6 for v in values]
        out = [v - top > 1e-6 if sign > 0 else bottom - v > 1e-6 for v in values]
        far = [sign * (v - mean) - 1.773 * spread > 1e-6 and not o
               for v, o in zip(values, out, strict=True)]  # fmt: skip
        for i, is_out in enumerate(out):
            if is_out:
                expected[i]["outside"] = sign
        for i in range(len(values) - 6):
            window = range(i, i + 7)
            if all(beyond[j] for j in window):
                for j in window:
                    expected[j]["shift"] = sign
            if all(sign * (values[j + 1] - values[j]) > 0 for j in range(i, i + 6)):
                for j in window:
                    expected[j].setdefault("trend", sign)
        for i in range(len(values) - 2):
            three = range(i, i + 3)
            if all(beyond[j] for j in three) and sum(far[j] for j in three) >= 2:
                for j in three:
                    if far[j]:
                        expected[j]["near"] = sign
    told = signals(values, limits)
    # A peak between two trends belongs to both: there only that there is one is compared.
    strip = lambda marks: [{k: v for k, v in m.items() if k != "trend"} for m in marks]  # noqa: E731
    assert strip(told) == strip(expected)
    assert [("trend" in m) for m in told] == [("trend" in m) for m in expected]


@given(numbers, st.integers(-50, 50))
def test_adding_a_constant_moves_the_limits_and_no_signal(values, constant):
    moved = [v + constant for v in values]
    one, two = control_limits(values, None), control_limits(moved, None)
    assert two.upper == pytest.approx(one.upper + constant)
    assert signals(values, one) == signals(moved, two)
