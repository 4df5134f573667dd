"""valuestream export site: plain HTML that opens from a folder, says what the pages say, and leads nowhere
that is not there."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import looked
import pytest
from browser import AXE, DESIGN, SUPPLY, needed
from line import LINE, STORY, day, event, publication
from test_cli import ROOT, valuestream

import metrics
from commands.site import Files, every, sources_of
from metrics.publishing import publish
from settings import stages
from telling import exports, html, slides
from telling.asked import asked
from telling.told import Document, Section

# Two ids that come to one name of a file, and names that would be markup.
TEXT = LINE.replace("a: {name: A,", "'a b': {name: '<b>A</b> & \"co\"',").replace(
    "b: {name: B,", "'a-b': {name: B,"
)


class Seen(HTMLParser):
    """What a page leads to and shows."""

    def __init__(self, text: str):
        super().__init__()
        self.links, self.pictures, self.tags, self.words = [], [], [], ""
        self.policies = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.tags.append(tag)
        if told.get("http-equiv") == "Content-Security-Policy":
            # What stands before it is not held to it.
            assert not {"style", "script", "img", "link"} & set(self.tags)
            self.policies.append(dict(one.split(" ", 1) for one in told["content"].split("; ")))
        if tag == "a":
            self.links.append(told["href"])
        if tag == "img":
            self.pictures.append((told["src"], told["alt"]))

    def handle_data(self, data):
        self.words += data + " "


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publication(folder, [*STORY, event("<i>w</i>", "A waiting", day(9))], TEXT).close()
    return folder


@pytest.fixture(scope="module")
def site(published) -> Path:
    """The whole site: its charts take some seconds, so what looks at it is for make more."""
    done = valuestream(
        "export", "site", str(published / "made"), "--as-of", "2026-01-20", data=published
    )
    assert done.returncode == 0, done.stderr
    return published / "made"


def test_a_file_may_run_nothing_and_fetch_no_more_than_its_own_pictures():
    """By what a browser is told, whatever else a name would come to."""
    hostile = "</title></style><script src=//e.example></script>"
    told = Document(hostile, hostile, hostile, [Section(hostile, [hostile])])
    alone = {"default-src": "'none'", "style-src": "'unsafe-inline'", "base-uri": "'none'",
             "form-action": "'none'"}  # fmt: skip
    assert Seen(html.html(told)).policies == [alone]
    page = Seen(html.html(told, [(hostile, [(hostile, 'a b"<.html')])], 'a b"<.html'))
    assert page.policies == [alone | {"img-src": "'self' file:"}]
    assert page.links == ["#main", "a%20b%22%3C.html"]
    assert not {"script", "img", "b"} & set(page.tags)


def test_no_two_files_of_a_site_are_one_on_any_disk():
    """Names that come to one, that are cut to one, and that only a case tells apart: an id of 150
    letters was waited for without end, and where A is a, one page was written over another."""
    names = [
        "a b",
        "a-b",
        "A b",
        "x" * 150,
        f"{'x' * 150}y",
        "設" * 150,
        f"{'設' * 150}計",
        "a-b-2",
        "Ä",
        "ä",
    ]
    files = Files()
    told = [files.free("data/", name, "csv") for name in names]
    assert told == list(files) and len({name.casefold() for name in told}) == len(names)
    assert max(len(name.encode()) for name in told) < 200
    assert told[:3] == ["data/a-b.csv", "data/a-b-2.csv", "data/A-b-3.csv"]


def test_a_figure_beside_the_pages_has_the_rows_of_the_processes_too(example, publication):
    """They were left out, and the file was said to hold all."""
    lines = [asked(publication, name) for name in publication.table("stream").stream]
    told = every(publication, lines, "target_now")
    assert set(told.kind) == {"stage", "process"} and set(told.stream) == {DESIGN, SUPPLY, ""}
    command = valuestream("figure", "target_now", "--format", "csv", data=example).stdout
    assert exports.text(told) == command


@pytest.mark.more
def test_every_link_and_picture_is_there_and_every_picture_has_words(site):
    pages = {file.name: Seen(file.read_text()) for file in site.glob("*.html")}
    assert sorted(pages) == [
        "catalogue.html", "flow-line.html", "index.html", "sources.html", "stage-line-a-b-2.html", "stage-line-a-b.html",
        "stage-line-c.html",
    ]  # fmt: skip
    shown = set()
    for name, page in pages.items():
        assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("nav") == 1, name
        assert not {"script", "iframe", "object", "form"} & set(page.tags)
        for link in page.links:
            if not link.startswith(("https://example.org/", "#")):
                assert (site / unquote(link)).is_file(), (name, link)
        for file, words in page.pictures:
            assert (site / unquote(file)).is_file() and words
            shown.add(unquote(file))
    # Nothing lies beside the pages that none of them leads to.
    there = {str(file.relative_to(site)) for file in site.rglob("*") if file.is_file()}
    led = {unquote(link) for page in pages.values() for link in page.links}
    assert there - led - shown == set()


@pytest.mark.more
def test_it_says_what_the_command_says_letter_for_letter(site):
    words = " ".join(Seen((site / "index.html").read_text()).words.split())
    status = valuestream(
        "figure", "status", "--as-of", "2026-01-20", "--format", "csv", data=site.parent
    )
    told = list(csv.DictReader(io.StringIO(status.stdout.lstrip("\ufeff"))))
    beside = list(csv.DictReader(io.StringIO((site / "figures/status.csv").read_text("utf-8-sig"))))
    assert beside == told != []
    for row in told:
        assert row["stage_name"] in words and row["word"] in words
    assert '<b>A</b> & "co"' in words
    first = " ".join(Seen((site / "stage-line-a-b.html").read_text()).words.split())
    assert "<i>w</i>" in first
    # The other stage whose id comes to the same name has a page and files of its own.
    assert "line: B" in " ".join(Seen((site / "stage-line-a-b-2.html").read_text()).words.split())
    assert (site / "data/line-a-b-items.csv").read_text() != (
        site / "data/line-a-b-items-2.csv"
    ).read_text()


@pytest.mark.more
@pytest.mark.parametrize(
    "name",
    [
        "index",
        "stage-line-a-b",
        *(pytest.param(name, marks=pytest.mark.more) for name in ("flow-line", "catalogue")),
    ],
)
def test_a_browser_opens_it_from_the_folder_and_axe_finds_nothing(site, page, name):
    needed(AXE, "axe-core")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"file://{site}/{name}.html")
    pictures = page.locator("img")
    for n in range(pictures.count()):
        pictures.nth(n).scroll_into_view_if_needed()
        page.wait_for_function("n => document.images[n].naturalWidth > 0", arg=n)
    assert said == []
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_folder_that_holds_anything_is_left_alone(published, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    done = valuestream("export", "site", str(tmp_path), data=published)
    assert (done.returncode, [file.name for file in tmp_path.iterdir()]) == (2, ["mine.txt"])
    assert "is not empty" in done.stderr


@pytest.mark.more
def test_what_stands_above_every_page_stands_on_each_file(tmp_path):
    """That all is made up, and that newer data was refused, was said by the server alone."""
    text = LINE.replace("title: A line", 'title: A line\nbanner: "Made up: <b>no</b> such team."')
    publication(tmp_path, STORY, text).close()
    (tmp_path / "published/refused.json").write_text(
        '{"at": "2027-01-03T00:00:00+00:00", "reasons": ["3 items are lost."]}'
    )
    to = tmp_path / "made"
    done = valuestream("export", "site", str(to), "--as-of", "2025-01-01", data=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in to.glob("*.html"):
        said = " ".join(Seen(file.read_text()).words.split())
        assert "Made up: <b>no</b> such team. Newer data of 2027-01-03" in said, file.name
        assert "3 items are lost." in said
    # So it is on what else leaves: a sheet, and beneath a chart or on a slide.
    sheet = tmp_path / "review.html"
    done = valuestream(
        "export", "review", "--as-of", "2026-01-13", "--format", "html", "--output", str(sheet),
        data=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Made up: <b>no</b> such team. From" in Seen(sheet.read_text()).words
    with closing(metrics.open(tmp_path)) as shown:
        told = asked(shown, "line", day(13))
        for foot in (slides.foot(told), slides.of_processes(told)):
            assert foot.startswith("Made up: <b>no</b> such team. ")


@pytest.mark.more
def test_the_sources_of_processes_are_among_the_sources(tmp_path):
    """Of those that only processes have, nobody who reads the site knew that they are out of date."""
    told = looked.prepared(tmp_path)
    looked.written(tmp_path, [looked.check("p", "a", looked.at(1), ok=True)])
    with closing(looked.published(tmp_path, told, looked.at(60))) as shown:
        page = sources_of([asked(shown, "line", looked.at(90))])
    [section] = page.sections
    assert [row[0] for row in section.tables[1].rows] == ["log", "builds"]
    assert "out of date" in section.tables[1].rows[0][1]


def test_a_line_in_which_nothing_happened_yet_has_a_page_that_says_so(published, tmp_path):
    done = valuestream(
        "export", "site", str(tmp_path / "made"), "--as-of", "2025-01-01", data=published
    )
    assert done.returncode == 0, done.stderr
    said = Seen((tmp_path / "made/index.html").read_text()).words
    assert "Nothing is known of this stream. log has brought nothing yet." in said


@pytest.mark.more
def test_the_bundled_example(example, tmp_path):
    """With processes, a map and two lines."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "landing.duckdb").symlink_to(example / "landing.duckdb")
    told = stages.read(ROOT / "stages.yaml")
    publish.publish(told, folder, datetime(2026, 11, 20, tzinfo=UTC))
    done = valuestream("export", "site", str(tmp_path / "made"), data=folder)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made/map.html").is_file()
    assert (tmp_path / "made/pipeline.html").is_file()
