"""A plugin of pytest that makes a caught fault end soon: tests named after the faulty file first,
those that collect the whole example last."""

from __future__ import annotations

import os
import re


def pytest_collection_modifyitems(items: list) -> None:
    """Put the tests in order; otherwise they stay as they were named."""
    named = re.compile(rf"test_{os.environ['MUTANT_OF']}(\W|$)")
    items.sort(key=lambda t: (not named.search(t.nodeid), "example" in t.fixturenames))
