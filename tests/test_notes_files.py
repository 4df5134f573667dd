"""Notes as CSV and back, and `valuestream notes`: all of it comes back, and nothing runs on the way."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import line
import pytest
from hypothesis import HealthCheck, given, settings, strategies
from test_cli import valuestream
from test_notes import DAY, HOSTILE, PROMISE, days

from notes import carrying, store
from notes.carrying import export_csv, import_csv
from notes.note import Note, Wrong

SIGNS = "=+-@＝＋－＠"
TEXTS = strategies.text(
    strategies.one_of(
        strategies.sampled_from(SIGNS + "'\"\t\n;|, \u200b"),
        strategies.characters(exclude_categories=["Cc", "Cs"]),
    ),
    max_size=30,
)


@pytest.fixture
def notes(tmp_path) -> store.Store:
    """The notes of a folder: one that was changed and one that was not, and a review."""
    kept = store.opened(tmp_path / "data")
    first = kept.write(PROMISE, "Ann", days(0))
    kept.write(Note("a\nb", process_group="pages", process="p"), "Bob", days(1))
    kept.change(first, "=Bob()", days(2), due=date(2027, 1, 1), value_then=None)
    kept.reviewed("line", days(3), "Ann")
    return kept


def everything(kept: store.Store) -> tuple:
    """All that is kept, with every revision."""
    found = kept.notes(days(999))
    return [kept.history(note.note) for note in found], kept.reviews("line", days(999))


def test_what_is_exported_comes_back_as_it_was_and_once_only(notes, tmp_path):
    file = tmp_path / "notes.csv"
    assert export_csv(notes, file) == 4
    other = store.opened(tmp_path / "other")
    assert import_csv(other, file) == carrying.Brought(3, 0, [])
    assert everything(other) == everything(notes)
    assert import_csv(other, file) == carrying.Brought(0, 3, [])
    assert import_csv(notes, file) == carrying.Brought(0, 3, [])
    assert everything(other) == everything(notes)


def cells(file: Path) -> list[str]:
    told = csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    return [cell for row in list(told)[1:] for cell in row]


def runs(cell: str) -> bool:
    """Whether a spreadsheet could run a part of it, whatever it takes for the end of a cell."""
    parts = re.split("[;|\t\n\r\u2028\u2029]", cell)
    return any(
        re.sub('^[\\s\u200b-\u200f\u2060\ufeff"]+', "", part)[:1] in [*SIGNS] for part in parts
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_an_export_runs_in_a_spreadsheet(tmp_path, text):
    kept = store.opened(tmp_path)
    kept.write(replace(PROMISE, text=text, action=text, who=text, item=text), text, DAY)
    export_csv(kept, tmp_path / "notes.csv")
    assert not [cell for cell in cells(tmp_path / "notes.csv") if runs(cell)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TEXTS, strategies.floats(allow_nan=False, allow_infinity=False))
def test_any_text_comes_back_letter_for_letter(tmp_path, text, number):
    note = replace(PROMISE, text=f"{text}x", who=f"x{text}", value_then=number, item=text)
    folder = tmp_path / str(datetime.now(UTC).timestamp())
    kept, other = store.opened(folder / "a"), store.opened(folder / "b")
    written = kept.write(note, f"{text}x", DAY)
    export_csv(kept, folder / "notes.csv")
    assert not [cell for cell in cells(folder / "notes.csv") if runs(cell)]
    import_csv(other, folder / "notes.csv")
    assert other.notes(DAY) == [written]
    assert written.text == f"{text}x".strip()


def test_two_databases_that_differ_are_joined_and_what_differs_is_said_with_its_line(
    notes, tmp_path
):
    file = tmp_path / "notes.csv"
    export_csv(notes, file)
    other = store.opened(tmp_path / "other")
    import_csv(other, file)
    for kept, who in ((notes, "here"), (other, "there")):
        last = next(n for n in kept.notes(days(99)) if n.kind == "promise")
        changed = kept.change(last, who, days(5), text=f"as seen {who}")
        if who == "there":  # twice: the second follows nothing that is here
            kept.change(changed, who, days(6), text="again there")
        kept.write(Note(f"new {who}", stream="line"), who, days(5))
    export_csv(other, file)
    lines = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    at = {row["text"]: n for n, row in enumerate(lines, 2)}
    before = everything(notes)
    done = import_csv(notes, file)
    assert (done.new, done.known) == (1, 3)
    shift = 1 if at["as seen there"] > at["a\nb"] else 0  # a text of two lines stands before
    first, second = done.conflicts
    assert first.startswith(
        f"Line {at['as seen there'] + shift}: revision 3 of note {changed.note} is by here"
    )
    assert "What is here stays; the line, by there, is left out." in first
    assert second.startswith(f"Line {at['again there'] + shift}: revision 4 of note")
    histories, reviews = everything(notes)
    assert [h for h in histories if h[0].text != "new there"] == before[0]
    assert reviews == before[1]


def test_a_file_written_by_hand_needs_no_ids(tmp_path):
    file, kept = tmp_path / "notes.csv", store.opened(tmp_path)
    file.write_text(
        "at,by,stream,stage,text,kind,action,who,due\n"
        "2026-11-02,Ann,line,a,Slow,,,,\n"
        "2026-11-02T10:00+01:00,Bob,line,a,,promise,Ask,legal,2026-12-01\n"
    )
    assert import_csv(kept, file).new == 2
    assert import_csv(kept, file) == carrying.Brought(0, 2, [])
    slow, ask = kept.notes(days(1))
    assert (slow.text, slow.kind, slow.at) == ("Slow", "note", datetime(2026, 11, 2, tzinfo=UTC))
    assert (ask.action, ask.due, ask.at) == ("Ask", date(2026, 12, 1), DAY)


WRONG = {
    "text,stream\nx,line\n": "notes.csv has no column 'at': each row needs it.",
    "at,by,text,colour\n": "notes.csv has the column 'colour'; known are note, revision, at, by,",
    "at,by,text,stream\n5 May,Ann,x,line\n,,,\n2026-05-05,,x,line\n":
        "nothing of it was. Line 2: at '5 May' is no instant: write 2026-05-02T09:30:00Z. "
        "Line 4: Say who you are: a name or a role.",
    'at,by,text,stream,due\n2026-05-05,Ann,"x\ny",line,\n2026-05-05,Ann,x,line,soon\n':
        "Line 4: due 'soon' is no day: write 2026-05-02.",
    "at,by,text,stream,revision\n2026-05-05,Ann,x,line,two\n": "Line 2: revision 'two' is no number.",
    "at,by,text,stream,revision\n2026-05-05,Ann,x,line,0\n": "Line 2: revision 0 is none",
    "at,by,text,stream,kind\n2026-05-05,,,line,review\n": "Line 2: Say who you are",
    "at,by,text\n2026-05-05,Ann\n": "notes.csv, line 2: 2 cells where the head has 3.",
    'at,by,text\n2026-05-05,Ann,"x\n': "notes.csv, line 2: unexpected end of data.",
    "": "notes.csv has no column 'at'",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_file_that_can_not_be_used_says_its_lines_and_changes_nothing(notes, tmp_path, text):
    file, before = tmp_path / "notes.csv", everything(notes)
    file.write_text(text)
    with pytest.raises(Wrong) as wrong:
        import_csv(notes, file)
    assert WRONG[text] in str(wrong.value)
    assert everything(notes) == before


def test_a_file_that_is_no_text_says_so(notes, tmp_path):
    (tmp_path / "notes.csv").write_bytes("at,by,text\n2026,Ann,é\n".encode("utf-16"))
    with pytest.raises(Wrong, match=r"notes.csv is no UTF-8 text: save it as CSV UTF-8\."):
        import_csv(notes, tmp_path / "notes.csv")


def test_what_follows_nothing_here_is_left_out_and_said(notes, tmp_path):
    (kept,) = notes.notes(days(99), kind="promise")
    rows = [
        {"note": "new", "revision": 2, "stage": "a"},
        {"note": kept.note, "revision": 3, "stage": "b"},
    ]
    file = tmp_path / "notes.csv"
    with file.open("w", newline="") as out:
        told = csv.DictWriter(
            out, ["note", "revision", "at", "by", "text", "stream", "stage", "day"]
        )
        told.writeheader()
        told.writerows(
            row | {"at": "2027-01-01", "by": "Ann", "text": "x", "stream": "line", "day": kept.day}
            for row in rows
        )
    before = everything(notes)
    done = import_csv(notes, file)
    assert (done.new, done.known) == (0, 0)
    assert sorted(done.conflicts) == [
        "Line 2: revision 2 of note new does not follow what is here, and is left out.",
        f"Line 3: revision 3 of note {kept.note} does not follow what is here, and is left out.",
    ]
    assert everything(notes) == before


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Path:
    """A data folder with a publication."""
    folder = tmp_path_factory.mktemp("story")
    never_stale = line.LINE.replace("stale_after: 30", "stale_after: 100000")
    line.publication(folder, line.STORY, never_stale, now=line.day(12)).close()
    return folder


def test_notes_are_written_listed_exported_imported_and_backed_up_in_a_shell(story, tmp_path):
    text = "[red]hostile[/red] **b** =1+1"
    added = valuestream(
        "notes", "add", text, "--by", "Ann", "--stream", "line", "--stage", "a", "--do", "Ask",
        "--who", "legal", "--due", "2020-01-01", "--measure", "wip", data=story,
    )  # fmt: skip
    assert (added.returncode, added.stderr) == (0, "")
    listed = valuestream("notes", "list", data=story).stdout
    assert f"{text} – Ask" in listed and "overdue by" in listed and "line / a" in listed
    (told,) = json.loads(valuestream("notes", "list", "--format", "json", data=story).stdout)
    assert (told["text"], told["measure"], told["who"], told["by"]) == (text, "wip", "legal", "Ann")
    assert told["value_then"] == 1 and told["kind"] == "promise"
    assert f"promise {told['note']}." in added.stdout

    file, copy = tmp_path / "notes.csv", tmp_path / "copy.sqlite"
    assert (
        valuestream("notes", "export", str(file), data=story).stdout
        == "Wrote 1 row into notes.csv.\n"
    )
    assert valuestream("notes", "backup", str(copy), data=story).stdout == "Wrote copy.sqlite.\n"
    again = valuestream("notes", "backup", str(copy), data=story)
    assert again.returncode == 2 and "is there already: name a new file" in again.stderr
    brought = valuestream("notes", "import", str(file), data=tmp_path / "other")
    assert brought.stdout == "1 revision new, 0 there already.\n"
    copy.rename(tmp_path / "notes.sqlite")
    assert everything(store.opened(tmp_path)) == everything(store.opened(story)) == everything(
        store.opened(tmp_path / "other")
    )  # fmt: skip


def test_a_conflict_in_a_shell_ends_with_one_and_its_line(notes, tmp_path):
    file = tmp_path / "notes.csv"
    export_csv(notes, file)
    file.write_text(
        file.read_text("utf-8-sig").replace("Legal is slow", "Legal is quick"), "utf-8-sig"
    )
    done = valuestream("notes", "import", str(file), data=notes.file.parent)
    assert done.returncode == 1
    assert re.search(r"Line \d: revision 1 of note \w+ is by Ann and says otherwise", done.stderr)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stream", "lne"], "There is no stream 'lne'. There are: line."),
        (["--stream", "line", "--stage", "x"], "There is no stage 'x'. There are: a, b, c."),
        (["--stream", "line", "--measure", "speed"], "There is no measure 'speed'. There are: "),
        (["--process", "pages/x"], "There is no process 'pages/x'."),
        (["--stream", "line", "--do", "x"], "A promise needs more: say who does it"),
        (["--stream", "line", "--item", "X"], "There is no item 'X' in line."),
        (["--item", "x"], "Say of which line that is, with --stream"),
        (["--stage", "a"], "Say of which line that is, with --stream"),
        ([], "Say what it is of: a line, a stage, a process or an item."),
    ],
)
def test_a_note_of_nothing_that_there_is_is_not_written(story, words, said):
    done = valuestream("notes", "add", "x", "--by", "Ann", *words, data=story)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stream", "lne"], "There is no stream 'lne'. There are: line."),
        (["--stream", "line", "--stage", "x"], "There is no stage 'x'. There are: a, b, c."),
        (["--stage", "x"], "There is no stage 'x'. There are: a, b, c."),
    ],
)
def test_a_misspelt_name_is_not_said_to_have_no_notes(story, words, said):
    done = valuestream("notes", "list", *words, data=story)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", said)
    assert valuestream("notes", "list", "--stage", "b", data=story).returncode == 0


def test_of_a_folder_that_is_not_there_no_empty_copy_is_made(tmp_path):
    file = tmp_path / "copy"
    for words in (["backup", str(file)], ["export", str(file)], ["list"]):
        done = valuestream("notes", *words, data=tmp_path / "dta")
        said = f"There is no folder {tmp_path / 'dta'}: name the one of the databases with --data."
        assert (done.returncode, done.stderr.replace("\n", " ").strip()) == (2, said)
    assert not file.exists()


def test_a_file_that_can_not_be_opened_is_a_sentence_in_a_shell(story, tmp_path):
    file = tmp_path / "nowhere" / "notes.csv"
    for what, verb in (("export", "written"), ("import", "read")):
        done = valuestream("notes", what, str(file), data=story)
        said = f"{file} can't be {verb}: No such file or directory. Name another file."
        assert (done.returncode, done.stderr.replace("\n", " ").strip()) == (2, said)


def test_a_damaged_file_is_a_sentence_in_a_shell_too(tmp_path):
    (tmp_path / "notes.sqlite").write_text("no database " * 100)
    for words in (["list"], ["export", str(tmp_path / "x.csv")], ["backup", str(tmp_path / "x")]):
        done = valuestream("notes", *words, data=tmp_path)
        assert done.returncode == 2
        assert "can't be read: file is not a database. Move it away" in done.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.sqlite"]


def test_a_past_day_lists_what_stood_then(story):
    kept = store.opened(story)
    note = kept.write(Note("past", stream="line", stage="c"), "Ann", line.day(5))
    kept.change(note, "Ann", line.day(7), state="withdrawn")
    shown = lambda *words: "past" in valuestream("notes", "list", *words, data=story).stdout  # noqa: E731
    assert not shown()
    assert shown("--ended")
    assert shown("--as-of", "2026-01-06") and not shown("--as-of", "2026-01-04")
    assert timedelta(0) == note.at - line.day(5)
