"""A process behaviour chart of rows of weekly: limits, signals in words, changes of the process."""

from __future__ import annotations

from datetime import date, timedelta

import pandas
import pytest

from metrics.statistics.behaviour import process_behaviour

STEADY = [10, 12, 11, 13, 10, 12, 11, 13, 10, 12, 11, 13, 10, 12]  # mean 11.43, mean range 1.85


def weeks(values, base=0, left_out=False):
    """Rows of weekly from Monday 5 January 2026 on."""
    monday = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(len(values))]
    frame = pandas.DataFrame(
        {"week": monday, "lead_days": values, "base": base, "left_out": left_out}
    )
    return frame.assign(
        week=pandas.to_datetime(frame.week), age_days=frame.lead_days, moved_on=1, entered=1, open=1
    )


def test_the_limits_stand_on_the_weeks_with_a_value():
    """Mean 160 / 14 = 11.43; ranges 2 1 2 3 2 1 2 3 2 1 2 3 2 = 26 / 13 = 2; 11.43 ± 2.66 x 2."""
    told = process_behaviour(weeks([*STEADY[:7], None, *STEADY[7:]]), "lead_time")
    assert len(told.rows) == 14
    row = told.rows.iloc[0]
    assert (row["mean"], row.upper, row.lower) == pytest.approx((11.428571, 16.748571, 6.108571))
    assert row.range_limit == pytest.approx(6.534)
    assert not row.trial
    assert "(14 weeks)" in told.sentence
    assert told.signals == []


def test_under_thirteen_weeks_the_limits_are_called_trial():
    assert (
        "Trial limits: fewer than 13 weeks."
        in process_behaviour(weeks(STEADY[:12]), "lead_time").sentence
    )
    assert "Trial" not in process_behaviour(weeks(STEADY[:13]), "lead_time").sentence


def test_one_week_and_none_have_no_limits():
    assert process_behaviour(weeks([5]), "lead_time").sentence.startswith(
        "Too few weeks for limits"
    )
    assert process_behaviour(weeks([None, None]), "lead_time").rows.empty
    assert process_behaviour(weeks([]), "lead_time").rows.empty


def test_a_signal_is_named_with_its_side_and_its_week():
    told = process_behaviour(weeks([*STEADY, 40]), "lead_time")
    assert told.signals[0].startswith(
        "A point outside the limits (worse), last in the week of 13 April 2026"
    )
    assert told.rows.side.iloc[-1] == "worse"
    assert (
        process_behaviour(
            weeks([*STEADY, 40]).assign(moved_on=[*STEADY, 40]), "moved_on"
        ).rows.side.iloc[-1]
        == "better"
    )
    assert (
        process_behaviour(
            weeks([*STEADY, 40]).assign(entered=[*STEADY, 40]), "entered"
        ).rows.side.iloc[-1]
        == "high"
    )


def test_limits_start_anew_when_the_process_changes():
    before, after = STEADY, [v / 2 for v in STEADY]
    told = process_behaviour(weeks([*before, *after], base=[0] * 14 + [1] * 14), "lead_time")
    assert told.rows["mean"].iloc[0] == pytest.approx(2 * told.rows["mean"].iloc[-1])
    assert told.signals == []
    assert (
        "Limits start anew in the week of 13 April 2026, when the process changed." in told.sentence
    )
    together = process_behaviour(weeks([*before, *after]), "lead_time")
    assert any(
        signal.startswith("Seven or more in a row on one side") for signal in together.signals
    )


def test_a_week_of_bulk_edits_is_shown_but_counts_in_no_limit_and_no_signal():
    rows = weeks([*STEADY, 400], left_out=[False] * 14 + [True])
    told = process_behaviour(rows, "lead_time")
    assert told.rows["mean"].iloc[0] == pytest.approx(11.428571)
    assert told.rows.signal.iloc[-1] == ""
    assert told.sentence.endswith("1 week of bulk edits left out.")


@pytest.mark.parametrize(
    ("target", "word"), [(17, "will pass"), (6, "will fail"), (12, "hit and miss")]
)
def test_the_target_is_read_against_the_limits(target, word):
    assert f": {word};" in process_behaviour(weeks(STEADY), "lead_time", target).assurance


def test_no_target_no_assurance():
    assert process_behaviour(weeks(STEADY), "lead_time").assurance == ""
    assert process_behaviour(weeks([4]), "lead_time", 3).assurance == ""


def test_everything_equal_is_no_signal():
    assert process_behaviour(weeks([7.1] * 20), "lead_time").signals == []


def test_where_the_rules_of_a_point_disagree_it_lies_where_it_lies():
    """Thirty low weeks, then seven that rise: the first of them are low and rising at once."""
    values = [10.0, 12.0] * 15 + [1, 2, 3, 4, 5, 6, 7]
    told = process_behaviour(weeks(values), "lead_time")
    rising = told.rows.tail(7)
    assert set(rising.side) == {"better"}  # below the mean, though a rise is worse
    assert any("rising or falling (worse)" in signal for signal in told.signals)


def test_a_target_is_not_kept_for_sure_where_weeks_were_beyond_it():
    values = [10.0, 12.0] * 15
    assert "will pass; every week" in process_behaviour(weeks(values), "lead_time", 40).assurance
    told = process_behaviour(weeks([*values, 45.0, 44.0]), "lead_time", 40).assurance
    assert "hit and miss; its limits lie within it, but 2 of 32 weeks did not." in told
    assert told.endswith("It is not steady lately, so this may not hold.")
