"""The overview as a slide: the answer, and the line from left to right, a box for each stage."""

from __future__ import annotations

from xml.etree.ElementTree import Element, tostring

from telling import board, line, pace, sheet, slides, words
from telling.asked import Asked
from telling.leaving import visible
from telling.slides import Slide

GAP, PAD = 12, 9  # between boxes; inside one
MOST = 6  # boxes side by side
WIDE = 1160  # of the line by itself
ZOOMS = (1.5, 1.35, 1.2, 1.1, 1)


def slide(asked: Asked, more: str = "") -> bytes:
    """The overview of a line on a slide of 1920 by 1080 pixels, as PNG; `more` stands at its foot.
    Raises ValueError where there is nothing to show."""
    stages = line.stages(asked)
    if stages.empty:
        raise ValueError(line.nothing(asked))
    told = board.headline(asked, stages)
    said = [board.also(stages, told), pace.sentence(asked), board.lately(asked), *board.but(asked)]
    boxes, last = board.boxes(asked, stages), _end(asked)
    page = Slide(told, [text for text in said if text], slides.foot(asked) + more)
    return slides.png(page, lambda wide, high: _line(boxes, last, wide, high))


def picture(asked: Asked) -> str:
    """The line from left to right by itself, as SVG. Raises ValueError where there is nothing to show."""
    stages = line.stages(asked)
    if stages.empty:
        raise ValueError(line.nothing(asked))
    drawn = _drawn(board.boxes(asked, stages), _end(asked), WIDE)
    title = f"{asked.stream['name']}, from left to right, as of {asked.day(asked.as_of)}"
    page = sheet.blank(
        WIDE, int(drawn.get("height", 0)), visible(title), [board.headline(asked, stages)]
    )
    drawn.set("width", str(WIDE))
    page.append(drawn)
    return tostring(page, encoding="unicode")


def _end(asked: Asked) -> str:
    count, arrow = board.delivered(asked)
    return f"→ {arrow}; {count} delivered in all. Arrows: in the last 13 weeks."


def _line(boxes: list[board.Box], last: str, wide: int, high: int) -> Element:
    """The line as large as there is room for."""
    for zoom in ZOOMS:
        drawn = _drawn(boxes, last, int(wide / zoom))
        if int(drawn.get("height", 0)) * zoom <= high:
            break
    return drawn


def _drawn(boxes: list[board.Box], last: str, wide: int) -> Element:
    columns = min(len(boxes), MOST)
    width = (wide - GAP * (columns - 1)) // columns
    said = [sheet.fitted(_said(box), width - 2 * PAD) for box in boxes]
    end = sheet.fitted([(visible(last), 14, True)], wide)
    high, rows = max(map(sheet.high, said)) + 26 + 2 * PAD, -(-len(boxes) // columns)
    whole = rows * (high + GAP) + sheet.high(end)
    page = Element("svg", viewBox=f"0 0 {wide} {whole}", height=str(whole))
    for n, (box, lines) in enumerate(zip(boxes, said, strict=True)):
        x, y = (n % columns) * (width + GAP), (n // columns) * (high + GAP)
        edge, ground = sheet.LOOK[box.colour]
        sheet.rect(page, x, y, width, high, fill=ground, stroke=edge, **{"stroke-width": "2"})
        sheet.rect(page, x, y, width, 26, fill=edge)
        sheet.sign(page, box.colour, x + PAD, y + 6, 14)
        state = sheet.fitted([(visible(box.word), 15, True)], width - 2 * PAD - 22)
        sheet.write(page, state[:1], x + PAD + 22, y + 2, sheet.PAPER)
        sheet.write(page, lines, x + PAD, y + 26 + PAD)
    sheet.write(page, end, 0, rows * (high + GAP))
    return page


def _said(box: board.Box) -> list[sheet.Line]:
    """What stands in a stage's box below its state, from top to bottom."""
    queue = "queue not recorded" if box.waiting is None else f"{words.number(box.waiting)} waiting"
    inside = box.parts if box.inside is None else f"{words.number(box.inside)}: {box.parts}"
    lines = [
        (box.name, 20, True),
        (f"→ {box.came}", 13, False), (queue, 17, True), (inside, 15, False),
        *((f"{name}: {value}", 13, False) for name, value in box.facts), (box.reason, 13, False),
    ]  # fmt: skip
    return [(visible(text), size, bold) for text, size, bold in lines]
