"""A document as one HTML file that opens without a server and without a network."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from telling.told import Cell, Document, Section, Table, leaving

STYLE = (Path(__file__).parent / "html.css").read_text()
# Nothing runs and nothing is fetched, whatever a name holds.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html(document: Document) -> str:
    """A document as the text of an HTML file: light or dark as its reader has it, and to be printed."""
    page = Element("html", lang="en-GB")
    head, main = SubElement(page, "head"), SubElement(SubElement(page, "body"), "main")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": POLICY})
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


def _section(place: Element, section: Section) -> None:
    _written(place, "h2", section.title)
    if section.said:
        said = SubElement(place, "ul")
        for sentence in section.said:
            _written(said, "li", sentence)
    for table in section.tables:
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
