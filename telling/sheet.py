"""Pictures in SVG, for slides and boards: words that are broken into lines, and boxes."""

from __future__ import annotations

import re
from unicodedata import east_asian_width
from xml.etree.ElementTree import Element, SubElement

import vl_convert

Line = tuple[str, int, bool]  # a text that fits, its size, whether it is bold
INK, PAPER = "#14191d", "#ffffff"
# Edge and ground of a box. Words on the ground, and white on the edge, have a contrast of 4.5 or more.
LOOK = {
    "red": ("#b00020", "#fdecee"), "amber": ("#8a5a00", "#fff5dc"), "green": ("#17692f", "#e6f4ea"),
    "grey": ("#4a5560", "#eef0f2"), "counted": ("#14191d", "#ffffff"),
    "unmeasured": ("#4a5560", "#ffffff"),
}  # fmt: skip
# How wide letters are in Arial, and in those that stand in for it.
NARROW, BROAD, BOLD = frozenset("ijlftrI.,:;'!|/\\[]()-` "), frozenset("mwMW@%&+=<>~^#—…→"), 1.1
# A cross, a point, a tick and a question mark in a square of 1.
SIGNS = {
    "red": "M.12 .12 L.88 .88 M.88 .12 L.12 .88",
    "amber": "M.5 .02 V.64 M.5 .8 V.98",
    "green": "M.06 .55 L.36 .86 L.94 .14",
    "grey": "M.2 .26 C.2 -.06 .8 -.06 .8 .26 C.8 .5 .5 .46 .5 .7 M.5 .82 V.98",
}
# What XML 1.0 can't hold, however it is written.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def blank(width: int, height: int, title: str, about: list[str]) -> Element:
    """An empty sheet of so many pixels, with its title and description for those who can't see it."""
    svg = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}",
            "width": str(width), "height": str(height), "role": "img",
            "aria-labelledby": "title desc", "font-family": "Arial, Helvetica, sans-serif",
        },
    )  # fmt: skip
    SubElement(svg, "title", id="title").text = _clean(title)
    SubElement(svg, "desc", id="desc").text = _clean(" ".join(about))
    rect(svg, 0, 0, width, height, fill=PAPER)
    return svg


def rect(svg: Element, x: int, y: int, width: int, height: int, **look: str) -> None:
    """A box on a sheet."""
    sides = {"x": x, "y": y, "width": width, "height": height}
    SubElement(svg, "rect", {k: str(v) for k, v in sides.items()} | look)


def sign(svg: Element, colour: str, x: int, y: int, size: int) -> None:
    """What a colour looks like where it can't be seen, in white: drawn, for not every font has them."""
    mark = SubElement(svg, "path", {"stroke": PAPER, "stroke-width": "0.17", "fill": "none"})
    mark.set("d", SIGNS[colour])
    mark.set("transform", f"translate({x} {y}) scale({size})")


def write(svg: Element, lines: list[Line], x: int, y: int, ink: str = INK) -> None:
    """Lines on a sheet, the first just below y."""
    for text, size, bold in lines:
        y += high([(text, size, bold)])
        weight = "bold" if bold else "normal"
        place = {"x": str(x), "y": str(y - size // 4), "font-size": str(size)}
        look = {"font-weight": weight, "fill": ink}
        SubElement(svg, "text", place | look).text = text


def high(lines: list[Line]) -> int:
    """How many pixels lines take."""
    return sum(size + size // 3 for _, size, _ in lines)


def fitted(texts: list[Line], room: int) -> list[Line]:
    """The texts broken into lines that fit into so many pixels."""
    return [
        (line, size, bold)
        for text, size, bold in texts
        for line in _broken(_clean(text), room / (size * (BOLD if bold else 1)))
    ]


def _broken(text: str, most: float) -> list[str]:
    """A text in lines of so many ems at most; a longer word is broken where it must be."""
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


def _wide(text: str) -> float:
    """About how many ems a text takes, rather more than less."""
    return sum(map(_em, text))


def _em(letter: str) -> float:
    if letter in NARROW:
        return 0.34
    if letter in BROAD or east_asian_width(letter) in "WF":
        return 1.02
    return 0.56 if letter.isascii() and not letter.isupper() else 0.78


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)


def png(svg: str, scale: float) -> bytes:
    """An SVG as PNG, `scale` times as large. Letters are those of the fonts that the library brings along,
    or for what they lack of one that this machine has."""
    return vl_convert.svg_to_png(svg, scale=scale)
