"""What the pages say on days of which little is known, each sentence held against the numbers beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas
import pytest
from browser import DESIGN, SUPPLY, opened
from line import STORY, day, event, publication
from playwright.sync_api import expect

from telling import board, checks, comparing, flow, line, meeting, pace, processes, sources, stage
from telling import review as weekly
from telling.asked import asked


@pytest.fixture(scope="module")
def at(publication):
    """The example's line of data sets at the end of a day."""
    return lambda year, month, of: asked(
        publication, DESIGN, publication.day_ends(date(year, month, of), DESIGN)
    )


def test_items_of_a_line_that_has_gone_silent_are_open_all_the_same(tmp_path):
    """It may fall silent for 30 days."""
    shown = publication(tmp_path, [event("x", "A waiting", day(1))], asked=day(2))
    told = asked(shown, "line", day(31))
    assert [row[3] for row in board.talk_about(told).rows] == ["1 day"]
    late = asked(shown, "line", day(60))
    said = "None is named: what is known of the stages that hold any is too old."
    assert (board.talk_about(late).rows, board.talk_about(late).empty) == ([], said)
    talk = next(s for s in weekly.review(late, day(50), [], None).sections if "talk" in s.title)
    assert talk.tables[0].empty == said
    assert line.held(late).startswith("1 item open")


def test_where_nothing_is_open_there_is_nobody_to_talk_about(tmp_path):
    done = [event("x", "A waiting", day(1)), event("x", "Done", day(2))]
    told = asked(publication(tmp_path, done), "line", day(5))
    assert board.talk_about(told).empty == "No item is open."


def test_a_box_says_no_time_of_which_nobody_knows_how_many_it_stands_on(tmp_path):
    told = asked(publication(tmp_path, STORY, asked=day(12)), "line", day(60))
    for box in board.boxes(told, line.stages(told)):
        assert dict(box.facts)["takes"] == "can't tell", box.name


def test_a_record_that_ends_is_not_said_to_have_gone_unread(at):
    """The snapshots were read in November 2026; the newest is of 2 May."""
    late = at(2026, 9, 1)
    assert board.but(late) == [
        "nightly-snapshots tells of nothing after 2 May 2026, 123 days before the moment shown."
    ]


def test_a_source_that_begins_later_was_read_all_the_same(at):
    early = at(2024, 3, 1)
    rows = sources.freshness(early, early.figure("freshness"), "").rows
    (snapshots,) = [row for row in rows if row[0] == "nightly-snapshots"]
    assert snapshots[1] == "told nothing by this day"
    assert snapshots[6].startswith("157 taken")


def test_what_no_status_tells_is_not_none(at):
    """Specify has no queue and Add no work; on Overview that is a question mark."""
    assert flow.work(at(2026, 5, 2)).sentences[-1] == (
        "On 2 May 2026: Discover 197 waiting, 8 working, 6 blocked; Specify waiting not recorded, 12 "
        "working, 1 blocked; Co-design waiting not recorded, 38 working, 4 blocked; Add 0 waiting, "
        "working not recorded, 0 blocked. Each stage is drawn to its own scale."
    )


def test_one_is_said_of_one(at):
    early = at(2024, 3, 1)
    assert flow.moves(early).sentences[1].startswith("1 move went one stage on, 2 skipped")
    assert sources.doubt(early).sentences[0].startswith("1 finding: ")
    said = pace.survival(early, "discover", "Discover").sentences
    assert any(text.startswith("The 1 finished alone is too few for a median.") for text in said)
    assert "February 2024, 32 arrived, 2 delivered" in " ".join(flow.throughput(early).sentences)


@pytest.mark.parametrize(
    ("value", "at_least", "said"),
    [(0.4, False, "under a day"), (1, False, "1 day or more"), 
     (9, True, "at least 9 days"), (float("nan"), False, "–")],
)  # fmt: skip
def test_a_median_of_hours_is_not_hours_or_more(at, value, at_least, said):
    assert at(2026, 5, 2).or_more(value, at_least) == said


def test_what_two_groups_have_not_come_to_is_said_once(at):
    told = at(2024, 3, 1)
    spells = comparing.spells(told, "")
    groups = comparing.periods(told, spells, comparing.halves(told, spells))
    for row in comparing.groups(told, comparing.compare.compare(spells, groups)).rows:
        assert row[-3:] == ["not reached"] * 3


def _collecting(publication, as_of: datetime):
    told = asked(publication, DESIGN, as_of).processes()
    return checks.scopes(told, processes.status(told))["collection/"]


