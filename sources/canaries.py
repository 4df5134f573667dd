"""Canary runs and alarms of AWS, as saved messages: JSON lines or files, from a folder or an address.

Shapes (as AWS documents them): the list of Synthetics GetCanaryRuns; EventBridge's "Synthetics
Canary TestRun" and "CloudWatch Alarm State Change"; an alarm sent to a function; and any of them
inside an SNS or SQS message, where it is JSON in a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import BinaryIO

import pyarrow

from settings.limits import Limits
from settings.sources import Canaries
from sources import Reading, Reject
from sources.reading import check_rows, files
from sources.reading.bounds import within
from sources.reading.json_objects import objects

GOOD, BAD = ("PASSED", "OK"), ("FAILED", "ERROR", "ALARM")


def readings(settings: Canaries, cursor: dict, now: datetime) -> Iterator[Reading]:
    """A reading for each file or folder that is new or has changed. Raises StopSource or TryLater."""
    process = settings.process or settings.name
    yield from files.readings(settings.model_copy(update={"process": process}), cursor, now, parse)


def parse(name: str, stream: BinaryIO, limits: Limits) -> tuple[pyarrow.Table, list[Reject]]:
    """Each run or alarm once, whatever order the messages came in and however often.

    What is no result (a run that goes on, a message of another sort) is a reject. Raises ValueError
    when the file is no JSON.
    """
    kept: dict[tuple[str, str], dict] = {}
    rejects: list[Reject] = []
    for line, message in objects(stream, limits):
        for row in [message] if isinstance(message, Reject) else _rows(line, message):
            if isinstance(row, Reject):
                rejects.append(row)
            else:
                kept[row["endpoint"], row["entry_date"]] = row
        within(limits, "rejects", len(rejects), "the file")
        within(limits, "cells", len(kept) * len(check_rows.COLUMNS), "The file")
    rows = [kept[key] for key in sorted(kept, key=lambda k: (k[1], k[0]))]
    return check_rows.as_table(rows), rejects


def _rows(line: int, message: dict) -> Iterator[dict | Reject]:
    """What a message holds: each a row, or a reject that says why not."""
    told: object = message
    try:
        for told in _opened(message):
            try:
                yield _result(told)
            except _NONE_OF_OURS as error:
                yield _reject(line, told, error)
    except _NONE_OF_OURS as error:
        yield _reject(line, message, error)


def _reject(line: int, told: object, error: Exception) -> Reject:
    if isinstance(error, check_rows.Unfit):
        return error.reject(line)
    try:
        value = json.dumps(told)[:200]
    except RecursionError:
        value = "nested too deep to be shown"
    return Reject(line, "", value, str(error) if type(error) is ValueError else _UNKNOWN)


# What a message of another shape comes to, wherever it differs.
_NONE_OF_OURS = (
    KeyError, TypeError, ValueError, AttributeError, ArithmeticError, OSError, RecursionError,
)  # fmt: skip
_UNKNOWN = "no canary run or alarm that is known here: a name, a state and a time are needed"


def _opened(message: dict) -> Iterator[dict]:
    """What a message holds, out of its wrappings."""
    for record in message.get("Records") or []:
        inside = (record.get("Sns") or {}).get("Message") or record.get("body")
        yield from _opened(json.loads(inside)) if inside else [record]
    yield from message.get("CanaryRuns") or []
    if isinstance(message.get("Message"), str):
        yield from _opened(json.loads(message["Message"]))
    elif not {"Records", "CanaryRuns"} & set(message):
        yield message


def _result(told: dict) -> dict:
    """A run or an alarm as a row. Raises ValueError, saying why, when it is no result."""
    if "Timeline" in told:
        state, line = told["Status"], told["Timeline"]
        why = (state.get("StateReason"), state.get("StateReasonCode"))
        return _row(told["Name"], state["State"], line["Started"], line.get("Completed"), *why)
    if "canary-run-timeline" in told.get("detail", {}):
        run = told["detail"]
        line = run["canary-run-timeline"]
        return _row(run["canary-name"], run["test-run-status"], line["started"], line.get("completed"),
                    run.get("state-reason"))  # fmt: skip
    if "NewStateValue" in told:
        return _row(told["AlarmName"], told["NewStateValue"], told["StateChangeTime"], None,
                    told.get("NewStateReason"))  # fmt: skip
    alarm = told.get("alarmData") or told["detail"]
    state = alarm["state"]
    return _row(alarm["alarmName"], state["value"], state["timestamp"], None, state.get("reason"))


def _row(name: str | None, state: str, began: object, ended: object, *reasons: object) -> dict:
    if state not in (*GOOD, *BAD):
        raise ValueError(f"no result: its state is {state}")
    if name is None:
        raise ValueError("no name")
    start = _time(began)
    words = [str(r) for r in reasons if r and r != "null"]
    return check_rows.texts({
        # One service tells a run's start in thousandths, another in hundredths: whole seconds.
        "endpoint": name, "entry_date": start.replace(microsecond=0).isoformat(), "status": state,
        "exception": None if state in GOOD else (words[0].splitlines()[0][:200] if words else state),
        "elapsed": round((_time(ended) - start).total_seconds(), 3) if ended else None,
        "ok": "true" if state in GOOD else "false",
    })  # fmt: skip


def _time(told: object) -> datetime:
    """An instant told in seconds since 1970, with decimals, or as ISO 8601 (UTC)."""
    if isinstance(told, int | float):
        micros = int(Decimal(str(told)) * 1_000_000)
        return datetime.fromtimestamp(micros // 10**6, UTC).replace(microsecond=micros % 10**6)
    try:
        at = datetime.fromisoformat(str(told))
    except ValueError:
        raise ValueError(f"no time: {str(told)[:100]}") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
