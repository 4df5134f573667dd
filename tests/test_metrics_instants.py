"""What the figures of one instant share is worked out once: every answer is what it is without."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import looked
import pandas
import pytest
import random_lines
from line import LINE, day, event, publication
from pandas.testing import assert_frame_equal
from seeds import chance, how_many

import metrics
from metrics import instant, quicker
from metrics.catalogue import all_figures
from metrics.listed import in_words
from metrics.publishing import ahead

IN_SQL = [name for name, figure in all_figures().items() if figure.sql]


@pytest.fixture(scope="module")
def large():
    """What is published counts as much, of which something is worked out ahead."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ahead, "MANY", 0)
        yield


@pytest.fixture(scope="module", params=["flow", "processes"])
def asked(request, tmp_path_factory, large):
    """Random histories side by side, or a story of checks; with instants to ask at."""
    folder, random = tmp_path_factory.mktemp("kept"), chance("kept", request.param)
    if request.param == "processes":
        told = looked.publication(folder, looked.STORY)
        yield told, [looked.at(n) for n in (1, 5, 8.5, 12, 14)]
    else:
        lines = {f"s{n}": random_lines.drawn(random, 20) for n in range(how_many(3))}
        events = [e | {"source": name} for name, one in lines.items() for e in one.events]
        told = publication(folder, events, text=random_lines.settings(lines))
        histories = {name: one.events for name, one in lines.items()}
        yield told, random_lines.instants(random, histories)
    told.close()


def plain(told: metrics.Publication, query: str, as_of: datetime) -> pandas.DataFrame:
    """An answer of the macros themselves, on a connection that keeps nothing."""
    with told._connection.cursor() as cursor:
        return in_words(cursor.execute(query, {"as_of": as_of}).df())


def test_every_figure_is_the_same_in_any_order(asked):
    told, instants = asked
    for nth, as_of in enumerate(instants[1:2]):
        names = chance("order", nth).sample(IN_SQL, len(IN_SQL))
        for name in [*names, names[0]]:
            expected = plain(told, all_figures()[name].call, as_of)
            assert_frame_equal(told.figure(name, as_of), expected, obj=f"{name} at {as_of}")


@pytest.mark.more
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


def test_of_a_large_publication_no_row_for_each_item_is_kept(small, monkeypatch):
    """x has two visits, and eight instants may be kept: fifteen in all are too many."""
    for most, is_kept in ((16, True), (15, False)):
        monkeypatch.setattr(instant, "VISITS", most)
        small._instants = instant.Instants(small._connection)
        for name in ("queue_size", "verdict", "happened"):
            told = small.figure(name, day(4))
            assert len(told)
        rows = small._instants._at(day(4))._connection.execute("show tables").fetchall()
        assert ("kept_stay_at" in {name for (name,) in rows}) == is_kept
        assert "kept_stage_now" in {name for (name,) in rows}


def test_no_more_instants_are_kept_than_may_be(small):
    days = [day(2 + n / 10) for n in range(instant.INSTANTS + 3)]
    for at in days:
        small.figure("queue_size", at)
    assert list(small._instants._kept) == days[-instant.INSTANTS :]


# When tests/line.py publishes; none of its lines opens before.
OPENED = datetime(2027, 1, 1, tzinfo=UTC)


more = pytest.mark.more
LATER = [0, 40, *(pytest.param(days, marks=more) for days in (1e-6, 0.5, 20, 400))]


@pytest.mark.parametrize("later", LATER)
def test_what_was_worked_out_when_publishing_is_what_the_model_gives_then_and_later(asked, later):
    """Days later too: sources have grown old by then, but nothing else has happened."""
    told, _ = asked
    as_of = OPENED + timedelta(days=later)
    names = chance("ahead", later).sample([*instant.AHEAD, *instant.AHEAD_IF_KNOWN], 7)
    for name in names:
        query = f"from {name}($as_of) order by all"
        asking = told._instants._at(as_of)
        found = asking.ask(
            query, lambda con, query=query: in_words(con.execute(query, {"as_of": as_of}).df())
        )
        assert asking._opening == 1, "nothing was worked out ahead"
        assert_frame_equal(found, plain(told, query, as_of), obj=f"{name} at {as_of}")


