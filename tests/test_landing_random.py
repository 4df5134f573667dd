"""Random lists that hold days among times, read through the landing database, agree exactly with
what their rows say by the rule in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random

from independent_time import LONDON, MICRO, midnight
from seeds import chance, how_many, told

from settings.sources import Events
from sources import collecting
from sources.landing import saving

NOW = datetime(2027, 1, 1, tzinfo=UTC)
# Around both clock changes in London, 29 March and 25 October 2026.
STARTS = (date(2026, 3, 27), date(2026, 10, 23))


def listed(random: Random) -> list[tuple[str, str, str]]:
    """Rows (item, status, since) in any order: a day, a local time, or one with its offset."""
    start, rows = random.choice(STARTS), []
    for _ in range(random.randint(1, 25)):
        day = start + timedelta(days=random.randint(0, 4))
        hour = f"{random.randint(3, 20):02}:{random.choice(['00', '30'])}"
        since = random.choice([f"{day}", f"{day}", f"{day}T{hour}", f"{day} {hour}:07.5", f"{day}T{hour}Z", f"{day}T{hour}+01:00"])  # fmt: skip
        rows.append((random.choice("abc"), random.choice(["To do", "Doing", "Done"]), since))
    return rows


def said(rows: list[tuple[str, str, str]]) -> list[tuple]:
    """(item, status, since, not before, precision): a day counts as of its last microsecond, or as
    of the first time of that day which stands below it for that item; it began at midnight."""
    found = []
    for n, (item, status, text) in enumerate(rows):
        if len(text) > 10:
            found.append((item, status, _instant(text), None, "exact"))
            continue
        day = date.fromisoformat(text)
        below = [t for i, _, t in rows[n + 1 :] if i == item and t[:10] == text and len(t) > 10]
        since = min([midnight(day + timedelta(days=1)) - MICRO, *map(_instant, below)])
        found.append((item, status, since, midnight(day), "day"))
    return sorted(found, key=str)


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=LONDON)).astimezone(UTC)


def test_days_among_times_say_what_the_rule_in_words_says(tmp_path):
    lists = {f"list{n}": listed(chance("lists", n)) for n in range(how_many(8))}
    for name, rows in lists.items():
        lines = ["item,status,since", *map(",".join, rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n")
    sources = [
        Events(name=name, file=str(tmp_path / f"{name}.csv"), time_zone="Europe/London")
        for name in lists
    ]
    results = collecting.collect(sources, tmp_path / "landing.duckdb", NOW)
    assert [r.accepted for r in results] == [len(rows) for rows in lists.values()]
    with saving.opened(tmp_path / "landing.duckdb") as con:
        for name, rows in lists.items():
            query = (
                "select item, value, since, not_before, precision from stage_event where source = ?"
            )
            found = con.execute(query, [name]).fetchall()
            utc = [tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in r) for r in found]  # fmt: skip
            with told(name, [dict(zip(("item", "status", "since"), r, strict=True)) for r in rows]):
                assert sorted(utc, key=str) == said(rows)
