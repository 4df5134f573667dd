"""What leaves as a file runs nothing: read again by rules of our own, by openpyxl and LibreOffice."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime

import openpyxl
import pandas
import pytest
from browser import DESIGN, SUPPLY, opened, settled
from playwright.sync_api import expect
from test_cli import valuestream

from telling import exports, leaving, terminal

SIGNS = "=+-@＝＋－＠"
# Every way in which a text could begin a cell that runs, alone or behind something else.
HOSTILE = [
    *(f"{before}{sign}1+1" for sign in SIGNS
      for before in ("", " ", "\t", "\r", "\n", "\x00", "\x0b", "\xa0", "\u3000", "\u200b", "\ufeff", '"', "'", " \t ")),
    *(f"a{end}{sign}cmd|' /C calc'!A0" for sign in SIGNS
      for end in ("\r", "\n", "\r\n", "\x00", ";", "; ", "\t", "|", ';"', "\u2028", "\x85", '",')),
    '=HYPERLINK("https://example.org/?"&A1,"a")', "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3", "+44 20 7946",
    "\x1b[2J", "a\x07b", "\ufffe", "\u202egnp.exe",
]  # fmt: skip
PLAIN = [
    "plain",
    "a - b",
    "a=b",
    "Café: 5 > 3; done",
    'say "a", b',
    "x;y",
    "jane@example.org",
    "–5",
    "",
]
FRAME = pandas.DataFrame({
    "=name": [*HOSTILE, *PLAIN],
    "days": [-1.5] * len(HOSTILE + PLAIN),
    "count": [-3] * len(HOSTILE + PLAIN),
    "mixed": pandas.Series([["=1", "\r=2"], -7, datetime(2026, 1, 2, tzinfo=UTC), None, True] * 100, dtype=object)
             .head(len(HOSTILE + PLAIN)),
})  # fmt: skip


def begins(cell: str) -> str:
    """The first letter that a spreadsheet minds: after spaces, marks that nobody sees and quotes."""
    return re.sub(r"^[\s\"\u200b-\u200f\u2060\ufeff\x00-\x20]+", "", cell)[:1]


def live(cell: str) -> bool:
    """Whether a spreadsheet could run it: it begins so, and is no plain number."""
    return begins(cell) in SIGNS and begins(cell) != "" and not re.fullmatch(r"-?\d+(\.\d+)?", cell)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_no_cell_of_a_csv_runs_whichever_mark_parts_its_cells(mark):
    """As a country's own list separator may, and as a reader that heeds no quotes would."""
    told = exports.csv(FRAME).decode("utf-8-sig")
    assert len(told.splitlines()) == len(FRAME) + 1
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", told)
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE) if mark != "," else (csv.QUOTE_MINIMAL,):
        cells = [cell for row in csv.reader(io.StringIO(told), delimiter=mark, quoting=quoting)
                 for cell in row]  # fmt: skip
        # Read with another mark, a row of ours is one cell, or a few: none but numbers begins so.
        assert not [cell for cell in cells if live(cell)], (mark, quoting)


def test_a_csv_says_the_same_but_for_the_escapes():
    rows = list(csv.reader(io.StringIO(exports.csv(FRAME).decode("utf-8-sig"))))
    assert rows[0] == ["'=name", "days", "count", "mixed"]
    for text, row in zip([*HOSTILE, *PLAIN], rows[1:], strict=True):
        assert row[0].replace("'", "") == leaving.visible(text).replace("'", "")
        assert row[1:3] == ["-1.5", "-3"]  # a number is a number, below nought too
    assert [row[0] for row in rows[-len(PLAIN) :]] == PLAIN
    assert rows[2][3] == "-7" and rows[3][3] == "2026-01-02T00:00:00Z"


def test_a_small_fraction_is_not_nothing():
    """Of 3,000 checks one failed: the file said 0.0, as if none had."""
    shares = pandas.Series([1 / 3000, -0.0001, 0.0, 0.1236, float("nan"), 0.0005])
    told = exports.safe(pandas.DataFrame({"share": shares, "name": "x"})).share
    assert told.head(4).to_list() == [0.00033, -0.0001, 0.0, 0.124]
    assert told.isna().to_list() == [False] * 4 + [True, False] and told[5] != 0
    for kind in ("float64", "Float64"):  # rows put together of several answers, each counted from 0
        several = pandas.DataFrame(
            {"share": pandas.Series([0.5, 1 / 3000, 1 / 4000], [0] * 3, kind)}
        )
        assert exports.safe(several).share.to_list() == [0.5, 0.00033, 0.00025]


