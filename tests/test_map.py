"""What is told of the service map: each step's colour, queue and wait, or that nothing tells of it."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest
from line import LINE, STORY, day, publication
from looked import LOOKED, at, prepared, published, row, written

from telling import exports, map_svg
from telling import map as told
from telling.asked import asked

MAP = """
processes:
  site: {name: The site, note: No record of it.}
map:
  note: Drawn by us.
  lanes: [Team, Users]
  activities:
    - name: Ask
      story: As a user, I ask
      steps:
        - {name: Send it, lane: Users, uses: a form, figure: {stream: line, name: arrivals}}
        - {name: Look at it, lane: Team, stage: line/a}
        - {name: Keep it, lane: Team, stage: line/a, status: A waiting}
        - {name: Do it, lane: Team, stage: line/b, status: B working}
    - name: Give
      steps:
        - {name: Hand over, lane: Team, stage: line/b, status: B checking}
        - {name: Take it, lane: Users, figure: {stream: line, name: delivered}}
        - {name: Wait for it, lane: Users, figure: {stream: line, name: typical_time}}
        - {name: Say thanks, lane: Users, note: A guess.}
        - {name: Keep it up, lane: Team, process: site}
"""
HOSTILE = """<b>*x* & `y`</b> [z](javascript:alert(1)) $a$ :red[b] "q" 'r' ]]> <!-- # 1. _u_ é漢"""


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """The small line of tests/line.py with a map."""
    done = publication(tmp_path_factory.mktemp("map"), STORY, LINE + MAP)
    yield done
    done.close()


@pytest.fixture(scope="module")
def steps(line) -> list[told.Step]:
    """Its steps on day 4 at noon."""
    return told.steps(asked(line, "line", day(4.5)))


def of(steps: list[told.Step]) -> dict[str, told.Told]:
    """What is told, by the step's name."""
    return {step.name: step.told for step in steps}


def test_the_steps_are_numbered_in_their_order_from_one(line):
    assert line.table("map_step").sort_values("step_no").step_no.to_list() == list(range(1, 10))


def test_a_step_has_its_stage_s_colour_word_reason_queue_and_wait(steps):
    """On day 4 at noon y has waited in A since day 2, z since day 4, and x is worked on; limit 2."""
    seen = of(steps)["Look at it"]
    assert (seen.colour, seen.word) == ("amber", "Watch")
    assert seen.why == "2 waiting, target 2, watch above 1."
    assert seen.numbers == [
        ("waiting", "2"), ("working", "1"), ("for half of them", "2 days or more"),
        ("typical time", "too few"),
    ]  # fmt: skip


def test_a_step_that_is_one_status_counts_that_one_and_says_whose_colour_it_has(line, steps):
    seen = of(steps)
    assert seen["Keep it"].colour == "amber"
    assert seen["Keep it"].why == "A as a whole: 2 waiting, target 2, watch above 1."
    # z for a day, y for two: half of them for a day and a half.
    assert seen["Keep it"].numbers == [("waiting", "2"), ("for half of them", "1 day or more")]
    assert seen["Do it"].numbers == [("working", "0")]
    # On day 8 y is blocked while A is worked on, so only z waits.
    later = of(told.steps(asked(line, "line", day(8.5))))
    assert later["Keep it"].numbers[0] == ("waiting", "1")
    assert later["Look at it"].numbers[:3] == [("waiting", "1"), ("working", "0"), ("blocked", "1")]
    assert later["Do it"].numbers[:2] == [
        ("working", "1"),
        ("for half of them", "under a day"),
    ]
    # x is in B working, not in B checking, which is work of B too.
    assert later["Hand over"].numbers == [("working", "0")]
    assert later["Look at it"].colour == "green"


def test_a_figure_is_counted_with_its_unit_and_judged_by_nothing(line):
    seen = of(told.steps(asked(line, "line", day(14))))
    for name, number in (
        ("Send it", ("arrived in 3 weeks", "3")),
        ("Take it", ("delivered in 3 weeks", "1")),
    ):
        assert (seen[name].colour, seen[name].word) == ("counted", "Counted")
        assert seen[name].numbers == [number]
        assert "moves in bulk edits are left out" in seen[name].why
    assert seen["Wait for it"].numbers == [("typical time from start to end", "too few")]
    assert seen["Wait for it"].why.startswith("1 of 3 entered has been delivered; 1 still in")


