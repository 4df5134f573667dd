"""Notes and promises are kept letter for letter, whoever writes at once and whatever ends him."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Timer

import pytest
import writers
from seeds import chance
from writers import at_once, ended, started

from notes import database, store
from notes.note import Note, Wrong
from notes.store import Trouble, opened

DAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
PROMISE = Note(
    "Legal is slow", stream="line", stage="a", kind="promise", action="Ask for a second reader",
    who="service owner", due=date(2026, 12, 1), measure="queue", value_then=31.0,
)  # fmt: skip
HOSTILE = [
    "**b** [x](http://e.example/) :red[r] <script>alert(1)</script> $x^2$ `c` :material/home: ~~s~~",
    "=cmd|' /C calc'!A0", "'=1+1", "-1+1", "@SUM(A1)", "x;=1+1", "a\n=1+1", "\t=1", "''", "' =1",
    "'; drop table revision; --", "{{7*7}} ${x} %s %(by)s {0}", "a,b;\"c\"\nsecond line\n\nfourth",
    "\u202egnp.exe \u200b\u2060 \u2028 é e\u0301 𝒳 👩‍👩‍👧 ﷽", "null", "None", "1e3", "0012", "NaN",
]  # fmt: skip


def days(number: float) -> datetime:
    """So many days after the second of November 2026."""
    return DAY + timedelta(days=number)


@pytest.fixture
def notes(tmp_path) -> store.Store:
    """The notes of a folder that has none yet."""
    return opened(tmp_path)


def damaged(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as con:
        return con.execute("pragma integrity_check").fetchall() != [("ok",)]


def test_reading_where_nobody_has_written_gives_nothing_and_makes_no_file(notes, tmp_path):
    assert notes.notes(DAY) == []
    assert notes.frame(DAY).empty
    assert notes.history("none") == []
    assert notes.reviews("line", DAY) == []
    assert list(tmp_path.iterdir()) == []


def test_a_note_is_kept_with_all_that_was_said(notes):
    kept = notes.write(PROMISE, "Ann", days(0))
    assert (kept.by, kept.at, kept.revision, kept.day) == ("Ann", DAY, 1, DAY.date())
    assert notes.notes(days(1)) == [kept] == notes.history(kept.note)
    assert kept == store.replace(
        PROMISE, note=kept.note, revision=1, by="Ann", at=DAY, day=DAY.date()
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_every_text_comes_back_letter_for_letter(notes, text):
    told = store.replace(PROMISE, text=f"x{text}x", action=f"x{text}x", who=f"x{text}x", item=text)
    kept = notes.write(told, f"x{text}x", DAY)
    (back,) = notes.notes(DAY)
    assert back == kept
    assert (back.text, back.action, back.who, back.by) == (f"x{text}x",) * 4
    assert back.item == text.strip()


def test_a_note_is_shown_as_it_stood_on_a_past_day(notes):
    first = notes.write(PROMISE, "Ann", days(0))
    other = notes.write(Note("later", stream="line"), "Bob", days(1))
    second = notes.change(first, "Bob", days(2), due=date(2027, 1, 1))
    third = notes.change(second, "Ann", days(3), state="kept")
    assert notes.notes(days(-0.1)) == []
    assert notes.notes(days(0)) == [first]
    assert notes.notes(days(1.5)) == [first, other]
    assert notes.notes(days(2)) == [second, other]
    assert notes.notes(days(9)) == [third, other]
    assert notes.history(first.note) == [first, second, third]


def test_a_note_is_found_by_what_it_is_of(notes):
    told = {
        "line": Note("l", stream="line"),
        "stage": Note("s", stream="line", stage="a"),
        "item": Note("i", stream="line", stage="a", item="x"),
        "other": Note("o", stream="other", stage="a"),
        "process": Note("p", process_group="pages", process="p"),
    }
    kept = {name: notes.write(note, "Ann", DAY) for name, note in told.items()}
    found = lambda **only: {note.text for note in notes.notes(DAY, **only)}  # noqa: E731
    assert found() == {"l", "s", "i", "o", "p"}
    assert found(stream="line") == {"l", "s", "i"}
    assert found(stream="line", stage="") == {"l"}
    assert found(stream="line", stage="a") == {"s", "i"}
    assert found(stage="a", item="") == {"s", "o"}
    assert found(process_group="pages", process="p") == {"p"}
    notes.change(kept["line"], "Ann", DAY, state="withdrawn")
    assert found(state="open") == {"s", "i", "o", "p"}
    assert found(kind="promise") == set()
    with pytest.raises(TypeError, match="not told by place"):
        notes.notes(DAY, place="a")


def test_the_second_of_two_who_change_the_same_learns_what_the_first_wrote(notes, tmp_path):
    kept = notes.write(Note("as it was", stream="line"), "Ann", DAY)
    said = at_once(writers.change_once, *((tmp_path, kept, name) for name in ("Bob", "Cyd", "Dot")))
    (won,) = [one for one in said if isinstance(one, Note)]
    lost = [one for one in said if one is not won]
    assert notes.history(kept.note) == [kept, won]
    for theirs, mine in lost:
        assert theirs == won
        assert mine.text == f"by {mine.by}" != theirs.text
    assert {won.by, *(mine.by for _, mine in lost)} == {"Bob", "Cyd", "Dot"}


def test_a_change_that_changes_nothing_is_no_revision(notes):
    kept = notes.write(PROMISE, "Ann", DAY)
    assert notes.change(kept, "Bob", days(1), text=kept.text) == kept
    assert notes.history(kept.note) == [kept]


def test_what_a_note_is_of_stays(notes):
    kept = notes.write(PROMISE, "Ann", DAY)
    with pytest.raises(ValueError, match="item, stage of a note can't be changed"):
        notes.change(kept, "Bob", days(1), stage="b", item="x")
    with pytest.raises(KeyError, match="no note 'other'"):
        notes.change(store.replace(kept, note="other"), "Bob", days(1), text="x")


def test_a_clock_that_was_put_back_changes_no_order(notes):
    kept = notes.write(PROMISE, "Ann", days(5))
    changed = notes.change(kept, "Bob", days(1), text="after all")
    assert changed.at == days(5)
    assert notes.notes(days(5)) == [changed]
    assert notes.notes(days(4)) == []


WRONG = {
    "A note needs words: write what you think.": Note(" \n ", stream="line"),
    "Say what it is of: a line, a stage, a process or an item.": Note("x"),
    "A promise needs more: write what is done.": store.replace(PROMISE, action=""),
    "A promise needs more: say who does it (a role is enough).": store.replace(PROMISE, who=""),
    "A promise needs more: say by when.": store.replace(PROMISE, due=None),
    "A note is neither kept nor broken: it can't be kept.": Note("x", "line", state="kept"),
    "A 'wish' that is 'open' is unknown: write one of note, promise, and one of open, kept, "
    "broken, withdrawn.": Note("x", "line", kind="wish"),
    "What you think has 5,001 letters; at most 5,000 fit.": Note("x" * 5001, "line"),
    r"What you think holds \x1b, which is no letter: write it without.": Note("\x1b[2J", "line"),
    r"Who does it holds \udcff, which is no letter: write it without.": Note("x", "line", who="\udcff"),
}  # fmt: skip


@pytest.mark.parametrize("sentence", WRONG)
def test_what_can_not_be_kept_is_said_and_nothing_is_written(notes, tmp_path, sentence):
    with pytest.raises(Wrong) as wrong:
        notes.write(WRONG[sentence], "Ann", DAY)
    assert str(wrong.value) == sentence
    assert list(tmp_path.iterdir()) == []


def test_a_writer_has_a_name(notes):
    with pytest.raises(Wrong, match="Say who you are: a name or a role"):
        notes.write(PROMISE, "  ", DAY)
    with pytest.raises(Wrong, match="Say who you are"):
        notes.reviewed("line", DAY, "")


def test_an_instant_has_a_zone(notes):
    with pytest.raises(ValueError, match="at needs a time zone"):
        notes.notes(datetime(2026, 1, 1))


def test_the_dates_of_reviews_are_kept(notes):
    for number in (7, 0, 7):
        notes.reviewed("line", days(number), "Ann")
    notes.reviewed("other", days(1), "Ann")
    assert notes.reviews("line", days(30)) == [days(0), days(7)]
    assert notes.reviews("line", days(6)) == [days(0)]


def together(folder: Path, people: int, times: int) -> None:
    """So many people write so many notes each, and change one that is everybody's."""
    kept = opened(folder)
    shared = kept.write(Note("begin", stream="line"), "all", DAY).note
    names = [f"writer{n}" for n in range(people)]
    running = [started(writers.write_and_change, folder, name, times, shared) for name in names]
    while any(process.is_alive() for process in running):
        found = kept.notes(datetime.now(UTC))  # somebody looks on
        assert sum(note.note == shared for note in found) == 1
        time.sleep(0.02)
    assert [ended(process) for process in running] == [0] * people
    written = sorted(n.text for n in kept.notes(datetime.now(UTC)) if n.note != shared)
    every = [(name, n) for name in names for n in range(times)]
    assert written == sorted(f"{name} {n} *as* <b>written</b>" for name, n in every)
    history = kept.history(shared)
    assert [one.revision for one in history] == list(range(1, people * times + 2))
    added = [one.text.split()[-1] for one in history[1:]]
    assert sorted(added) == sorted(f"{name}-{n}" for name, n in every)
    for was, now, word in zip(history, history[1:], added, strict=False):
        assert (now.text, now.by) == (writers.more(was.text, word), word.split("-")[0])
    assert not damaged(kept.file)


