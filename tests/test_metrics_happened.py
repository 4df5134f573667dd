"""What happened to items, and what goals and promises are held to: by hand, and independently."""

from __future__ import annotations

import independent_changes
import looked
import pandas
import pytest
import random_lines
from independent_time import Line
from line import LINE, STAGES, STORY, day, event, publication
from random_lines import Drawn
from seeds import how_many

DAY = 86400e6
THERE = dict(opening=True, precision="at least")
SIX = [event(f"i{n}", "A waiting", day(1)) for n in range(6)]
# Small logs, side by side as the lines of one publication.
LOGS = {
    "story": Drawn(STORY, Line()),
    "back": Drawn([
        event("p", "B working", day(1)), event("p", "A working", day(2)), event("p", "Odd", day(3)),
        event("p", "C waiting", day(4)), event("p", "Done", day(5)), event("p", "B working", day(6)),
        event("q", "Dropped", day(1)), event("q", "Done", day(2)),
    ], Line()),
    "there": Drawn([
        event("p", "A waiting", day(1), **THERE), event("p", "B working", day(5)),
        event("p", "legal", day(1), kind="blocked", **THERE), event("p", "", day(3), kind="blocked"),
        event("q", "Done", day(1), **THERE), event("r", "A waiting", day(2)),
    ], Line()),
    "bounds": Drawn([
        event("p", "A waiting", day(1)),
        event("p", "B waiting", day(4), not_before=day(2), precision="between"),
        event("p", "C waiting", day(8), **THERE),
        event("p", "legal", day(9), kind="blocked", not_before=day(8.5), precision="between"),
    ], Line()),
    "bulk": Drawn([*STORY, event("w", "A waiting", day(5))], Line(bulk=frozenset([day(5).date()]))),
    "worded": Drawn([
        event("p", "A waiting", day(1)), event("p", "legal", day(2), kind="blocked"),
        event("p", "printer", day(4), kind="blocked"), event("p", "", day(6), kind="blocked"),
    ], Line()),
    "half": Drawn([*SIX, *(event(f"i{n}", "Done", day(2 + n)) for n in range(3))], Line()),
    "stale": Drawn(STORY, Line(), asked=day(13)),
}  # fmt: skip


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    events = [e | {"source": name} for name, one in LOGS.items() for e in one.events]
    read = {name: one.asked for name, one in LOGS.items() if one.asked}
    folder = tmp_path_factory.mktemp("logs")
    told = publication(folder, events, text=random_lines.settings(LOGS), asked=read)
    yield told
    told.close()


def told(asked, as_of, stream: str) -> list[tuple]:
    rows = asked.figure("happened", as_of, stream=stream)
    return [(r.item, r.what, r.stage_name, r.to_name, r.at) for r in rows.itertuples()]


def numbers(asked, as_of, **filters) -> dict[str, tuple]:
    rows = asked.figure("measure", as_of, **filters)
    return {
        r.measure: (None if pandas.isna(r.value) else round(r.value, 6), r.why, r.said)
        for r in rows.itertuples()
    }


def test_happened(asked):
    """x: A 1, B 6, C 10, done 12. y: A 2, blocked 7 to 9. z: A 4, dropped 9."""
    assert told(asked, day(9), "story") == [
        ("x", "arrived", "", "A", day(1)), ("y", "arrived", "", "A", day(2)),
        ("z", "arrived", "", "A", day(4)), ("x", "moved on", "A", "B", day(6)),
        ("y", "blocked", "A", "", day(7)), ("y", "unblocked", "A", "", day(9)),
        ("z", "abandoned", "A", "Abandoned", day(9)),
    ]  # fmt: skip
    assert told(asked, day(12), "story")[7:] == [
        ("x", "moved on", "B", "C", day(10)), ("x", "delivered", "C", "Delivered", day(12)),
    ]  # fmt: skip
    rows = asked.figure("happened", day(9), stream="story")
    assert set(rows.reason) == {"", "legal"} and (rows.not_before == rows["at"]).all()
    assert rows[["stage", "to_stage"]].iloc[-1].to_list() == ["a", ""]
    assert not rows.in_bulk.any()


def test_what_happened_before_an_instant_is_all_that_is_told_at_it(asked):
    assert [one[:2] for one in told(asked, day(1.999), "story")] == [("x", "arrived")]
    assert told(asked, day(0), "story") == []


