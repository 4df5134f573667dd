"""valuestream init: from a list, a board or a table to a stages.yaml that says what was seen."""

from __future__ import annotations

import os
import pty
import random
import sqlite3
import subprocess
import sys
from datetime import date
from itertools import permutations
from pathlib import Path

import openpyxl
import pytest
import trello_board
from github_server import Repository, Server
from hypothesis import given, settings
from hypothesis import strategies as some
from project_server import Board
from project_server import Server as Project
from servers import Handler, answering, datasette
from test_cli import ROOT, valuestream

from proposing import boards, columns, statuses, written
from proposing.columns import Sample
from proposing.statuses import Status
from settings import stages
from sources import StopSource

MOVES = """card,to,moved on,title
1,Backlog,2026-01-05,Search
1,Doing,2026-01-12,Search
1,Review,2026-01-20,Search
1,Done,2026-01-21,Search
2,Backlog,2026-01-05,Sign in
2,Doing,2026-02-02,Sign in
3,Backlog,2026-01-09,Maps
3,Cancelled,2026-02-09,Maps
"""


def begun(folder: Path, what: str, *more: str):
    """The command without a terminal; what came of it and the file."""
    file = folder / "stages.yaml"
    done = valuestream(
        "init", what, "--no-open", "--stages", str(file), *more, data=folder / "data", stages=file
    )
    return done, stages.read(file) if file.exists() else None


def shape(told: stages.Stages) -> list[tuple]:
    """The stages of its only line: name and words."""
    (line,) = told.streams.values()
    words = [[[s.status for s in getattr(g, part)] for part in ("queue", "paused", "work", "done")]
             for g in line.stages]  # fmt: skip
    return [(g.name, *each) for g, each in zip(line.stages, words, strict=True)]


def test_a_list_of_changes_becomes_stages_in_the_order_in_which_items_pass(tmp_path):
    (tmp_path / "moves.csv").write_text(MOVES)
    done, told = begun(tmp_path, str(tmp_path / "moves.csv"), "--title", "The board")
    assert done.returncode == 0, done.stderr
    assert shape(told) == [
        ("Doing", ["Backlog"], [], ["Doing"], []),
        ("Review", [], [], ["Review"], ["Done"]),
    ]
    assert [s.status for s in told.streams["the-board"].left] == ["Cancelled"]
    source = told.sources["moves"]
    assert source.columns == {
        "item": "card", "status": "to", "since": "moved on", "name": "title"
    }  # fmt: skip
    assert source.place == str(tmp_path / "moves.csv")
    text = (tmp_path / "stages.yaml").read_text()
    assert '- "Backlog"   # 0 now, 3 in all; by its word' in text
    assert "a month, for too few have left this stage to tell; a proposal, to be set" in text
    # It is published, with nothing asked twice and no item lost.
    rows = valuestream("figure", "status", "--format", "csv", data=tmp_path / "data").stdout
    assert len(rows.splitlines()) == 3
    again, _ = begun(tmp_path, str(tmp_path / "moves.csv"))
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert (tmp_path / "stages.yaml").read_text() == text


def test_a_limit_is_proposed_from_the_stays_that_are_over(tmp_path):
    """Twenty stays of 1 to 20 days: 19 in 20 took 19 days or less. One that is still there counts as
    no stay that is over."""
    rows = [f"{n},Doing,2026-01-01\n{n},Done,2026-01-{n + 1:02}" for n in range(1, 21)]
    (tmp_path / "list.csv").write_text(
        "\n".join(["item,status,since", *rows, "99,Doing,2026-02-01"])
    )
    done, told = begun(tmp_path, str(tmp_path / "list.csv"))
    assert done.returncode == 0, done.stderr
    (stage,) = next(iter(told.streams.values())).stages
    assert (stage.targets["oldest"].limit, stage.targets["oldest"].reason) == (
        19, "19 in 20 of the 20 stays that are over took no longer; a proposal, to be set"
    )  # fmt: skip


