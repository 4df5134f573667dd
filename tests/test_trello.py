"""A Trello board, asked over its API and read from its exports: no move is lost, none is made up."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trello_board
from trello_board import BEGAN, KEY, TOKEN, Board

import metrics
import telling.asked
import telling.sources
from metrics.publishing import publish
from settings import stages
from settings.boards import OfBoard, Trello
from sources import Reading, StopSource, TryLater, collecting, trello
from sources.landing import saving
from sources.reading import trello_json
from sources.reading.cards import iso
from sources.reading.trello_json import Words

NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
PAYLOADS = Path(__file__).parent / "payloads/trello"


@pytest.fixture(autouse=True)
def signed_in(monkeypatch):
    monkeypatch.setenv("TRELLO_KEY", KEY)
    monkeypatch.setenv("TRELLO_TOKEN", TOKEN)


@pytest.fixture
def board() -> Board:
    """A card that has moved, one that is new, one that is done."""
    told = Board()
    told.moved, told.new, told.done = (told.create(name) for name in ("Moved", "New", "Done"))
    told.wait(1)
    told.move(told.moved, "Doing")
    told.move(told.done, "Doing")
    told.wait(1)
    told.move(told.done, "Done")
    return told


@pytest.fixture
def served(board):
    with trello_board.serving(board) as (address, api):
        api.settings = Trello(name="board", board=board.id, url=address)
        yield api


class Kept:
    """What has been read of a board so far, as landing keeps it."""

    def __init__(self, settings: OfBoard):
        self.settings, self.cursor, self.rows, self.rejects, self.last = settings, {}, [], [], None

    def ask(self, now: datetime = NOW) -> Reading:
        """Reads what is new."""
        read = self.read(now)
        assert read.adds == bool(self.cursor)
        rows = [{**one, "list": one["more"][0]} for one in read.rows.to_pylist()]
        self.rows = (self.rows if read.adds else []) + rows
        self.rejects = (self.rejects if read.adds else []) + read.rejects
        for row in self.rows:
            if row["status"] not in ("", "(archived)"):
                row["status"] = read.renamed.get(row["list"], row["status"])
        self.cursor, self.last = json.loads(json.dumps(read.cursor)), read
        return read

    def read(self, now: datetime) -> Reading:
        """What its kind tells after what is known."""
        (read,) = trello.readings(self.settings, self.cursor, now)
        return read

    def events(self, card: str, word: str = "status") -> list[tuple]:
        """Of a card: each status, days after the beginning, how well that is known, each but once."""
        told: list[tuple] = []
        rows = [row for row in self.rows if row["item"] == card]
        for row in sorted(rows, key=lambda row: row["since"].rpartition("/")[2]):
            value = "(gone)" if word == "status" and row["gone"] else row[word]
            begin, _, end = row["since"].rpartition("/")
            days = (datetime.fromisoformat(end) - BEGAN) / DAY
            how = "at least" if begin == ".." else "between" if begin else "exact"
            if value != (told[-1][0] if told else None):
                told.append((value, round(days, 3), how))
        return told

    def statuses(self, card: str) -> list[str]:
        """The statuses alone."""
        return [value for value, *_ in self.events(card)]


def collect(folder: Path, settings: OfBoard, now: datetime = NOW) -> collecting.Result:
    (result,) = collecting.collect([settings], folder / "landing.duckdb", now)
    return result


def told(folder: Path, query: str) -> list[tuple]:
    with saving.opened(folder / "landing.duckdb") as con:
        return con.execute(query).fetchall()


def failed(settings: Trello, cursor: dict | None = None) -> str:
    """Why it can't be read."""
    with pytest.raises((StopSource, TryLater)) as error:
        list(trello.readings(settings, cursor or {}, NOW))
    return str(error.value)


def blocked_by(settings: Trello, how: dict) -> Trello:
    """The same board, with what means blocked."""
    return Trello(name="board", board=settings.board, url=settings.url, blocked=how)


