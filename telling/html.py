"""A document as an HTML file that opens without a server and without a network: by itself or, with
what lies beside it, as one of several."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from telling.told import Beside, Cell, Document, Section, Table, leaving

STYLE = (Path(__file__).parent / "html.css").read_text()
# Nothing runs and nothing is fetched, whatever a name holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Pictures from the same place: of a folder that is the scheme, for a file has no host.
PICTURES = "; img-src 'self' file:"
Places = Sequence[tuple[str, Sequence[tuple[str, str]]]]


def html(document: Document, places: Places = (), here: str = "") -> str:
    """A document as the text of an HTML file: light or dark as its reader has it, and to be printed.

    `places`: of several that belong together, the groups of their names and files, of which this is
    the file `here`.
    """
    page = Element("html", lang="en-GB")
    head, body = SubElement(page, "head"), SubElement(page, "body")
    if places:
        SubElement(body, "a", {"class": "skip", "href": "#main"}).text = "Skip to the page"
        _places(SubElement(body, "nav", {"aria-label": "Pages"}), places, here)
    main = SubElement(body, "main", id="main")
    policy = POLICY + (PICTURES if places else "")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": policy})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="referrer", content="no-referrer")
    SubElement(head, "title").text = _letters(document.title)
    SubElement(head, "style").text = STYLE
    _written(main, "h1", document.title)
    _written(main, "p", document.about).set("class", "about")
    _written(main, "p", document.answer).set("class", "answer")
    for section in document.sections:
        _section(SubElement(main, "section"), section)
    return "<!DOCTYPE html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _places(place: Element, groups: Places, here: str) -> None:
    for group, pages in groups:
        line = SubElement(place, "p")
        SubElement(line, "strong").text = _letters(group)
        for name, file in pages:
            link = SubElement(line, "a", href=quote(file))
            link.text = _letters(name)
            if file == here:
                link.set("aria-current", "page")


def _beside(place: Element, told: Beside) -> None:
    if told.picture:
        link = SubElement(place, "a", {"class": "picture", "href": quote(told.file)})
        SubElement(link, "img", src=quote(told.file), alt=_letters(told.said), loading="lazy")
    else:
        link = SubElement(SubElement(place, "p"), "a", {"href": quote(told.file), "download": ""})
        link.text = _letters(told.said)


def _section(place: Element, section: Section) -> None:
    _written(place, "h2", section.title)
    if section.said:
        said = SubElement(place, "ul")
        for sentence in section.said:
            _written(said, "li", sentence)
    for beside in section.beside:
        _beside(place, beside)
    for table in section.tables:
        if table.folded:
            around = SubElement(place, "details")
            _written(around, "summary", table.caption)
            _table(around, table)
            continue
        if len(section.tables) > 1:  # one alone needs no heading of its own
            _written(place, "h3", table.caption)
        _table(place, table)


def _table(place: Element, told: Table) -> None:
    if not told.rows:
        _written(place, "p", told.empty)
        return
    named = {"aria-label": _letters(told.caption)}
    # What is too wide for a narrow window scrolls by itself, by keyboard too.
    around = SubElement(place, "div", {"role": "region", "tabindex": "0"} | named)
    table = SubElement(around, "table", named)
    head, body = SubElement(SubElement(table, "thead"), "tr"), SubElement(table, "tbody")
    for column in told.columns:
        _written(head, "th", column).set("scope", "col")
    for row in told.rows:
        line = SubElement(body, "tr")
        for cell in row:
            _written(line, "td", cell)


def _written(place: Element, tag: str, cell: Cell) -> Element:
    """A new element with a cell's texts and links; the library writes every letter as one."""
    made = SubElement(place, tag)
    for text, address in leaving(cell):
        part = SubElement(made, "a", href=address) if address else SubElement(made, "span")
        part.text = text
    return made


def _letters(text: str) -> str:
    return "".join(part.text for part in leaving(text))
