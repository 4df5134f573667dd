"""The charts of the pages by their names in the addresses, for who writes them into files."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.charts import shown, shown_checks
from dashboard.charts.shown import Shown
from metrics.statistics import compare as comparisons
from telling import checks, comparing, flow, forecasting, line, pace, processes
from telling.asked import Asked
from telling.checks import Scope

WEEKS, ITEMS = 13, 10  # that a forecast opens with
# Of a line: ?chart= of the page Flow. Those that can be of one of its stages too.
OF_A_LINE: dict[str, Callable[[Asked], Shown]] = {
    "cumulative": shown.cumulative,
    "ageing": shown.ageing,
    "throughput": shown.throughput,
    "work": shown.work,
    "moves": shown.moves,
}
# ?look= of the page Stage, and what it always shows.
OF_A_STAGE = {"queue": shown.by_day, "ages": shown.ages}
# ?show= of the page Pipeline.
OF_PROCESSES = {
    "weeks": shown_checks.weeks,
    "errors": shown_checks.errors,
    "recovery": shown_checks.recovery,
    "runs": shown_checks.runs,
    "speed": shown_checks.speed,
}


def _behaviour(asked: Asked, stage: str, name: str) -> Shown:
    measures = pace.measures(asked.figure("weekly", stage=stage))
    return shown.behaviour(pace.behaviour(asked, stage, name, measures.index[0]))


def _forecast(asked: Asked, stage: str, name: str) -> Shown:
    past = asked.figure("weekly", stage=stage)
    if refused := forecasting.refused(asked, name, past):
        return Shown(refused)
    which = "delivered" if stage == "" else f"moved on from {name}"
    return shown.how_many(asked, stage, past, WEEKS, which)


def _compare(asked: Asked, stage: str, name: str) -> Shown:
    spells = comparing.spells(asked, stage)
    if spells.empty:
        return Shown(flow.lead_times(asked, stage, name))
    groups = comparing.periods(asked, spells, comparing.halves(asked, spells))
    return shown.compare(asked, name, comparisons.compare(spells, groups), False)


OF_EITHER = {
    "lead": shown.lead,
    "behaviour": _behaviour,
    "pace": _behaviour,
    "survival": shown.survival,
    "forecast": _forecast,
    "compare": _compare,
}
NAMES = [*OF_A_LINE, *OF_EITHER, *OF_A_STAGE, *OF_PROCESSES]


def of_line(asked: Asked, chart: str, stage: str = "") -> Shown:
    """A chart of a line, or of one of its stages, as its page opens. Raises ValueError, with what to do,
    where there is none of that."""
    if chart in OF_A_LINE:
        if stage:
            raise ValueError(f"The chart {chart!r} is of the whole line: ask without a stage.")
    elif chart in OF_A_STAGE and not stage:
        raise ValueError(f"The chart {chart!r} is of one stage: name it.")
    now = asked.part("queue_size", **({"stage": stage} if stage else {}))
    if now.empty:
        raise ValueError(line.nothing(asked))
    if chart in OF_A_LINE:
        return OF_A_LINE[chart](asked)
    names = asked.table("stage").set_index("stage").name
    if chart in OF_EITHER:
        return OF_EITHER[chart](asked, stage, names[stage] if stage else "Whole line")
    return OF_A_STAGE[chart](asked, stage, now.iloc[0])


def scope(asked: Asked, process: str = "") -> Scope:
    """A process by its key, group/process, or a group by group/; the first without one. Raises
    ValueError where there is none of that."""
    status = processes.status(asked)
    if status.empty:
        raise ValueError("stages.yaml names no processes.")
    scopes = checks.scopes(asked, status)
    if process and process not in scopes:
        raise ValueError(f"There is no process {process!r}. There are: {', '.join(scopes)}.")
    return scopes[process or next(iter(scopes))]


def of_processes(told: Scope, chart: str) -> Shown:
    """A chart of processes as its page opens. Raises ValueError where nothing is known of them."""
    if told.asked.process("run", process_group=told.group.process_group).empty:
        raise ValueError(f"{told.name}: {told.group.note or 'nothing is known by this day.'}")
    return OF_PROCESSES[chart](told)