def test_what_nothing_tells_of_says_so_and_is_counted_in_the_heading(steps):
    seen = of(steps)
    for name, why in (
        ("Say thanks", "Nothing here tells how long it takes."),
        ("Keep it up", "No record of it."),
    ):
        assert (seen[name].colour, seen[name].word) == ("unmeasured", "Not measured")
        assert (seen[name].why, seen[name].numbers) == (why, [])
    assert told.heading(steps) == "7 of 9 steps are measured: 2 amber."
    assert (
        told.unseen(steps)
        == "Not measured, and so not known to be slow or fast: 1 of Users and 1 of Team."
    )


def test_before_anything_had_happened_nothing_is_measured(line):
    steps = told.steps(asked(line, "line", day(-300)))
    assert told.heading(steps) == "0 of 9 steps are measured."
    assert of(steps)["Look at it"].why == "Nothing had been told of it by this day."
    assert of(steps)["Send it"].why == "Nothing had been told of it by this day."


def test_steps_of_which_all_that_is_known_is_old_are_counted_as_stale(line):
    steps = told.steps(asked(line, "line", day(400)))
    stale = [step.name for step in steps if step.told.word == "Stale"]
    assert stale
    assert told.heading(steps) == f"7 of 9 steps are measured: {len(stale)} stale."


def test_steps_lead_to_what_they_name(steps):
    seen = of(steps)
    assert seen["Look at it"].opens[1:] == ("stage", {"stage": "a"})
    assert seen["Keep it"].opens[1:] == ("stage", {"stage": "a"})
    assert seen["Take it"].opens[1:] == ("flow", {"chart": "throughput"})
    assert seen["Keep it up"].opens[1:] == ("pipeline", {"show": "failing", "process": "site/"})
    assert seen["Say thanks"].opens is None


def test_lanes_are_rows_and_a_last_step_takes_what_is_left_of_its_lane(steps):
    lanes, rows = told.grid(steps, 2)
    assert lanes == {"Team": 2, "Users": 6}
    assert rows == {
        "1.1": (7, 3), "1.2": (3, 1), "1.3": (4, 1), "1.4": (5, 1),
        "2.1": (3, 1), "2.5": (4, 2), "2.2": (7, 1), "2.3": (8, 1), "2.4": (9, 1),
    }  # fmt: skip


PROCESSES = """
map:
  activities:
    - name: Look
      steps:
        - {name: All pages, lane: Us, process: pages}
        - {name: One page, lane: Us, process: pages/q}
        - {name: Builds, lane: Us, process: builds}
        - {name: Another, lane: Us, process: pages/nowhere}
"""


def test_a_process_and_a_group_have_their_colour_and_what_they_count(tmp_path):
    """Of the two processes of pages p fails on both of its last days, q on none."""
    settings = prepared(tmp_path, LOOKED + PROCESSES)
    written(tmp_path, [*row("p", "a", "ggbb"), *row("q", "c", "gggg")])
    one = published(tmp_path, settings, at(40))
    steps = told.steps(asked(one, "line", one.day_ends(date(2026, 1, 4), "line")))
    seen = of(steps)
    assert (seen["All pages"].colour, seen["All pages"].word) == ("red", "Failing")
    assert seen["All pages"].numbers == [("failing", "1"), ("healthy", "1")]
    assert seen["All pages"].why == "Failing: p."
    assert seen["All pages"].opens[2]["process"] == "pages/"
    assert (seen["One page"].colour, seen["One page"].word) == ("green", "Healthy")
    assert seen["One page"].numbers[0] == ("failed", "0 of 1")
    assert seen["One page"].opens[2]["process"] == "pages/q"
    assert seen["Builds"].colour == "unmeasured"
    assert seen["Another"].why == "Nothing had been told of it by this day."
    assert told.heading(steps) == "2 of 4 steps are measured: 1 red."
    one.close()


def test_other_streams_and_processes_say_as_of_which_day_they_are(publication):
    here = asked(publication, "design-a-dataset")
    said = told.moments(here, told.steps(here))
    assert said == (
        "Numbers of other days: Add a council's data as of 21 August 2026 and processes as of 7 March 2024."
    )
    chosen = asked(
        publication, "design-a-dataset", publication.day_ends(date(2024, 3, 1), "design-a-dataset")
    )
    assert told.moments(chosen, told.steps(chosen)) == ""


def test_the_map_of_another_stream_s_page_says_the_same_of_each_stage(publication):
    chosen = date(2024, 3, 1)
    each = [
        told.steps(asked(publication, stream, publication.day_ends(chosen, stream)))
        for stream in ("design-a-dataset", "add-a-councils-data")
    ]
    words = [[(s.name, s.told.word, s.told.why, s.told.numbers) for s in steps] for steps in each]
    assert words[0] == words[1]


