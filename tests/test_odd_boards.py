"""Answers of Trello and Jira, and exports of a board, with anything at all in them: what can be used is
taken, the rest is kept with its reason or ends in a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jira_site
import pytest
import trello_board
from seeds import chance, some
from test_jira import Kept as KeptOfJira
from test_odd_answers import odd
from test_trello import Kept

from proposing import boards
from settings.boards import Jira, Trello
from sources import StopSource, TryLater, trello

NOW = datetime(2026, 11, 20, tzinfo=UTC)
BLOCKED = {"label": "Blocked", "field": "Blocked by"}


def board() -> trello_board.Board:
    told = trello_board.Board()
    one, two, three = (told.create(name) for name in "abc")
    told.wait(1)
    told.move(one, "Doing")
    told.mark(two)
    told.write(two, "the lawyers")
    told.archive(three)
    return told


def spoil(server: object, random, monkeypatch) -> None:
    """Half of what a server answers has three odd things in it."""
    usual = server.answer

    def answer(path: str, headers: dict) -> tuple[int, bytes, dict]:
        status, body, more = usual(path, headers)
        told = json.loads(body)
        for _ in range(3 * (random.random() < 0.5)):
            told = odd(random, told)
        return status, json.dumps(told).encode(), more

    monkeypatch.setattr(server, "answer", answer)


def asked_thrice(kept: Kept) -> None:
    for n in range(3):
        with suppress(StopSource, TryLater):
            kept.ask(NOW + timedelta(days=n))


@pytest.mark.parametrize("seed", some(range(36)))
def test_odd_answers_of_trello_are_taken_or_told(seed, monkeypatch):
    told = board()
    monkeypatch.setenv("TRELLO_KEY", trello_board.KEY)
    monkeypatch.setenv("TRELLO_TOKEN", trello_board.TOKEN)
    with trello_board.serving(told) as (address, api):
        spoil(api, chance(seed), monkeypatch)
        asked_thrice(Kept(Trello(name="b", board=told.id, url=address, blocked=BLOCKED)))


@pytest.mark.parametrize("cloud", [True, False])
@pytest.mark.parametrize("seed", some(range(36)))
def test_odd_answers_of_jira_are_taken_or_told(seed, cloud, monkeypatch):
    site = jira_site.Site(cloud=cloud)
    monkeypatch.setenv("JIRA_TOKEN", jira_site.TOKEN)
    monkeypatch.setenv("JIRA_EMAIL", jira_site.EMAIL if cloud else "")
    moved, flagged = site.create("a"), site.create("b")
    site.wait(1)
    site.move(moved, "In Progress")
    site.flag(flagged)
    with jira_site.serving(site) as address:
        spoil(site, chance(seed), monkeypatch)
        asked_thrice(KeptOfJira(Jira(name="j", url=address, jql="project = P")))


def test_odd_exports_of_a_board_are_taken_or_told(tmp_path):
    """`init` looks at one before anything is collected."""
    random, whole = chance(), board().export()
    file = Path(tmp_path / "board.json")
    settings = Trello(name="b", file=str(file), blocked=BLOCKED)
    for _ in range(300):
        told = json.loads(whole)
        for _ in range(3):
            told = odd(random, told)
        file.write_text(json.dumps(told))
        for read in (lambda: boards.of_export(file, {"file": str(file)}),
                     lambda: list(trello.readings(settings, {}, NOW))):  # fmt: skip
            with suppress(StopSource, TryLater):
                read()
