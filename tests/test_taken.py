"""What is taken away of a chart: SVG, PNG and slides, from the very charts of the pages."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import altair
import line
import pandas
import pypdf
import pytest
from browser import DESIGN, ROOT, downloaded, opened, unfolded
from line import day
from seeds import some
from test_charts import THEME
from test_cli import valuestream
from test_hostile_names import NAME
from test_paper import rendered

from dashboard.charts import named, pipeline, shown, taken
from telling import board_svg, sheet
from telling.asked import asked

SVG = "{http://www.w3.org/2000/svg}"
OF_ONE_STAGE = {*named.OF_A_STAGE}


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """The small line, whose line, stages and items are all called NAME."""
    text = line.LINE.replace("name: A line", f"name: {json.dumps(NAME)}")
    text = text.replace("{name: A,", f"{{name: {json.dumps(NAME)},")
    events = [one | {"item": f"{NAME}{one['item']}\x00\x1b"} for one in line.STORY]
    told = line.publication(tmp_path_factory.mktemp("hostile"), events, text)
    yield asked(told, "line", day(20))
    told.close()


@pytest.mark.parametrize("name", some([*named.OF_A_LINE, *named.OF_EITHER, *named.OF_A_STAGE]))
def test_every_chart_of_a_line_leaves_as_an_svg_that_asks_for_nothing(story, name):
    told = named.of_line(story, name, "a" if name in OF_ONE_STAGE else "")
    if told.draw is None:
        assert name == "forecast"  # of three items
        with pytest.raises(ValueError, match=r"There is nothing to draw\. Too little"):
            taken.svg(told, "foot")
        return
    svg = ElementTree.fromstring(taken.svg(told, taken.foot(story, told)))
    assert svg.get("role") == "img"
    for part in svg.iter():
        assert part.tag.removeprefix(SVG) in (
            "svg", "title", "desc", "rect", "text", "g", "path", "line", "a", "defs", "clipPath",
            "tspan",
        )  # fmt: skip
        assert not [key for key in part.attrib if key.startswith("on") or key.endswith("src")]
        assert part.get("href", "https://example.org/").startswith("https://example.org/")
    ids = [part.get("id") for part in svg.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    used = {v[5:-1] for p in svg.iter() for v in p.attrib.values() if v.startswith("url(#")}
    assert used <= {*ids}
    assert letters(svg.find(f"{SVG}title").text) == letters(told.told.heading)
    assert letters(" ".join(written(svg))).startswith(letters(told.told.heading))


def letters(text: str) -> str:
    return "".join(text.split())


def written(svg: ElementTree.Element) -> list[str]:
    """The texts that a picture shows."""
    return ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]


def test_names_in_a_chart_are_letter_for_letter(story):
    """A stage's name on an axis, an item's for those who can't see its dot; a control character of
    which XML knows nothing is written as in a program."""
    svg = taken.svg(shown.ageing(story), "foot")
    picture = ElementTree.fromstring(svg)
    assert NAME[:20] in " ".join(written(picture))
    said = [part.get("aria-label", "") for part in picture.iter()]
    assert [text for text in said if rf"{NAME}y\x00\x1b" in text]
    foot = letters(taken.foot(story, shown.ageing(story)))
    assert foot.startswith(letters(NAME))


def size(png: bytes) -> tuple[int, int]:
    """Width and height, as a PNG's first lines tell them."""
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_a_little_picture_in_a_name_too_long_for_its_place_ends_no_file():
    """Its label was cut between the two halves of the letter, and chart, slide and site failed."""
    rows = pandas.DataFrame({"a": [1], "b": ["Waiting " + "👀" * 60]})
    chart = altair.Chart(rows).mark_point().encode(x="a", y="b").configure_axis(grid=False)
    told = shown.Shown(shown.Told("Names", [], rows), lambda: chart)
    said = " ".join(written(ElementTree.fromstring(taken.bare(told))))
    assert "Waiting" in said and ("👀" in said or r"\U0001f440" in said)


def test_a_slide_is_of_1920_by_1080_pixels(story):
    assert size(taken.slide(shown.throughput(story), "foot")) == (1920, 1080)
    assert size(board_svg.slide(story)) == (1920, 1080)
    assert size(taken.png(shown.moves(story), "foot"))[0] == 2 * taken.WIDE


