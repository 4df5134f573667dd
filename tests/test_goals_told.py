"""What is told of goals: whose they are, how far each result is, and its course, in words and drawn."""

from __future__ import annotations

from datetime import date, timedelta

import pandas
import pytest
from browser import DESIGN, SUPPLY
from line import LINE, day, event, publication

from dashboard.charts import goals as charts
from dashboard.charts import look
from telling import goals
from telling.asked import asked as of_stream

NAME = "Ready [now](https://evil.example) <b>&</b> **twice**"
GOALS = f"""
goals:
  faster: {{objective: Make it faster, for: the service}}
  less:
    objective: Less is waiting
    for: us
    under: faster
    note: ours
    results:
      queue: {{name: "{NAME}", measure: queue, stage: line/a, start: {{date: 2026-01-01}}, target: {{at_most: 2, date: 2026-02-28}}}}
      half: {{name: Half by ten days, measure: typical, stage: line/a, start: {{date: 2026-01-01}}, target: {{at_most: 10, date: 2026-01-11}}}}
  deeper:
    objective: Deeper down
    for: them
    under: less
    results:
      in: {{name: One is in, measure: wip, stream: line, start: {{date: 2026-03-01}}, target: {{at_least: 11, date: 2026-03-31}}}}
"""
EVENTS = [event(f"i{n}", "A waiting", day(1)) for n in range(5)]
EVENTS += [event(f"i{n}", "A working", day(10 + n)) for n in range(2)]