def test_coming_back_reopening_and_a_status_not_mapped_are_told_apart(asked):
    rows = told(asked, day(12), "back")
    assert [one[1:4] for one in rows if one[0] == "p"] == [
        ("arrived", "", "B"), ("moved back", "B", "A"), ("not mapped", "A", "Not mapped"),
        ("not mapped", "Not mapped", "C"), ("delivered", "C", "Delivered"),
        ("reopened", "Delivered", "B"),
    ]  # fmt: skip
    assert [one[1:4] for one in rows if one[0] == "q"] == [
        ("arrived", "", "Abandoned"), ("abandoned", "", "Abandoned"),
        ("delivered", "Abandoned", "Delivered"),
    ]  # fmt: skip


def test_what_was_there_before_the_data_begins_did_not_happen(asked):
    assert told(asked, day(12), "there") == [
        ("r", "arrived", "", "A", day(2)), ("p", "unblocked", "A", "", day(3)),
        ("p", "moved on", "A", "B", day(5)),
    ]  # fmt: skip


def test_a_time_known_only_between_two_bounds_says_so(asked):
    """Two pictures, of the 2nd and of the 4th; a recording that begins on the 8th with p in C; a
    mark that came between two pictures."""
    rows = asked.figure("happened", day(12), stream="bounds")
    bounds = [(r.not_before, r.at) for r in rows.itertuples()]
    assert bounds == [(day(1), day(1)), (day(2), day(4)), (day(2), day(8)), (day(8.5), day(9))]
    assert rows.what.to_list() == ["arrived", "moved on", "moved on", "blocked"]


def test_an_edit_in_bulk_is_marked(asked):
    rows = asked.figure("happened", day(12), stream="bulk")
    assert rows[rows.in_bulk]["item"].to_list() == ["w"]


def test_a_reason_that_is_worded_anew_later_is_not_told_before(asked):
    """Blocked at 2 as legal, from 4 as printer, until 6."""
    for at, reasons in ((3, ["legal"]), (4, ["printer"]), (7, ["printer", "printer"])):
        rows = asked.figure("happened", day(at), stream="worded")
        assert rows[rows.reason != ""].reason.to_list() == reasons


def test_measure(asked):
    """On day 8 at noon: y is blocked in A, z waits in A, x works in B since day 6."""
    assert numbers(asked, day(8.5), stream="story", stage="a") == {
        "queue": (1, "", "1 waiting"), "wip": (2, "", "2 in the stage"),
        "oldest": (6.5, "", "oldest 6.5 days"),
        "idle": (2.5, "", "nothing has moved on for 2.5 days"),
        "typical": (None, "too few", "too few for a typical time"),
    }  # fmt: skip
    said = numbers(asked, day(8.5), stream="story", stage="b")
    assert said["idle"] == (2.5, "", "nothing has moved on in 2.5 days with work in it")
    said = numbers(asked, day(8.5), stream="story", stage="c")
    assert said["oldest"] == (0, "", "nothing in it")
    assert numbers(asked, day(8.5), stream="story", kind="line") == {
        "wip": (3, "", "3 in the line"),
        "typical": (None, "too few", "too few for a typical time"),
        "delivered": (None, "too short", "the data begins less than 13 weeks before"),
        "arrivals": (None, "too short", "the data begins less than 13 weeks before"),
    }
    assert asked.figure("measure", day(0)).kind.to_list() == []


def test_no_queue_is_measured_where_none_is_recorded(publication):
    """Of Specify and Co-design no status means waiting: that is not a queue of 0."""
    rows = publication.figure("measure", publication.opens_at("design-a-dataset"))
    rows = rows[(rows.stream == "design-a-dataset") & (rows.measure == "queue")]
    assert rows.stage.to_list() == ["discover", "add"]


def test_a_line_is_measured_over_thirteen_weeks_from_the_first_instant_that_has_them(asked):
    """x, y and z came on the 1st, the 2nd and the 4th; x was delivered on the 12th. The data begins
    at the start of the 1st, so that 13 weeks are known from the start of 2 April (day 92) on."""
    at = [numbers(asked, day(n), stream="story", kind="line") for n in (91.9, 92, 103.1)]
    assert [one["arrivals"][0] for one in at] == [None, 2, 0]
    assert [one["delivered"][0] for one in at] == [None, 1, 0]
    assert at[1]["arrivals"][2] == "2 arrived in the 13 weeks to 2 April 2026"
    assert at[1]["delivered"][2] == "1 delivered in the 13 weeks to 2 April 2026"


