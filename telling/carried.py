"""A document as Markdown, for a weeknote or a message: each name shows its very letters wherever it is
read, and makes no link, heading, picture or mention."""

from __future__ import annotations

import re
from itertools import groupby
from operator import attrgetter

from telling.told import Cell, Document, Section, Table, leaving

# What Markdown itself obeys gets a backslash.
_OBEYED = re.compile(r"[\\`*_\[\]<>|~&$^{}!#]")
_FIRST = re.compile(r"^(\d+(?=[.)])|(?=[-+=:]))")
# What services look for behind Markdown's back, where no backslash keeps them from it: mentions and
# addresses, numbers of issues, commits, names of little pictures, formulas. They leave code alone.
_LOOKED_FOR = re.compile(
    r"@|://|www\.|\$|[#!%^&]\d|~\w|:[\w+/-]+:|GH-\d|\b[0-9a-f]{40}\b", re.IGNORECASE
)


def markdown(document: Document) -> str:
    """A document as Markdown with GitHub's tables; ends with a line's end."""
    parts = [f"# {_cell(document.title)}", _cell(document.about), f"**{_cell(document.answer)}**"]
    parts += [part for section in document.sections for part in _section(section)]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> list[str]:
    said = "\n".join(f"- {_cell(sentence)}" for sentence in section.said)
    alone = len(section.tables) == 1  # which needs no heading of its own
    tables = [part for table in section.tables for part in _table(table, alone)]
    return [f"## {_cell(section.title)}", *([said] if said else []), *tables]


def _table(table: Table, alone: bool) -> list[str]:
    heading = [] if alone else [f"### {_cell(table.caption)}"]
    if not table.rows:
        return [*heading, _cell(table.empty)]
    head, *rows = (_line([_cell(cell) for cell in row]) for row in [table.columns, *table.rows])
    return [*heading, "\n".join([head, _line(["---"] * len(table.columns)), *rows])]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    parts = groupby(leaving(cell), key=attrgetter("address"))
    return "".join(_linked("".join(p.text for p in same), to) for to, same in parts).strip()


def _linked(text: str, address: str | None) -> str:
    return f"[{_plain(text)}](<{address}>)" if address else _plain(text)


def _plain(text: str) -> str:
    """A text whose letters are all shown: as code from the first word that is looked for to the last."""
    found = list(_LOOKED_FOR.finditer(text))
    if not found:
        return _escaped(text)
    first = text.rfind(" ", 0, found[0].start()) + 1
    last = (text + " ").index(" ", found[-1].end())
    return _escaped(text[:first]) + _code(text[first:last]) + _escaped(text[last:])


def _escaped(text: str) -> str:
    return _FIRST.sub(r"\1\\", _OBEYED.sub(r"\\\g<0>", text))


def _code(text: str) -> str:
    """A text as code. What ends a cell of a table stands between two pieces."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    room = " " if "`" in text else ""
    return r"\|".join(
        f"{fence}{room}{piece}{room}{fence}" if piece.strip() else piece
        for piece in text.split("|")
    )