def test_the_words_of_runs_end_where_the_runs_do(publication):
    scope = _collecting(publication, datetime(2026, 9, 1, tzinfo=UTC))
    assert "the 120 days up to 15 March 2024;" in checks.runs(scope).sentences[1]
    assert "Up to the week of 11 March 2024, 752 runs" in checks.share(scope).sentences[0]


def test_where_no_run_is_known_none_is_said_to_be_missing_or_not(publication):
    scope = _collecting(publication, datetime(2015, 1, 1, tzinfo=UTC))
    none, longest = checks.outages(scope), checks.longest(scope)
    assert (none.caption, none.empty) == (
        "Collecting: all 7: the last times it did not run", "No run is known.",
    )  # fmt: skip
    assert longest.caption == "Collecting: all 7: failing longest"


def test_one_endpoint_was_ended(publication):
    scope = _collecting(publication, datetime(2024, 3, 8, tzinfo=UTC))
    assert checks.failing(scope).sentences[1] == (
        "1 was ended in the configuration before this day and is still polled."
    )
    assert "in the last 7 weeks, 6 are slowing" in checks.speed(scope).sentences[0]


def test_a_period_of_a_day_is_called_by_that_day(at):
    told = at(2024, 3, 1)
    one = date(2024, 1, 18)
    spells = comparing.spells(told, "")
    named = list(comparing.periods(told, spells, [one, one, date(2024, 1, 19), date(2024, 3, 1)]))
    assert named == ["Began 18 January 2024", "Began 19 January 2024 to 1 March 2024"]


def test_a_screen_of_processes_says_as_of_when_they_are(page, app):
    """The last good run was 23 hours before the end of 7 March 2024, not of 2 May 2026."""
    for screen, said in (
        ("process/collection/listed-building", "Processes. Shown as of 7 March 2024, "),
        ("processes", "Processes. Shown as of 7 March 2024, "),
        ("stage/add", "Design a dataset. Shown as of 2 May 2026, "),
    ):
        opened(page, f"{app}/?present=1&screen={screen}")
        expect(page.locator(".foot p")).to_contain_text(said)


def test_what_is_in_a_stage_is_drawn_and_dated_no_later_than_it_is_known(tmp_path):
    """The list was last read on day 12; it may be silent for 30 days."""
    shown = publication(tmp_path, STORY, asked=day(12))
    for at, on, known in ((40, "9 February 2026", True), (60, "12 January 2026", False)):
        told = asked(shown, "line", day(at) + timedelta(hours=12))
        now = told.figure("queue_size", stage="a").iloc[0]
        said = stage.by_day(told, "a", now)
        assert said.sentences[0].startswith(f"On {on}: "), at
        assert ("What has happened since is not known." in said.sentences) is not known
        ends = stage.until_shown(told, "a", said.rows, now).iloc[-1].day
        assert ends == pandas.Timestamp(on) + pandas.Timedelta(days=1)
        assert flow.work(told).sentences[-1 if known else -2].startswith(f"On {on}: ")


def test_a_stage_whose_own_source_ended_still_shows_what_came_since(publication):
    """The log of Collect ends in March 2024; what has come into it since is known, to August 2026."""
    told = asked(publication, SUPPLY)
    assert flow.work(told).sentences[-1].startswith("On 21 August 2026: Ask 1,148 waiting")
    now = told.figure("queue_size", stage="collect").iloc[0]
    assert stage.by_day(told, "collect", now).sentences[0].startswith("On 21 August 2026: 652 ")


def test_a_process_that_does_not_run_is_not_only_called_failing(publication):
    """1 of its 24 checks failed when it last ran, within the limit; its box says Not running."""
    told = asked(publication, DESIGN, datetime(2024, 3, 1, 23, tzinfo=UTC)).processes()
    assert processes.answer(processes.status(told)).endswith(
        "(since 16 December 2022) and listed-building (since 29 February 2024, not running)."
    )


def test_who_is_still_in_is_not_said_of_a_stage_whose_own_source_has_ended(publication):
    """The collection log ends in March 2024: 652 have not been seen to leave Collect."""
    told = asked(publication, SUPPLY)
    said = [*pace.survival(told, "collect", "C").sentences, *pace.misled(told, "collect"),
            *flow.lead_times(told, "collect", "C").sentences]  # fmt: skip
    assert not [text for text in said if "still in" in text]
    unknown = "141 moved on; what happened to 652 others is not known, because a source has ended."
    assert unknown in said
    assert any("1,137 are still in it" in text for text in pace.misled(told, "ask"))


def test_a_sentence_that_begins_with_a_name_keeps_its_letters(publication):
    screens = {s.key: s for s in meeting.screens(asked(publication, SUPPLY))}
    assert screens["stage/collect"].said[0].startswith("collection-log ends 15 March 2024")
    assert screens["stage/ask"].said[0].startswith("Half move on within")