def test_half_not_having_moved_on_is_no_typical_time(asked):
    half = dict(stream="half", stage="a", measure="typical")
    (row,) = asked.figure("measure", day(3.5), **half).itertuples()
    assert (row.why, row.said, row.items) == (
        "not reached", "fewer than half move on within 2.5 days, the longest stay whose start is known", 6,
    )  # fmt: skip
    assert pandas.isna(row.value)
    assert numbers(asked, day(12), **half)["typical"] == (3, "", "half move on within 3 days")
    line = numbers(asked, day(12), stream="half", kind="line")
    assert line["typical"][2] == "half are delivered within 3 days"


def test_stale_data_has_no_measure(asked):
    said = numbers(asked, day(43.1), stream="stale")
    assert {one[:2] for one in said.values()} == {(None, "stale")}
    assert numbers(asked, day(43.1), stream="stale", stage="a")["wip"][2] == (
        "the data ends 13 January 2026: too old to judge"
    )
    assert said["arrivals"][2] == "a source of the line ends 13 January 2026: too old to judge"
    assert asked.figure("measure", day(43.1), stream="stale")["items"].isna().all()
    assert numbers(asked, day(43), stream="stale", stage="a")["wip"][0] == 1


def test_a_stage_that_nothing_tells_of_leaves_the_line_unknown(tmp_path):
    text = LINE.replace("sources: [log]", "sources: [log, other]").replace(
        "work: [A working], ", "work: [A working], measured_by: other, "
    )
    asked = publication(tmp_path, STORY, text=text + "  other: {kind: events, file: log.csv}\n")
    assert numbers(asked, day(9), stage="a")["wip"] == (
        None, "no data", "no data for this stage yet",
    )  # fmt: skip
    assert numbers(asked, day(9), stage="b")["wip"] == (1, "", "1 in the stage")
    assert numbers(asked, day(9), kind="line")["wip"] == (
        None, "no data", "no data for one of its stages yet",
    )  # fmt: skip


def test_a_measure_of_a_process_is_the_share_that_failed_in_its_newest_run(tmp_path):
    asked = looked.publication(tmp_path, looked.STORY)
    rows = asked.figure("measure", looked.at(4, 2), kind="process").set_index("process")
    p, none = rows.loc["p"], rows.loc[""]
    assert (p.value, p["items"], p.unit, p.why) == (1, 2, "share", "")
    assert p.said == "2 of 2 checks failed in the run of 4 January 2026 (100%)"
    assert pandas.isna(none.value) and none.why == "no data"
    gone = asked.figure("measure", looked.at(23), process="p").iloc[0]
    assert pandas.isna(gone.value) and gone.why == "stale"
    assert gone.said == "nothing is known of it after 12 January 2026"
    held = asked.figure("target_now", looked.at(4, 2), kind="process").set_index("process")
    assert held.value["p"] == p.value


def test_a_measure_with_a_target_is_what_is_held_to_it(asked):
    held = asked.figure("target_now", day(8.5)).set_index(["stream", "stage", "measure"])
    told = asked.figure("measure", day(8.5)).set_index(["stream", "stage", "measure"])
    assert len(held) and held.value.to_dict() == told.value.loc[held.index].to_dict()


def test_happened_and_measure_agree_with_the_independent_calculation(tmp_path):
    whats, whys = set(), set()

    def same(asked, visits, as_of, events):
        rows = asked.figure("happened", as_of)
        whats.update(rows.what)
        assert sorted(
            (r.item, r.what, r.stage, r.to_stage, r.at, r.not_before, r.in_bulk, r.reason)
            for r in rows.itertuples()
        ) == independent_changes.happened(visits, events, as_of)
        rows = asked.figure("measure", as_of)
        whys.update(rows.why)
        found = {(r.stage, r.measure): (r.value, r.items, r.why) for r in rows.itertuples()}
        expected = independent_changes.measures(visits, as_of, STAGES)
        assert set(found) == set(expected)
        for key, (value, items, why) in expected.items():
            days = key[1] in ("oldest", "idle", "typical")
            value = value / DAY if days and value is not None else value
            assert [None if pandas.isna(one) else one for one in found[key]] == [value, items, why]

    random_lines.compare(tmp_path, "happened", how_many(2), same, most=60)
    assert whats >= {"arrived", "moved on", "moved back", "delivered", "abandoned", "not mapped"}
    assert whys >= {"", "too few"}  # each of the others is worked by hand above
