"""The bundled log of collections, replayed day by day: few messages, and no red that nobody is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import replay

DAY = timedelta(days=1)


@pytest.mark.more
def test_what_the_log_says_in_ten_weeks_is_told_when_it_is_known(publication):
    """Told by hand from the runs: none took place from 3 December, and 3 of 5 make it red."""
    done = replay.replay(publication, date(2020, 11, 25), date(2021, 1, 24))
    name, changes = (
        "Collecting: conservation-area",
        [m for m in done.messages if m.kind != "digest"],
    )
    assert [(str(one.at.date()), one.title) for one in changes] == [
        ("2020-12-06", f"{name} is red"),  # that no run took place on the 5th is known on the 6th
        ("2020-12-18", f"{name} is no longer red"),
        (
            "2021-01-02",
            f"{name} goes back and forth",
        ),  # for the third time in 28 days; red until 8th
        ("2021-01-22", f"{name} is no longer red"),  # calm for 14 days
    ]
    digests = [one.at for one in done.messages if one.kind == "digest"]
    assert {at.strftime("%A") for at in digests} == {"Monday"} and len(digests) == 8
    assert done.red_days == 18 and done.missed == []


@pytest.mark.more
def test_of_six_years_fewer_than_three_messages_a_week_are_sent_and_no_red_is_missed(publication):
    done = replay.replay(publication, replay.FIRST, replay.LAST)
    assert done.missed == [] and done.red_days > 2000
    assert len(done.messages) / done.weeks < 3
    # Each run that turned red by the log is told within two days, unless it goes back and forth.
    runs = publication.figure("run", publication.day_ends(replay.LAST))
    told = [one for one in done.messages if one.kind == "red"]
    for run in runs[runs.turned & (runs.state == "red")].itertuples():
        near = [one for one in told if timedelta() <= one.at - run.slot < 3 * DAY]
        named = [one for one in near if run.process in one.title]
        back = [one for one in told if "back and" in one.title and run.process in one.title
                and timedelta() <= run.slot - one.at < 60 * DAY]  # fmt: skip
        assert named or back, (run.process, run.slot)