def trello_again(settings: Trello) -> str:
    """The mark by which the same answer is known."""
    (read,) = trello.readings(settings, {}, NOW + DAY)
    return read.sha256


def exported(folder: Path, board: Board, name: str = "board.json", **more) -> Trello:
    (folder / name).write_text(board.export())
    return Trello(**{"name": "export", "file": str(folder / "*.json")} | more)


def test_moves_have_the_times_of_their_actions(served, board):
    kept = Kept(served.settings)
    read = kept.ask()
    assert (read.rows.num_rows, read.rejects) == (6, [])
    assert kept.events(board.done) == [
        ("To do", 0, "exact"), ("Doing", 1, "exact"), ("Done", 2, "exact"),
    ]  # fmt: skip
    assert {(row["name"], row["link"]) for row in kept.rows if row["item"] == board.done} == {
        ("Done", f"https://trello.com/c/{board.done[-8:]}")
    }


def test_what_is_read_is_landed_whole_and_goes_on_from_there(served, board, tmp_path):
    """A list is renamed, a card moves, one stands elsewhere than its actions say; nothing is told
    twice, and only the last answer holds where to go on."""
    assert collect(tmp_path, served.settings).accepted == 6
    board.list("Doing")["name"] = "In progress"
    board.wait(3)
    board.move(board.new, "In progress")
    board.cards[board.moved]["idList"] = board.list("Done")["id"]
    collect(tmp_path, served.settings, NOW + DAY)
    before = told(tmp_path, EVENTS)
    assert [(item, value, since - BEGAN, how) for item, value, since, _, how in before if how == "exact"] == [
        (board.moved, "To do", 0 * DAY, "exact"), (board.moved, "In progress", DAY, "exact"),
        (board.new, "To do", 0 * DAY, "exact"), (board.new, "In progress", 5 * DAY, "exact"),
        (board.done, "To do", 0 * DAY, "exact"), (board.done, "In progress", DAY, "exact"),
        (board.done, "Done", 2 * DAY, "exact"),
    ]  # fmt: skip
    assert (board.moved, "Done", NOW + DAY, NOW, "between") in before
    assert collect(tmp_path, served.settings, NOW + 2 * DAY).readings == 0
    assert told(tmp_path, EVENTS) == before
    cursors = told(tmp_path, "select cursor->'board'->>'asked' from load order by load_id")
    assert cursors == [(None,), ((NOW + 2 * DAY).isoformat(),)]


EVENTS = """select item, value, since, not_before, precision from stage_event where kind = 'status'
            order by item, since, sequence"""


def test_the_key_and_the_token_are_sent_in_a_header_and_stand_nowhere_else(served, tmp_path):
    served.fail(401, f"invalid token {TOKEN} of {KEY}".encode())
    said = collect(tmp_path, served.settings).failed
    assert all(KEY in one["Authorization"] for one in served.headers)
    assert not any(KEY in path or TOKEN in path for path in served.asked)
    kept = (tmp_path / "landing.duckdb").read_bytes()
    for secret in (KEY, TOKEN):
        assert secret not in said
        assert secret.encode() not in kept


def test_more_than_a_thousand_actions_and_cards_come_page_by_page():
    board = Board()
    cards = [board.create(f"card {n}") for n in range(1001)]
    board.wait(1)
    for card in cards:
        board.move(card, "Doing")
    with trello_board.serving(board) as (address, api):
        kept = Kept(Trello(name="board", board=board.id, url=address))
        assert kept.ask().rows.num_rows == 2002
        assert sum("/actions" in path for path in api.asked) == 4  # the last one is empty
        assert sum("/cards" in path for path in api.asked) == 3
    each = {tuple(kept.events(card)) for card in cards}
    assert each == {(("To do", 0, "exact"), ("Doing", 1, "exact"))}


