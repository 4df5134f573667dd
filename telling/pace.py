"""What is told of pace: faster or slower, steady or erratic, what a week may bring, by what age items
move on."""

from __future__ import annotations

from typing import NamedTuple

import pandas

from metrics import Wanted
from metrics.statistics import behaviour as rules
from metrics.statistics import survival as curves
from metrics.statistics.control_limits import ENOUGH
from metrics.statistics.survival import FEW
from telling import findings, words
from telling.asked import Asked
from telling.drawn import thinned, thinned_said
from telling.told import Table, Told

ALL, FINISHED = "all, with those still in", "finished only: flatters"


FASTER = {
    "faster": "getting faster",
    "slower": "getting slower",
    "same": "neither faster nor slower",
    "unknown": "can't tell if it gets faster",
}
AGES = ("days", "late_days", "exit", "at_least")  # of a spell
STEADY = {"can't tell": "can't tell if it is steady"}


def short(asked: Asked, stage: str = "") -> str:
    """Whether a stage, or the whole line, gets faster, and whether it is steady, in a few words."""
    faster, steady = asked.faster(stage).word, asked.spread(stage).word
    if faster == "unknown" and steady in STEADY:
        return "can't tell if it gets faster or is steady"
    return f"{FASTER[faster]}; {STEADY.get(steady, steady)}"


def shortest(asked: Asked, stage: str) -> str:
    """The same of a stage in a box of its own: "slower, erratic"."""
    faster, steady = asked.faster(stage).word, asked.spread(stage).word
    said = [] if faster == "unknown" else [{"same": "as before"}.get(faster, faster)]
    said += [] if steady in STEADY else [steady]
    return ", ".join(said) or "can't tell"


def sentence(asked: Asked) -> str:
    """The same of the whole line, as a sentence with its sign."""
    said = short(asked)
    sign = {"faster": "▲", "slower": "▼", "same": "→"}.get(asked.faster().word, "?")
    return f"{sign} {said[0].upper()}{said[1:]}."


def heading(asked: Asked, stage: str, name: str) -> str:
    """Whether a stage, or the whole line, gets faster, behind its name."""
    return f"{name}: {FASTER[asked.faster(stage).word].removeprefix('getting ')}"


def because(asked: Asked, stage: str = "") -> list[str]:
    """What that stands on, and the cautions it needs."""
    said = asked.faster(stage)
    return [text for text in (said.sentence, said.cautions) if text]


def steadiness(asked: Asked, stage: str, name: str) -> tuple[str, list[str]]:
    """Whether a stage, or the whole line, is steady, behind its name; and what that stands on."""
    said = asked.spread(stage)
    word = STEADY.get(said.word, said.word)
    return f"{name}: {word}", [text for text in (said.sentence, said.cautions) if text]


class Weeks(NamedTuple):
    """A measure week by week: its words and rows, its signals in words, its unit, target and span.

    Rows are those of metrics.statistics.behaviour with mark: the side of a signal in words.
    """

    told: Told
    signals: list[str]
    unit: str
    target: float | None
    span: list[str]


def measures(weeks: pandas.DataFrame) -> pandas.Series:
    """What can be charted, by id; those with enough weeks come first, for they can say something."""
    few = {k: weeks[m.column].notna().sum() < ENOUGH for k, m in rules.MEASURES.items()}
    return pandas.Series({k: rules.MEASURES[k].title for k in sorted(few, key=few.__getitem__)})


def behaviour(asked: Asked, stage: str, name: str, measure: str) -> Weeks:
    """The process behaviour chart of a measure of a stage, or the whole line, in words and rows."""
    weeks = asked.figure("weekly", stage=stage)
    how = rules.MEASURES[measure]
    target = None
    if how.target and len(targets := asked.table("target", stage=stage, measure=how.target)):
        target = float(targets.red.iloc[0])
    told = rules.process_behaviour(weeks, measure, target, asked.unit)
    signals = [*told.signals, how.note] if told.signals else [
        "None: nothing here is beyond normal variation."
    ]  # fmt: skip
    if not told.rows["mean"].notna().any():
        signals = ["Too few weeks to look for any."]
    rows = told.rows.assign(mark=told.rows.side.replace("", "no signal"))
    rows["mark"] = rows["mark"].mask(rows.left_out, "left out")
    heading = f"{name}: {how.title.lower()}, week by week"
    unit = asked.unit if how.unit == "days" else how.unit
    span = [str(weeks.week.min()), str(weeks.week.max())]
    # Of a measure whose signals come easily their number says nothing.
    finding = "" if how.note else findings.behaviour(rows, name, how.title)
    said = findings.headed(finding, heading, [told.sentence, told.assurance], rows)
    return Weeks(said, [text for text in signals if text], unit, target, span)