def test_a_board_as_it_is_now_is_compared_from_now_on(tmp_path):
    (tmp_path / "board.csv").write_text(
        "Card ID,Card Name,List Name,Created,Flagged\n1,A,To do,2026-02-01,no\n2,B,Doing,2026-02-03,No\n"
        "3,C,Doing,2026-02-04,waiting for access\n4,D,Done,2026-02-05,no\n"
    )
    _, told = begun(tmp_path, str(tmp_path / "board.csv"))
    assert (told.sources["board"].kind, shape(told)) == (
        "snapshots", [("Doing", ["To do"], [], ["Doing"], ["Done"])]
    )  # fmt: skip
    assert "'Created' may be the day of something else" in (tmp_path / "stages.yaml").read_text()
    # A plain no is no reason: one is blocked, and not four.
    status = valuestream("figure", "age", "--format", "csv", data=tmp_path / "data").stdout
    assert status.count("waiting for access") == 1
    assert ",no," not in status.lower()
    (tmp_path / "stages.yaml").unlink()
    _, told = begun(tmp_path, str(tmp_path / "board.csv"), "--column", "since=Created")
    assert (told.sources["board"].kind, told.sources["board"].names["since"]) == (
        "events", "Created"
    )  # fmt: skip


@pytest.mark.more
def test_a_workbook_with_dates_as_they_are_written_here(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Ref", "Stage", "Changed"], ["a", "New", "03/04/2026"], ["a", "Closed", "25/04/2026"],
        ["b", "New", "04/04/2026"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "case.xlsx")
    done, told = begun(tmp_path, str(tmp_path / "case.xlsx"))
    assert done.returncode == 0, done.stderr
    assert told.sources["case"].dates == "day first"
    assert "day first, as its dates show" in (tmp_path / "stages.yaml").read_text()
    assert shape(told) == [("New", ["New"], [], [], ["Closed"])]


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("database") / "work.db"
    with sqlite3.connect(file) as con:
        con.execute("create table move (id integer primary key, ticket text, state text, at text)")
        rows = [
            ("a", "To do", "2026-01-01"),
            ("a", "Doing", "2026-01-02"),
            ("b", "To do", "2026-01-03"),
        ]
        con.executemany("insert into move (ticket, state, at) values (?, ?, ?)", rows)
        con.execute("create table board (ticket text primary key, state text)")
        con.executemany("insert into board values (?, ?)", [("a", "Doing"), ("b", "To do")])
    con.close()
    return file


def test_a_table_of_a_database_is_named(tmp_path, database):
    done, told = begun(tmp_path, str(database))
    assert (done.returncode, told) == (2, None)
    assert "name one with --table (there are: board, move)" in done.stderr
    done, told = begun(tmp_path, str(database), "--table", "move")
    assert done.returncode == 0, done.stderr
    assert told.sources["work"].columns == {"item": "ticket", "status": "state", "since": "at"}
    assert shape(told) == [("Doing", ["To do"], [], ["Doing"], [])]


@pytest.mark.more
def test_the_page_of_a_table_of_a_datasette_is_enough(tmp_path, database):
    with datasette(database) as url:
        done, told = begun(tmp_path, f"{url}/move")
        assert done.returncode == 0, done.stderr
        assert (told.sources["move"].url, told.sources["move"].table) == (url, "move")
        assert shape(told) == [("Doing", ["To do"], [], ["Doing"], [])]
        # One that tells only how things are now is compared, as the CSV that the server makes of it.
        (tmp_path / "stages.yaml").unlink()
        done, told = begun(tmp_path, f"{url}/board")
        assert done.returncode == 0, done.stderr
        assert told.sources["board"].kind == "snapshots"
        assert told.sources["board"].url == f"{url}/board.csv?_stream=on"


@pytest.mark.more
def test_what_a_column_is_called_ends_no_comment(tmp_path):
    (tmp_path / "list.csv").write_text('id,status,"updated\nsources: {}"\na,To do,2026-01-01\n')
    name = "updated\nsources: {}"
    done, told = begun(tmp_path, str(tmp_path / "list.csv"), "--column", f"since={name}")
    assert done.returncode == 0, done.stderr
    assert told.sources["list"].names["since"] == name
    (tmp_path / "stages.yaml").unlink()
    (tmp_path / "list.csv").write_text('id,status,"Updated?\rtitle: x"\na,To do,2026-01-01\n')
    done, told = begun(tmp_path, str(tmp_path / "list.csv"))
    assert (told.title, told.sources["list"].kind) == ("list", "snapshots")


def test_the_export_of_a_trello_board_says_what_means_blocked(tmp_path):
    done, told = begun(tmp_path, str(ROOT / "examples/sprint-board/board.json"))
    assert done.returncode == 0, done.stderr
    (source,) = told.sources.values()
    assert (source.kind, source.blocked.label, source.blocked.field) == (
        "trello", "Blocked", "Blocked by"
    )  # fmt: skip
    assert shape(told) == [
        ("Doing", ["Backlog", "Ready"], [], ["Doing"], []), ("Review", [], [], ["Review"], ["Done"])
    ]  # fmt: skip
    # An export says nothing of the days after it: the pages open at its last day.
    assert told.opens_at == "data"
    (tmp_path / "other.json").write_text('{"cards": []}')
    (tmp_path / "stages.yaml").unlink()
    refused, _ = begun(tmp_path, str(tmp_path / "other.json"))
    assert (refused.returncode, "it has no lists" in refused.stderr) == (2, True)


def test_a_trello_board_is_asked_for_its_labels(monkeypatch):
    monkeypatch.setenv("TRELLO_KEY", trello_board.KEY)
    monkeypatch.setenv("TRELLO_TOKEN", trello_board.TOKEN)
    board = trello_board.Board()
    with trello_board.serving(board) as (address, _api):
        told = boards._trello({"board": board.id, "url": address})
    assert (told.kind, told.settings["board"]) == ("trello", board.id)
    monkeypatch.delenv("TRELLO_TOKEN")
    with pytest.raises(StopSource, match="The environment has no TRELLO_TOKEN"):
        boards.of_address("https://trello.com/b/abc123/our-work")


@pytest.mark.parametrize(
    ("address", "url", "jql"),
    [
        ("https://a.atlassian.net/jira/software/c/projects/PLAN/boards/4", "https://a.atlassian.net",
         "project = PLAN"),
        ("https://a.atlassian.net/browse/PLAN-12", "https://a.atlassian.net", "project = PLAN"),
        ("https://a.atlassian.net/issues/?filter=123", "https://a.atlassian.net", "filter = 123"),
        ("https://jira.example.org/tools/issues/?jql=project%20in%20(A,%20B)",
         "https://jira.example.org/tools", "project in (A, B)"),
    ],
)  # fmt: skip
def test_a_page_of_jira_is_its_query(address, url, jql):
    told = boards.of_address(address)
    assert (told.kind, told.settings) == ("jira", {"url": url, "jql": jql})


def test_the_labels_of_a_repository_that_read_like_statuses_are_its_stages(tmp_path):
    Server.repository, Server.size, Server.back = Repository(), 3, 10**9
    Server.instead, Server.asked, Server.heard = [], [], []
    Server.repository.open("A", labels=("Ready",))
    Server.repository.after(days=1)
    Server.repository.label(1, "Doing")
    Server.repository.after(days=1)
    Server.repository.close(1)
    Server.repository.open("B", labels=("bug",))
    with answering(Server) as address:
        done, told = begun(tmp_path, f"{address}/repos/o/n")
    assert done.returncode == 0, done.stderr
    (source,) = told.sources.values()
    assert (source.kind, source.statuses, source.blocked) == (
        "github", ("Ready", "Doing", "Review"), ("blocked",)
    )  # fmt: skip
    assert shape(told)[0] == ("Doing", ["Ready", "open"], [], ["Doing"], ["completed"])


def test_the_status_field_of_a_project_is_its_stages(tmp_path):
    board = Project.board = Board()
    Project.size, Project.instead = 3, []
    for status in ("Todo", "Todo", "In Progress", "Done", ""):
        board.add(f"Item {status}", status)
    board.fields.append({"id": 5, "name": "Blocked by", "data_type": "text"})
    with answering(Project) as address:
        done, told = begun(tmp_path, f"{address}/orgs/o/projectsV2/5")
    assert done.returncode == 0, done.stderr
    (source,) = told.sources.values()
    assert (source.kind, source.blocked, told.title) == (
        "github_project", "Blocked by", "Our roadmap"
    )  # fmt: skip
    assert shape(told) == [("In Progress", ["Todo", "No status"], [], ["In Progress"], ["Done"])]


@pytest.mark.more
def test_an_event_log_and_a_sheet_of_google_s_are_known_by_their_looks(tmp_path):
    log = ROOT / "tests/payloads/planning-considerations-20-items.xes"
    done, told = begun(tmp_path, str(log))
    assert done.returncode == 0, done.stderr
    assert next(iter(told.sources.values())).kind == "xes"

    class Sheet(Handler):
        def do_GET(self) -> None:
            wanted = "/spreadsheets/d/abc/export?format=csv&gid=7"
            self._send(
                200 if self.path == wanted else 404, b"item,status,since\na,To do,2026-01-05\n"
            )

    (tmp_path / "stages.yaml").unlink()
    with answering(Sheet) as address:
        link = f"{address}/spreadsheets/d/abc/edit?usp=sharing#gid=7"
        done, told = begun(tmp_path, link, "--title", "Our sheet")
    assert done.returncode == 0, done.stderr
    assert (told.sources["sheet"].kind, told.sources["sheet"].url) == ("events", link)


@pytest.mark.parametrize(
    ("text", "more", "said"),
    [
        ("item;status\na;To do\n", [], "it looks separated by semicolons: save it with commas"),
        ("item,status\n", [], "It holds no rows"),
        ("", [], "It holds no rows"),
        ("<html><body>Sign in</body></html>", [], "a web page, not a CSV"),
        ("a,b\n1,2026-01-01\n", [], "Which column is the status? Say so with --column status=…"),
        ("item,status\na,To do\n", ["--column", "status=state"], "There is no column 'state'"),
        ("item,status\na,To do\n", ["--column", "colour=status"], "says nothing: write item=slug"),
        ("card,to,on\na,Ready,1\na,Doing,2\n", [], "If another column is the item, say so with --column item=…."),
        ("card,to,when\na,Ready,1 Sep\na,Doing,2 Sep\n", [], "in 'when' is '1 Sep', no date: write it"),
        ("card,to,since\na,Ready,2226-01-01\n", [], "(1 refused, the first for since '2226-01-01': this time is"),
        ("item,status\na,Done\nb,Done\n", [], "No status means waiting or working"),
        ("item,status\na,To do\n", ["--time-zone", "Mars"], "is no time zone"),
    ],
)  # fmt: skip
def test_what_can_t_be_used_is_said_and_nothing_is_written(tmp_path, text, more, said):
    (tmp_path / "list.csv").write_text(text)
    done, told = begun(tmp_path, str(tmp_path / "list.csv"), *more)
    assert (done.returncode, told) == (2, None)
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.more
def test_who_sits_at_a_terminal_is_asked(tmp_path):
    """Columns and statuses are shown, and what is said against them counts."""
    (tmp_path / "list.csv").write_text(
        "item,status,since,lane\na,x,2026-01-01,Ready\na,y,2026-01-02,Build\n"
    )
    answers = [
        "n",
        "item",
        "lane",
        "since",
        "-",
        "-",
        "-",
        "-",
        "y",
        "Our line",
        "n",
        "work",
        "work",
    ]
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "init", str(tmp_path / "list.csv"), "--no-open",
         "--stages", str(tmp_path / "stages.yaml"), "--data", str(tmp_path / "data")],
        cwd=ROOT, env=os.environ, stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.write(master, "".join(f"{answer}\n" for answer in answers).encode())
        said, wrong = process.communicate(timeout=60)
    os.close(slave)
    os.close(master)
    assert process.returncode == 0, (said, wrong)
    told = stages.read(tmp_path / "stages.yaml")
    assert (told.title, shape(told)) == (
        "Our line", [("Ready", [], [], ["Ready"], []), ("Build", [], [], ["Build"], [])]
    )  # fmt: skip
    assert "you said so" in (tmp_path / "stages.yaml").read_text()