def test_a_workbook_holds_texts_numbers_and_no_formula():
    """Letters that XML can't hold made the download fail without a word."""
    sheet = openpyxl.load_workbook(io.BytesIO(exports.xlsx(FRAME))).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    for text, (name, days, count, _) in zip(
        [*HOSTILE, *PLAIN], sheet.iter_rows(min_row=2), strict=True
    ):
        told = str(name.value or "")
        assert told.replace("'", "") == leaving.visible(text).replace("'", "")
        assert not live(told)
        assert (days.value, count.value) == (-1.5, -3)


def test_a_text_that_no_cell_holds_says_how_much_is_missing():
    """The library cut it at 32,767 letters without a word."""
    frame = pandas.DataFrame({"value": ["x" * 40_000, "y" * 32_767, None]})
    sheet = openpyxl.load_workbook(io.BytesIO(exports.xlsx(frame))).active
    _, long, fits, none = (row[0].value for row in sheet.iter_rows())
    assert long == "x" * 32_667 + " … and 7,333 more letters, which the CSV holds"
    assert fits == "y" * 32_767 and none is None
    assert "x" * 40_000 in exports.text(frame)


def test_json_is_the_data_letter_for_letter():
    rows = FRAME[["=name"]]
    told = terminal.json_text(rows)
    assert [row["=name"] for row in json.loads(told)] == rows["=name"].to_list()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", told)


def test_the_command_writes_the_page_s_own_csv(example, publication):
    at = publication.opens_at(DESIGN)
    asked = ["figure", "age", "--stream", DESIGN, "--format", "csv"]
    told = valuestream(*asked, data=example).stdout
    assert told == exports.text(publication.figure("age", at, stream=DESIGN))


@pytest.mark.parametrize(
    "name",
    [
        '../../etc/"a";x=',
        "a\r\nSet-Cookie: b",
        "..",
        "CON|<>?*:",
        "ü-naïve",
        "x" * 999,
        "設計" * 99,
    ],
)
def test_a_file_s_name_is_one_that_every_system_takes(name):
    told = exports.named(f"{name}-queue-2026-01-01", "csv")
    assert re.fullmatch(r"[\w-][\w.-]{0,160}\.csv", told) and not re.search(r"\.\.", told[:2])
    assert len(told.encode()) < 200  # a disk takes 255 bytes, not letters
    assert exports.named(f"{name}-queue", "csv", "-12").endswith("-12.csv")
    assert exports.named("design-a-dataset-age-2026-11-20", "csv") == (
        "design-a-dataset-age-2026-11-20.csv"
    )


@pytest.mark.more
def test_a_grid_offers_no_download_of_its_own(page, app):
    """Streamlit's would write the cells as they are; those below the grid are ours."""
    for address in (f"sources?stream={DESIGN}", "pipeline?show=failing", f"flow?stream={SUPPLY}"):
        opened(page, f"{app}/{address}")
        if address.startswith("flow"):
            page.get_by_test_id("stVegaLiteChart").first.hover()
            page.get_by_role("button", name=re.compile("^Show data")).first.click()
            settled(page)
        page.get_by_test_id("stDataFrame").first.hover()
        expect(page.get_by_role("button", name=re.compile("^Search")).first).to_be_visible()
        assert page.locator("[aria-label^='Download as CSV']").count()
        assert page.get_by_role("button", name=re.compile("^Download as CSV")).count() == 0
    page.goto("about:blank")  # a chart that shows its data would do so for the next test too


@pytest.mark.more
def test_libreoffice_runs_no_cell_of_a_csv(tmp_path):
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed: the rules above stand in for it")
    (tmp_path / "a.csv").write_bytes(exports.csv(FRAME))
    subprocess.run(
        [office, "--headless", "--infilter=CSV:44,34,76,1,,0,false,true,false,true", "--convert-to",
         "xlsx", "--outdir", tmp_path, tmp_path / "a.csv"],
        check=True, timeout=120,
    )  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
