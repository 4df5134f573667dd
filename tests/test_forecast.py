"""The forecast against the exact distribution, its refusals, and its test on the past."""

from __future__ import annotations

import numpy
import pytest

from metrics.statistics.forecast import TRIALS, back_test, chance, drift, how_many, refusal, when

YEAR = [0, 2, 1, 0, 3, 0, 0, 1, 4, 0, 2, 0, 1]


def exact(weekly: list[int], weeks: int) -> numpy.ndarray:
    """The chance of each total after so many weeks, by folding the weeks together."""
    one = numpy.bincount(weekly) / len(weekly)
    total = numpy.array([1.0])
    for _ in range(weeks):
        total = numpy.convolve(total, one)
    return total


@pytest.mark.parametrize("weeks", [1, 4, 13])
def test_how_many_is_what_the_exact_distribution_says(weeks):
    told = how_many(YEAR, weeks)
    reached = exact(YEAR, weeks)[::-1].cumsum()[::-1].clip(max=1)
    for number, share in told.chances:
        error = 4 * (reached[number] * (1 - reached[number]) / TRIALS) ** 0.5
        assert share == pytest.approx(reached[number], abs=error + 1e-9)
    sure = max(n for n, share in enumerate(reached) if share >= 0.85)
    assert abs(told.number - sure) <= (min(abs(reached - 0.85)) < 0.015)


def test_when_is_what_the_exact_distribution_says():
    told = when(YEAR, 10)
    done = [exact(YEAR, weeks)[10:].sum() for weeks in range(1, 60)]
    assert told.weeks == next(w for w, share in enumerate(done, 1) if share >= 0.85)
    for week, share in told.chances[:40]:
        error = 4 * (done[week - 1] * (1 - done[week - 1]) / TRIALS) ** 0.5
        assert share == pytest.approx(done[week - 1], abs=error + 1e-9)


def test_the_same_question_gets_the_same_answer():
    assert how_many(YEAR, 8) == how_many(YEAR, 8)
    assert when(YEAR, 8) == when(YEAR, 8)


def test_weeks_with_none_count():
    assert how_many([2, 1, 3, 1, 4, 2, 1], 13).number > how_many(YEAR, 13).number


def test_thin_data_is_refused_with_the_reason():
    thin = [0, 1, 0, 2, 0, 1, 3, 0]
    assert (
        refusal(thin)
        == "Too little to forecast from: 4 of the 8 weeks looked at had any, and it takes 5."
    )
    assert refusal([*thin, 1]) == ""
    for ask in (how_many, when):
        with pytest.raises(ValueError, match="Too little to forecast from"):
            ask(thin, 4)
    assert refusal([]) != ""


def test_a_question_about_no_time_or_no_items_is_refused():
    with pytest.raises(ValueError, match="weeks must be one or more"):
        how_many(YEAR, 0)
    with pytest.raises(ValueError, match="items must be one or more"):
        when(YEAR, 0)


def test_what_takes_more_than_ten_years_is_said_to():
    assert when([1, 1, 1, 1, 1] + [0] * 400, 100, trials=500).weeks is None


def test_no_forecast_is_surer_than_95_percent():
    assert [chance(p) for p in (1, 0.951, 0.95, 0.849, 0.04)] == [
        ">95%",
        ">95%",
        "95%",
        "85%",
        "<5%",
    ]


def test_a_constant_pace_is_certain():
    assert how_many([2] * 10, 6).number == 12
    assert when([2] * 10, 7).weeks == 4


def test_the_test_on_the_past_by_hand():
    """From five weeks of one each, two are forecast for two weeks; then came 2, 1 and 0."""
    told = back_test([1, 1, 1, 1, 1, 1, 1, 0, 0], window=5, weeks=2)
    rows = [(r["week_no"], r["forecast"], r["came"], r["right"]) for r in told.rows]
    assert rows == [(5, 2, 2, True), (6, 2, 1, False), (7, 2, 0, False)]
    assert (told.asked, told.right) == (3, 1)
    assert back_test([0, 0, 1, 1, 1, 1, 1, 1], window=5, weeks=2).asked == 0  # too little in each


def test_on_a_line_that_keeps_its_pace_it_is_right_about_as_often_as_it_says():
    right = asked = 0
    for seed in range(8):
        history = numpy.random.default_rng(seed).poisson(3, 200).tolist()
        told = back_test(history, window=52, weeks=8, trials=400)
        right, asked = right + told.right, asked + told.asked
    assert 0.78 <= right / asked <= 0.95


def test_a_line_that_collapses_shows_its_forecasts_wrong():
    told = back_test([4, 5, 3, 6] * 15 + [0] * 26, window=52, weeks=13)
    assert told.asked
    assert told.right < 0.3 * told.asked


def test_weeks_that_do_not_keep_one_level_are_named_and_nothing_is_forecast():
    """A drop by half, a rise, a season; and lines that keep their pace, of which 1 in 20 may be told so."""
    falling = drift([9, 11, 10] * 13 + [3, 5] * 6 + [4])
    assert "for 129, 131, 130, 52 came in the last 4 quarters" in falling
    for rates in ([10, 10, 10, 4], [4, 6, 9, 13], [3, 12, 3, 12]):
        random = numpy.random.default_rng(1)
        assert drift([int(n) for rate in rates for n in random.poisson(rate, 13)])
    told = sum(
        bool(drift(numpy.random.default_rng(seed).poisson(3, 52).tolist())) for seed in range(400)
    )
    assert 8 <= told <= 32
    assert drift([2] * 52) == drift([]) == drift([5, 1, 3] * 9) == ""
