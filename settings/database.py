"""Opening DuckDB, the same way everywhere: times in UTC, and no wrong sums."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import duckdb

# In DuckDB 2.0.0 this optimizer can believe a filtered sum to be smaller than it is, so that 182
# comes back as -74 and counts as less than 5 (tests/test_metrics_weeks.py). It only saves time.
UNSAFE = "statistics_propagation"
# Nothing outside the file: no other file, no network, no extension.
LOCKED: dict[str, str | bool] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
# One thread at a time: what another has locked in between can't be set.
_SETTING = Lock()


def connect(
    file: Path | str = ":memory:",
    read_only: bool = False,
    locked: bool = False,
    memory: str = "",
    spill: bool = False,
) -> duckdb.DuckDBPyConnection:
    """A connection to a database file, or to a new one in memory.

    `locked`: nothing outside the file can be reached and no setting changed, for serving. A
    process that has the file open already shares its settings. `memory`: so much of it, as "2GB",
    and no folder beside it, unless it may `spill` into one that is named like the file; else as
    DuckDB has it. Raises duckdb.Error as DuckDB does.
    """
    config: dict[str, str | bool | int | float | list[str]] = {"disabled_optimizers": UNSAFE}
    if locked:
        config |= LOCKED
    if memory:
        config["memory_limit"] = memory
        if not spill:  # a folder for what it does not hold would be one that SQL can write to
            config["temp_directory"] = ""
    with _SETTING:
        con = duckdb.connect(str(file), read_only=read_only, config=config)
        if con.execute("select current_setting('lock_configuration')").fetchall() == [(False,)]:
            con.execute("set global TimeZone = 'UTC'")
            if locked:
                # What the environment says of a proxy could be read as a setting; a name that is no
                # table would be looked for among Python's.
                con.execute("set global http_proxy = ''")
                con.execute("set python_enable_replacements = false")
                con.execute("set lock_configuration = true")
    return con