def test_three_who_write_at_once_lose_not_a_word(tmp_path):
    together(tmp_path, 3, 30)


@pytest.mark.soak
def test_eight_who_write_at_once_for_long_lose_not_a_word(tmp_path):
    together(tmp_path, 8, 300)


def test_several_may_be_the_first_to_write(tmp_path):
    for n in range(5):
        folder = tmp_path / str(n)
        said = at_once(writers.open_first, *((folder, f"writer{n}") for n in range(3)))
        assert sorted(one.note for one in said) == sorted(
            one.note for one in opened(folder).notes(datetime.now(UTC))
        )


def test_who_comes_while_another_makes_the_file_waits_for_him(notes):
    """SQLite itself turns him away at once, whatever wait it has been told."""
    with closing(
        sqlite3.connect(notes.file, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("begin immediate")
        other.execute("create table being_made (x)")
        done = Timer(0.2, other.execute, ["commit"])
        done.start()
        kept = notes.write(PROMISE, "Ann", DAY)
        done.join()
    assert notes.notes(DAY) == [kept]


def killed(folder: Path, times: int) -> None:
    """Whoever writes is killed so many times, beside one who goes on: what had been told is there."""
    random = chance("notes", times)
    kept, told = opened(folder), {"beside": []}
    mine, theirs = writers.CONTEXT.Pipe()
    beside = started(writers.write_until_killed, folder, "beside", theirs)
    theirs.close()
    for n in range(times):
        heard, end = writers.CONTEXT.Pipe()
        process = started(writers.write_until_killed, folder, f"k{n}", end)
        end.close()
        assert heard.poll(writers.SECONDS), "it never wrote"
        time.sleep(random.random() * 0.05)
        process.kill()
        assert ended(process) == -9
        told[f"k{n}"] = heard_from(heard)
        told["beside"] += heard_from(mine)
    beside.kill()
    assert ended(beside) == -9
    told["beside"] += heard_from(mine)
    assert not damaged(kept.file)
    found = [note.text.split() for note in kept.notes(datetime.now(UTC))]
    for name, numbers in told.items():
        there = sorted(int(number) for who, number in found if who == name)
        # What had been kept when it was killed, and not yet told, is there too: one at most.
        assert there in (numbers, [*numbers, len(numbers)]), name
    kept.write(Note("and on", stream="line"), "Ann", datetime.now(UTC))


def heard_from(pipe) -> list[int]:
    """What has been told so far, by one who may have been killed in the middle of a word."""
    found = []
    with suppress(EOFError, OSError):
        while pipe.poll(0):
            found.append(pipe.recv())
    return found


def test_whoever_is_killed_while_writing_loses_nothing_that_was_kept(tmp_path):
    killed(tmp_path, 6)


@pytest.mark.soak
def test_a_hundred_who_are_killed_while_writing_lose_nothing_that_was_kept(tmp_path):
    killed(tmp_path, 100)


@pytest.fixture
def written(notes) -> store.Store:
    """Notes enough for many pages of the file."""
    for n in range(40):
        notes.write(store.replace(PROMISE, text=f"{n} " + "x" * 2000), "Ann", days(n))
    return notes


def test_a_file_that_is_no_database_is_said_to_be_none_and_stays(written):
    written.file.write_text("Our notes, by hand. " * 100)
    for asked in (
        lambda: written.notes(days(99)),
        lambda: written.write(PROMISE, "Ann", DAY),
        lambda: written.backup(written.file.with_name("backup.sqlite")),
    ):
        with pytest.raises(Trouble) as trouble:
            asked()
        said = str(trouble.value)
        assert said.startswith(
            f"{written.file} can't be read: file is not a database. Move it away"
        )
        assert "put the last backup in its place" in said
    assert written.file.read_text().startswith("Our notes")
    assert [file.name for file in written.file.parent.iterdir()] == ["notes.sqlite"]


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_torn_file_is_said_to_be_one(written, part):
    whole = written.file.read_bytes()
    written.file.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(Trouble, match=r"can't be read: database disk image is malformed\. Move it"):
        written.notes(days(99))


def test_a_damaged_file_is_never_backed_up_as_if_it_were_whole(written, tmp_path):
    whole = bytearray(written.file.read_bytes())
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = os.urandom(4096)
    written.file.write_bytes(whole)
    with pytest.raises(Trouble, match="can't be read"):
        written.backup(tmp_path / "backup.sqlite")
    assert not list(tmp_path.glob("backup*"))


def test_a_newer_version_s_file_is_left_alone(written):
    with closing(sqlite3.connect(written.file)) as con:
        con.execute("pragma user_version = 99")
    with pytest.raises(
        Trouble, match=r"by a newer version of valuestream \(its notes are of form 99"
    ):
        written.write(PROMISE, "Ann", DAY)


def test_a_folder_that_takes_no_file_is_said(tmp_path):
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(Trouble, match=r"can't be opened for writing: .*Let this user write there"):
        opened(tmp_path / "data").write(PROMISE, "Ann", DAY)


@pytest.mark.parametrize("open_elsewhere", [False, True])
def test_who_may_not_write_reads_what_there_is_and_leaves_nothing(open_elsewhere):
    """The folder is the collector's alone; of whoever writes now the last words are beside the file."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as held:
        folder = Path(name)
        kept = opened(folder)
        kept.write(Note("kept", stream="line"), "Ann", DAY)
        if open_elsewhere:
            other = held.enter_context(closing(sqlite3.connect(kept.file)))
            other.execute("select count(*) from revision").fetchall()
            kept.write(Note("new", stream="line"), "Ann", days(2))
        there = sorted(folder.iterdir())
        kept.file.chmod(0o444)
        folder.chmod(0o555)
        [(read, said)] = at_once(writers.look_on, (folder,))
        folder.chmod(0o755)
        assert sorted(read) == ["kept", "new"][: 1 + open_elsewhere]
        assert said.startswith(" can't be opened for writing: ") and "Let this user write" in said
        assert sorted(folder.iterdir()) == there


def test_a_full_disk_is_said_and_what_was_there_stays(written, tmp_path):
    before = written.notes(days(99))
    assert at_once(writers.write_on_a_full_disk, (tmp_path,)) == ["can't be read or written"]
    assert written.notes(days(99)) == before


def test_whoever_waits_too_long_for_another_is_told_so(written, monkeypatch):
    monkeypatch.setattr(database, "SECONDS", 0.1)
    with (
        written.writing(),
        pytest.raises(Trouble, match=r"has been in use by somebody else.*Nothing of yours"),
    ):
        written.write(PROMISE, "Ann", DAY)
    written.write(PROMISE, "Ann", DAY)


def test_a_backup_is_whole_while_others_write(written, tmp_path):
    mine, theirs = writers.CONTEXT.Pipe()
    beside = started(writers.write_until_killed, tmp_path, "beside", theirs)
    assert mine.poll(writers.SECONDS)
    before = written.notes(days(99))
    (tmp_path / "copy").mkdir()
    written.backup(tmp_path / "copy" / "notes.sqlite")
    beside.kill()
    ended(beside)
    copy = opened(tmp_path / "copy")
    # One file that is read wherever it lies: a write-ahead log would need a folder to write to.
    assert copy.file.read_bytes()[18:20] == b"\x01\x01"
    assert not damaged(copy.file)
    assert [file.name for file in copy.file.parent.iterdir()] == ["notes.sqlite"]
    found = copy.notes(days(99))
    assert len(found) >= len(before) >= 41
    assert {note.note for note in before} <= {note.note for note in found}
    with pytest.raises(FileExistsError, match="name a new file"):
        written.backup(copy.file)


def test_each_schema_file_says_which_it_is():
    assert sorted(database.SCHEMA) == list(range(1, len(database.SCHEMA) + 1))
    for number, file in database.SCHEMA.items():
        assert file.read_text().rstrip().endswith(f"pragma user_version = {number};")


def test_an_older_file_is_brought_up_to_date_whole_or_not_at_all(written, monkeypatch, tmp_path):
    before, newest = written.notes(days(99)), max(database.SCHEMA)
    next_one = tmp_path / f"{newest + 1}_more.sql"
    monkeypatch.setitem(database.SCHEMA, newest + 1, next_one)
    made = "create table more (x);\n"
    next_one.write_text(f"{made}create table revision (x);\npragma user_version = {newest + 1};\n")
    with pytest.raises(Trouble, match="table revision already exists"):
        written.notes(days(99))
    with closing(sqlite3.connect(written.file)) as con:
        assert con.execute("select count(*) from sqlite_master where name = 'more'").fetchone() == (
            0,
        )
        assert con.execute("pragma user_version").fetchone() == (newest,)
    next_one.write_text(f"{made}pragma user_version = {newest + 1};\n")
    assert written.notes(days(99)) == before
    with written.reading() as con:
        assert con.execute("select * from more").fetchall() == []
