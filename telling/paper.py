"""A document on paper: one A4 sheet as PDF, tagged for screen readers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import typst

from telling import board
from telling.told import Cell, Document, Section, Table, leaving

KEPT = 10  # rows to talk about
_HERE = Path(__file__).parent
# What typst says of a letter that none of its fonts and none of the machine's has, or none may show.
_NO_LETTER = re.compile(r'(?:the text|disallowed codepoint) `"(.+?)"`')


def pdf(document: Document) -> bytes:
    """A document as PDF (PDF/UA-1): on one A4 sheet, with smaller letters and then with fewer rows of
    each table where it takes more, but for those to talk about, which is said; what takes more even
    then goes on overleaf."""
    return _made("paper", _told(document), format="pdf", pdf_standards="ua-1")


def _told(document: Document) -> dict:
    sections = [_section(section) for section in document.sections]
    for no, table in enumerate(table for section in sections for table in section["tables"]):
        table["no"] = no
    return {
        "name": "".join(part.text for part in leaving(document.title)),
        "title": _cell(document.title),
        "about": _cell(document.about),
        "answer": _cell(document.answer),
        "sections": sections,
    }


def _section(section: Section) -> dict:
    alone = len(section.tables) == 1  # which needs no heading of its own
    tables = [_table(table) | {"alone": alone} for table in section.tables]
    said = [_cell(sentence) for sentence in section.said]
    return {"title": _cell(section.title), "said": said, "tables": tables}


def _table(table: Table) -> dict:
    return {
        "kept": table.caption == board.TALK and len(table.rows) <= KEPT,
        "caption": _cell(table.caption),
        "columns": [_cell(column) for column in table.columns],
        "rows": [[_cell(cell) for cell in row] for row in table.rows],
        "empty": _cell(table.empty),
    }


def _cell(cell: Cell) -> list[dict]:
    return [{"text": part.text, "to": part.address} for part in leaving(cell)]


def _made(template: str, told: dict, **how: Any) -> bytes:
    r"""What a template makes of data. A letter that neither typst nor this machine has in any font is
    written as in a program, like \u65e5; which ones that are, the first try says."""
    source, text = _HERE / f"{template}.typ", json.dumps(told, ensure_ascii=False)
    while True:
        try:
            return typst.compile(source, sys_inputs={"told": text}, **how)
        except typst.TypstError as error:
            named = "".join(map(_unescaped, _NO_LETTER.findall(error.diagnostic)))
            missing = {letter for letter in named if letter > "\x7f"} & set(text)
            if not missing:
                raise
        text = "".join(_written(letter) if letter in missing else letter for letter in text)


def _unescaped(told: str) -> str:
    r"""What typst writes like \u{feff}."""
    return re.sub(r"\\u\{(\w+)\}", lambda found: chr(int(found[1], 16)), told)


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode().replace("\\", "\\\\")  # it stands in JSON
