"""The standard figures of a made-up log by other ways, beside which ours are measured.

Each way reads the list from its file and gives, of each stage, the stays that were finished (left, but
not by withdrawal), their median in microseconds (nearest rank) and those still open; and what was
delivered for good in each week, but for the day that stages.yaml calls no progress. PM4Py gives besides
what it tells of a log in its own words: moves with their times, starts, ends and durations of items; its
median is the usual one, half way between the two in the middle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import generated

from settings import database

STAGES = ["register", "validate", "consult", "assess", "decide"]
PLACES = {
    status: {".": "done", "x": "left"}.get(letter) or STAGES["abcde".index(letter.lower())]
    for letter, status in generated.STATUSES.items()
}
ZONE, EDITED = "Europe/London", generated.EDITED
FIGURES = ("finished", "median_us", "open", "delivered")
Answer = dict[str, dict[str, int]]

FLOOR = "create table sorted as from read_csv($file, all_varchar = true) order by item, since"
STAYS = """
create temp table stay as
with written as (
    select row_number() over () as line, * from read_csv($file, all_varchar = true)
), timed as (
    -- A day is known at its end, as in ours.
    select line, item, place, if(length(since) = 10,
               timezone('Europe/London', (since[:10]::date + 1)::timestamp) - interval 1 microsecond,
               try_cast(since as timestamptz)) as at_time
    from written join place using (status)
), marked as (
    select *, lag(place) over history as was from timed
    window history as (partition by item order by at_time, line)
)
select item, place, at_time as entered_at, lead(at_time) over history as left_at,
       lead(place) over history as next_place
from marked where place is distinct from was
window history as (partition by item order by at_time, line)
"""
BY_STAGE = """
select place, count(*) filter (is_finished),
       quantile_disc(epoch_us(left_at) - epoch_us(entered_at), 0.5) filter (is_finished),
       count(*) filter (left_at is null),
       median(epoch_us(left_at) - epoch_us(entered_at)) filter (is_finished)
from (select *, coalesce(next_place <> 'left', false) as is_finished
      from stay where place not in ('done', 'left'))
group by place
"""
BY_WEEK = """
select date_trunc('week', timezone('Europe/London', entered_at))::date::text as week, count(*)
from stay where place = 'done' and left_at is null
    and timezone('Europe/London', entered_at)::date <> $edited
