"""A list in columns says what the csv module and the judge say of its rows one by one."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import odd_bytes
import pytest
from seeds import chance, how_many, told

from settings import database
from settings.limits import Limits
from settings.sources import Events
from sources import Reading, collecting, events
from sources.reading import blocks, event_columns, event_rows, kept, tables
from sources.reading.bounds import Unreadable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ROOT = Path(__file__).parent.parent
UNBOUND = Limits(cells=10**12, unpacked=10**9)


def one_by_one(settings: Events, body: bytes) -> tuple:
    """What is said when each row is read by the csv module and seen by the judge."""
    try:
        header, rows = tables.csv_rows(body, UNBOUND)
        events.whole(header, rows[-1] if rows else None)
        by_column = ((line, event_rows.by_column(header, cells)) for line, cells in rows)
        judged = event_rows.judge(settings, header, by_column, NOW)
    except Unreadable as error:
        return str(error), [], None, []
    return "", judged.rejects, judged.newest, every(judged)


def in_columns(settings: Events) -> tuple:
    (reading,) = events.readings(settings, {}, NOW)
    rows = [] if reading.refused else every(reading)
    return reading.refused, reading.rejects, reading.newest, rows


def every(told: Reading | event_rows.Judged) -> list[dict]:
    """The rows; a time that was read in columns is the one that was written."""
    rows = told.rows.to_reader().read_all().to_pylist()
    for row in rows:
        at = row.pop("since_at")
        assert at is None or at == datetime.fromisoformat(row["since"])
    return rows


TIMES = [
    *odd_bytes.TIMES, *odd_bytes.SOUND, "2024-02-29", "2023-02-29", "2026-04-31", "2026-11-20T12:00:00Z",
    "2026-11-20T11:59:59.999999Z", "2026-11-20T12:00:00.000001Z", "2026-11-21T12:00Z", "2026-11-21T12:00:01Z",
    "2026-11-20T23:00", "2026-11-21", "2026-11-22", "2026-11-21T01:59+14:00", "2026-11-20 12:00-14:00",
    "1900-01-01", "1909-12-31", "1910-01-01", "2026-03-29T01:59", "2026-03-29T02:00", "2026-10-25T00:59",
    " 2026-01-01", "2026-01-01\u2003", "2026-01-01 10:00 +01:00", "2026-01-01T10:00:00.1234567Z", "2026-01-01T09:60",
]  # fmt: skip
CELLS = [*"abc", "", " ", "A waiting", "no", "No", "NO ", "false", "FALSE", "0", "\u212a", "no\u017f", "é", "\xa0x\xa0",
         "gone", "true", "x,y", 'x"y', '"', "x\ny", "x\r\ny", "x\ry", "\x00", "\ufeffx", "🙂", " x", "x\x1f"]  # fmt: skip
ENDS = ["\n"] * 20 + ["\r\n"] * 5 + ["\r", "\n\n", "\n \n", "\n,,\n", "\r\n\r\n"]
NAMES = ["effective", "note", "blocked", "name", "from", "x", "", "gone", "blocked"]


def listed(random: Random) -> bytes:
    """A list, mostly sound; how odd it is differs."""
    odd = random.choice([0, 0.002, 0.05, 0.3])
    names = ["item", "status", "since", *random.sample(NAMES, random.randint(0, 4))]
    random.shuffle(names)
    lines = [",".join(names) + random.choice(ENDS)]
    for _ in range(random.randint(0, 60)):
        row = []
        for name in names:
            fine = random.choice(odd_bytes.SOUND) if name == "since" else random.choice("abc")
            cell = random.choice(TIMES if name == "since" else CELLS) if random.random() < odd else fine  # fmt: skip
            row.append(quoted(random, cell, odd))
        if random.random() < odd / 4:
            row += [random.choice(["", "", "x"])] * random.randint(1, 2)
        elif random.random() < odd / 4:
            row = row[: random.randint(0, len(row))]
        lines.append(",".join(row) + (random.choice(ENDS) if random.random() < odd else "\n"))
    body = "".join(lines).encode()
    if random.random() < odd:
        at = random.randrange(len(body) + 1)
        body = body[:at] + random.choice([b"\xff", b'"', b"\0", b"", b"\r"]) + body[at + 1 :]
    return body if random.random() < 0.9 else body.rstrip(b"\n")


def quoted(random: Random, cell: str, odd: float) -> str:
    if random.random() < odd / 20:
        return random.choice(["", " "]) + f'"{cell}"' + random.choice(["", " ", "x"])
    needed = any(letter in cell for letter in ',"\n\r')
    if needed or random.random() < 0.05:
        return '"' + cell.replace('"', '""') + '"'
    return cell


WAYS = [
    {}, {"time_zone": "Europe/London"}, {"time_zone": "Pacific/Apia", "precision": "between"},
    {"columns": {"gone": "gone", "name": "item"}}, {"columns": {"status": "x", "item": "name", "link": "name"}},
    {"columns": {"item": "since"}}, {"limits": {"rejects": 2}},
]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbfi,A,2026-01-01\nj,B,2026-01-02\n",
        b"short\n\xef\xbb\xbfi,A,2026-01-01\nj,B,2026-01-02\n",  # first of those that are whole
    ],
)
def test_a_row_keeps_a_mark_of_order_wherever_a_block_begins(body):
    """As where two files were put one behind the other: no item of two names by where it lies."""
    assert blocks.plain(body, 1, 3) is None


@pytest.mark.parametrize("files", [80, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_list_in_columns_says_what_each_row_says_alone(tmp_path, monkeypatch, files):
    """Whatever it holds, wherever a block ends: the same rows, refusals and newest time."""
    seen = {"refused": 0, "rejects": 0, "rows": 0, "plain": 0}
    plain = blocks.plain
    file = tmp_path / "list.csv"
    for n in range(how_many(files)):
        random = chance("columns", n)
        body = odd_bytes.list_csv(random).body if random.random() < 0.3 else listed(random)
        monkeypatch.setattr(blocks, "SIZE", random.choice([1, 40, 200, 1000, 1 << 20]))
        monkeypatch.setattr(kept, "HELD", random.choice([0, 16_000_000]))
        file.write_bytes(body)
        settings = Events(name="list", file=str(file), **random.choice(WAYS))
        with told(n, [{"body": body[:5000], "settings": settings}]):
            found = in_columns(settings)
            assert found == one_by_one(settings, body)
        seen["refused"] += bool(found[0])
        seen["rejects"] += len(found[1])
        seen["rows"] += len(found[3])
        seen["plain"] += plain(body, 0, body.split(b"\n")[0].count(b",") + 1) is not None
    assert all(seen.values()), seen


@pytest.mark.parametrize("zone", ["UTC", "Europe/London"])
def test_each_odd_cell_is_judged_as_the_judge_does(tmp_path, zone):
    """Each in every column of a row of its own; and each time as the newest of all but one."""
    names = ["item", "status", "since", "effective", "note", "gone"]
    sound = ["a", "b", "2026-01-01", "", "why", ""]
    rows = [
        [*sound[:n], cell, *sound[n + 1 :]] for n in range(len(names)) for cell in {*CELLS, *TIMES}
    ]
    lists = [
        [names, *rows],
        *(
            [names, [*"ab", at, "", "", ""], [*"ab", "2026-03-29T02:00", "", "", ""]]
            for at in TIMES
        ),
    ]
    file = tmp_path / "list.csv"
    settings = Events(name="list", file=str(file), time_zone=zone, columns={"gone": "gone"})
    for some in lists:
        found = io.StringIO()
        csv.writer(found).writerows(some)
        file.write_text(found.getvalue(), newline="")
        assert in_columns(settings) == one_by_one(settings, file.read_bytes())


@pytest.mark.parametrize(
    "rows", [b'a,b"c",d\n', b'a,"b"c,d\n', b'a, "b",c\n', b'a,"b\nc",d\n', b'a,"b\n', b"a,b\rc,d\n", b"a,b,c\r",
             b"\xef\xbb\xbfa,b,c\n", b"a,b\0,c\n", b"a,b,c\n\xff,b,c\n", b"a\n\xff\n", b"a,b," + b"c" * 1_000_001])  # fmt: skip
def test_what_could_be_read_in_two_ways_is_left_to_the_csv_module(rows):
    assert blocks.plain(rows, 1, 3) is None


def test_rows_of_another_width_are_told_apart_with_their_lines():
    part = blocks.plain(b'a,"b","c, ""d"""\r\n\n,\n"x,",y\n,,\na,b,c', 1, 3)
    assert part.lines.tolist() == [2, 6, 7]
    assert [*zip(*(cell.to_pylist() for cell in part.cells), strict=True)] == [
        ("a", "b", 'c, "d"'), ("", "", ""), ("a", "b", "c"),
    ]  # fmt: skip
    assert part.odd == [(4, ["", ""]), (5, ["x,", "y"])]


