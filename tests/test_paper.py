"""A document that leaves: as Markdown, as one HTML file, on one A4 sheet. The same numbers in each, and
every name letter for letter."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import pypdf
import pytest
from browser import serious
from markdown_it import MarkdownIt
from test_hostile_names import NAME

from telling import carried, html, paper
from telling.told import Document, Link, Section, Table

# What services look for once Markdown is done, and what breaks tables and files.
TRICKS = (
    "1. @channel #12 GH-7 | a\\|b || www.x.example a@b.example &amp; ![i](http://x/i.png) "
    "<!-- x --> ``k`` *a* _b_ [^1] {{ x }} \x1b[31m end"
)
WEB = "https://example.org/a b)<x>"


def document(name: str = NAME, rows: int = 2) -> Document:
    """One whose every part holds the name; its rows are numbered."""
    cells = [
        [Link(name, WEB), f"{n} days", [f"{n} – ", Link(name, None), name]] for n in range(rows)
    ]
    table = Table(f"Table {name}", ["Item", name, "Why"], cells, "None.")
    alone, none = Table("Alone", ["a"], [["b"]], ""), Table("Empty", ["a"], [], name)
    said = [name, [name, Link(name, WEB), Link("no", "javascript:alert(1)")]]
    sections = [Section(f"Section {name}", said, [table, none]), Section("S", [], [alone])]
    return Document(f"Review {name}", name, f"1,234 wait: {name}", sections)


def letters(text: str) -> str:
    """A text without the spaces, which a renderer sets anew."""
    return "".join(text.split()).replace("\x1b", r"\x1b")


class Read(HTMLParser):
    """The words of an HTML, each with the tags around it, and all attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[tuple[str, tuple[str, ...]]] = []
        self.told: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.told.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "hr", "img", "input", "link"):
            self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in self.tags:
            while self.tags.pop() != tag:
                pass

    def handle_data(self, data):
        self.words.append((data, tuple(self.tags)))

    def text(self, without: str = "") -> str:
        """The words in no tag of that name."""
        return "".join(word for word, tags in self.words if without not in tags)


def rendered(markdown: str) -> Read:
    """Markdown as a service renders it, with all that is common switched on."""
    every = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return Read(every.render(markdown))


@pytest.mark.parametrize("name", [NAME, TRICKS, "- x", "# x", "+ 1) x", "=x", "`", "a`|`b\\", "|"])
def test_markdown_shows_every_letter_and_makes_nothing_of_a_name(name):
    told = document(name)
    page = rendered(carried.markdown(told))
    assert letters(page.text()) == letters(all_words(told))
    assert [attributes["href"] for tag, attributes in page.told if tag == "a"] == [
        "https://example.org/a%20b%29%3Cx%3E"
    ] * 3
    made = {tag for tag, _ in page.told} - {"code"}
    assert made == {"h1", "h2", "h3", "p", "strong", "ul", "li", "a",
                    "table", "thead", "tbody", "tr", "th", "td"}  # fmt: skip
    assert [tag for tag, _ in page.told if tag in ("h1", "h2", "h3", "strong")] == [
        "h1", "strong", "h2", "h3", "h3", "h2"
    ]  # fmt: skip


def all_words(told: Document) -> str:
    """Every word of a document from top to bottom; a table's caption where it is not alone."""
    said = [told.title, told.about, told.answer]
    for section in told.sections:
        said += [section.title, *map(words, section.said)]
        for table in section.tables:
            said += [table.caption] if section.tables[1:] else []
            cells = [*table.columns, *(cell for row in table.rows for cell in row)]
            said += [*map(words, cells)] if table.rows else [table.empty]
    return " ".join(said)


def words(cell) -> str:
    parts = cell if isinstance(cell, list) else [cell]
    return " ".join(part.text if isinstance(part, Link) else part for part in parts)


@pytest.mark.parametrize("name", [NAME, TRICKS])
def test_what_services_look_for_behind_markdown_s_back_stands_in_code(name):
    """Mentions, numbers of issues, bare addresses, formulas and little pictures are looked for in all
    that is shown, whatever was escaped, but not in code."""
    looked_for = re.compile(r"@\w|#\d|\bGH-\d|https?://|www\.|\$|:[\w/]+:|~\w")
    page = rendered(carried.markdown(document(name)))
    assert looked_for.search(page.text())
    assert not looked_for.search(page.text(without="code"))


def test_a_long_name_costs_markdown_no_time():
    assert carried.markdown(document("a@" * 10_000)).count("`") == 28


@pytest.mark.parametrize("name", [NAME, TRICKS, "</style><script>alert(1)</script>", "]]>"])
def test_html_shows_every_letter_and_makes_nothing_of_a_name(name):
    told = document(name)
    page = Read(html.html(told))
    shown = "".join(word for word, tags in page.words if "body" in tags)
    assert letters(shown) == letters(all_words(told))
    assert {a["href"] for _, a in page.told if "href" in a} == {
        "https://example.org/a%20b%29%3Cx%3E"
    }
    assert not [a for _, a in page.told if "src" in a or any(key.startswith("on") for key in a)]
    assert "script" not in {tag for tag, _ in page.told}