group by week
"""


def floor(file: Path) -> None:
    """One scan of the list and one sort: nothing that reads it and orders it can take less."""
    with database.connect() as con:
        con.execute(FLOOR, {"file": str(file)})


def duckdb(file: Path) -> Answer:
    """By hand-made SQL. Its answer holds the usual medians too."""
    with database.connect() as con:
        con.execute("create temp table place (status text, place text)")
        con.executemany("insert into place values (?, ?)", [*PLACES.items()])
        con.execute(STAYS, {"file": str(file)})
        stages = con.execute(BY_STAGE).fetchall()
        weeks = con.execute(BY_WEEK, {"edited": EDITED}).fetchall()
    names, *columns = zip(*stages, strict=True)
    told = {k: dict(zip(names, c, strict=True)) for k, c in zip(FIGURES, columns[:3], strict=False)}
    usual = dict(zip(names, columns[3], strict=True))
    return told | {"delivered": dict(weeks), "usual_median_us": usual}


def _events(file: Path) -> Any:
    """The list as a pandas frame: item, status, the instant."""
    import pandas

    frame = pandas.read_csv(file, usecols=["item", "status", "since"], dtype="str")
    days = frame.since.str.len() == 10
    frame["at"] = pandas.to_datetime(
        frame.since.mask(days), format="%Y-%m-%dT%H:%M:%SZ", utc=True
    ).astype("datetime64[us, UTC]")
    ends = pandas.to_datetime(frame.since[days], format="%Y-%m-%d") + pandas.Timedelta(days=1)
    ends = ends.dt.tz_localize(ZONE).dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    frame.loc[days, "at"] = ends - pandas.Timedelta(microseconds=1)
    return frame.drop(columns="since")


def _stays(frame: Any) -> Any:
    """Stays of items whose rows are in order: item, place, entered, left, next_place."""
    frame["place"] = frame.status.map(PLACES)
    same = frame["item"].eq(frame["item"].shift()) & frame.place.eq(frame.place.shift())
    stays = frame.loc[~same, ["item", "place", "at"]]
    goes_on = stays["item"].eq(stays["item"].shift(-1))
    stays["left"] = stays["at"].shift(-1).where(goes_on)
    stays["next_place"] = stays.place.shift(-1).where(goes_on)
    return stays


def _finished(stays: Any) -> Any:
    inside = stays[stays.place.isin(STAGES)]
    return inside[inside.left.notna() & inside.next_place.ne("left")]


def _delivered(stays: Any) -> dict[str, int]:
    """Per week, the Monday that begins it."""
    done = stays[stays.place.eq("done") & stays.left.isna()]["at"].dt.tz_convert(ZONE)
    days = done.dt.tz_localize(None).dt.normalize()
    days = days[days.dt.date != EDITED]
    weeks = days.dt.to_period("W-SUN").dt.start_time.dt.strftime("%Y-%m-%d")
    return {week: int(n) for week, n in weeks.value_counts().items()}


def pandas(file: Path) -> Answer:
    """By pandas."""
    stays = _stays(_events(file).sort_values(["item", "at"], kind="stable"))
    finished = _finished(stays)
    lasted = (finished.left - finished["at"]).astype("int64").groupby(finished.place)
    still = stays[stays.left.isna()].groupby("place").size()
    return {
        "finished": lasted.size().to_dict(),
        "median_us": lasted.quantile(0.5, interpolation="lower").astype("int64").to_dict(),
        "open": still[STAGES].to_dict(),
        "delivered": _delivered(stays),
    }


def polars(file: Path) -> Answer:
    """By polars, read lazily."""
    import polars as pl

    day = pl.col("since").str.len_bytes() == 10
    end = (pl.col("since").str.to_datetime("%Y-%m-%d", strict=False, time_unit="us")
           + pl.duration(days=1)).dt.replace_time_zone(ZONE).dt.convert_time_zone("UTC")  # fmt: skip
    second = pl.col("since").str.to_datetime(
        "%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us", time_zone="UTC"
    )
    item, place = pl.col("item"), pl.col("place")
    goes_on = item == item.shift(-1)
    stays = (
        pl.scan_csv(file, infer_schema=False, row_index_name="line")
        .with_columns(
            place=pl.col("status").replace_strict(PLACES),
            at=pl.when(day).then(end - pl.duration(microseconds=1)).otherwise(second),
        )
        .select("item", "place", "at", "line")
        .sort("item", "at", "line")
        .filter((item != item.shift()).fill_null(True) | (place != place.shift()))
        .with_columns(
            left=pl.when(goes_on).then(pl.col("at").shift(-1)),
            next_place=pl.when(goes_on).then(place.shift(-1)),
        )
        .collect()
    )
    lasted = (pl.col("left") - pl.col("at")).dt.total_microseconds()
    done = pl.col("left").is_not_null() & (pl.col("next_place") != "left")
    by_stage = stays.filter(place.is_in(STAGES)).group_by("place").agg(
        done.sum().alias("finished"),
        lasted.filter(done).quantile(0.5, "lower").cast(pl.Int64).alias("median_us"),
        pl.col("left").is_null().sum().alias("open"),
    )  # fmt: skip
    at_last = stays.filter((place == "done") & pl.col("left").is_null())
    days = at_last.select(day=pl.col("at").dt.convert_time_zone(ZONE).dt.date())
    weeks = days.filter(pl.col("day") != EDITED).group_by(
        pl.col("day").dt.truncate("1w").cast(pl.String).alias("week")
    ).len()  # fmt: skip
    told: Answer = {
        name: dict(zip(by_stage["place"], by_stage[name], strict=True)) for name in FIGURES[:3]
    }
    return told | {"delivered": dict(zip(weeks["week"], weeks["len"], strict=True))}


def pm4py(file: Path) -> Answer:
    """By PM4Py: what it tells of the log, and its service times of the stays that pandas makes."""
    import pm4py as mining

    log = mining.format_dataframe(
        _events(file), case_id="item", activity_key="status", timestamp_key="at"
    )
    mining.get_start_activities(log)
    ends = mining.get_end_activities(log)
    mining.discover_performance_dfg(log)
    mining.get_all_case_durations(log)
    stays = _stays(log)
    finished = mining.format_dataframe(
        _finished(stays), case_id="item", activity_key="place", timestamp_key="left",
        start_timestamp_key="at",
    )  # fmt: skip
    lasted = mining.get_service_time(
        finished, aggregation_measure="median", start_timestamp_key="start_timestamp"
    )
    still = dict.fromkeys(STAGES, 0)
    for status, n in ends.items():
        if PLACES[status] in still:
            still[PLACES[status]] += int(n)
    return {
        "finished": mining.get_event_attribute_values(finished, "concept:name"),
        "usual_median_us": {place: round(seconds * 1e6) for place, seconds in lasted.items()},
        "open": still,
        "delivered": _delivered(stays),
    }
