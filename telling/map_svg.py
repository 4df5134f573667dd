"""The service map as a picture for slides and boards: SVG of the same rows as the page."""

from __future__ import annotations

from xml.etree import ElementTree

from telling import sheet, words
from telling.map import Step, activities, grid
from telling.sheet import INK, LOOK, PAPER, Line

WIDE, GAP, PAD = 236, 12, 9  # of a column; between boxes; inside one
ROOM = WIDE - 2 * PAD
BAND = "#e3e6e9"


def drawn(steps: list[Step], title: str, about: list[str]) -> str:
    """The map as SVG: letters as they are, nothing from elsewhere, a title and a description."""
    columns, places = activities(steps), grid(steps)
    width = GAP + len(columns) * (WIDE + GAP)
    head = sheet.fitted(
        [(title, 20, True), *((text, 13, False) for text in about)], width - 2 * GAP
    )
    names = [
        sheet.fitted([(s[0].activity, 17, True), (s[0].story, 13, False)], ROOM) for s in columns
    ]
    boxes = {step.no: sheet.fitted(_said(step), ROOM) for step in steps}
    high = dict.fromkeys(places.lanes.values(), 24)
    for no, (row, rows) in sorted(places.rows.items(), key=lambda item: item[1][1]):
        # One that takes several rows only makes the last of them higher, if it must.
        spanned = [high.setdefault(one, 0) for one in range(row, row + rows)]
        rest = sheet.high(boxes[no]) + PAD - sum(spanned[:-1]) - GAP * (rows - 1)
        high[row + rows - 1] = max(spanned[-1], rest)
    top = GAP + sheet.high(head) + GAP
    y = top + max(map(sheet.high, names)) + GAP
    at = {}
    for row in sorted(high):
        at[row], y = y, y + high[row] + GAP
    svg = sheet.blank(width, y, title, about)
    sheet.write(svg, head, GAP, GAP)
    for lane, row in places.lanes.items():
        sheet.rect(svg, GAP, at[row], width - 2 * GAP, high[row], fill=BAND)
        sheet.write(svg, [(lane, 14, True)], GAP + PAD, at[row] + 2)
    for x, name, inside in zip(range(GAP, width, WIDE + GAP), names, columns, strict=False):
        sheet.write(svg, name, x, top)
        for step in inside:
            y = at[places.rows[step.no][0]]
            _box(svg, step, boxes[step.no], (x, y, sheet.high(boxes[step.no]) + PAD))
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
    sheet.rect(svg, x, y, WIDE, height, fill=ground, stroke=edge, **{"stroke-width": "2"}, **dashes)
    state, *rest = lines
    if step.measured:
        sheet.rect(svg, x, y, WIDE, sheet.high([state]) + 4, fill=edge)
    sheet.write(svg, [state], x + PAD, y + 1, PAPER if step.measured else INK)
    sheet.write(svg, rest, x + PAD, y + sheet.high([state]) + 5)