def without(told: metrics.Publication, folder: Path) -> metrics.Publication:
    """A copy of a publication in which nothing is worked out ahead."""
    copy = Path(shutil.copy(told.file, folder / told.file.name))
    with duckdb.connect(str(copy)) as con:
        for table in ("opening", "ahead_verdict", "ahead_spread", "ahead_hand_off"):
            con.execute(f"delete from {table}")
    return metrics.open(copy)


@pytest.mark.parametrize(
    ("name", "later"),
    [("verdict", 0), ("spread", 0), ("hand_off", 40), pytest.param("verdict", 40, marks=more)],
)
def test_a_judgement_worked_out_when_publishing_is_the_one_given_later(
    asked, tmp_path, name, later
):
    told, as_of = asked[0], OPENED + timedelta(days=later)
    assert_frame_equal(told.figure(name, as_of), without(told, tmp_path).figure(name, as_of))


def test_the_bundled_example_opens_with_what_is_worked_out_at_its_instants(publication, tmp_path):
    """Each of its lines at its own; of some the records end before those of others."""
    plainly = without(publication, tmp_path)
    opens = set(publication.table("stream").opens_at)
    assert len(opens) > 1
    for as_of in (at.to_pydatetime() for at in opens):
        for name in chance("example", as_of).sample(list(all_figures()), 6):
            found = publication.figure(name, as_of)
            assert_frame_equal(found, plainly.figure(name, as_of), obj=f"{name} at {as_of}")
        assert publication._instants._at(as_of)._opening is not None
        before = as_of - timedelta(microseconds=1)
        assert publication._instants._at(before)._opening is None


def test_what_comes_to_be_known_later_ends_what_was_worked_out(tmp_path, large):
    """x is told to be done a day after it was published: until then it is open, and then not."""
    events = [event("x", "A waiting", day(1)), event("x", "Done", day(6))]
    told = publication(tmp_path, events, now=day(5))
    for at, held in ((day(5), 1), (day(6) - timedelta(microseconds=1), 1), (day(6), 0)):
        assert told.figure("queue_size", at).wip.sum() == held
        assert (told._instants._at(at)._opening is None) == (held == 0)
    told.close()


def test_where_sources_grow_too_old_to_be_waited_for_what_stood_on_them_is_worked_out_anew(
    tmp_path,
):
    """One list was read to day 9, the other to day 20: the line is known until day 9, for as long as
    the other is not stale too."""
    two = LINE.replace("[log]", "[log, more]").replace(
        "log: {kind: events, file: log.csv}",
        "log: {kind: events, file: log.csv}\n  more: {kind: events, file: log.csv}",
    )
    events = [event("x", "A waiting", day(1)), event("x", "B waiting", day(4))]
    events.append(event("y", "A waiting", day(8)) | {"source": "more"})
    told = publication(
        tmp_path, events, text=two, now=day(21), asked={"log": day(9), "more": day(20)}
    )
    until = set()
    for as_of in (day(21), day(22), day(70)):
        rows = told.figure("lately", as_of)
        assert_frame_equal(rows, plain(told, all_figures()["lately"].call, as_of))
        until |= set(rows.until_at)
    assert until == {day(9), day(20)}
    told.close()


def test_the_quick_way_to_a_median_gives_what_the_macro_does(asked):
    told, instants = asked
    for as_of in instants:
        with told._connection.cursor() as con:
            found = sorted(quicker.reached(con, {"as_of": as_of}))
        rows = plain(told, "from reached_at($as_of)", as_of)
        expected = rows.astype(object).where(rows.notna(), None).itertuples(index=False, name=None)
        assert found == sorted(expected)


@pytest.mark.parametrize("share", ["0.5", "0.7", "0.85", "0.95"])
def test_the_nearest_rank_is_the_same_by_either_way(share):
    """Of as many numbers as make a difference: DuckDB picks them out without sorting all."""
    query = f"""
        select n, nearest_rank(list_sort(list(x)), {share}) as sorted,
               quantile_disc(x, [{share}])[1] as picked
        from range(1, 400) as many(n), range(1, 400) as one(x) where x <= n group by n
    """
    with duckdb.connect() as con:
        words = Path(metrics.__file__).parent / "model/build/00_words.sql"
        con.execute(words.read_text())
        assert con.execute(f"from ({query}) where sorted <> picked").fetchall() == []
