"""The finding in a chart's title says exactly what the chart's rows say, or there is none."""

from __future__ import annotations

from types import SimpleNamespace

import pandas
import pytest
from line import STORY, day, event, publication

from metrics.statistics import forecast
from telling import findings, flow, forecasting, pace, stage
from telling.asked import asked


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """Twelve enter A on day 1; six go on to B on day 5, one of them to C on day 10."""
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(12)]
    events += [event(f"i{n}", "B waiting", day(5)) for n in range(6)]
    events += [event("i0", "C waiting", day(10))]
    return publication(tmp_path_factory.mktemp("half"), events)


def test_half_of_what_comes_stays(half):
    told = flow.cumulative(asked(half, "line", day(45)))
    said = "Half of the 12 that reached A went no further: nothing has moved on from it for 40 days"
    assert told.heading == said
    assert told.sentences[0] == "Items that have reached each stage, day by day."
    last = told.rows[told.rows.day == told.rows.day.max()].set_index("line")["items"]
    assert (last["a"], last["b"]) == (12, 6)


def test_the_weeks_of_littles_law_are_named_as_those_of_the_other_charts(half):
    """By 14 February the last whole week is that of Monday the 2nd: it ends on the 8th, not on the 2nd."""
    *_, told = flow.cumulative(asked(half, "line", day(45))).sentences
    assert told.startswith(
        "Little's law over the 6 weeks up to that of 2 February 2026. Not drawn: "
    )


@pytest.mark.parametrize("at", [day(1.5), day(32.9)])
def test_a_short_wait_is_no_finding(half, at):
    """Day 32.9: 27 days since something moved on from A."""
    told = flow.cumulative(asked(half, "line", at))
    assert told.heading == "Items that have reached each stage, day by day"
    assert told.sentences[0].startswith("Of all items, ")


@pytest.mark.more
def test_where_nothing_ever_moved_on_and_where_the_data_ended(tmp_path):
    events = [event(f"i{n}", "A waiting", day(1)) for n in range(12)]
    told = asked(publication(tmp_path / "never", events), "line", day(40))
    assert flow.cumulative(told).heading == (
        "None of the 12 that reached A went further: nothing has ever moved on from it"
    )
    events += [event(f"i{n}", "B waiting", day(5)) for n in range(7)]
    ended = asked(publication(tmp_path / "ended", events, asked=day(40)), "line", day(70))
    assert flow.cumulative(ended).heading == (
        "5 of the 12 that reached A went no further: nothing moved on from it in the 35 days to 9 "
        "February 2026"
    )
    clock = "working\n    holidays: {country: GB, subdivision: ENG}"
    working = asked(publication(tmp_path / "working", events, days=clock), "line", day(45))
    assert flow.cumulative(working).heading.endswith("from it for 40 calendar days")


def test_a_line_of_one_item_has_plain_titles(tmp_path):
    told = asked(publication(tmp_path, [event("x", "A waiting", day(1))]), "line", day(90))
    whole = ("", "Whole line")
    parts = [flow.cumulative(told), flow.ageing(told), flow.lead_times(told, *whole),
             flow.work(told), flow.moves(told), pace.survival(told, *whole)]  # fmt: skip
    assert [part.heading for part in parts] == [
        "Items that have reached each stage, day by day",
        "Every open item by its age and stage",
        "Whole line: how long each one took, and how long the others have been in",
        "Where the work is, day by day",
        "What moves where, what skips and what comes back",
        "Whole line: by what age they have moved on",
    ]
    assert flow.throughput(told).heading == "None delivered and 1 arrived in 14 weeks"


def bands(*rows):
    names = ["stage_name", "p95_days", "open_items", "beyond_p95"]
    told = pandas.DataFrame(rows, columns=names)
    known = told[told.p95_days.notna()]
    return told.assign(
        line_open_items=known.open_items.sum(), line_beyond_p95=known.beyond_p95.sum()
    )


