"""Charts to take away: as SVG, as PNG, and as a slide, each with its heading, its sentences and as of when
it is. They are the charts of the pages, drawn for paper."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import altair
import pandas
import vl_convert

from dashboard.charts import look
from dashboard.charts.shown import Shown
from telling import sheet, slides
from telling.asked import Asked
from telling.leaving import visible

WIDE, GAP = 920, 16  # of a sheet, and around what is on it
# The theme's, in the order of look.PARTS: a page's charts have them from Streamlit.
HUES = ["#c27f00", "#0072b2", "#a8487f", "#006b4a"]
_VERSION = altair.SCHEMA_VERSION.rpartition(".")[0]
_HALVED = re.compile("[\U00010000-\U0010ffff]")
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"


def foot(asked: Asked, shown: Shown) -> str:
    """What stands beneath a chart that is taken away: of what it is, as of when, until when all is known."""
    return f"{shown.of}: {slides.foot(asked)}" if shown.of else slides.foot(asked)


def svg(shown: Shown, foot: str) -> str:
    """A chart as SVG with its words above and `foot` beneath. Raises ValueError where there is none."""
    told, room = shown.told, WIDE - 2 * GAP
    said = [visible(text) for text in told.sentences if text]
    head = sheet.fitted([(visible(told.heading), 20, True), *((s, 13, False) for s in said)], room)
    last = sheet.fitted([(visible(foot), 12, False)], room)
    drawn = stack(pictures(shown, room))
    top = GAP + sheet.high(head) + GAP
    high = top + int(drawn.get("height", 0)) + GAP + sheet.high(last) + GAP
    page = sheet.blank(WIDE, high, visible(told.heading), said)
    sheet.write(page, head, GAP, GAP)
    drawn.set("x", str(GAP))
    drawn.set("y", str(top))
    page.append(drawn)
    sheet.write(page, last, GAP, high - GAP - sheet.high(last))
    return ElementTree.tostring(page, encoding="unicode")


def bare(shown: Shown) -> str:
    """A chart as SVG by itself, for a page that has its words. Raises ValueError where there is none."""
    told, drawn = shown.told, stack(pictures(shown, WIDE))
    said = [visible(text) for text in told.sentences if text]
    page = sheet.blank(WIDE, int(drawn.get("height", 0)), visible(told.heading), said)
    page.append(drawn)
    return ElementTree.tostring(page, encoding="unicode")


def png(shown: Shown, foot: str) -> bytes:
    """The first as PNG, twice as large."""
    return sheet.png(svg(shown, foot), 2)


def slide(shown: Shown, foot: str) -> bytes:
    """The same on a slide of 1920 by 1080 pixels, as PNG, with as many of its sentences as have room."""
    told = slides.Slide(shown.told.heading, shown.told.sentences, foot)
    return slides.png(told, lambda wide, high: stack(pictures(shown, wide, high)))


def pictures(shown: Shown, wide: int, high: int | None = None) -> list[ElementTree.Element]:
    """Each of what is drawn as an SVG so wide; together about so high, if that is told."""
    if shown.draw is None:
        raise ValueError(
            f"There is nothing to draw. {' '.join(filter(None, shown.told.sentences))}"
        )
    with look.on_paper():
        drawn = shown.draw()
    charts = drawn if isinstance(drawn, list) else [drawn]
    made = []
    for n, chart in enumerate(charts):
        spec = _spec(chart) | {"width": wide}
        if high:  # less what the first needs for its legend, and each for its title or axis
            spec["height"] = max(24, (high - 40) // len(charts) - 34)
        made.append(_plain(ElementTree.fromstring(_converted(spec)), f"c{n}-", _links(chart)))
    return made


def _converted(spec: dict) -> str:
    try:
        return vl_convert.vegalite_to_svg(spec, _VERSION, allowed_base_urls=[])
    except ValueError:
        # A label that is too long is cut, maybe in the midst of what is two letters to JavaScript, a
        # little picture say, and half of one can't be drawn: they are written as in a program.
        text = json.dumps(spec, ensure_ascii=False)
        text = _HALVED.sub(lambda found: f"\\\\U{ord(found[0]):08x}", text)
        return vl_convert.vegalite_to_svg(text, _VERSION, allowed_base_urls=[])


def stack(parts: list[ElementTree.Element]) -> ElementTree.Element:
    """SVGs one beneath the other, as one."""
    wide = max(round(float(part.get("width", 0))) for part in parts)
    whole, y = ElementTree.Element("svg", width=str(wide)), 0
    for part in parts:
        part.set("y", str(y))
        y += round(float(part.get("height", 0)))
        whole.append(part)
    whole.set("height", str(y))
    whole.set("viewBox", f"0 0 {wide} {y}")
    return whole


def _links(chart: altair.Chart) -> set[str]:
    rows = [part.data for part in _parts(chart) if isinstance(part.data, pandas.DataFrame)]
    return {link for one in rows if "link" in one for link in one.link.dropna()}


def _plain(svg: ElementTree.Element, prefix: str, links: set[str]) -> ElementTree.Element:
    """An SVG that can stand in another: without names of namespaces, with names of its own, and with
    no link but those of its items: where one has none, Vega makes an address of nothing."""
    for element in svg.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if (address := element.attrib.pop(_LINK, None)) in links:
            element.set("href", address)
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, prefix + value)
            elif value.startswith("url(#"):
                element.set(key, value.replace("url(#", f"url(#{prefix}"))
    return svg


def _spec(chart: altair.Chart) -> dict:
    """A chart in Vega-Lite with its rows in it.

    The rows are put in here: Altair would send them through what is set for all threads, where Streamlit
    puts its own for a moment. Of a few rows it learns what kinds of columns there are.
    """
    few = chart.copy(deep=True)
    for part in _parts(few):
        if isinstance(part.data, pandas.DataFrame):
            part.data = part.data.head(1_000)
    spec = few.to_dict()
    spec.pop("datasets", None)
    _fill(spec, chart)
    hues = spec["config"].get("range", {}) | {"category": HUES}
    spec["config"] |= {
        "range": hues,
        "font": "Arial, Liberation Sans, sans-serif",
        "background": "#ffffff",
    }
    return spec


def _parts(chart: altair.Chart) -> list[altair.Chart]:
    inside = getattr(chart, "layer", [])
    return [chart, *(part for one in inside for part in _parts(one))]


def _fill(spec: dict, chart: altair.Chart) -> None:
    if isinstance(chart.data, pandas.DataFrame):
        spec["data"] = altair.to_values(_letters(chart.data))
    for inner, part in zip(spec.get("layer", []), getattr(chart, "layer", []), strict=True):
        _fill(inner, part)


def _letters(rows: pandas.DataFrame) -> pandas.DataFrame:
    """Rows whose texts an SVG can hold."""
    texts = [c for c in rows if not pandas.api.types.is_numeric_dtype(rows[c])]
    texts = [c for c in texts if not pandas.api.types.is_datetime64_any_dtype(rows[c])]
    return rows.assign(**{c: rows[c].map(_letter) for c in texts})


def _letter(value: object) -> object:
    return visible(value) if isinstance(value, str) else value
