"""`valuestream alert` killed with -9 at any moment: nothing is lost, at most one message comes twice
after each kill, and that one says so."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import channels
import pytest
from channels import HOOK, receiving
from killed import Process, command, moments
from killed import told as said
from seeds import SEED, chance

from alerts.messages import AGAIN
from notes import store
from notes.note import Note

STAGES = """
title: A line
streams: {line: {name: A line, sources: [list], stages: {find: {name: Find, queue: [Backlog]}}}}
sources: {list: {kind: events, file: list.csv}}
alerts: {ways: {channel: {kind: slack, tells: [overdue]}}}
"""


class Slow(channels.Slack):
    """It takes its time before it takes a message and after, so that a kill may come at any moment of
    that, and it is patient."""

    seconds = (0.05, 0.05)
    began = 0.0  # when it was last sent something

    def slow(self):
        type(self).began = time.monotonic()
        return ""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "stages.yaml").write_text(STAGES)
    (tmp_path / "list.csv").touch()
    return tmp_path


def promise(folder: Path, action: str) -> None:
    """A new promise that is overdue: something to tell of."""
    note = Note(kind="promise", stream="line", action=action, who="us", due=date(2026, 1, 5))
    store.opened(folder / "data").write(note, "us", datetime.now(UTC))


def run(folder: Path, address: str) -> Process:
    return Process(folder, command(folder, "alert"), VALUESTREAM_SLACK_WEBHOOK=address + HOOK)


@pytest.mark.parametrize(
    "kills", [pytest.param(3, marks=pytest.mark.more), pytest.param(50, marks=pytest.mark.soak)]
)
def test_killed_at_any_moment_nothing_is_lost_and_at_most_one_comes_twice_and_says_so(
    folder, kills
):
    with receiving(Slow) as (address, server):
        assert run(folder, address).code() == 0, said(folder)  # it waits for its parent's imports
        promise(folder, "promise 0.")
        process = run(folder, address)
        assert process.code() == 0, said(folder)
        took = time.monotonic() - process.began
        # Half of the kills at any moment, half while the message is on its way.
        when = moments(chance("alert", kills), kills - kills // 2, took) + [None] * (kills // 2)
        random, before, twice, killed = chance("on its way", kills), 1, 0, 0
        for n, after in enumerate(when, 1):
            promise(folder, f"promise {n}.")
            process = run(folder, address)
            if after is None:
                asked_of(server, process)
                killed += process.kill(time.monotonic() - process.began + random.random() * 0.11)
            else:
                killed += process.kill(after)
            again = run(folder, address)
            assert again.code() == 0, said(folder)
            came = [text(got) for got in server.got[before:]]
            before = len(server.got)
            # Only this promise, once or twice, and the second time it says so.
            assert all(f"promise {n}." in one for one in came), (SEED, n, came)
            assert len(came) in (1, 2), (SEED, n, came)
            twice += len(came) == 2
            assert [AGAIN in one for one in came] in ([False], [True], [False, True]), (
                SEED,
                n,
                came,
            )
    told = Counter(word for got in server.got for word in text(got).split() if word.endswith("."))
    assert all(told[f"{n}."] for n in range(kills + 1)), SEED
    assert killed > kills / 2
    assert twice or kills < 50, (
        "no kill came between a message and its answer: this shows too little"
    )
    print(f"{kills} kills: {twice} messages came twice")


def asked_of(server: type[Slow], process: Process) -> None:
    """Wait until the process is about to send."""
    end = time.monotonic() + 30
    while server.began <= process.began and time.monotonic() < end:
        time.sleep(0.002)


def text(got: dict) -> str:
    return " ".join(block["text"]["text"] for block in got["json"]["blocks"][:-1])