def test_the_old_are_counted_against_those_that_moved_on():
    assert findings.ageing(bands(("A", 600, 211, 177), ("B", None, 13, None))) == (
        "177 of the 211 in A are older than 95 of 100 were when they moved on"
    )
    assert findings.ageing(bands(("A", 600, 4, 1))).startswith("1 of the 4 in A is older")
    assert findings.ageing(bands(("A", 600, 4, 0))) == ""
    assert findings.ageing(bands(("A", None, 4, None))) == ""
    raised = bands(("A", 600, 4, 1), ("B", 600, 5, 2))
    assert findings.ageing(raised).startswith("At least 3 of the 9 in A and B are older")
    many = bands(*((f"S{n}", n, 5, 2) for n in range(4)))
    assert findings.ageing(many).startswith("8 of the 20 in 4 stages are older")


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return asked(publication(tmp_path_factory.mktemp("story"), STORY), "line", day(20))


def percentile(**more):
    row = dict(finished=30, at_least=0, open=13, open_median_age_days=463.0,
               open_median_at_least=False, p50_days=40.0)  # fmt: skip
    return pandas.Series(row | more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "A: half of the 13 still in have been in for 463 days or more; half of the 30 done took 40 "
             "days or less"),
        ({"open_median_at_least": True, "at_least": 3},
         "A: half of the 13 still in have been in for at least 463 days; half of the 30 done took at "
         "least 40 days"),
        ({"open": 4, "p50_days": 0.2}, "A: half of the 30 done took under a day; 4 still in"),
        ({"open": 0}, "A: half of the 30 done took 40 days or less; none still in"),
        # So old or older, at least so long, so long or less: none says more than is known.
        ({"open_median_age_days": 462.6, "p50_days": 39.4},
         "A: half of the 13 still in have been in for 462 days or more; half of the 30 done took 40 "
         "days or less"),
        ({"open_median_age_days": 462.6, "p50_days": 39.6, "open_median_at_least": True, "at_least": 3},
         "A: half of the 13 still in have been in for at least 462 days; half of the 30 done took at "
         "least 39 days"),
        ({"p50_days": None}, ""),
    ],
)  # fmt: skip
def test_what_finished_took_never_stands_without_what_is_still_in(story, more, said):
    assert findings.lead_times(story, percentile(**more), "A", "done") == said


def test_deliveries_stand_beside_arrivals():
    year = dict(weeks=52, arrivals=1160, delivered=1, bulk=0)
    said = findings.throughput(pandas.Series(year))
    assert said == "1 delivered and 1,160 arrived in 52 weeks"
    none = findings.throughput(pandas.Series(year | dict(arrivals=0, delivered=0, bulk=9)))
    assert none == "None delivered and none arrived in 52 weeks, bulk edits left out"
    assert findings.throughput(pandas.Series(year | dict(weeks=12))) == ""


def held(*rows):
    told = pandas.DataFrame(rows, columns=["stage_name", "waiting", "working", "blocked"])
    return told.assign(wip=told.waiting + told.working + told.blocked)


def test_where_most_of_the_work_is():
    assert findings.work(held(("A", 197, 8, 6), ("B", 0, 12, 1))) == (
        "197 of the 224 in the stages wait in A"
    )
    assert findings.work(held(("A", 1, 2, 3))).endswith("3 of the 6 in the stages are blocked in A")
    assert findings.work(held(("A", 3, 0, 0), ("B", 0, 3, 0))) == ""
    assert findings.work(held(("A", 0, 4, 0))) == ""
    assert findings.work(held(("A", 0, 0, 0))) == ""


def test_what_moves_were():
    count = dict(
        moves=220, one_stage_on=72, skipping=16, back=1, reopened=7, abandoned=124, not_mapped=0
    )
    assert findings.moves(pandas.Series(count)) == (
        "72 of 220 moves went one stage on; 124 abandoned the item"
    )
    one = count | dict(moves=73, skipping=0, back=0, reopened=0, abandoned=1)
    assert findings.moves(pandas.Series(one)).endswith("; 1 abandoned the item")
    none = one | dict(moves=72, abandoned=0)
    assert findings.moves(pandas.Series(none)) == "All 72 moves went one stage on"
    assert findings.moves(pandas.Series(none | dict(moves=4, one_stage_on=4))) == ""


