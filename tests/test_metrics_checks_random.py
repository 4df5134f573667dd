"""The figures of processes over random checks agree exactly with independent_checks.py, and a
publication that goes on from the one before holds the same as one worked out from all the rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import independent_checks as independent
import pytest
import random_logs
from independent_checks import DAY, us
from looked import at, published, written
from random_logs import laid, log
from seeds import chance, how_many, told

GROUPS = {  # every, limit, amber, window, forget
    "pages": (DAY, 0.5, 0.25, (3, 2, 0), 3 * DAY),
    "builds": (None, 0.0, None, (2, 1, 0), 7 * DAY),
}


def test_every_figure_of_processes_agrees_with_the_independent_calculation(tmp_path):
    def same(asked, checks, as_of):
        for compare in CHECKS:
            compare(asked, checks, as_of)

    random_logs.compare(tmp_path, "processes", how_many(4), same)


def same_runs(asked, checks, as_of):
    rows, status = asked.figure("run", as_of), asked.figure("process_status", as_of)
    for (group, process), subjects in independent.known(checks).items():
        every, limit, amber, window, _ = GROUPS[group]
        expected = independent.runs(subjects, every, limit, amber, window, as_of)
        found = rows[(rows.process_group == group) & (rows.process == process)]
        assert [(us(r.slot), r.checks, None if r.missing else r.failed, r.missing, r.bad, r.state)
                for r in found.itertuples()] == expected  # fmt: skip
        outage = asked.figure("outage", as_of, process_group=group, process=process)
        assert [
            (us(o.from_at), o.missed_runs) for o in outage[::-1].itertuples()
        ] == independent.outages(expected)
        one = status[(status.process_group == group) & (status.process == process)].iloc[0]
        if not expected:
            assert one.word == "No data"
            continue
        last = max(r[0] if every is None else r[0] + every * r[3] for r in expected)
        if us(as_of) - last < 9 * DAY and len(expected) >= window[0]:
            assert one.colour == expected[-1][-1]
            same = len(expected) - next(
                (n for n, r in enumerate(reversed(expected)) if r[-1] != one.colour), len(expected)
            )
            assert us(one.since) == expected[same][0]


def same_weeks(asked, checks, as_of):
    told = independent.known(checks)
    for group, process in [*told, ("pages", "")]:
        rows = asked.figure("check_week", as_of, process_group=group, process=process)
        found = {r.week.date(): (r.looked_at, r.failing, r.checks, r.failed)
                 for r in rows.itertuples() if r.checks}  # fmt: skip
        assert found == independent.weeks(told, group, process, as_of)


def same_errors(asked, checks, as_of):
    rows = asked.figure("check_error", as_of, counted_by="kind")
    found = {(r.process, r.name): (r.failed, r.subjects) for r in rows.itertuples(name="Error")}
    assert found == independent.errors(independent.known(checks), as_of)


def same_subjects(asked, checks, as_of):
    failing, flapping = asked.figure("failing", as_of), asked.figure("flapping", as_of)
    recovery, speed = asked.figure("recovery", as_of), asked.figure("speed", as_of)
    for (group, process), subjects in independent.known(checks).items():
        forget = GROUPS[group][-1]
        of = lambda rows: rows[(rows.process_group == group) & (rows.process == process)]  # noqa: B023, E731
        found = {f.subject: f.changes for f in of(flapping).itertuples()}
        assert found == independent.flapping(subjects, as_of)
        found = {s.subject: (s.seconds, None if s.weeks_before == 0 else s.before_seconds, s.change)
                 for s in of(speed).itertuples()}  # fmt: skip
        assert found == independent.speed(subjects, as_of)
        if in_doubt(subjects, forget, as_of):
            continue
        found = {
            f.subject: (us(f.since), None if f.never_good else us(f.last_good_at), f.detail.removeprefix("HTTP "))
            for f in of(failing).itertuples()
        }  # fmt: skip
        assert found == independent.failing(subjects, forget, as_of)
        found = [(r.failures, r.recovered, r.failing, r.given_up, None if r.typical_word else r.typical_days)
                 for r in of(recovery).itertuples()]  # fmt: skip
        expected = independent.recovery(subjects, forget, as_of)
        assert found == ([expected] if expected[0] else [])


def in_doubt(subjects, forget, as_of) -> bool:
    """Whether a publication can't tell exactly who was still looked at by an instant: of equal
    results in a row it keeps the first and the last, so not that there was a gap among them. The
    independent calculation knows every check."""
    now = us(as_of)
    for rows in subjects.values():
        before, after = ([r[0] for r in rows if (r[0] <= now) is told] for told in (True, False))
        if before and after and after[0] - before[-1] > forget:
            return True
    return False


def same_run_counts(asked, checks, as_of):
    rows = asked.figure("run_count", as_of)
    found = {(r.process_group, r.process): (r.runs, r.missing, r.alternates, r.turned)
             for r in rows.itertuples()}  # fmt: skip
    told = {}
    for (group, process), subjects in independent.known(checks).items():
        every, limit, amber, window, _ = GROUPS[group]
        runs = independent.runs(subjects, every, limit, amber, window, as_of)
        told |= {(group, process): independent.run_count(runs)} if runs else {}
    assert found == told | _of_groups(told)


def _of_groups(told):
    """The sums of each group's processes, as its process ''."""
    groups = {group for group, _ in told}
    return {
        (group, ""): tuple(map(sum, zip(*(n for (g, _), n in told.items() if g == group), strict=True)))
        for group in groups
    }  # fmt: skip