WORDS = some.text(min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=25)
@given(some.lists(WORDS, min_size=1, max_size=6, unique=True), WORDS)
def test_words_are_written_letter_for_letter(tmp_path_factory, words, title):
    """Whatever the statuses are called, the file reads them back as they are."""
    if any("\ud800" <= letter <= "\udfff" for letter in "".join([*words, title])):
        return
    told = [Status(word, 1, 2, 1, "work", "by its word") for word in words]
    made = statuses.stages(told)
    told_by = {"kind": "events", "file": "list.csv", "columns": {"item": words[0]}}
    draft = written.Draft(
        title, "item", "items", "source", told_by, "", made, [], {}, date(2026, 1, 1), "UTC"
    )
    file = tmp_path_factory.getbasetemp() / "written.yaml"
    file.write_text(written.text(draft), encoding="utf-8")
    read = stages.read(file)
    assert read.title == title
    assert [g.name for g in read.streams[draft.stream].stages] == words
    assert read.sources["source"].names["item"] == words[0]


@pytest.mark.parametrize("seed", range(20))
def test_the_order_is_the_one_that_goes_against_the_fewest_items(seed):
    """Against all orders there are of five statuses."""
    chance = random.Random(seed)
    words = "abcde"
    moves = {(a, b): chance.randint(0, 9) for a, b in permutations(words, 2)}
    against = {
        order: sum(moves[b, a] for n, a in enumerate(order) for b in order[n + 1 :])
        for order in permutations(words)
    }
    told = [Status(word, 0, 1, 1, "work", "") for word in words]
    found = tuple(status.word for status in statuses._in_order(told, moves))
    near = [order for order, cost in against.items() if cost <= against[found]]
    # One status moved never makes it better; of the orders that would, few are left.
    assert len(near) <= 6
    chain = {(a, b): 1 for n, a in enumerate("edcba") for b in "edcba"[n + 1 : n + 2]}
    assert "".join(s.word for s in statuses._in_order(told, chain)) == "edcba"


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("Backlog", "queue"), ("Ready for go/no-go", "queue"), ("To-do", "queue"), ("In progress", "work"),
        ("Won't do", "left"), ("Won’t fix", "left"), ("Not planned", "left"), ("(archived)", "left"),
        ("Code review", "work"), ("Awaiting review", "queue"), ("On hold", "paused"), ("DONE", "done"),
        ("Undone", "work"), ("Renewal", "work"), ("Deployed 🚀", "done"), ("To be published", "queue"),
    ],
)  # fmt: skip
def test_what_a_word_means(word, part):
    assert statuses.part_of(word) == part


