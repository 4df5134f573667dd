"""The catalogue: all that is measured, what it means, whose it is, how fresh, and where it is shown."""

from __future__ import annotations

from typing import NamedTuple

import pandas

from metrics.catalogue import Column, Figure, all_figures, columns
from telling import processes, sources, words
from telling.asked import Asked
from telling.stage import MEASURES

KINDS = {
    "stream": "Value streams", "stage": "Stages", "process": "Processes", "source": "Sources",
    "figure": "Figures",
}  # fmt: skip
ON_NO_PAGE = "on no page: ask for it with `valuestream figure {}`"


class Place(NamedTuple):
    """A part of a page that shows something: what it is called, and what its address says."""

    name: str
    page: str
    more: dict[str, str]


PLACES = {
    "overview": Place("Overview", "", {}),
    "stage": Place("Stage", "stage", {}),
    "stage-pace": Place("Stage: Faster, steadier?", "stage", {"look": "pace"}),
    "stage-survival": Place("Stage: Time to move on", "stage", {"look": "survival"}),
    "stage-ages": Place("Stage: How long they have been here", "stage", {"look": "ages"}),
    "stage-limits": Place("Stage: Limits and what was blocked", "stage", {"look": "limits"}),
    "cumulative": Place("Flow: Cumulative flow", "flow", {"chart": "cumulative"}),
    "ageing": Place("Flow: Ageing work", "flow", {"chart": "ageing"}),
    "lead": Place("Flow: Lead times", "flow", {"chart": "lead"}),
    "throughput": Place("Flow: Throughput", "flow", {"chart": "throughput"}),
    "work": Place("Flow: Work in stages", "flow", {"chart": "work"}),
    "moves": Place("Flow: Moves", "flow", {"chart": "moves"}),
    "behaviour": Place("Flow: Faster, steadier?", "flow", {"chart": "behaviour"}),
    "survival": Place("Flow: Time to move on", "flow", {"chart": "survival"}),
    "forecast": Place("Flow: Forecast", "flow", {"chart": "forecast"}),
    "compare": Place("Flow: Compare", "flow", {"chart": "compare"}),
    "now": Place("Pipeline: Now", "pipeline", {"show": "now"}),
    "weeks": Place("Pipeline: Over time", "pipeline", {"show": "weeks"}),
    "errors": Place("Pipeline: What fails", "pipeline", {"show": "errors"}),
    "failing": Place("Pipeline: Failing longest", "pipeline", {"show": "failing"}),
    "recovery": Place("Pipeline: Time to recover", "pipeline", {"show": "recovery"}),
    "runs": Place("Pipeline: Runs", "pipeline", {"show": "runs"}),
    "speed": Place("Pipeline: Slow and slowing", "pipeline", {"show": "speed"}),
    "review": Place("Review", "review", {}),
    "map": Place("Map", "map", {}),
    "sources": Place("Sources", "sources", {}),
}
# Which places show each figure.
SHOWN = {
    "age": "stage stage-ages ageing map review",
    "ageing": "ageing",
    "blocked_time": "stage-limits",
    "blocker": "overview stage-limits",
    "check_error": "errors",
    "check_week": "weeks",
    "cumulative_flow": "cumulative",
    "delivery_time": "lead",
    "doubt": "sources",
    "error_kind": "errors",
    "failing": "now failing",
    "failing_count": "failing",
    "flapping": "now",
    "flow_efficiency": "overview stage",
    "freshness": "overview sources",
    "goal": "review",
    "hand_off": "moves",
    "happened": "review",
    "lately": "overview",
    "lead_time": "lead",
    "littles_law": "work",
    "measure": "review",
    "move_count": "moves",
    "outage": "now failing runs",
    "percentile": "lead",
    "process_count": "overview now",
    "process_status": "overview now review",
    "queue_size": "overview stage map",
    "recovery": "recovery",
    "refused_row": "sources",
    "run": "runs",
    "run_count": "runs",
    "speed": "speed",
    "speed_count": "speed",
    "spell": "stage-survival survival compare",
    "spread": "overview stage-pace behaviour",
    "status": "overview stage map review",
    "status_count": "overview",
    "status_time": "stage-survival survival map",
    "talk_about": "overview review",
    "target_now": "overview stage stage-limits",
    "throughput": "throughput",
    "throughput_year": "throughput map",
    "transition": "moves cumulative",
    "typical_time": "overview stage stage-survival survival map",
    "verdict": "overview stage-pace behaviour",
    "weekly": "stage-pace behaviour forecast",
    "wip_by_day": "stage work",
}
# What a chart is of, by its name on the page.
CHARTS = {
    "ageing": "ageing", "ages": "age", "by_day": "wip_by_day", "compare": "spell", "course": "goal",
    "cumulative": "cumulative_flow", "endpoints": "check_week", "failing": "failing",
    "forecast": "weekly", "hand_offs": "hand_off", "how_many": "weekly", "kinds": "check_error",
    "lead": "percentile", "moves": "transition", "process": "weekly", "recovery": "recovery",
    "runs": "run", "share": "check_week", "speed": "speed", "survival": "typical_time",
    "tested": "weekly", "throughput": "throughput", "when": "weekly", "work": "wip_by_day",
}  # fmt: skip
# What a section of the review is of, by its heading.
SECTIONS = {
    "Where it stands": "status", "What changed": "happened", "What stays up": "process_status",
    "What to talk about": "talk_about", "Goals": "goal",
}  # fmt: skip