def test_the_moves_of_a_title_are_all_there_are(story):
    """Of the five moves of the story four go one stage on and one is an abandonment."""
    count = story.figure("move_count").iloc[0]
    told = flow.moves(story)
    assert told.rows.moves.sum() == count.moves
    parts = [
        count.one_stage_on,
        count.skipping,
        count.back,
        count.reopened,
        count.abandoned,
        count.not_mapped,
    ]
    assert sum(parts) == count.moves


def test_weeks_beyond_normal_variation_are_counted_without_those_left_out_or_on_trial():
    rows = pandas.DataFrame({
        "mean": [1.0, 1.0, 1.0, None, 1.0], "left_out": [False, False, True, False, False],
        "trial": [False, False, False, False, True], "signal": ["far", "", "far", "", "far"],
    })  # fmt: skip
    said = findings.behaviour(rows, "A", "Moved on each week")
    assert said == "A, moved on each week: 1 of 2 weeks beyond normal variation"
    assert ": none of 1 week beyond" in findings.behaviour(rows[1:], "A", "Moved on each week")
    assert findings.behaviour(rows[4:], "A", "Moved on each week") == ""


@pytest.mark.parametrize(
    ("word", "stage", "said"),
    [
        ("", "a", "X: half move on within 40 days, those still in counted"),
        ("", "", "X: half are delivered within 40 days, those still in counted"),
        ("not reached", "a", "X: by no age so far have half moved on"),
        ("not reached", "", "X: by no age so far have half been delivered"),
        ("too few", "a", ""),
        ("not measured", "a", ""),
    ],
)
def test_the_age_by_which_half_have_moved_on(story, word, stage, said):
    row = SimpleNamespace(typical_word=word, typical_days=40.0)
    assert findings.survival(story, row, "X", stage) == said


def weekly(*moved_on):
    weeks = pandas.date_range("2026-01-05", periods=len(moved_on), freq="7D")
    return pandas.DataFrame({"week": weeks, "moved_on": moved_on})


def test_a_forecast_has_its_answer_as_the_title():
    """Every week one: within thirteen weeks thirteen, and ten within ten."""
    told = forecasting.how_many(weekly(*[1] * 52), 13, "delivered", "steady")
    assert told.heading == "At least 13 delivered within 13 weeks, in 85 of 100 trials"
    assert told.rows.set_index("items").share[13] >= forecast.SURE
    none = forecasting.how_many(weekly(*[0] * 47, *[1] * 5), 1, "delivered", "steady")
    assert none.heading == "How many by then"
    soon = forecasting.when(weekly(*[1] * 52), 1, "delivered")
    assert soon.heading == "1 delivered within 1 week, in 85 of 100 trials"
    never = forecasting.when(weekly(*[0] * 47, *[1] * 5), 10_000, "delivered")
    assert never.heading == "10,000 delivered not within ten years, in 85 of 100 trials"


def test_how_often_a_forecast_would_have_been_right_is_its_title():
    rows = [dict(week_no=0, forecast=2, came=3, right=True), dict(week_no=1, forecast=2, came=0, right=False),
            dict(week_no=2, forecast=0, came=0, right=True)]  # fmt: skip
    told = forecasting.tested(weekly(1, 1, 1), forecast.BackTest(3, 2, rows), 4, "delivered")
    assert told.heading == "It would have been right 1 of 2 times"
    idle = forecasting.tested(weekly(1, 1, 1), forecast.BackTest(1, 1, rows[2:]), 4, "delivered")
    assert idle.heading == "Whether it would have been right"