def test_the_overview_on_a_slide_says_what_the_page_says(publication, monkeypatch):
    """Its SVG, before it becomes a picture, holds the answer and each box's word, name and reason."""
    made = []
    monkeypatch.setattr(sheet, "png", lambda svg, scale: made.append(svg) or b"")
    told = asked(publication, DESIGN)
    board_svg.slide(told)
    svg = ElementTree.fromstring(made[0])
    said = letters(" ".join(written(svg)))
    stages = board_svg.line.stages(told)
    assert letters(board_svg.board.headline(told, stages)) in said
    for box in board_svg.board.boxes(told, stages):
        for text in (box.word, box.name, box.reason, box.came, box.parts):
            assert letters(text) in said
    assert letters("36 delivered in all") in said
    texts = [(float(t.get("x")), float(t.get("y"))) for t in svg.iter(f"{SVG}text")]
    assert max(y for _, y in texts) < 540


def test_there_is_no_slide_of_a_line_before_it_began(story):
    early = asked(story.publication, "line", day(-9))
    with pytest.raises(ValueError, match="Nothing is known of this stream"):
        board_svg.slide(early)


@pytest.mark.parametrize("name", [*named.OF_A_LINE, *named.OF_EITHER, *named.OF_A_STAGE])
def test_there_is_no_chart_of_a_line_before_it_began(story, name):
    early = asked(story.publication, "line", day(-9))
    with pytest.raises(ValueError, match="Nothing is known of this stream"):
        named.of_line(early, name, "a" if name in OF_ONE_STAGE else "")


def test_of_a_stage_that_holds_nothing_no_ages_are_drawn_and_it_is_said(story):
    """On the 9th only x and y are open, in B and in A."""
    empty = named.of_line(asked(story.publication, "line", day(9)), "ages", "c")
    assert (empty.draw, len(empty.told.rows)) == (None, 0)
    assert empty.told.sentences and "nan" not in " ".join(empty.told.sentences)


def test_the_signs_of_a_file_are_letters_that_every_machine_has():
    """The fonts that are brought along have no tick and no cross of their own."""
    rows = pandas.DataFrame({"process": "p", "slot": [day(1), day(2)], "failed": 1, "checks": 2,
                             "state_word": ["healthy", "failing"]})  # fmt: skip
    told = shown.Told("Runs", [], rows)
    svg = ElementTree.fromstring(taken.svg(shown.Shown(told, lambda: pipeline.strips(rows)), ""))
    words = written(svg)
    assert {"√", "×", "√ healthy", "× failing"} <= {*words}
    assert not [text for text in words if "✓" in text or "✕" in text]


def test_a_file_has_the_page_s_hues_in_light():
    assert THEME["light"]["chartCategoricalColors"] == taken.HUES


def test_all_rows_of_a_chart_are_in_its_file_whatever_altair_does_with_them_elsewhere():
    """Streamlit sets for a moment, for all threads, where Altair's rows go."""
    altair.data_transformers.register("elsewhere", lambda rows: {"name": "gone"})
    rows = pandas.DataFrame({"a": range(6_000), "b": "x"})
    chart = altair.Chart(rows).mark_point().encode(x="a", y="b")
    with altair.data_transformers.enable("elsewhere"):
        spec = taken._spec(altair.layer(chart, chart.mark_line()).configure_axis(grid=False))
    parts = [spec, *spec["layer"]]
    (values,) = [part["data"]["values"] for part in parts if "data" in part]
    assert [row["a"] for row in values] == [*range(6_000)]
    assert spec["layer"][0]["encoding"]["x"]["type"] == "quantitative"


@pytest.mark.more
def test_the_page_s_button_and_the_command_make_the_same_file(page, app, example, tmp_path):
    """From a page that is seen in the dark, too."""
    page.emulate_media(color_scheme="dark")
    opened(page, f"{app}/flow?chart=throughput")
    heading = page.get_by_role("heading", level=1).inner_text()
    unfolded(page)
    svg = downloaded(page, "svg")
    page.emulate_media(color_scheme="null")
    file = tmp_path / "x.svg"
    done = valuestream("export", "chart", "throughput", "--output", str(file), data=example)
    assert (done.returncode, done.stderr) == (0, "")
    assert file.read_bytes() == svg
    picture = ElementTree.fromstring(svg)
    assert picture.find(f"{SVG}title").text == heading