class Entry(NamedTuple):
    """One thing that is measured, or measures. `key`: its kind and id, as in figure/queue_size;
    `facts`: what else is known of it, a label and a text each; `sql`: "" but for figures; `places`:
    names of PLACES, and `of`: what their addresses say beside, to show this very stream, stage or process.
    """

    key: str
    name: str
    sentence: str
    facts: list[tuple[str, str]]
    columns: list[Column]
    sql: str
    places: list[str]
    of: dict[str, str] = {}

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return self.key.partition("/")[0]


def entries(asked: Asked) -> list[Entry]:
    """All of them in the order of KINDS: those of every stream, as each opens or at the day asked."""
    streams = [asked, *asked.others()]
    order = list(asked.settings("stream").stream)
    streams.sort(key=lambda one: order.index(one.stream.stream))
    found = [_stream(one) for one in streams]
    found += [entry for one in streams for entry in _stages(one)]
    found += [*_processes(asked.processes()), *_sources(asked, streams)]
    return [*found, *map(_figure, all_figures().values())]


def found(told: list[Entry], text: str) -> list[Entry]:
    """Those that hold every word of a text, in whatever case: a word is looked for letter for letter
    in all that is told of them but their SQL."""
    wanted = text.casefold().split()
    return [one for one in told if all(word in _all(one) for word in wanted)]


def _all(one: Entry) -> str:
    facts = [text for fact in one.facts for text in fact]
    each = [text for column in one.columns for text in (column.name, column.unit, column.meaning)]
    places = [PLACES[place].name for place in one.places]
    told = [one.key, KINDS[one.kind], one.name, one.sentence, *facts, *each, *places]
    return " ".join(told).casefold()


def rows(told: list[Entry]) -> pandas.DataFrame:
    """Their rows for a file: a line for each, the columns of figures and all facts in one cell."""
    return pandas.DataFrame(
        [
            {
                "kind": one.kind, "key": one.key.partition("/")[2], "name": one.name,
                "sentence": one.sentence,
                "facts": "; ".join(f"{label}: {text}" for label, text in one.facts),
                "columns": "; ".join(f"{c.name} ({c.unit}): {c.meaning}" for c in one.columns),
                "shown": "; ".join(PLACES[place].name for place in one.places),
            }
            for one in told
        ],
        columns=["kind", "key", "name", "sentence", "facts", "columns", "shown"],
    )  # fmt: skip


def _stream(asked: Asked) -> Entry:
    row = asked.stream
    used = asked.table("stream_source").sort_values("precedence").source
    stages = asked.table("stage").sort_values("stage_no")["name"]
    facts = [
        ("One of what flows", row["item"]), ("Stages", ", ".join(stages)),
        ("Sources, the best first", ", ".join(used)), ("Days", f"{asked.unit}, {row.time_zone}"),
        ("Known until", _until(asked, sources.oldest(asked))),
    ]  # fmt: skip
    return Entry(f"stream/{row.stream}", row["name"], row.note, facts, [], "", ["overview", "cumulative"], {"stream": row.stream})  # fmt: skip