def test_what_a_word_means_gives_way_to_what_items_do(tmp_path):
    """Six tickets are resolved and then closed: resolved is a step. Five more come to 'Vault' and
    stay: no word says that it is an end, and they do."""
    rows = [
        f"{n},Open,2026-01-01\n{n},Resolved,2026-01-02\n{n},Closed,2026-01-03" for n in range(6)
    ]
    rows += [f"v{n},Open,2026-01-01\nv{n},Vault,2026-01-05" for n in range(5)]
    # Who was in 'Build' from the beginning was not seen to come: that all are there tells nothing.
    rows += [f"b{n},Build,2026-01-01" for n in range(9)]
    (tmp_path / "list.csv").write_text("\n".join(["id,status,date", *rows]))
    _, told = begun(tmp_path, str(tmp_path / "list.csv"))
    words = {word: part for _, *each in shape(told) for part, some in zip(
        ("queue", "paused", "work", "done"), each, strict=True) for word in some}  # fmt: skip
    assert words == {
        "Open": "queue", "Resolved": "work", "Build": "work", "Closed": "done", "Vault": "done"
    }  # fmt: skip


def test_a_status_that_is_typed_now_so_and_now_so_is_one_stage(tmp_path):
    """Five come to 'Vault' and stay, three and two of them in other letters; nobody works in order."""
    rows = ["a,Doing,2026-01-02", "a,Review,2026-01-03", "b,backlog,2026-01-01", "b,doing,2026-01-02",
            "b,review,2026-01-04", "c,Backlog,2026-01-01", "c,DOING,2026-01-05"]  # fmt: skip
    rows += [f"v{n},Backlog,2026-01-01\nv{n},{'Vault' if n < 3 else 'VAULT'},2026-01-05" for n in range(5)]  # fmt: skip
    (tmp_path / "list.csv").write_text("\n".join(["id,status,date", *rows]))
    done, told = begun(tmp_path, str(tmp_path / "list.csv"))
    assert done.returncode == 0, done.stderr
    assert shape(told) == [
        ("Doing", ["backlog", "Backlog"], [], ["Doing", "doing", "DOING"], []),
        ("Review", [], [], ["Review", "review"], ["Vault", "VAULT"]),
    ]