def test_space_is_what_python_takes_for_space():
    assert set(event_columns.SPACE) == {
        c for c in map(chr, range(sys.maxunicode + 1)) if c.isspace()
    }


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_list_that_programs_write_needs_no_look_at_each_row(tmp_path, monkeypatch, quote):
    """Days, local times and zoned ones, quoted or not, rows blocked for a reason with a comma."""
    looked = []
    judge = event_rows._judge
    monkeypatch.setattr(
        event_rows, "_judge", lambda row, *more: looked.append(row) or judge(row, *more)
    )
    times = [*odd_bytes.SOUND, "2024-02-29", "2025-12-31 23:59:59-05:00"]
    rows = [
        ("item", "status", "since", "blocked"),
        *(("a", "Doing", at, "Highways, twice") for at in times),
    ]
    file = tmp_path / "list.csv"
    lines = [[f"{quote}{cell}{quote}" for cell in row[:3]] + [f'"{row[3]}"'] for row in rows]
    file.write_text("\r\n".join(map(",".join, lines)))
    (reading,) = events.readings(Events(name="list", file=str(file)), {}, NOW)
    assert (reading.rows["since"].to_pylist(), reading.rejects, looked) == (times, [], [])
    assert set(reading.rows["blocked"].to_pylist()) == {"Highways, twice"}


