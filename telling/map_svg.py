"""The service map as a picture for slides and boards: SVG of the same rows as the page."""

from __future__ import annotations

import re
from unicodedata import east_asian_width
from xml.etree import ElementTree

from telling import words
from telling.map import Step, activities, grid

WIDE, GAP, PAD = 236, 12, 9  # of a column; between boxes; inside one
# Edge and ground of a box. Words on the ground, and white on the edge, have a contrast of 4.5 or more.
LOOK = {
    "red": ("#b00020", "#fdecee"), "amber": ("#8a5a00", "#fff5dc"), "green": ("#17692f", "#e6f4ea"),
    "grey": ("#4a5560", "#eef0f2"), "counted": ("#14191d", "#ffffff"),
    "unmeasured": ("#4a5560", "#ffffff"),
}  # fmt: skip
INK, PAPER, BAND = "#14191d", "#ffffff", "#e3e6e9"
# What XML 1.0 can't hold, however it is written.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Line = tuple[str, int, bool]  # a text that fits, its size, whether it is bold


def drawn(steps: list[Step], title: str, about: list[str]) -> str:
    """The map as SVG: letters as they are, nothing from elsewhere, a title and a description."""
    columns, places = activities(steps), grid(steps)
    width = GAP + len(columns) * (WIDE + GAP)
    head = _lines([(title, 20, True), *((text, 13, False) for text in about)], width - 2 * GAP)
    names = [_lines([(s[0].activity, 17, True), (s[0].story, 13, False)]) for s in columns]
    boxes = {step.no: _lines(_said(step)) for step in steps}
    high = dict.fromkeys(places.lanes.values(), 24)
    for no, (row, rows) in sorted(places.rows.items(), key=lambda item: item[1][1]):
        # One that takes several rows only makes the last of them higher, if it must.
        spanned = [high.setdefault(one, 0) for one in range(row, row + rows)]
        rest = _high(boxes[no]) + PAD - sum(spanned[:-1]) - GAP * (rows - 1)
        high[row + rows - 1] = max(spanned[-1], rest)
    top = GAP + _high(head) + GAP
    y = top + max(map(_high, names)) + GAP
    at = {}
    for row in sorted(high):
        at[row], y = y, y + high[row] + GAP
    svg = _sheet(width, y, title, about)
    _write(svg, head, GAP, GAP)
    for lane, row in places.lanes.items():
        _rect(svg, GAP, at[row], width - 2 * GAP, high[row], fill=BAND)
        _write(svg, [(lane, 14, True)], GAP + PAD, at[row] + 2)
    for x, name, inside in zip(range(GAP, width, WIDE + GAP), names, columns, strict=False):
        _write(svg, name, x, top)
        for step in inside:
            y = at[places.rows[step.no][0]]
            _box(svg, step, boxes[step.no], (x, y, _high(boxes[step.no]) + PAD))
    return ElementTree.tostring(svg, encoding="unicode")


def _said(step: Step) -> list[Line]:
    """What stands in a step's box, from top to bottom."""
    told = step.told
    return [
        (f"{words.ICONS[told.colour]} {told.word}", 14, True),
        (f"{step.no} {step.name}", 15, True),
        (f"uses {step.uses}" if step.uses else "", 12, False),
        *((f"{number} {name}", 14, True) for name, number in told.numbers),
        (told.why, 12, False),
        (step.note, 12, False),
    ]


def _box(svg: ElementTree.Element, step: Step, lines: list[Line], place: tuple) -> None:
    x, y, height = place
    edge, ground = LOOK[step.told.colour]
    dashes = {"stroke-dasharray": "6 4"} if not step.measured else {}
    _rect(svg, x, y, WIDE, height, fill=ground, stroke=edge, **{"stroke-width": "2"}, **dashes)
    state, *rest = lines
    if step.measured:
        _rect(svg, x, y, WIDE, _high([state]) + 4, fill=edge)
    _write(svg, [state], x + PAD, y + 1, PAPER if step.measured else INK)
    _write(svg, rest, x + PAD, y + _high([state]) + 5)


def _sheet(width: int, height: int, title: str, about: list[str]) -> ElementTree.Element:
    svg = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}",
            "width": str(width), "height": str(height), "role": "img",
            "aria-labelledby": "title desc", "font-family": "Arial, Helvetica, sans-serif",
        },
    )  # fmt: skip
    ElementTree.SubElement(svg, "title", id="title").text = _clean(title)
    ElementTree.SubElement(svg, "desc", id="desc").text = _clean(" ".join(about))
    _rect(svg, 0, 0, width, height, fill=PAPER)
    return svg


def _rect(svg: ElementTree.Element, x: int, y: int, width: int, height: int, **look: str) -> None:
    sides = {"x": x, "y": y, "width": width, "height": height}
    ElementTree.SubElement(svg, "rect", {k: str(v) for k, v in sides.items()} | look)


def _write(svg: ElementTree.Element, lines: list[Line], x: int, y: int, ink: str = INK) -> None:
    for text, size, bold in lines:
        y += _high([(text, size, bold)])
        weight = "bold" if bold else "normal"
        place = {"x": str(x), "y": str(y - size // 4), "font-size": str(size)}
        look = {"font-weight": weight, "fill": ink}
        ElementTree.SubElement(svg, "text", place | look).text = text


def _high(lines: list[Line]) -> int:
    return sum(size + size // 3 for _, size, _ in lines)


def _lines(texts: list[Line], room: int = WIDE - 2 * PAD) -> list[Line]:
    """The texts broken into lines that fit into so many pixels."""
    return [
        (line, size, bold)
        for text, size, bold in texts
        for line in _broken(_clean(text), int(room / (size * (0.62 if bold else 0.56))))
    ]


def _broken(text: str, most: int) -> list[str]:
    """A text in lines of so many letters at most; a longer word is broken where it must be."""
    lines: list[str] = []
    for word in text.split():
        if lines and _wide(f"{lines[-1]} {word}") <= most:
            lines[-1] += f" {word}"
            continue
        lines.append("")
        for letter in word:
            if _wide(lines[-1] + letter) > most:
                lines.append("")
            lines[-1] += letter
    return lines


def _wide(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
