"""Seeded odd input of every kind that sources read from files: bytes, and how many rows they hold
where that is plain."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

import openpyxl
import pyarrow
import pyarrow.parquet
from openpyxl.worksheet.formula import ArrayFormula

ROWS = 40  # in a file, about


class Odd(NamedTuple):
    """A file's name and bytes, and how many rows or messages go in, None where it can't be said."""

    name: str
    body: bytes
    rows: int | None = None


TEXTS = [
    "", " ", "a", "b", "A waiting", "Done", "legal", "\u2028", "\x85", "\x00", "a\x00b", "\x1c", "\u200b", "\ufeff",
    "漢字", "é", "e\u0301", "🙂" * 3, "\u202e", "=1+1", "'", '"', '""', ",", "a,b", "\n", "\r", "a\r\nb", "\t", "\\", "NULL",
    "NaN", "None", "true", "False", "no", "1e400", "-0", "9" * 400, "<b>", "&amp;", "$", "{}", "[]", "a" * 5000, "\ufffe",
]  # fmt: skip
TIMES = [
    "2026-01-01", "2026-01-01T10:00", "2026-01-01T10:00Z", "2026-01-01 10:00:00.123456789+01:00", "20260101",
    "2026-W01-1", "2026-13-01", "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59Z",
    "1899-12-31", "03/04/2026", "2026-01-01T24:00", "2026-01-01T10:00:60Z", "2026-01-01T10:00+25:00", "infinity",
    "-infinity", "epoch", "now", "today", "2026-03-29T01:30", "2026-10-25T01:30", "٢٠٢٦-٠١-٠١", "2026-01-01 BC",
    "2026-01-01T10:00:00 Europe/London", "294247-01-10", "2026-01-01T10:00:00.5", "2026-01-01T10", "2026-01-01Z",
    "2026-01-01 10:00:00 UTC", "2026-01-01t10:00z", "-2026-01-01", "1e9", "1767225600", "2026-01-01\x00",
]  # fmt: skip
SOUND = [
    "2026-01-01",
    "2026-01-02T10:00",
    "2026-01-03T10:00:00Z",
    "2026-03-29 01:30:00.123456+01:00",
]
NUMBERS = [
    0,
    -1,
    1,
    1.5,
    1e308,
    2**63,
    -(2**63),
    10**30,
    float("inf"),
    float("-inf"),
    float("nan"),
    1e-320,
]


def text(random: Random) -> str:
    """A text as people, programs and accidents make them."""
    pick = random.random()
    if pick < 0.4:
        return random.choice(TEXTS)
    if pick < 0.7:
        return random.choice(TIMES)
    letters = "ab ,\"\n\r\t\x00\x0b\x1d\u2028\u00a0é漢🙂0-:TZ+'\\/"
    return "".join(random.choices(letters, k=random.randint(0, 12)))


def cells(random: Random, columns: int) -> list[str]:
    """A row that is often sound: an item, a status, a time, and more."""
    sound = [f"i{random.randint(0, 99)}", random.choice(["A waiting", "B working", "Done"]), random.choice(SOUND * 12 + TIMES)]  # fmt: skip
    row = (sound + [text(random) for _ in range(8)])[:columns]
    return [text(random) if random.random() < 0.15 else cell for cell in row]


def header(random: Random, needed: list[str]) -> list[str]:
    """A header that mostly has what is needed."""
    more = random.sample([*TEXTS[:20], "effective", "note", "blocked", "name", "from", "sequence", "resource", "process", "elapsed"], random.randint(0, 4))  # fmt: skip
    told = needed + more
    pick = random.random()
    if pick < 0.03:
        told = told[1:]
    elif pick < 0.06:
        told = [*told, random.choice(needed)]
    return told


def damaged(random: Random, body: bytes) -> bytes:
    """Bytes as they come, or in another encoding, cut, or with some of them changed."""
    pick = random.random()
    if pick < 0.6 or not body:
        return body
    if pick < 0.65:
        return b"\xef\xbb\xbf" + body
    if pick < 0.70:
        return body.decode("utf-8", "replace").encode(random.choice(["utf-16", "latin-1", "utf-32", "cp1252", "utf-7"]), "replace")  # fmt: skip
    if pick < 0.78:
        return body[: random.randrange(len(body))]
    spoilt = bytearray(body)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(spoilt))
        spoilt[at : at + random.randint(0, 2)] = random.choice([b"", b'"', b"\x00", b"\xff", b"\xed\xa0\x80", b"\n", b"\r", b",", bytes([random.randrange(256)])])  # fmt: skip
    return bytes(spoilt)


def as_csv(random: Random, needed: list[str]) -> bytes:
    names = header(random, needed)
    file = io.StringIO()
    told = csv.writer(file, lineterminator=random.choice(["\n"] * 9 + ["\r\n"] * 9 + ["\r"]),
                      quoting=random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))  # fmt: skip
    told.writerow(names)
    for _ in range(random.randint(0, 2 * ROWS)):
        wide = len(names) + (random.choice([-1, 1, 3]) if random.random() < 0.05 else 0)
        told.writerow(cells(random, wide))
    if random.random() < 0.02:
        file.write('"' + "x" * 1_100_000 + '"\n')
    body = file.getvalue().encode("utf-8", "surrogatepass")
    return random.randbytes(random.randint(0, 300)) if random.random() < 0.02 else damaged(random, body)  # fmt: skip


def list_csv(random: Random) -> Odd:
    """A list of events."""
    return Odd("list.csv", as_csv(random, ["item", "status", "since"]))


def board_csv(random: Random) -> Odd:
    """A snapshot."""
    return Odd("board.csv", as_csv(random, ["item", "status"]))


def list_xlsx(random: Random) -> Odd:
    """A workbook of a list: cells of each type, odd sheets, broken parts."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = random.choice(["Sheet", "a'b", "漢", "x" * 31, " "])
    names = header(random, ["item", "status", "since"])
    odd = [True, False, "#DIV/0!", "#N/A", "=A1+1", ArrayFormula("A1:A2", "=1"), time(1, 2), timedelta(days=3, seconds=1),
           timedelta(-1), date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, 6), datetime(1900, 1, 1), datetime(9999, 12, 31),
           Decimal("1.5"), None, 1e300, -5, 2**70]  # fmt: skip
    clean = [openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", name) for name in names]
    page.append(clean)
    for _ in range(random.randint(0, 2 * ROWS)):
        row = [openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", c) for c in cells(random, len(names))]  # fmt: skip
        page.append([random.choice(odd) if random.random() < 0.2 else c for c in row])
    if random.random() < 0.2:
        page.merge_cells("A2:B3")
    if random.random() < 0.1:
        book.create_sheet("more", 0)
    file = io.BytesIO()
    book.save(file)
    body = file.getvalue()
    return Odd("list.xlsx", spoilt_part(random, body) if random.random() < 0.4 else damaged(random, body))  # fmt: skip


def spoilt_part(random: Random, body: bytes) -> bytes:
    """A zip with one part damaged, its XML odd or the part left out."""
    out, spoil = io.BytesIO(), random.randrange(9)
    swaps = [(b' t="inlineStr"', b' t="s"'), (b' t="n"', b' t="d"'), (b"<v>", b"<v>9e999"), (b' r="A', b' r="'),
             (b"<row r=", b"<row r='-5' q="), (b"<c ", b"<c s='99' "), (b"?>", b"?><!DOCTYPE a [<!ENTITY b 'c'>]>"),
             (b"<sheetData>", b"<sheetData>" + b"<a>" * 3000), (b"numFmtId=", b"numFmtId='x' q=")]  # fmt: skip
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for n, name in enumerate(old.namelist()):
            part = old.read(name)
            if n == spoil:
                if random.random() < 0.1:
                    continue
                part = part.replace(*random.choice(swaps)) if random.random() < 0.6 else damaged(random, part)  # fmt: skip
            elif random.random() < 0.2:
                part = part.replace(*random.choice(swaps))
            new.writestr(name, part)
    return out.getvalue()


def value(random: Random, depth: int = 0) -> object:
    """Any JSON value."""
    pick = random.random()
    if pick < 0.35:
        return random.choice([text(random), "\ud800", "a\udfff", *TIMES])
    if pick < 0.6:
        return random.choice([None, True, False, *NUMBERS])
    if depth > 3:
        return None
    if pick < 0.8:
        return [value(random, depth + 1) for _ in range(random.randint(0, 3))]
    return {text(random): value(random, depth + 1) for _ in range(random.randint(0, 3))}


def as_json(random: Random, messages: list) -> tuple[bytes, int | None]:
    """Messages as JSON lines or a list, some of them broken; and how many they are."""
    lines = [json.dumps(m, ensure_ascii=random.random() < 0.9).encode("utf-8", "surrogatepass") for m in messages]  # fmt: skip
    if random.random() < 0.2:
        lines += [random.choice([b"[" * 100_000, b'{"a":' * 50_000, b"9" * 5000, b"1e400", b"{", b"nul", b'"', b"\xff", b"{} {}"])]  # fmt: skip
    if random.random() < 0.7:
        random.shuffle(lines)
        body = b"\n".join(lines)
        return (body, len(lines)) if random.random() < 0.8 else (damaged(random, body), None)
    return damaged(random, b"[" + b",\n".join(lines) + b"]"), None


def log(random: Random) -> Odd:
    """A log as CSV, JSON or parquet, maybe zipped."""
    rows: int | None = None
    kind = random.choice(["csv", "json", "jsonl", "parquet"])
    if kind == "csv":
        body = as_csv(random, ["status", "endpoint", random.choice(["entry_date", "entry-date"])])
    elif kind == "parquet":
        body, rows = parquet(random)
    else:
        told = []
        for _ in range(random.randint(1, 2 * ROWS)):
            row = {"endpoint": f"e{random.randint(0, 9)}", "entry-date": random.choice(SOUND * 12 + TIMES), "status": "200", "resource": "r"}  # fmt: skip
            for key in (*row, "ok", "elapsed", "process", "entry_date", "link"):
                if random.random() < 0.1:
                    row[key] = value(random)
            told.append(value(random) if random.random() < 0.05 else row)
        body, rows = as_json(random, told)
    zipped = random.random() < 0.2
    if zipped:
        whole = gzip.compress(body, 1)
        body = damaged(random, whole)
        rows = rows if body == whole else None
    return Odd(f"log.{kind}" + ".gz" * zipped, body, rows)


COLUMNS: list[tuple[pyarrow.DataType, Callable[[Random], object]]] = [
    (pyarrow.string(), text), (pyarrow.large_string(), text), (pyarrow.string_view(), text),
    (pyarrow.int64(), lambda r: r.randint(-(2**60), 2**60)), (pyarrow.uint8(), lambda r: r.randint(0, 255)),
    (pyarrow.float64(), lambda r: r.choice(NUMBERS[-4:])), (pyarrow.float32(), lambda r: r.random()),
    (pyarrow.binary(), lambda r: r.choice([b"a", b"\xff", b""])), (pyarrow.binary(3), lambda r: b"abc"),
    (pyarrow.bool_(), lambda r: r.random() < 0.5), (pyarrow.list_(pyarrow.string()), lambda r: ["a"]),
    (pyarrow.struct([("a", pyarrow.string())]), lambda r: {"a": "b"}), (pyarrow.decimal128(20, 3), lambda r: Decimal("1.250")),
    (pyarrow.map_(pyarrow.string(), pyarrow.int64()), lambda r: [("a", 1)]), (pyarrow.date32(), lambda r: date(2026, 1, 2)),
    (pyarrow.time64("us"), lambda r: time(1, 2)), (pyarrow.duration("s"), lambda r: timedelta(1)), (pyarrow.null(), lambda r: None),
    (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), lambda r: r.choice(["a", "b"])),
    (pyarrow.dictionary(pyarrow.int32(), pyarrow.int64()), lambda r: r.choice([1, 2])),
    *((pyarrow.timestamp(unit, zone), lambda r: datetime(2026, 1, 1) + timedelta(hours=r.randint(0, 9000)))
      for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "Europe/London", "+05:30")),
    (pyarrow.timestamp("us"), lambda r: r.choice([-(2**62), 2**62, 0, -1])),
]  # fmt: skip