def test_what_is_wrong_with_the_file_is_said_before_what_is_wrong_with_its_rows(tmp_path):
    """As when it was read to its end before the first row was judged."""
    file, many = tmp_path / "list.csv", "x,,\n" * 9
    settings = Events(name="list", file=str(file), limits=Limits(rejects=3))
    for body, reason in [
        (f"item,status,since\n{many}", "More than 3 rows of the list can't be used"),
        (f"item,status,since\n{many}cut", "The last line (11) is no row: 'cut'."),
        (f"item,status,when\n{many}", "There is no column 'since'."),
        (f"item,status,when\n{many}cut", "The last line (11) is no row: 'cut'."),
        (f'item,status,since\n{many}cut\n"', "The CSV breaks off or is malformed at line 12"),
    ]:
        file.write_text(body)
        (reading,) = events.readings(settings, {}, NOW)
        assert reading.refused.startswith(reason)


def test_a_list_may_have_any_number_of_cells(tmp_path):
    file, rows = tmp_path / "list.csv", 200_000
    file.write_text("item,status,since\n" + "a,To do,2026-01-01\n" * rows)
    (result,) = collecting.collect(
        [Events(name="list", file=str(file))], tmp_path / "landing.duckdb", NOW
    )
    assert (result.failed, result.accepted) == ("", rows) and 3 * rows > Limits().cells


def test_rows_that_are_too_many_to_be_held_need_room_in_the_folder_for_such(tmp_path, monkeypatch):
    file = tmp_path / "list.csv"
    file.write_text("item,status,since\na,To do,2026-01-01\n")
    monkeypatch.setattr(kept, "HELD", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    (result,) = collecting.collect(
        [Events(name="list", file=str(file))], tmp_path / "landing.duckdb", NOW
    )
    assert "nowhere does not hold the rows of a long list meanwhile" in result.failed
    assert "TMPDIR" in result.failed


MEASURE = """
import re, sys
from datetime import UTC, datetime
from pathlib import Path
from settings.sources import Events
from sources import collecting
one = Events(name="list", file=sys.argv[1], limits={"megabytes": 10_000})
size = lambda: int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1000
(told,) = collecting.collect([one], Path(sys.argv[2]), datetime(2026, 11, 20, tzinfo=UTC))
print(told.accepted, told.failed, size())
"""


ROWS = """
select 'P' || hash(n // 6) % 1000000000 as item, 'Step ' || n % 6 as status,
       strftime('2019-01-07'::timestamp + to_seconds(n * 30), '%Y-%m-%dT%H:%M:%SZ') as since,
       if(n % 40 = 0, 'Highways, asked twice', null) as blocked
from range(6000000) as every(n)
"""


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak")
def test_a_list_of_a_million_items_is_collected_within_500_megabytes(tmp_path):
    """Twice, the second time with a row more: then the old rows go and the new ones come at once."""
    made, landing = tmp_path / "list.csv", tmp_path / "landing.duckdb"
    with database.connect() as con:
        con.sql(ROWS).write_csv(str(made))
    for more in (0, 1):
        # By a file: of a program from the command line DuckDB thinks that somebody watches its progress.
        (tmp_path / "measure.py").write_text(f"import sys\nsys.path[0] = {str(ROOT)!r}\n{MEASURE}")
        done = subprocess.run([sys.executable, tmp_path / "measure.py", str(made), str(landing)],
                              capture_output=True, text=True, check=True, timeout=300)  # fmt: skip
        accepted, *failed, megabytes = done.stdout.split()
        assert (int(accepted), failed) == (6_000_000 + more, [])
        assert float(megabytes) < 500
        with made.open("a") as file:
            file.write("P1,Decided,2025-03-05,\n")