def test_later_only_what_is_new_is_asked_for(served, board):
    kept = Kept(served.settings)
    kept.ask()
    board.wait(3)
    board.move(board.new, "Doing")
    served.asked.clear()
    assert kept.ask(NOW + DAY).rows.num_rows == 1
    assert all("since=" in path for path in served.asked if "/actions" in path)
    assert kept.events(board.new) == [("To do", 0, "exact"), ("Doing", 5, "exact")]


def test_in_one_collect_or_in_several_the_same_is_told(served, board):
    done = [
        lambda: board.move(board.moved, "Done"), lambda: board.mark(board.new),
        lambda: board.archive(board.done), lambda: board.remove(board.moved),
    ]  # fmt: skip
    each, once = Kept(served.settings), Kept(served.settings)
    for n, do in enumerate(done):
        each.ask(NOW + n * DAY)
        board.wait(1)
        do()
    each.ask(NOW + 4 * DAY)
    once.ask(NOW + 4 * DAY)
    for card in (board.moved, board.new, board.done):
        assert each.events(card) == once.events(card)


def test_each_way_in_and_out_of_a_board_is_told(served, board):
    kinds = ("copyCard", "convertToCardFromCheckItem", "emailCard", "moveCardToBoard")
    came = [board.create(kind, kind=kind) for kind in kinds]
    board.wait(1)
    board.archive(board.moved)
    board.remove(board.new)
    board.remove(board.done, kind="moveCardFromBoard")
    board.wait(1)
    board.archive(board.moved, closed=False)
    kept = Kept(served.settings)
    kept.ask()
    assert [kept.events(card) for card in came] == [[("To do", 2, "exact")]] * 4
    assert kept.events(board.moved)[2:] == [("(archived)", 3, "exact"), ("Doing", 4, "exact")]
    assert kept.events(board.new)[1:] == [("(gone)", 3, "exact")]
    assert kept.events(board.done)[3:] == [("(gone)", 3, "exact")]


def test_a_renamed_list_is_no_move_and_gives_its_name_to_what_was(served, board):
    kept = Kept(served.settings)
    kept.ask()
    board.list("Doing")["name"] = "In progress"
    board.list("Done")["name"] = "Doing"
    board.wait(1)
    board.move(board.new, "In progress")
    kept.ask(NOW + DAY)
    assert kept.statuses(board.done) == ["To do", "In progress", "Doing"]
    board.list("In progress")["name"] = "At it"
    kept.ask(NOW + 2 * DAY)
    assert kept.statuses(board.new) == ["To do", "At it"]


def test_a_closed_list_archives_its_cards(served, board):
    board.wait(1)
    board.close("Doing")
    board.wait(1)
    board.close("Doing", closed=False)
    kept = Kept(served.settings)
    kept.ask()
    assert kept.events(board.moved)[1:] == [
        ("Doing", 1, "exact"), ("(archived)", 3, "exact"), ("Doing", 4, "exact"),
    ]  # fmt: skip
    board.list("Doing")["closed"] = True
    kept.ask(NOW + DAY)
    assert kept.events(board.moved)[-1][::2] == ("(archived)", "between")


def test_what_no_action_tells_lies_between_two_askings(served, board):
    """A card stands elsewhere than its last move says; another is not there any more, a third is new."""
    kept = Kept(served.settings)
    kept.ask()
    board.cards[board.new]["idList"] = board.list("Done")["id"]
    del board.cards[board.moved]
    new = board.put("Without an action", "Doing")
    kept.ask(NOW + DAY)
    between = f"{iso(NOW)}/{iso(NOW + DAY)}"
    assert [(row["item"], row["since"]) for row in kept.rows[6:]] == [
        (board.new, between), (new, between), (board.moved, between),
    ]  # fmt: skip
    assert [kept.statuses(card)[-1] for card in (board.new, new, board.moved)] == [
        "Done",
        "Doing",
        "(gone)",
    ]


def test_a_card_of_which_nothing_is_told_was_there_at_least_since_it_was_made(served, board):
    board.wait(4)
    copied = board.put("Copied with its board", "Doing")
    kept = Kept(served.settings)
    kept.ask()
    assert kept.events(copied) == [("Doing", 6, "at least")]