def test_without_a_map_there_are_no_steps_and_the_example_is_right(tmp_path):
    bare = publication(tmp_path, STORY)
    here = asked(bare, "line", day(4.5))
    assert told.steps(here) == []
    said, example = told.how(here)
    assert "write this into stages.yaml" in said
    bare.close()
    again = publication(tmp_path / "again", STORY, f"{LINE}{example}\n")
    assert len(told.steps(asked(again, "line", day(4.5)))) == 2
    again.close()


def test_the_download_has_a_row_for_each_step(steps):
    rows = told.table(steps)
    assert list(rows.What)[:2] == ["Send it", "Look at it"]
    look = rows[rows.What == "Look at it"].iloc[0]
    assert (look.Measured, look.State, look.Who) == ("yes", "Watch", "Team")
    assert look.Numbers.startswith("2 waiting; 1 working")
    assert exports.csv(rows).startswith(b"\xef\xbb\xbfStep,Activity,")


def drawing(folder, name: str = "Say thanks") -> ElementTree.Element:
    text = (
        (LINE + MAP)
        .replace("name: Say thanks", f"name: {quoted(name)}")
        .replace("name: Give", f"name: {quoted(name)}")
    )
    one = publication(folder, STORY, text)
    here = asked(one, "line", day(4.5))
    steps = told.steps(here)
    svg = map_svg.drawn(steps, told.heading(steps), told.about(here, steps))
    one.close()
    return ElementTree.fromstring(svg)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_has_every_word_of_the_map_and_asks_for_nothing(tmp_path):
    svg = drawing(tmp_path)
    assert svg.find(f"{SVG}title").text.endswith("steps are measured: 2 amber.")
    assert "Drawn by us." in svg.find(f"{SVG}desc").text
    words = " ".join(text.text for text in svg.iter(f"{SVG}text"))
    for said in ("! Watch", "# Counted", "– Not measured", "1.2 Look at it", "2 waiting", "Team",
                 "As a user, I ask", "uses a form", "A guess."):  # fmt: skip
        assert said in words, said
    for element in svg.iter():
        assert element.tag.removeprefix(SVG) in ("svg", "title", "desc", "rect", "text")
        assert not [key for key in element.attrib if "href" in key or key.startswith("on")]
        assert not [value for value in element.attrib.values() if "url(" in value or "//" in value]


def test_names_in_the_picture_are_letter_for_letter(tmp_path):
    svg = drawing(tmp_path, HOSTILE)
    words = "".join(text.text for text in svg.iter(f"{SVG}text")).replace(" ", "")
    assert words.count(HOSTILE.replace(" ", "")) == 2


def test_what_xml_can_t_hold_is_replaced(steps):
    broken = [step._replace(name="a\x00b\x1b\ufffec") for step in steps]
    svg = ElementTree.fromstring(map_svg.drawn(broken, "\x00", ["\x0b"]))
    assert "a\ufffdb\ufffd\ufffdc" in " ".join(text.text for text in svg.iter(f"{SVG}text"))


@pytest.mark.more
def test_in_the_picture_no_box_covers_another_and_all_text_lies_in_its_box(tmp_path):
    long = "Donaudampfschifffahrtsgesellschaftskapitän " * 4
    for name in ("Say thanks", long.strip()):
        svg = drawing(tmp_path / str(len(name)), name)
        rects = list(svg.iter(f"{SVG}rect"))
        bands = [sides(rect) for rect in rects if rect.get("fill") == map_svg.BAND]
        boxes = [sides(rect) for rect in rects if rect.get("stroke")]
        assert (len(bands), len(boxes)) == (2, 9)
        drawn = [*bands, *boxes]
        for n, (left, top, right, bottom) in enumerate(drawn):
            assert right <= float(svg.get("width"))
            assert bottom <= float(svg.get("height"))
            for x, y, end, under in drawn[:n]:
                assert left >= end or x >= right or top >= under or y >= bottom
        for text in svg.iter(f"{SVG}text"):
            x, y = float(text.get("x")), float(text.get("y"))
            inside = [left <= x <= right and top < y < bottom for left, top, right, bottom in drawn]
            assert any(inside) or y < bands[0][1], text.text


def sides(rect: ElementTree.Element) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a rectangle."""
    x, y, width, height = (float(rect.get(side)) for side in ("x", "y", "width", "height"))
    return x, y, x + width, y + height
