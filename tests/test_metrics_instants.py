"""What the figures of one instant share is worked out once: every answer is what it is without."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import looked
import pandas
import pytest
import random_lines
from line import day, event, publication
from pandas.testing import assert_frame_equal
from seeds import chance, how_many

import metrics
from metrics import instant
from metrics.catalogue import all_figures

IN_SQL = [name for name, figure in all_figures().items() if figure.sql]


@pytest.fixture(scope="module", params=["flow", "processes"])
def asked(request, tmp_path_factory):
    """Random histories side by side, or a story of checks; with instants to ask at."""
    folder, random = tmp_path_factory.mktemp("kept"), chance("kept", request.param)
    if request.param == "processes":
        told = looked.publication(folder, looked.STORY)
        yield told, [looked.at(n) for n in (1, 5, 8.5, 12, 14)]
    else:
        lines = {f"s{n}": random_lines.drawn(random, 20) for n in range(how_many(6))}
        events = [e | {"source": name} for name, one in lines.items() for e in one.events]
        told = publication(folder, events, text=random_lines.settings(lines))
        histories = {name: one.events for name, one in lines.items()}
        yield told, random_lines.instants(random, histories)
    told.close()


def plain(told: metrics.Publication, query: str, as_of: datetime) -> pandas.DataFrame:
    """An answer of the macros themselves, on a connection that keeps nothing."""
    with told._connection.cursor() as cursor:
        return cursor.execute(query, {"as_of": as_of}).df()


def test_every_figure_is_the_same_in_any_order(asked):
    told, instants = asked
    for nth, as_of in enumerate(instants[:2]):
        names = chance("order", nth).sample(IN_SQL, len(IN_SQL))
        for name in [*names, names[0]]:
            expected = plain(told, all_figures()[name].call, as_of)
            assert_frame_equal(told.figure(name, as_of), expected, obj=f"{name} at {as_of}")


@pytest.mark.soak
def test_threads_that_ask_at_once_get_their_own_answers(asked):
    """More instants than are kept, so that some go while they are asked."""
    told, instants = asked
    instants = [at + timedelta(minutes=n) for n in range(4) for at in instants]
    questions = [
        (name, at) for at in instants for name in ("status", "process_status", "lead_time")
    ]
    chance("threads").shuffle(questions)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda one: told.figure(*one), questions))
    for (name, at), rows in zip(questions, found, strict=True):
        assert_frame_equal(rows, plain(told, all_figures()[name].call, at), obj=f"{name} at {at}")
    assert len(told._instants._kept) == instant.INSTANTS


def test_threads_that_open_one_publication_at_once_all_can(asked, tmp_path):
    """A page, its health and what works ahead open it within a moment."""
    told, _ = asked
    copy = Path(shutil.copy(told.file, tmp_path))  # that nobody has open yet
    for _ in range(5):
        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(lambda _: metrics.open(copy), range(16)))
        assert {len(one.table("stream")) for one in opened} == {len(told.table("stream"))}
        for one in opened:
            one.close()


@pytest.fixture
def small(tmp_path):
    told = publication(tmp_path, [event("x", "A waiting", day(1)), event("x", "Done", day(5))])
    yield told
    told.close()


def test_the_model_of_another_instant_is_an_error_and_no_number(small):
    """As `spell` does it with a clock, which is not kept; of what is kept it would be wrong."""
    other, same = "from stay_at($as_of::timestamptz - interval 1 day)", "from stay_at($as_of)"
    assert len(plain(small, other, day(4))) == 1
    with pytest.raises(duckdb.Error, match="kept at another instant"):
        small._instants.ask(day(4), other, lambda con: con.execute(other, {"as_of": day(4)}))
    rows = small._instants.ask(day(4), same, lambda con: con.execute(same, {"as_of": day(4)}).df())
    assert len(rows) == 1


def test_what_went_wrong_on_the_way_is_made_anew(small, monkeypatch):
    as_of = day(4)
    with monkeypatch.context() as broken:
        broken.setattr(instant, "_STAND_IN", instant._STAND_IN.replace("kept_{0}", "nothing_{0}"))
        with pytest.raises(duckdb.Error, match="nothing_"):
            small.figure("queue_size", as_of)
    expected = plain(small, all_figures()["queue_size"].call, as_of)
    assert_frame_equal(small.figure("queue_size", as_of), expected)


@pytest.mark.parametrize(("visits", "kept"), [(1, 0), (2, 1), (7, 3), (1000, 5)])
def test_of_a_large_publication_fewer_instants_are_kept(small, monkeypatch, visits, kept):
    """x has two visits; so many visits are kept at most."""
    monkeypatch.setattr(instant, "VISITS", visits)
    for n in range(2, 7):
        assert small.figure("queue_size", day(n)).wip.sum() == (1 if n < 5 else 0)
    assert list(small._instants._kept) == [day(n) for n in range(7 - kept, 7)]