def test_what_was_done_on_another_board_is_not_told_of_this_one(served, board):
    board.did("updateCard", board.new, old={"closed": False}, list={"id": board.new_id()})
    board.actions[-1]["data"]["board"] = {"id": board.new_id(), "name": "Another"}
    kept = Kept(served.settings)
    kept.ask()
    assert kept.statuses(board.new) == ["To do"]


def test_cards_of_a_list_that_came_from_another_board_were_there_at_least_since(served, board):
    old = board.put("Older than its list is here", "Done")
    board.wait(4)
    board.did("moveListToBoard", list=board.list("Done"))
    board.wait(1)
    board.did("moveListFromBoard", list=(went := board.list("Doing")))
    board.lists.remove(went)
    del board.cards[board.moved]
    kept = Kept(served.settings)
    kept.ask()
    assert kept.events(old) == [("Done", 6, "at least")]
    assert kept.events(board.moved)[-1] == ("(gone)", 7, "exact")


def test_a_card_that_moves_while_the_board_is_read_is_not_told_to_move_back(served, board):
    def meanwhile():
        served.meanwhile, board.at = None, NOW
        board.move(board.new, "Done")

    served.meanwhile, kept = meanwhile, Kept(served.settings)
    for now in (NOW, NOW + DAY):
        kept.ask(now)
        assert kept.statuses(board.new) == ["To do", "Done"]


def test_the_label_and_the_field_say_since_when_and_why_a_card_is_blocked(served, board):
    board.mark(board.new)
    board.wait(1)
    board.write(board.new, "VPN drops")
    board.wait(1)
    board.mark(board.new, on=False)
    board.write(board.moved, "no test data")
    label, field = {"label": "Blocked"}, {"field": "Blocked by"}
    by_label, by_field, by_both = (
        Kept(blocked_by(served.settings, one)) for one in (label, field, label | field)
    )
    for kept in (by_label, by_field, by_both):
        kept.ask()
    assert by_label.events(board.new, "blocked") == [
        ("", 0, "exact"), ("Blocked", 2, "exact"), ("", 4, "exact"),
    ]  # fmt: skip
    assert [one[:2] for one in by_both.events(board.new, "blocked")] == [
        ("", 0), ("Blocked", 2), ("VPN drops", 3), ("", 4),
    ]  # fmt: skip
    assert by_field.events(board.moved, "blocked")[1:] == [("no test data", 4, "exact")]
    board.cards[board.done]["idLabels"] = [board.labels[0]["id"]]
    by_label.ask(NOW + DAY)
    assert by_label.events(board.done, "blocked")[-1][::2] == ("Blocked", "between")


def test_a_label_or_field_that_the_board_does_not_have_is_named(served):
    said = [
        failed(blocked_by(served.settings, one)) for one in ({"label": "Blocekd"}, {"field": "Why"})
    ]
    assert "has no label 'Blocekd'; it has: Blocked. Correct 'blocked'." in said[0]
    assert "has no custom field 'Why'; it has: none. Correct 'blocked'." in said[1]