def same_error_kinds(asked, checks, as_of):
    """By process as told slowly, by group the sums of that; the most first."""
    rows = asked.figure("error_kind", as_of)
    kinds = independent.errors(independent.known(checks), as_of)
    by_process = rows[rows.process != ""]
    found = {
        (r.process, r.name): (r.failed, r.subjects) for r in by_process.itertuples(name="Error")
    }
    assert found == kinds
    for (_, process), part in rows.groupby(["process_group", "process"]):
        assert part.failed.is_monotonic_decreasing
        assert part.nth.to_list() == list(range(1, len(part) + 1))
        assert set(part.all_failed) == {part.failed.sum()}
        if process == "":
            own = by_process[by_process.process_group == part.process_group.iloc[0]]
            assert (
                part.set_index("name").failed.to_dict()
                == own.groupby("name").failed.sum().to_dict()
            )


def same_subject_counts(asked, checks, as_of):
    failing, speed, doubtful = {}, {}, set()
    for (group, process), subjects in independent.known(checks).items():
        if in_doubt(subjects, GROUPS[group][-1], as_of):
            doubtful |= {(group, process), (group, "")}
        told = independent.failing(subjects, GROUPS[group][-1], as_of)
        failing[group, process] = (len(told), sum(good is None for _, good, _ in told.values()))
        changes = [change for *_, change in independent.speed(subjects, as_of).values()]
        if changes:
            kinds = ("slowing", "faster", "no change", "too few")
            speed[group, process] = (len(changes), *map(changes.count, kinds))
    rows = asked.figure("failing_count", as_of)
    found = {(r.process_group, r.process): (r.failing, r.never_good) for r in rows.itertuples()}
    expected = {(group, ""): (0, 0) for group in GROUPS} | failing | _of_groups(failing)
    assert set(found) == set(expected)
    assert {k: found[k] for k in found if k not in doubtful} == {
        k: expected[k] for k in expected if k not in doubtful
    }
    rows = asked.figure("speed_count", as_of)
    found = {(r[0], r[1]): r[2:] for r in rows.itertuples(index=False, name=None)}
    assert found == speed | _of_groups(speed)


def same_process_targets(asked, checks, as_of):
    """A verdict is the box's colour; a value the failing share of the newest run that took place."""
    rows, status = (
        asked.figure("target_now", as_of, kind="process"),
        asked.figure("process_status", as_of),
    )
    assert len(rows) == len(status)
    colours = {(s.process_group, s.process): s.colour for s in status.itertuples()}
    told = independent.known(checks)
    for row in rows.itertuples():
        key = row.process_group, row.process
        assert row.verdict.replace("unknown", "grey") == colours[key]
        every, limit, amber, window, _ = GROUPS[row.process_group]
        runs = (
            independent.runs(told[key], every, limit, amber, window, as_of) if key in told else []
        )
        taken = [failed / checks for _, checks, failed, missing, *_ in runs if not missing]
        assert (None if row.value != row.value else row.value) == (taken[-1] if taken else None)


def same_process_count(asked, checks, as_of):
    """It counts the processes of all logs together."""
    whole = asked.whole.asked
    counts, status = whole.figure("process_count", as_of), whole.figure("process_status", as_of)
    found = dict(zip(counts.colour, counts.processes, strict=True))
    assert found == dict(status.colour.value_counts())


CHECKS = [same_runs, same_weeks, same_errors, same_subjects, same_run_counts, same_error_kinds,
          same_subject_counts, same_process_targets, same_process_count]  # fmt: skip
TABLES = [
    "from process_run", "from process_week",
    "select p.process_group, p.process, s.subject, x.* exclude (process_no, subject_no) from check_stretch x "
    "join check_subject s using (subject_no) join check_process p on p.process_no = s.process_no",
    "select p.process_group, p.process, s.subject, x.* exclude (subject_no) from check_speed x "
    "join check_subject s using (subject_no) join check_process p on p.process_no = s.process_no",
    "from check_evidence",
]  # fmt: skip


# Few logs in each: the earliest new row of all of them says which weeks are carried over.
@pytest.mark.parametrize("nth", [0, *(pytest.param(n, marks=pytest.mark.more) for n in (1, 2, 3))])
def test_going_on_from_the_last_publication_gives_what_all_the_rows_give(tmp_path, nth):
    """Each log arrives in two parts, cut at a day of its own; `again`: the first file comes once
    more, with both, for every log, for none or for some."""
    random, again = chance("going on", nth), (False, True, None)[nth % 3]
    logs = {f"{n}": log(chance("going on", nth, n), 30) for n in range(1 + nth % 2)}
    one, two = tmp_path / "one", tmp_path / "two"
    settled, later = laid(one, logs), {}
    for name, checks in logs.items():
        cut, twice = at(random.randint(1, 60), 0), random.random() < 0.5 if again is None else again
        written(one / name, [c for c in checks if c["at"] < cut] or checks)
        later[name] = (checks, "") if twice else ([c for c in checks if c["at"] >= cut], "-later")
    published(one, settled, at(200)).close()
    for name, (checks, file) in later.items():
        written(one / name, checks, file)
    made = [published(one, settled, at(201)), random_logs.publication(two, logs, at(201))]
    for one_made in made:
        one_made.close()
    with told(f"all logs, again: {again}", [c | {"log": n} for n, cs in logs.items() for c in cs]):
        for table in TABLES:
            assert rows_of(made[0].file, table) == rows_of(made[1].file, table)


def rows_of(file: Path, table: str) -> list[tuple]:
    with duckdb.connect(str(file), read_only=True) as con:
        told = con.sql(table)
        kept = [c for c in told.columns if c != "process_no"]
        return sorted(con.sql(f"select {', '.join(kept)} from ({table})").fetchall(), key=str)
