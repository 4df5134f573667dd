"""Compare says which group is faster only when chance does not explain the difference."""

from __future__ import annotations

import numpy
import pandas
import pytest
from line import LINE, TARGET, day, event, publication

import metrics
from metrics.statistics.compare import CANT_TELL, _row, began_between, compare
from settings import stages
from telling import asked as told
from telling import comparing


def spells(*groups):
    """Spells of (days, exit) pairs, each group with its number."""
    rows = [(d, e, n) for n, group in enumerate(groups) for d, e in group]
    return pandas.DataFrame(rows, columns=["days", "exit", "group"]).assign(
        late_days=0.0, in_bulk=False, at_least=False
    )


def compared(*groups):
    frame = spells(*groups)
    return compare(frame, {"one": frame.group == 0, "two": frame.group == 1})


QUICK = [(float(d), "on") for d in range(1, 21)]
SLOW = [(float(d), "on") for d in range(31, 51)]


def test_a_clear_difference_names_the_faster():
    assert compared(SLOW, QUICK).word == "two is faster"
    assert compared(QUICK, SLOW).word == "one is faster"


def test_the_numbers_can_be_checked_on_paper():
    """Ten of the first twenty by day 10; 20 of 20 finished; a quarter by day 5."""
    row = compared(QUICK, SLOW).rows.iloc[0]
    assert (row["name"], row.spells, row.finished, row.open) == ("one", 20, 20, 0)
    assert (row.typical_days, row.quarter_days, row.three_quarters_days) == (10, 5, 15)
    assert row.low_days < 10 < row.high_days


def test_those_still_in_count():
    """Three quick ones of thirty: finished work alone would call this group the faster."""
    stuck = [(3.0, "on")] * 3 + [(300.0, None)] * 27
    told = compared(SLOW, stuck)
    assert told.word == "one is faster"
    assert told.rows.typical_days.isna().to_list() == [False, True]
    assert told.rows.open_median_age_days.iloc[1] == 300


def test_equal_groups_can_not_be_told_apart():
    told = compared(QUICK, QUICK)
    assert told.word == CANT_TELL
    assert "100% of the time" in told.sentence


def test_a_small_group_can_not_be_told():
    told = compared(QUICK, SLOW[:4])
    assert (told.word, told.sentence) == (CANT_TELL, "two has 4 spells, and it takes 5.")
    assert "It takes 5 expected in each" in compared(QUICK[:6], SLOW[:6]).sentence


def test_no_items_in_a_group():
    assert compared([], SLOW).word == CANT_TELL


def test_nothing_finished_in_either():
    still = [(100.0, None)] * 10
    told = compared(still, still)
    assert told.word == CANT_TELL
    assert told.rows.typical_days.isna().all()


def test_groups_must_not_share_spells():
    frame = spells(QUICK)
    everything = frame.group == 0
    with pytest.raises(ValueError, match="one and two share spells"):
        compare(frame, {"one": everything, "two": everything})


@pytest.mark.more
def test_chance_is_seldom_called_a_difference():
    """One hundred pairs of groups from one and the same line: about one may differ."""
    different = 0
    for seed in range(100):
        random = numpy.random.default_rng(seed)
        made = [[(float(d), "on") for d in random.exponential(50, 40)] for _ in range(2)]
        different += compared(*made).word != CANT_TELL
    assert different <= 4


def test_items_there_before_the_data_begins_are_in_no_period(tmp_path):
    events = [event("old", "A waiting", day(1), opening=True), event("new", "A waiting", day(2))]
    told = publication(tmp_path, events).figure("spell", day(9), stage="a")
    assert told[began_between(told, day(1), day(3))].item.to_list() == ["new"]


def test_attributes_come_from_the_latest_answer_of_the_source_that_counts(example, bundled):
    """As examples/planning-data/history.bundle has them: 427 items, 8 datasets, one row each."""
    asked = metrics.open(example)
    told = asked.table("item_attribute")
    design = told[(told.stream == "design-a-dataset") & (told.attribute == "Prioritised")]
    assert len(design) == design.item.nunique() == 427
    assert set(design.value) == {"True", "False"}
    supply = told[(told.stream == "add-a-councils-data") & (told.attribute == "Dataset")]
    assert (len(supply), supply.value.nunique()) == (1904, 8)


def test_attributes_need_a_source_to_come_from(tmp_path):
    text = LINE.replace("DAYS", "calendar").replace("TARGET", TARGET)
    text = text.replace("counted_by: log", "attributes: {Team: team}")
    (tmp_path / "stages.yaml").write_text(text)
    with pytest.raises(
        stages.StagesError, match="attributes are columns of the source named in counted_by"
    ):
        stages.read(tmp_path / "stages.yaml")


def test_it_opens_on_two_periods_in_which_as_many_began(publication):
    """Of the design line 297 of 384 were in Discover when its records begin: they are in neither."""
    from telling import comparing
    from telling.asked import asked

    view = asked(publication, "design-a-dataset")
    spells = view.figure("spell", stage="discover")
    days = comparing.halves(view, spells)
    assert days == sorted(days)
    groups = comparing.periods(view, spells, days)
    counts = [int(mask.sum()) for mask in groups.values()]
    assert sum(counts) == 87
    assert min(counts) >= 30
    assert len(compare(spells, groups).rows) == 2


@pytest.mark.parametrize(
    ("known", "at_least"),
    [((9, 9, 9), False), ((9, 9), False), ((9,), True), ((4, 4), False), ((4, 12), True)],
)
def test_the_median_of_those_still_in_is_at_least_where_an_older_one_would_raise_it(
    known, at_least
):
    """Beside one of 9 days that may be older: of three or four alike, and where it is the oldest, half
    stay as old; of two, and where it is the middle of three, they do not."""
    days = [*known, 9.0]
    part = pandas.DataFrame(
        {"days": map(float, days), "exit": None, "at_least": [False] * len(known) + [True]}
    )
    row = _row("x", part, pandas.DataFrame())
    assert row["open_median_at_least"] == at_least


@pytest.mark.parametrize(
    ("began", "split"),
    [
        ([1, 2, 3, 4], 2),
        ([1, 1, 1, 9, 9, 9, 9, 9], 1),  # most on the last day: the second period has them
        ([1, 5, 5, 9, 9], 5),
        ([3, 3, 3], 3),
    ],
)
def test_compare_opens_on_two_periods_in_which_about_as_many_began(tmp_path, began, split):
    events = [event(f"i{n}", "A waiting", day(at)) for n, at in enumerate([0.5, *began])]
    asked = told.asked(publication(tmp_path, events), "line", day(20))
    spells = asked.figure("spell", stage="")
    days = comparing.halves(asked, spells.assign(at_least=spells.entered_at < day(1)))
    assert days == [day(at).date() for at in (min(began), split, split + 1, 20)]
    groups = comparing.periods(asked, spells.assign(at_least=False), days)
    counts = [int(mask.sum()) for mask in groups.values()]
    assert sum(counts) == len(began)
    assert all(counts) or len(set(began)) == 1