@pytest.mark.parametrize("which", ["key", "token"])
def test_a_rate_limit_is_waited_for_or_left_to_the_next_run(served, which):
    body = (PAYLOADS / f"error-429-{which}.json").read_bytes()
    served.fail(429, body, times=1, after=1, Retry_After="0")
    assert Kept(served.settings).ask().rows.num_rows == 6
    served.fail(429, body, Retry_After="0")
    assert "answered 429, three times" in failed(served.settings)
    served.fail(429, body, Retry_After="900")
    assert "asks not to be asked again until" in failed(served.settings)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, b"invalid key", "The key in TRELLO_KEY or the token in TRELLO_TOKEN does not open this board"),
        (404, b"board not found", "There is no such board, or the token's owner does not see it"),
        (200, b"<!doctype html><title>Log in to Trello</title>", "is no Trello board"),
        (200, b'{"message": "ok"}', "is no Trello board"),
        (200, b'{"lists": [], "lab', "is no Trello board"),
        (500, b"", "answered 500"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_says_what_to_do_wherever_it_comes(served, status, body, said):
    for after in (0, 1, 2):
        served.fail(status, body, after=after)
        assert failed(served.settings), after
    served.fail(status, body)
    assert said in failed(served.settings)


def test_an_answer_that_breaks_off_is_no_answer(served, board):
    served.fail(200, json.dumps(board.told()).encode(), Content_Length="100000")
    with pytest.raises(TryLater, match=r"broke off|reached"):
        list(trello.readings(served.settings, {}, NOW))


@pytest.mark.more
def test_a_failed_answer_loses_nothing(served, board, tmp_path):
    collect(tmp_path, served.settings)
    before = told(tmp_path, EVENTS)
    board.move(board.new, "Doing")
    served.fail(200, b"<html>Log in</html>", after=2)
    assert collect(tmp_path, served.settings, NOW + DAY).failed
    assert told(tmp_path, EVENTS) == before
    served.fault = None
    assert collect(tmp_path, served.settings, NOW + DAY).accepted == 1


def test_without_a_key_it_is_said_which_is_missing(served, monkeypatch):
    monkeypatch.delenv("TRELLO_TOKEN")
    assert "no TRELLO_TOKEN: set it" in failed(served.settings)


def test_an_empty_board_is_told_as_empty_and_filled_later():
    board = Board()
    with trello_board.serving(board) as (address, _):
        kept = Kept(Trello(name="board", board=board.id, url=address))
        assert (kept.ask().rows.num_rows, kept.last.refused) == (0, "")
        card = board.create("First")
        kept.ask(NOW + DAY)
        assert kept.events(card) == [("To do", 0, "exact")]


def test_cards_that_vanish_in_great_number_are_not_believed(served, board):
    kept = Kept(served.settings)
    kept.ask()
    board.cards.clear()
    said = failed(served.settings, kept.cursor)
    assert said.startswith("3 of the 3 items of the answer before are missing")


def test_what_can_t_be_used_is_kept_with_its_reason_once(served, board):
    board.did("createCard", list={"id": "x"})
    board.actions.append({"id": board.new_id(), "type": "deleteCard", "date": "soon", "data": {}})
    board.cards["odd"] = {"id": "odd", "idList": None}
    kept = Kept(served.settings)
    for now in (NOW, NOW + DAY):
        kept.ask(now)
    assert sorted((one.field, one.value, one.reason) for one in kept.rejects) == [
        ("date", "soon", "no time: it should be like 2026-04-03T14:30:00.000Z"),
        ("id", "null", "no id of a card"), ("id", "odd", "no id of a card"),
    ]  # fmt: skip


def test_a_name_is_kept_letter_for_letter_and_a_new_one_is_shown(served, board):
    name = '=1+1 <b>**bold**</b> &amp; "x"\u202e'
    board.cards[board.new]["name"] = name
    kept = Kept(served.settings)
    kept.ask()
    board.cards[board.moved]["name"] = name
    kept.ask(NOW + DAY)
    for card in (board.new, board.moved):
        assert [row["name"] for row in kept.rows if row["item"] == card][-1] == name


# -- exports -------------------------------------------------------------------------------------


def test_an_export_tells_the_same_as_the_api(served, board, tmp_path):
    board.mark(board.new)
    board.wait(1)
    board.archive(board.moved)
    blocked = {"label": "Blocked"}
    asked = Kept(blocked_by(served.settings, blocked))
    read = Kept(exported(tmp_path, board, blocked=blocked))
    asked.ask()
    assert not read.ask().adds
    for card in (board.moved, board.new, board.done):
        for word in ("status", "blocked"):
            assert asked.events(card, word) == read.events(card, word)


def test_an_export_is_exact_from_its_oldest_action_on_and_at_least_before(tmp_path):
    board = Board()
    old, untouched = board.create("Old"), board.create("Untouched", into="Doing")
    board.mark(old)
    for n in range(1000):
        board.wait(0.01)
        board.move(old, ("Doing", "To do")[n % 2])
    settings = exported(tmp_path, board, blocked={"label": "Blocked"})
    assert collect(tmp_path, settings).failed == ""
    found = told(tmp_path, "select item, kind, value, precision, opening from stage_event "
                           "where (since - timestamptz '2026-01-05 09:00Z') < interval 15 minute "
                           "order by item, kind desc, sequence")  # fmt: skip
    assert found == [
        (old, "status", "To do", "at least", True), (old, "status", "Doing", "exact", False),
        (old, "blocked", "Blocked", "at least", True), (old, "blocked", "Blocked", "exact", False),
        (untouched, "status", "Doing", "at least", True), (untouched, "blocked", "", "at least", True),
    ]  # fmt: skip
    ((note,),) = told(tmp_path, "select note from load")
    assert note.startswith("moves are exact from 5 January 2026, 09:14 UTC on")


def test_exports_that_are_kept_are_read_together(tmp_path):
    """In whatever order they lie there, and the same one twice: what the newer forgot the older tells."""
    board = Board()
    card = board.create("Card")
    (tmp_path / "z.json").write_text(board.export())
    for _ in range(500):
        board.wait(0.01)
        board.move(card, "Doing")
        board.move(card, "To do")
    settings = exported(tmp_path, board, "a.json")
    (tmp_path / "b.json").write_text(board.export())
    kept = Kept(settings)
    kept.ask()
    assert kept.events(card)[:2] == [("To do", 0, "exact"), ("Doing", 0.01, "exact")]
    assert len(kept.events(card)) == 1001
    assert trello_again(settings) == kept.last.sha256


def test_between_exports_that_do_not_meet_a_card_moved_some_time(tmp_path):
    board = Board(("To do", "Doing", "Done", "Then"))
    card, other = board.create("Card"), board.create("Other")
    (tmp_path / "1.json").write_text(board.export())
    board.wait(1)
    board.move(card, "Doing")
    for n in range(1000):
        board.wait(0.01)
        board.move(other, ("Doing", "To do")[n % 2])
    board.move(card, "Done")
    kept = Kept(exported(tmp_path, board, "2.json"))
    assert kept.ask().note == (
        "no export tells of the moves between 5 January 2026, 09:00 UTC and 6 January 2026, 09:28 UTC"
    )
    assert kept.events(card) == [
        ("To do", 0, "exact"),
        ("Doing", 11, "between"),
        ("Done", 11, "exact"),
    ]


def test_an_export_says_nothing_of_the_days_after_it(tmp_path, board):
    settings = exported(tmp_path, board)
    (read,) = trello.readings(settings, {}, NOW)
    assert (read.newest, settings.recorded, settings.live) == (board.at, True, False)


@pytest.mark.parametrize(
    "body", ["", "<html>Log in</html>", "[]", '{"id": "x", "cards": []}', '{"id": ']
)
def test_a_file_that_is_no_export_is_told_apart(tmp_path, board, body):
    settings = exported(tmp_path, board)
    (tmp_path / "board.json").write_text(body)
    assert "board.json is no" in failed(settings)


def test_exports_of_several_boards_are_not_mixed(tmp_path, board):
    (tmp_path / "other.json").write_text(board.export())
    board.id = board.new_id()
    assert "these are exports of several boards" in failed(exported(tmp_path, board))


def test_a_card_that_is_archived_when_it_is_done_stays_delivered(tmp_path, board):
    """And deleted; one that is archived before is abandoned. Nothing is known after the export."""
    board.wait(14)
    board.archive(board.done)
    board.archive(board.moved)
    board.wait(1)
    board.remove(board.done)
    board.remove(board.new)
    board.closed = True
    exported(tmp_path, board)
    (tmp_path / "stages.yaml").write_text(LINE)
    line = stages.read(tmp_path / "stages.yaml")
    collect(tmp_path, line.sources["cards"])
    assert publish.publish(line, tmp_path, NOW).ok
    with closing(metrics.open(tmp_path)) as asked:
        found = asked.figure("happened", NOW).set_index("item").what.groupby(level=0).last()
        assert found.to_dict() == {
            board.done: "delivered",
            board.moved: "abandoned",
            board.new: "abandoned",
        }
        weeks = asked.figure("throughput", NOW)
        assert (weeks.delivered.sum(), weeks.abandoned.sum()) == (1, 2)
        assert asked.figure("freshness", NOW).told_until.iloc[0] == board.at
        page = telling.asked.asked(asked, "line")
        (row,) = telling.sources.freshness(page, page.figure("freshness"), "").rows
        assert row[1].endswith("; the board is closed: nothing moves on it")


LINE = """
title: A board
streams:
  line:
    name: A line
    sources: [cards]
    stages: {do: {name: Do, queue: [To do], work: [Doing], done: [Done]}}
sources:
  cards: {kind: trello, file: board.json}
"""


@pytest.mark.more
def test_a_collector_that_is_killed_half_way_loses_and_doubles_nothing(served, board, tmp_path):
    """It is killed while it waits for the actions: the next one tells all."""
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC; from sources import collecting\n"
        "from settings.boards import Trello\n"
        "settings = Trello(name='board', board=sys.argv[2], url=sys.argv[3])\n"
        "collecting.collect([settings], Path(sys.argv[1]), datetime(2026, 11, 20, tzinfo=UTC))\n"
    )
    landing = str(tmp_path / "landing.duckdb")
    command = [sys.executable, "-c", program, landing, board.id, served.settings.url]
    reached, go_on = threading.Event(), threading.Event()

    def meanwhile():
        reached.set()
        go_on.wait(20)

    served.meanwhile = meanwhile
    process = subprocess.Popen(command, cwd=Path(__file__).parent.parent)
    assert reached.wait(30)
    process.kill()
    process.wait(10)
    served.meanwhile = None
    go_on.set()
    assert told(tmp_path, "select count(*) from load") == [(0,)]
    collect(tmp_path, served.settings)
    collect(tmp_path / "whole", served.settings)
    assert told(tmp_path, EVENTS) == told(tmp_path / "whole", EVENTS)