def survival(asked: Asked, stage: str, name: str) -> Told:
    """The share that has moved on by each age, beside the curve of finished work only.

    Rows: those of metrics.statistics.survival.curve for each of two names, ALL and FINISHED; none
    when nothing has entered yet.
    """
    heading = f"{name}: by what age they have moved on"
    spells = asked.rows("spell", Wanted(columns=AGES), stage=stage).rows
    if spells.empty:
        return Told(heading, [f"Nothing has entered {name} yet."], pandas.DataFrame())
    row = asked.part("typical_time", stage=stage).iloc[0]
    true, flattering = curves.curve(spells), curves.curve(spells[spells.exit == "on"])
    both = [true.assign(name=ALL), flattering.assign(name=FINISHED, lower=None, upper=None)]
    said = [_band(asked, row, true), row.sentence, _flattering(asked, row), thinned_said(both)]
    rows = pandas.concat(map(thinned, both))
    finding = findings.survival(asked, row, name, stage)
    return findings.headed(finding, heading, said, rows)


def _band(asked: Asked, row: pandas.Series, curve: pandas.DataFrame) -> str:
    said = f"Typical time: {asked.typical(row)}."
    if not row.typical_word:
        low, high = curves.reached(curve, "upper"), curves.reached(curve, "lower")
        upto = asked.days(high) if high is not None else "no upper end in this data"
        said += f" 95% band: {asked.days(low)} to {upto}." if low is not None else ""
    return said


def _flattering(asked: Asked, row: pandas.Series) -> str:
    """Why the median of the finished alone misleads."""
    if not (row.finished and row.open) or row.typical_word == "not measured":
        return ""  # of a stage whose source has ended nobody knows who is still in
    alone = asked.days(row.finished_median_days)
    if alone == words.NOTHING:
        alone = f"{'is' if row.finished == 1 else 'are'} too few for a median"
    else:
        alone = f"{'has' if row.finished == 1 else 'have'} a median of {alone}"
    return (
        f"The {words.number(row.finished)} finished alone {alone}. That leaves out the "
        f"{words.number(row.open)} still in, for a median of "
        f"{asked.days(row.open_median_age_days, row.open_median_at_least)}: "
        "they will take longer still, and counting only what got through calls a blocked line fast."
    )


def misled(asked: Asked, stage: str) -> list[str]:
    """For each status whose finished stays have a median, that median beside those still in, where it is
    known who is."""
    if "not measured" in set(asked.part("typical_time", stage=stage).typical_word):
        return []
    return [
        f"In the status {s.status} the {words.number(s.timed)} that left it{_untimed(s)} had a median of "
        f"{asked.days(s.finished_median_days)}, but {words.number(s.open)} {'is' if s.open == 1 else 'are'} still in it, for a median "
        f"of {asked.days(s.open_median_age_days, s.open_median_at_least)} so far."
        for s in asked.figure("status_time", **_of(stage)).itertuples()
        if s.timed >= FEW and s.open
    ]  # fmt: skip


def _untimed(s) -> str:
    """That some that left a status count in no median, and why; "" if all do. Both may be so of one."""
    named = [(s.in_bulk, "left in bulk edits"), (s.at_least, "there before the data begins")]
    said = [f"{words.number(n)} {why}" for n, why in named if n]
    others = words.counted(int(s.finished - s.timed), "other")
    return f" (not counting {others}: {words.listed(said)})" if said else ""


def statuses(asked: Asked, stage: str) -> Table:
    """By the source's own statuses: those that moved out, beside those still in."""
    rows = [
        [s.status, words.number(s.finished), words.number(s.in_bulk), words.number(s.at_least),
         asked.days(s.finished_median_days), words.number(s.open),
         asked.days(s.open_median_age_days, s.open_median_at_least),
         asked.days(s.oldest_days, s.oldest_at_least)]
        for s in asked.figure("status_time", **_of(stage)).itertuples()
    ]  # fmt: skip
    columns = [
        "Status in the source",
        "Moved out",
        "in bulk edits",
        "there before the data",
        "median of the others",
        "Still in",
        "their median so far",
        "oldest",
    ]
    caption = "By status: those that moved out, beside those still in"
    return Table(caption, columns, rows, "No status has been used yet.")


def _of(stage: str) -> dict:
    return {"stage": stage} if stage else {}
