"""Faults that `make mutants` found no test to catch, each caught here on an example checked on paper.

Where a fault moved a threshold, both of its sides are asked.
"""

from __future__ import annotations

import pytest
from line import day, event, publication


@pytest.mark.parametrize(("came", "moved", "said"), [(20, 18, False), (20, 17, True)])
def test_littles_law_needs_as_many_coming_in_as_moving_on_within_a_tenth(
    tmp_path, came, moved, said
):
    events = [event(f"i{n}", "A waiting", day(130 + 5 * n)) for n in range(came)]
    events += [event(f"i{n}", "Done", day(131 + 5 * n)) for n in range(moved)]
    row = publication(tmp_path, events).figure("littles_law", day(300), stage="").iloc[0]
    assert ("came in and" in row.sentence) == said


def test_an_item_that_is_not_blocked_is_not_blocked_for_at_least_any_time(tmp_path):
    events = [event("x", "A waiting", day(1)), event("y", "A waiting", day(1))]
    events += [event("y", "legal", day(2), kind="blocked", opening=True)]
    rows = publication(tmp_path, events).figure("age", day(5)).set_index("item")
    assert rows.blocked_at_least.to_dict() == {"x": False, "y": True}