def _until(asked: Asked, source: pandas.Series | None) -> str:
    return "nothing has been told" if source is None else asked.day(source.told_until)


def _stages(asked: Asked) -> list[Entry]:
    targets, fresh = asked.table("target"), asked.figure("freshness").set_index("source")
    made = []
    for stage in asked.table("stage").sort_values("stage_no").itertuples():
        own = fresh.loc[stage.measured_by] if stage.measured_by else sources.oldest(asked)
        facts = [
            ("Of", asked.stream["name"]), ("Statuses", stage.statuses),
            *([("Measured by", stage.measured_by)] if stage.measured_by else []),
            *_targets(asked, targets[targets.stage == stage.stage], MEASURES),
            ("Known until", _until(asked, own)),
        ]  # fmt: skip
        key = f"stage/{asked.stream.stream}/{stage.stage}"
        made.append(
            Entry(
                key,
                stage.name,
                stage.note,
                facts,
                [],
                "",
                ["overview", "stage"],
                {"stream": asked.stream.stream, "stage": stage.stage},
            )
        )
    return made


def _targets(asked: Asked, rows: pandas.DataFrame, names: dict) -> list[tuple[str, str]]:
    """Each limit with its reason, its owner and the day it was set; that there is none."""
    said = [
        (
            f"Target on {names.get(t.measure, t.measure)}",
            f"watch above {_limit(t.amber)}, red above {_limit(t.red)}: {t.reason}; owner: {t.owner}; set "
            f"on {words.day(t.set_on)}",
        )
        for t in rows.itertuples()
    ]
    return said or [("Target", "none is set")]


def _limit(value: float) -> str:
    return words.NOTHING if pandas.isna(value) else f"{value:,g}"


def _processes(asked: Asked) -> list[Entry]:
    status, groups = (
        processes.status(asked),
        asked.settings("process_group").sort_values("group_no"),
    )
    targets, used = asked.settings("process_target"), asked.settings("process_source")
    made = []
    for group in groups.itertuples():
        facts = [
            ("Looked at", f"each {group.subject}"),
            ("Sources", ", ".join(used[used.process_group == group.process_group].source) or words.NOTHING),
            *_targets(asked, targets[targets.process_group == group.process_group],
                      {"failing": "the share that fails"}),
        ]  # fmt: skip
        key = f"process/{group.process_group}"
        made.append(Entry(key, group.name, group.note, facts, [], "", ["overview", "now"]))
        own = status[status.process_group == group.process_group] if len(status) else status
        for one in own.itertuples():
            if one.process and one.process_name != group.name:
                fresh = [("Of", group.name), ("Last run", words.day(one.last_run_at))]
                name, at = one.process_name, f"{key}/{one.process}"
                made.append(Entry(at, name, one.sentence, fresh, [], "", ["overview", "now", "runs"], {"process": one.key}))  # fmt: skip
    return made


def _sources(asked: Asked, streams: list[Asked]) -> list[Entry]:
    """Each once, though several streams may use it."""
    made: dict[str, Entry] = {}
    for one in [*streams, None]:
        told = one or asked
        for row in told.figure("freshness", **({} if one else {"stream": ""})).itertuples():
            facts = [
                ("Kind", row.kind.replace("_", " ")),
                ("Of", told.stream["name"] if one else "processes"),
                ("Known until", told.day(row.told_until)), ("How it stands", sources.verdict(told, row)),
                ("Rows", f"{words.number(row.accepted)} taken, {words.number(row.refused)} refused"),
            ]  # fmt: skip
            key = f"source/{row.source}"
            made.setdefault(key, Entry(key, row.source, "", facts, [], "", ["sources"]))
    return list(made.values())


def _figure(figure: Figure) -> Entry:
    told = columns(figure.name)
    places = SHOWN.get(figure.name, "").split()
    facts = [] if places else [("Shown", ON_NO_PAGE.format(figure.name))]
    return Entry(f"figure/{figure.name}", figure.title, figure.sentence, facts, told, figure.sql, places)  # fmt: skip