def test_real_actions_are_understood():
    """As recorded: moved to another list, archived, taken back, a label, moved within one list."""
    recorded = json.loads((PAYLOADS / "recorded-actions.json").read_text())
    actions, odd = trello_json.actions(recorded, NOW)
    words = Words(Trello(name="x", board="x", blocked={"label": "Stuck"}), {"lists": []})
    words.labels, steps = {"54642de974d650d56763bc32"}, []
    for action in actions:
        words.board = action.data["board"]["id"]
        steps += words.steps(action)
    assert not odd
    assert [(one.what, one.place[-4:], one.before[-4:], one.name) for one in steps] == [
        ("moved", "427a", "4279", "This is a card."), ("archived", "427a", "", "Card name"),
        ("back", "427a", "", "Card name"), ("marked", "", "", "Card name"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "trello needs either a board or a file"),
        ({"board": "x", "file": "x.json"}, "trello needs either a board or a file"),
        ({"board": "https://trello.com/b/U3oLGhYx/our-work"}, "the board's id alone"),
        ({"file": "board.csv"}, "JSON export"),
        ({"board": "x", "token": "ATTAfedcba9876543210"}, "the name of a variable"),
        ({"board": "x", "blocked": {}}, "neither a label nor a field"),
    ],
)  # fmt: skip
def test_settings_that_can_t_be_are_told_apart(wrong, said):
    with pytest.raises(ValueError, match=said):
        Trello(name="board", **wrong)