@pytest.mark.more
def test_the_overview_s_button_makes_the_command_s_slide(page, app, example, tmp_path):
    opened(page, app)
    png = downloaded(page, "slide")
    file = tmp_path / "x.png"
    valuestream("export", "slide", "overview", "--output", str(file), data=example)
    assert file.read_bytes() == png


REFUSED = [
    (["chart", "nope"], "There is no chart 'nope'. There are: cumulative, ageing"),
    (["chart", "ages"], "The chart 'ages' is of one stage: name it."),
    (["slide", "overview", "--as-of", "2001-01-01"], "Nothing had happened in this stream"),
    (["review", "--since", "2026-05-03"], "shown as of 2 May 2026, and --since is later"),
]
MORE = [
    (["chart", "ages", "--stage", "x"], "There is no stage 'x'. There are: discover"),
    (["chart", "work", "--stage", "add"], "The chart 'work' is of the whole line"),
    (["chart", "work", "--stream", "x"], "There is no stream 'x'. There are: design-a"),
    (["chart", "weeks", "--process", "x"], "There is no process 'x'. There are: collection"),
    (["slide", "forecast"], "There is nothing to draw. Too little to forecast from"),
    (["chart", "work", "--output", "/nowhere/x.svg"], "/nowhere/x.svg can't be written: No"),
]


@pytest.mark.parametrize(
    ("asked_for", "said"),
    [*REFUSED, *(pytest.param(*case, marks=pytest.mark.more) for case in MORE)],
)
def test_what_can_t_be_had_is_said(example, asked_for, said):
    done = valuestream("export", *asked_for, data=example)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.more
def test_the_review_in_a_file_is_the_one_of_the_page(page, app, example, tmp_path):
    """The same answer, the same words and numbers from top to bottom; on paper on one sheet, with what
    is left out said."""
    opened(page, f"{app}/review")
    answer = page.get_by_role("heading", level=1).inner_text()
    md, pdf = downloaded(page, "Markdown"), downloaded(page, "pdf")
    seen = letters("".join(page.locator("h2, h3, p, td").all_text_contents()))
    for kind, button in (("md", md), ("pdf", pdf)):
        file = tmp_path / f"x.{kind}"
        done = valuestream(
            "export", "review", "--format", kind, "--output", str(file), data=example
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert letters(told(kind, file.read_bytes())) == letters(told(kind, button))
    words = [*rendered(md.decode()).words]
    assert "".join(word for word, tags in words if "strong" in tags) == answer
    cells = [letters(w) for w, tags in words if {"td", "li", "h2", "h3"} & {*tags} and w.strip()]
    assert len(cells) > 60
    assert not [cell for cell in cells if cell not in seen]
    (sheet,) = pypdf.PdfReader(io.BytesIO(pdf)).pages
    paper = letters(sheet.extract_text())
    assert letters(answer) in paper


def told(kind: str, made: bytes) -> str:
    """The words of a file; a PDF holds when it was made, too."""
    if kind == "md":
        return made.decode()
    return " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


def test_a_file_is_called_after_what_is_in_it(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    valuestream("export", "chart", "ages", "--stage", "add", "--as-of", "2025-03-01", data=example)
    assert [path.name for path in tmp_path.iterdir()] == [f"{DESIGN}-add-ages-2025-03-01.svg"]


@pytest.mark.more
def test_a_command_that_draws_starts_no_server(story, tmp_path):
    data = story.publication.file.parent.parent
    code = (
        "import sys; from cli import app; "
        f"app(['export', 'chart', 'work', '--output', r'{tmp_path / 'x.svg'}'], "
        "standalone_mode=False); sys.exit('streamlit' in sys.modules)"
    )
    env = {"VALUESTREAM_DATA": str(data), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert Path(tmp_path / "x.svg").exists()
