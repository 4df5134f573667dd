"""Slides of 1920 by 1080: a heading, a few sentences, a picture, and as of when it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from xml.etree.ElementTree import Element, tostring

from telling import line, sheet
from telling.asked import Asked
from telling.leaving import visible

WIDE, HIGH, GAP = 960, 540, 30  # of a slide, which is drawn twice as large
ROOM = WIDE - 2 * GAP
LINES = 5  # of sentences
QUIET = "#4a545b"


class Slide(NamedTuple):
    """What stands on a slide around its picture."""

    title: str
    said: list[str]
    foot: str


def foot(asked: Asked) -> str:
    """What stands beneath all that is taken away: of what it is, as of when, and until when all is known."""
    return asked.under_banner(line.about(asked))


def of_processes(asked: Asked) -> str:
    """The same beneath what is of processes."""
    return asked.under_banner(f"Processes, as of {asked.day(asked.as_of)}.")


def png(slide: Slide, picture: Callable[[int, int], Element]) -> bytes:
    """A slide as PNG. `picture` is asked for an SVG so many pixels wide and high, and scaled to fit."""
    return sheet.png(svg(slide, picture), 2)


def svg(slide: Slide, picture: Callable[[int, int], Element]) -> str:
    """The same as SVG of half the size."""
    page = sheet.blank(WIDE, HIGH, visible(slide.title), [visible(text) for text in slide.said])
    head = _heading(visible(slide.title))
    said = _sentences([visible(text) for text in slide.said if text])
    foot = sheet.fitted([(visible(slide.foot), 11, False)], ROOM)
    sheet.write(page, head, GAP, GAP - 10)
    top = GAP - 4 + sheet.high(head)
    sheet.write(page, said, GAP, top)
    top += sheet.high(said) + 8
    last = HIGH - 14 - sheet.high(foot)
    sheet.write(page, foot, GAP, last, QUIET)
    drawn = picture(ROOM, last - top - 8)
    place = {"x": GAP, "y": top, "width": ROOM, "height": last - top - 8}
    drawn.attrib |= {key: str(value) for key, value in place.items()}
    drawn.set("preserveAspectRatio", "xMidYMin meet")
    page.append(drawn)
    return tostring(page, encoding="unicode")


def _heading(text: str) -> list[sheet.Line]:
    """A heading as large as fits into one line, or two."""
    for size, most in ((26, 1), (24, 1), (22, 1), (26, 2), (22, 2), (18, 3)):
        lines = sheet.fitted([(text, size, True)], ROOM)
        if len(lines) <= most:
            break
    return lines


def _sentences(said: list[str]) -> list[sheet.Line]:
    """The first sentences, whole, that have room; but the first always."""
    lines: list[sheet.Line] = []
    for text in said:
        more = sheet.fitted([(text, 14, False)], ROOM)
        if lines and len(lines) + len(more) > LINES:
            break
        lines += more
    return lines