def test_the_html_file_opens_without_a_network_and_can_be_read_by_all(page, scheme, tmp_path):
    page.goto("about:blank")  # what was open may miss a server that has ended
    page.errors.clear()
    asked = []
    page.on("request", note := lambda request: asked.append(request.url))
    file = tmp_path / "review.html"
    file.write_text(html.html(document(f"{NAME} <img src=http://127.0.0.1:9/x onerror=alert(1)>")))
    page.context.set_offline(True)
    try:
        page.goto(file.as_uri())
        assert page.get_by_role("heading", level=1).inner_text().endswith("onerror=alert(1)>")
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 23, 28)"}[scheme]
        assert not serious(page)
        short = page.get_by_text(re.compile(r"^\d days$")).first
        assert short.evaluate("cell => cell.getClientRects().length") <= 2  # no word of it broken
        page.set_viewport_size({"width": 320, "height": 720})
        wide = "document.documentElement.scrollWidth"
        assert page.evaluate(wide) <= 320
        page.goto("about:blank")
    finally:
        page.context.set_offline(False)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.remove_listener("request", note)
    assert asked == [file.as_uri(), "about:blank"] or asked == [file.as_uri()]
    assert not page.errors


def read_back(told: Document) -> tuple[pypdf.PdfReader, str]:
    """A PDF of a document, and the words on it."""
    pdf = pypdf.PdfReader(io.BytesIO(paper.pdf(told)))
    return pdf, " ".join(page.extract_text() for page in pdf.pages)


@pytest.mark.parametrize("name", [NAME, TRICKS, '#let x = 1; #read("paper.typ") @a <b> \\ // /* $'])
def test_paper_shows_every_letter_and_makes_nothing_of_a_name(name):
    told = document(name)
    pdf, text = read_back(told)
    foot = f"Review {name} 1 of 1"
    assert letters(text).replace("•", "") == letters(all_words(told) + foot)
    links = {a.get_object()["/A"]["/URI"] for p in pdf.pages for a in p["/Annots"]}
    assert links == {"https://example.org/a%20b%29%3Cx%3E"}


def test_paper_is_one_a4_sheet_that_a_screen_reader_can_read():
    pdf, _ = read_back(document())
    (sheet,) = pdf.pages
    assert [round(float(side)) for side in sheet.mediabox[2:]] == [595, 842]
    catalog = pdf.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"] == True  # noqa: E712
    assert catalog["/Lang"] == "en-GB"
    assert "<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_data().decode()
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/L", "/Link"} <= kinds(
        catalog["/StructTreeRoot"]
    )
    assert not [k for page in pdf.pages for k in page["/Resources"] if k == "/XObject"]


def kinds(element) -> set[str]:
    """The kinds of all that a PDF says is in it."""
    element = element.get_object()
    if not isinstance(element, dict):
        return set()
    inside = element.get("/K", [])
    inside = inside if isinstance(inside, list) else [inside]
    return {element.get("/S")} | {kind for one in inside for kind in kinds(one)}


def long(changed: int, kinds: int = 1) -> Document:
    """A review of a week in which so much has changed, with the ten to talk about."""
    row = [
        Link("An item with a name of usual length", WEB),
        "Co-design",
        "moved on to Add",
        "12 days",
    ]
    columns = ["Item", "Stage", "What", "Since"]
    tables = [Table(f"Changed {n}", columns, [row] * changed, "None.") for n in range(kinds)]
    ten = [[Link(f"Talk {n}.", WEB), "Add", "blocked", "9 days"] for n in range(10)]
    talk = Section("Talk about these", [], [Table("Talk about these", columns, ten, "None.")])
    said = ["Also stuck: Discover.", "One delivered in 52 weeks."]
    return Document("Review", "A week", "Stuck", [Section("What changed", said, tables), talk])


@pytest.mark.parametrize("changed", [5, 12, 25])
def test_a_review_of_usual_length_is_on_one_sheet_and_whole(changed):
    pdf, text = read_back(long(changed))
    assert len(pdf.pages) == 1
    assert text.count("An item with") == changed
    assert "left out" not in text


def test_a_longer_one_keeps_the_ten_and_says_how_many_it_leaves_out():
    pdf, text = read_back(long(200, 3))
    assert len(pdf.pages) == 1
    assert [n for n in range(10) if f"Talk {n}." in text] == [*range(10)]
    left_out = [
        int(n) for n in re.findall(r"(\d+) of 200 left out here to keep to one sheet", text)
    ]
    kept = text.count("An item with")
    assert sum(200 - n for n in left_out) == kept
    assert min(200 - n for n in left_out) == 5  # of each a few before any has more
    assert 30 < kept < 60  # and the sheet is used


def test_what_no_sheet_can_hold_goes_on_overleaf():
    pdf, text = read_back(long(11, 65))
    assert len(pdf.pages) > 1
    assert text.count("11 of 11 left out here to keep to one sheet") == 65
    assert f"1 of {len(pdf.pages)}" in text


def test_a_letter_that_no_font_has_is_written_as_a_program_would():
    """U+0378 is no letter in any script. What typst brings along shows what most of Europe writes."""
    pdf, text = read_back(document("Zażółć \u0378 Ελλάδα Київ ñ ß → ▲ ✕"))
    assert "Zażółć \\u0378 Ελλάδα Київ ñ ß → ▲ ✕" in " ".join(text.split())
    assert "pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()


def test_the_numbers_are_the_same_in_all_three():
    told = document("A name", rows=9)
    numbers = re.findall(r"\d[\d,]*", all_words(told))
    assert "1,234" in numbers and len(numbers) > 18
    page = "".join(w for w, tags in Read(html.html(told)).words if "body" in tags)
    for text in (rendered(carried.markdown(told)).text(), page, read_back(told)[1]):
        assert re.findall(r"\d[\d,]*", text.removesuffix("1 of 1")) == numbers