def test_no_sentence_is_made_of_what_is_not_there(tmp_path):
    """x and y are delivered within hours, y by way of a status of no stage; z comes half a day ago."""
    log = [event("x", "A waiting", day(1)), event("x", "Done", day(1.4)), event("y", "Odd", day(1)),
           event("y", "Done", day(1.3)), event("z", "A waiting", day(4))]  # fmt: skip
    line = publication(tmp_path, log)
    then, now = (asked(line, "line", day(at)) for at in (3, 4.5))
    assert flow.ageing(then).sentences[0].startswith("No item is open. The bands end")
    assert flow.ageing(now).sentences[0].startswith("Each dot is one of 1 open item, as old")
    assert flow.lead_times(then, "", "X").sentences[0] == "2 delivered; none still in."
    assert (
        flow.moves(now).sentences[0].endswith(" 1 more came from or went to a status of no stage.")
    )
    assert (
        "1 still in, for a median of under a day."
        in now.part("typical_time", stage="a").sentence.item()
    )
    held = now.part("queue_size", stage="a").iloc[0]
    assert stage.ages(now, "a", held).sentences[0] == "1 item, here for under a day."


def test_a_band_without_a_lower_end_is_not_told(tmp_path):
    """All six are delivered at the same age."""
    log = [
        event(n, at, day(since)) for n in "uvwxyz" for at, since in (("A waiting", 1), ("Done", 3))
    ]
    told = pace.survival(asked(publication(tmp_path, log), "line", day(4)), "", "X")
    assert told.sentences[1:2] == ["Typical time: 2 days."]


def test_what_went_back_is_counted_among_those_that_moved_on_and_said_to_be(tmp_path):
    """Of six that came to B on day 2, four went back to A on day 3, and one on to C."""
    log = [event(n, "A waiting", day(1)) for n in "uvwxyz"]
    log += [event(n, "B waiting", day(2)) for n in "uvwxyz"]
    log += [event(n, "A waiting", day(3)) for n in "uvwx"] + [event("y", "C waiting", day(3))]
    told = asked(publication(tmp_path, log), "line", day(4)).part("typical_time")
    assert list(told.sentence)[1:3] == [
        "6 of 10 entered have moved on; 4 still in, for a median of 1 day. Half move on within 1 day.",
        "5 of 6 entered have moved on, 4 of them back; 1 still in, for a median of 2 days. "
        "Half move on within 1 day.",
    ]


def test_bands_of_stages_that_hold_none_tell_of_none(tmp_path):
    """45 left A; the one that is open is in B, of which no band is known."""
    log = [
        event(f"i{n}", at, day(since))
        for n in range(45)
        for at, since in (("A waiting", 1), ("Done", 3))
    ]
    log += [event("x", "B waiting", day(1))]
    told = flow.ageing(asked(publication(tmp_path, log), "line", day(4)))
    assert told.sentences[-1].endswith(": none that is open is in a stage of which that is known.")


def test_those_that_went_further_unseen_are_not_said_never_to_have(tmp_path):
    """Six wait in B; one was in C before the data begins, so it had been in B."""
    log = [event("x", "C waiting", day(1), opening=True, precision="at least")]
    log += [event(f"i{n}", "B waiting", day(2)) for n in range(6)] + [
        event("y", "A waiting", day(2))
    ]
    log += [event("y", "Dropped", day(3))]
    told = asked(publication(tmp_path, log), "line", day(60))
    assert flow.cumulative(told).heading == (
        "6 of the 7 that reached B went no further: nothing has been seen to move on from it"
    )
    assert "1 abandoned item is left out." in flow.lead_times(told, "a", "A").sentences


def test_what_was_there_before_the_first_day_is_no_less_than_a_day_old(tmp_path):
    log = [event("x", "A waiting", day(1), opening=True, precision="at least")]
    told = asked(publication(tmp_path, log), "line", day(1.5))
    assert "for a median of at least part of a day." in told.part("typical_time").sentence.iloc[0]
    held = told.part("queue_size", stage="a").iloc[0]
    assert stage.ages(told, "a", held).sentences[0] == "1 item, here for at least part of a day."
