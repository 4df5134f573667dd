"""What the Stage page is told to draw and say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from browser import DESIGN, SUPPLY

from telling import stage
from telling.asked import asked

# What the statuses of each stage in the bundled stages.yaml tell.
ALL, NO_QUEUE, NO_WORK = (
    ["waiting", "working", "blocked"], ["working", "blocked"], ["waiting", "blocked"]
)  # fmt: skip
RECORDED = {
    "discover": ALL, "specify": NO_QUEUE, "co-design": NO_QUEUE, "add": NO_WORK,
    "ask": ["waiting"], "collect": ["waiting"],  # and nothing tells what is blocked
}  # fmt: skip


@pytest.mark.parametrize("line", [DESIGN, SUPPLY])
@pytest.mark.parametrize(
    "at",
    [
        None,  # within a day, and before it is over
        datetime(2025, 4, 8, 22, 59, 59, 999999, UTC),  # the last moment of a day in summer
        datetime(2026, 5, 15, 9, tzinfo=UTC),  # days after the last event
        datetime(2026, 11, 15, 9, tzinfo=UTC),  # months after it
    ],
)
def test_what_is_in_a_stage_is_drawn_up_to_the_day_shown_as_it_is_said(publication, line, at):
    view = asked(publication, line, at)
    for now in (row for _, row in view.figure("queue_size").iterrows()):
        told, parts = stage.by_day(view, now.stage, now), RECORDED[now.stage]
        assert stage.recorded(view, now.stage) == parts
        last = stage.until_shown(view, now.stage, told.rows, now).iloc[-1]
        assert [last[p] for p in stage.PARTS] == [now[p] for p in stage.PARTS]
        assert all(f"{last[part]:,} {part}" in told.sentences[0] for part in parts)
        assert not [p for p in stage.PARTS if p not in parts and p in told.sentences[0]]
        shown = view.as_of.astimezone(ZoneInfo("Europe/London")).date()
        if shown > told.rows.day.max().date() + timedelta(days=float(view.stream.stale_after)):
            shown = told.rows.day.max().date()  # nobody knows what has happened since
            assert "What has happened since is not known." in told.sentences
        assert last.day.date() == shown + timedelta(days=1)  # its midnight, so all of it
        assert last.day > told.rows.day.max()