def test_an_item_without_a_status_is_said_to_be_in_no_stage(tmp_path):
    """Of a board as it is now some have none yet, and a cell may end in a line end or a tab."""
    text = 'id,status\na,Doing\nb,"Doing\n"\nc,\nd,\t\ne,To do\n'
    (tmp_path / "list.csv").write_text(text)
    done, told = begun(tmp_path, str(tmp_path / "list.csv"))
    assert done.returncode == 0, done.stderr
    assert shape(told) == [("Doing", ["To do"], [], ["Doing"], [])]
    assert "2 without a status: in no stage until they have one." in done.stdout
    said = valuestream("status", data=tmp_path / "data").stdout
    assert "2 items in no box." in said
    assert "their status to no stage: (no status)." in said


def test_columns_are_found_by_name_and_by_what_is_in_them():
    rows = [[str(n), f"k{n % 4}", ("wait", "go")[n % 2], f"2026-01-{n + 1:02}"] for n in range(20)]
    found = columns.proposed(Sample(["id", "issue key", "x", "y"], rows), {})
    assert found.columns == {"item": "issue key", "status": "x", "since": "y"}
    assert found.changes
    with pytest.raises(StopSource, match="There is no column 'z'"):
        columns.proposed(Sample(["id", "x"], rows), {"item": "z"})
    assert (
        "since"
        not in columns.proposed(Sample(["id", "issue key", "x", "y"], rows), {"since": ""}).columns
    )