def parquet(random: Random) -> tuple[bytes, int | None]:
    """A parquet whose columns are of any type; and how many rows it has."""
    count, columns = random.randint(0, 2 * ROWS), {}
    for name in ("endpoint", random.choice(["entry_date", "entry-date"]), "status", "resource", "elapsed", "ok", "process", "x"):  # fmt: skip
        kind, make = COLUMNS[0] if random.random() < 0.5 else random.choice(COLUMNS)
        make = (
            (lambda r: r.choice(SOUND * 12 + TIMES))
            if kind == COLUMNS[0][0] and "date" in name
            else make
        )
        values = [None if random.random() < 0.1 else make(random) for _ in range(count)]
        columns[name] = pyarrow.array(values, kind)
        if random.random() < 0.05 and count and pyarrow.types.is_string(kind):
            columns[name] = pyarrow.array([b"\xff\xfe"] * count).view(pyarrow.string())
    file = io.BytesIO()
    try:
        pyarrow.parquet.write_table(pyarrow.table(columns), file, compression=random.choice(["none", "snappy", "zstd", "gzip"]),
                                    use_dictionary=random.random() < 0.5, row_group_size=random.choice([7, 1000]))  # fmt: skip
    except pyarrow.ArrowException:  # this type can't be written
        return parquet(random)
    body = file.getvalue()
    whole = random.random() < 0.8
    return (body, count) if whole else (damaged(random, body), None)


