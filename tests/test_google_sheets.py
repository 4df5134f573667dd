"""A link to Google Sheets as people paste it: the sheet it shows, or the sentence that says what to
change there. The server sends on to another place as Google's does: 307 to where the CSV is, 302 to
where one signs in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from servers import Handler, answering

from settings import database
from settings.google_sheets import csv_of
from settings.sources import Events, Snapshots
from sources import StopSource, TryLater, collecting

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DOCS, KEY = "https://docs.google.com/spreadsheets/d/", "1AbC_d-9"
SIGN_IN = b"<!doctype html><html><head><title>Google Sheets: Sign-in</title></head></html>"
SHEETS = {
    None: b"item,status,since\r\na,To do,2026-04-03",
    "7": b"item,status,since\r\nb,Doing,2026-04-04\r\nc,Doing,03/04/2026",
}


class Elsewhere(Handler):
    """Where the CSV is given out, and where one signs in."""

    def do_GET(self):
        if self.path.startswith("/export/"):
            gid = parse_qs(urlsplit(self.path).query).get("gid", [None])[0]
            return self._send(200, SHEETS[gid], Content_Type="text/csv")
        self._send(200, SIGN_IN, Content_Type="text/html; charset=utf-8")


class Docs(Handler):
    """Gives a sheet by its address for a CSV, and a page for people by the one they paste."""

    elsewhere = ""
    asked: list[str] = []

    def do_GET(self):
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        _, _, _, key, page, *_ = [*parts.path.split("/"), "", ""]
        if page not in ("export", "pub") and key != "e":
            return self._send(200, b"<!doctype html><title>A sheet</title>")
        told = parse_qs(parts.query)
        if key == "private" or (key == "e" and page == "unpublished"):
            to = "/v3/signin/identifier?continue=x"
            return self._send(302, Location=self.elsewhere + to)
        if key.startswith("answers-"):
            return self._send(int(key.removeprefix("answers-")), b"<html>Sorry</html>")
        if told.get("gid", [""])[0] not in ("", "7"):
            return self._send(400, b"<html>Bad Request</html>")
        # The address is another one each time.
        self._send(307, Location=f"{self.elsewhere}/export/{len(self.asked)}?{parts.query}")


@pytest.fixture(scope="module")
def docs():
    with answering(Elsewhere) as elsewhere, answering(Docs) as address:
        Docs.elsewhere = elsewhere
        yield f"{address}/spreadsheets/d/"


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        ("KEY/edit#gid=123", "KEY/export?format=csv&gid=123"),
        ("KEY/edit?usp=sharing", "KEY/export?format=csv"),
        ("KEY/edit?gid=0#gid=123", "KEY/export?format=csv&gid=123"),
        ("KEY/edit?gid=5&usp=sharing&ouid=1", "KEY/export?format=csv&gid=5"),
        ("KEY/view#gid=5&range=B2:C9", "KEY/export?format=csv&gid=5"),
        ("KEY", "KEY/export?format=csv"),
        ("KEY/", "KEY/export?format=csv"),
        ("KEY/edit?resourcekey=0-x#gid=5", "KEY/export?format=csv&gid=5&resourcekey=0-x"),
        ("KEY/export?format=xlsx&gid=5", "KEY/export?format=csv&gid=5"),
        ("e/2PACX-1v/pubhtml", "e/2PACX-1v/pub?output=csv&single=true"),
        ("e/2PACX-1v/pubhtml?gid=5&single=true", "e/2PACX-1v/pub?output=csv&single=true&gid=5"),
        ("e/2PACX-1v/pub?output=csv", "e/2PACX-1v/pub?output=csv&single=true"),
    ],
)
def test_a_link_stands_for_the_sheet_that_it_shows(link, asked):
    assert csv_of(DOCS + link.replace("KEY", KEY)) == DOCS + asked.replace("KEY", KEY)


def test_the_link_of_one_of_several_accounts_stands_for_the_same_sheet():
    for path in ("spreadsheets/u/1/d/", "a/example.org/spreadsheets/d/"):
        told = csv_of(f"https://docs.google.com/{path}{KEY}/edit#gid=5")
        assert told == f"{DOCS}{KEY}/export?format=csv&gid=5"


@pytest.mark.parametrize(
    "url",
    ["", "https://example.org/list.csv", "https://docs.google.com/document/d/1AbC/edit",
     f"{DOCS}{KEY}/gviz/tq?tqx=out:csv", "https://docs.google.com/spreadsheets/u/0/"],
)  # fmt: skip
def test_what_is_no_such_link_is_asked_as_it_is_written(url):
    assert csv_of(url) == ""


def test_a_sheet_is_read_as_a_list_of_changes_and_as_a_board(docs, tmp_path):
    listed = Events(name="list", url=f"{docs}{KEY}/edit?gid=0#gid=7")
    board = Snapshots(name="board", url=f"{docs}{KEY}/edit?usp=sharing")
    first, second = collecting.collect([listed, board], tmp_path / "landing.duckdb", NOW)
    assert (first.accepted, first.refused, first.failed) == (1, 1, "")
    assert (second.accepted, second.refused, second.failed) == (1, 0, "")
    again = collecting.collect([listed, board], tmp_path / "landing.duckdb", NOW)
    assert [one.readings for one in again] == [0, 0]
    with database.connect(tmp_path / "landing.duckdb", read_only=True) as con:
        told = con.execute("select source, item, value from stage_event order by 1").fetchall()
        (place,) = con.execute("select place from load where source = 'list'").fetchone()
    assert told == [("board", "a", "To do"), ("list", "b", "Doing")]
    assert place == f"{docs}{KEY}/export?format=csv&gid=7"


PRIVATE = "asks to sign in: the spreadsheet is private. In Google Sheets, Share → General access → Anyone with the link → Viewer."  # fmt: skip


@pytest.mark.parametrize(
    ("link", "error", "sentence"),
    [
        ("private/edit#gid=7", StopSource, PRIVATE),
        ("answers-401/edit", StopSource, PRIVATE),
        ("answers-403/edit", StopSource, PRIVATE),
        ("e/unpublished/pubhtml", StopSource, "the sheet is not published to everyone."),
        (
            "key/edit#gid=8",
            StopSource,
            "answered 400: the spreadsheet has no such sheet (gid). Open",
        ),
        ("answers-404/edit", StopSource, "answered 404: there is no such spreadsheet. It was"),
        ("answers-410/edit", StopSource, "answered 410: there is no such spreadsheet any more."),
        ("answers-418/edit", StopSource, "answered 418: <html>Sorry</html>"),
        ("answers-500/edit", TryLater, "answered 500."),
    ],
)
def test_a_sheet_that_is_not_given_out_says_what_to_change(docs, link, error, sentence):
    for kind in (Events, Snapshots):
        with pytest.raises(error) as told:
            list(collecting.readings(kind(name="s", url=docs + link), {}, NOW))
        assert sentence in str(told.value)
        assert str(told.value).startswith(docs)


@pytest.mark.more
def test_a_page_in_place_of_the_sheet_leaves_what_was_read(docs, tmp_path, monkeypatch):
    board = Snapshots(name="board", url=f"{docs}{KEY}/edit")
    collecting.collect([board], tmp_path / "landing.duckdb", NOW)
    monkeypatch.setitem(SHEETS, None, SIGN_IN)  # a page of Google's from where the CSV was
    (result,) = collecting.collect([board], tmp_path / "landing.duckdb", NOW + timedelta(days=1))
    assert (result.refused_readings, result.failed) == (1, "")
    assert result.not_believed == "The answer is a web page, not a CSV."
    with database.connect(tmp_path / "landing.duckdb", read_only=True) as con:
        assert con.execute("select item from stage_event").fetchall() == [("a",)]


def test_the_sheet_of_a_link_is_named_by_the_link_alone():
    with pytest.raises(ValueError, match=r"tells which sheet \(gid\): remove sheet"):
        Events(name="s", url=f"{DOCS}{KEY}/edit#gid=1", sheet="Board")