def test_a_list_of_changes_whose_times_can_t_be_read_is_not_taken_for_items_as_they_are_now():
    """Only the first row of each item would be left of it: all would wait in their first status."""
    rows = [[str(n % 7), ("Ready", "Doing")[n // 7], f"{n + 1}/Sep/26 1:35 PM"] for n in range(14)]
    told = columns.proposed(Sample(["card", "status", "date"], rows), {})
    assert told.missing == ["since"]
    assert told.why == (
        "items come more than once (card '0' 2 times), but no column tells since when: in 'date' is "
        "'1/Sep/26 1:35 PM', no date: write it as 2026-04-03 or 2026-04-03T14:30Z"
    )
    said = columns.proposed(Sample(["card", "status", "date"], rows), {"since": ""})
    assert (said.missing, said.changes) == ([], False)
    once = columns.proposed(Sample(["card", "status", "date"], rows[:7]), {})
    assert (once.missing, once.changes) == ([], False)


@pytest.mark.parametrize(
    ("dates", "order", "shown"),
    [
        (["03/04/2026"], "day first", False), (["13/04/2026"], "day first", True),
        (["04/13/2026"], "month first", True), (["2026-04-13"], "", True),
    ],
)  # fmt: skip
def test_the_order_of_dates_is_shown_by_a_day_that_is_no_month(dates, order, shown):
    assert Sample(["x"], [[day] for day in dates]).dates == (order, shown)