def end(number: int):
    return day(number + 1) - timedelta(microseconds=1)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Five wait from day 1 on, four from day 10, three from day 11; read last on day 12, stale after
    ten days more; published on day 40."""
    text = LINE.replace("stale_after: 30", "stale_after: 10") + GOALS
    asked = publication(tmp_path_factory.mktemp("told"), EVENTS, text, now=day(40), asked=day(12))
    yield asked
    asked.close()


def test_each_goal_stands_under_the_one_it_serves_and_the_first_counts_all_under_it(told):
    section = goals.review(of_stream(told, "line", day(14)))
    assert section.title == "Goals"
    assert section.said == [
        "Make it faster (the service): of 3 results, 1 on track, 1 not known and 1 not begun."
    ]
    assert [table.caption for table in section.tables] == [
        "Make it faster (the service)",
        "Less is waiting (us), under “Make it faster”. ours.",
        "Deeper down (them), under “Less is waiting”",
    ]
    first, second, third = section.tables
    assert (first.rows, first.empty) == ([], "It stands on the goals under it.")
    assert second.columns == ["Result", "State", "How far", "Stands on"]
    assert [row[:2] + row[3:] for row in second.rows] == [
        [NAME, "✓ on track", "5 items"],
        ["Half by ten days", "? not known", "5 items"],
    ]
    assert [row[:2] for row in third.rows] == [["One is in", "? not begun"]]


def test_how_far_is_the_sentence_of_the_figure_behind_the_name_of_the_place(told):
    at = day(14)
    second, third = goals.review(of_stream(told, "line", at)).tables[1:]
    sentences = told.figure("goal", at).sentence.to_list()
    said = [row[2] for row in (*second.rows, *third.rows)]
    places = ["A", "A", "A line"]
    assert said == [f"{place}. {text}" for place, text in zip(places, sentences, strict=True)]
    assert sentences[1] == (
        "Not known whether it was reached on 11 January 2026: fewer than half move on within 11 days, "
        "the longest stay whose start is known; target at most 10 days."
    )


def test_without_goals_it_says_where_they_are_set(tmp_path):
    asked = publication(tmp_path, EVENTS, now=day(40))
    section = goals.review(of_stream(asked, "line", day(14)))
    assert section[:3] == ("Goals", ["stages.yaml sets no goals: add them under goals."], ())
    asked.close()


def test_a_course_is_what_was_measured_up_to_what_is_shown(told):
    """Every week: days 1 and 8, and day 10, on which it is shown."""
    course = goals.course(of_stream(told, "line", day(10.5)), "less", "queue")
    assert course.told.heading == f"{NAME}: on track"
    assert course.told.sentences[1:] == ["Drawn are 3 days."]
    assert list(course.told.rows.itertuples(index=False, name=None)) == [
        (pandas.Timestamp(2026, 1, 1), 5, 5, "5 waiting"),
        (pandas.Timestamp(2026, 1, 8), 5, 5, "5 waiting"),
        (pandas.Timestamp(2026, 1, 10), 4, 5, "4 waiting"),
    ]
    assert course.way.value.to_list() == [5, 2]
    assert [day.date() for day in pandas.to_datetime(course.way.day)] == [
        date(2026, 1, 1),
        date(2026, 2, 28),
    ]
    assert course.unit == "items"
    # Where what is shown is itself one of the days, that day is there once.
    again = goals.course(of_stream(told, "line", end(8)), "less", "queue").told.rows
    assert [day.day for day in again.day] == [1, 8]


def test_a_course_says_on_how_many_days_it_is_not_known_and_why(told):
    """The data ends on day 12, and what is shown 18 days later is not known."""
    course = goals.course(of_stream(told, "line", day(30.5)), "less", "queue")
    assert course.told.sentences == [
        "Not known: the data ends 12 January 2026: too old to judge; target at most 2 by 28 February "
        "2026.",
        "Drawn are 3 days; on 1 of them it is not known.",
    ]
    last = course.told.rows.iloc[-1]
    assert pandas.isna(last.value)
    assert (last.day, last.known) == (
        pandas.Timestamp(2026, 1, 30), "the data ends 12 January 2026: too old to judge",
    )  # fmt: skip


def test_a_course_ends_on_its_last_day_and_begins_with_its_first(told):
    course = goals.course(of_stream(told, "line", day(14)), "less", "half")
    assert [day.day for day in course.told.rows.day] == [1, 8, 11]
    assert course.way.value.to_list() == [10]  # nobody knows where it began
    course = goals.course(of_stream(told, "line", day(14)), "deeper", "in")
    assert course.told.rows.empty
    assert course.told.sentences[1] == "Nothing of its course is known yet."


@pytest.mark.parametrize("dark", [False, True])
def test_the_chart_draws_what_is_known_and_marks_what_is_not(told, monkeypatch, dark):
    monkeypatch.setattr(look, "dark", lambda: dark)
    course = goals.course(of_stream(told, "line", day(30.5)), "less", "queue")
    drawn = charts.course(course.told.rows, course.way, course.unit).to_dict()
    straight, target, _, line, dots, gaps = (
        [row["value"] for row in _data(drawn, layer)] for layer in drawn["layer"]
    )
    assert (straight, target, dots) == ([5, 2], [2], [5, 5])
    assert gaps == [None]
    # A line would be drawn through a gap, were the gap not among its rows.
    assert line == [5, 5, None]


def test_the_chart_can_be_drawn_of_any_course(told, monkeypatch):
    monkeypatch.setattr(look, "dark", lambda: False)
    for as_of in (day(14), day(30.5)):
        asked = of_stream(told, "line", as_of)
        for row in goals.results(asked).itertuples():
            course = goals.course(asked, row.goal, row.result)
            charts.course(course.told.rows, course.way, course.unit).to_dict()
    share = pandas.DataFrame(
        {"day": [pandas.Timestamp(2026, 1, 1)], "value": [0.5], "known": ["x"]}
    )
    axis = charts.course(share, share, "share").to_dict()["layer"][0]["encoding"]["y"]["axis"]
    assert axis["format"] == ".0%"


def _data(drawn: dict, layer: dict) -> list[dict]:
    return drawn["datasets"][layer["data"]["name"]]


def test_each_is_shown_when_its_own_stream_or_process_is(publication):
    """In the bundled example these end on days of their own, and the review says so."""
    asked = of_stream(publication, DESIGN)
    section = goals.review(asked)
    assert section.said[0].startswith("Make data faster (the service): of 7 results, ")
    rows = [row for table in section.tables for row in table.rows]
    shown = [row[2].rpartition(" Shown as of ")[2] for row in rows if " Shown as of " in row[2]]
    assert shown == ["21 August 2026."] * 2 + ["7 March 2024."] * 2
    assert all("Example goal, to be replaced" in table.caption for table in section.tables)
    # From the other stream the others are told apart.
    other = goals.review(of_stream(publication, SUPPLY))
    rows = [row for table in other.tables for row in table.rows]
    shown = [row[2].rpartition(" Shown as of ")[2] for row in rows if " Shown as of " in row[2]]
    assert shown == ["2 May 2026."] * 3 + ["7 March 2024."] * 2