def messages(random: Random) -> Odd:
    """Canary runs and alarms in every shape, any key dropped, any value another."""
    told = [spoilt(random, message(random)) for _ in range(random.randint(1, 2 * ROWS))]
    body, _ = as_json(random, told)
    return Odd("messages.json", body)


def message(random: Random) -> dict:
    """A sound message, maybe wrapped."""
    name, state = (
        random.choice(["home", "list", "漢"]),
        random.choice(["PASSED", "FAILED", "RUNNING"]),
    )
    at = random.choice([1724056329.74, "2024-08-19T08:37:09.701Z", "2024-08-19 08:37:09+01:00", 1767225600])  # fmt: skip
    why = random.choice(["null", "", "timed out", None, "a\nb", "\n", "x" * 999])
    one = random.choice([
        {"CanaryRuns": [{"Name": name, "Status": {"State": state, "StateReason": why}, "Timeline": {"Started": at, "Completed": at}}] * 2},
        {"detail": {"canary-name": name, "test-run-status": state, "state-reason": why, "canary-run-timeline": {"started": at, "completed": at}}},
        {"AlarmName": name, "NewStateValue": "OK", "StateChangeTime": at, "NewStateReason": why},
        {"alarmData": {"alarmName": name, "state": {"value": "ALARM", "timestamp": at, "reason": why}}},
    ])  # fmt: skip
    for _ in range(random.choice([0, 0, 0, 1, 2, 5])):
        inside = json.dumps(one)
        one = random.choice([{"Message": inside}, {"Records": [{"Sns": {"Message": inside}}, {"body": inside}]}])  # fmt: skip
        if len(inside) > 5000:
            break
    return one


def spoilt(random: Random, told: object) -> object:
    """Any key dropped, any value replaced, at any depth; and in the text of a wrapping."""
    if random.random() < 0.07:
        return value(random)
    if isinstance(told, dict):
        return {k: spoilt(random, v) for k, v in told.items() if random.random() > 0.04}
    if isinstance(told, list):
        return [spoilt(random, v) for v in told]
    if isinstance(told, str) and told.startswith("{") and random.random() < 0.5:
        return json.dumps(spoilt(random, json.loads(told)))
    return told
