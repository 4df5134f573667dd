"""Survival curves and the log-rank test against published numbers and an independent library."""

from __future__ import annotations

import numpy
import pandas
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight, survdiff

from metrics.statistics.survival import BAND, curve, log_rank, placed, reached

# Freireich and others, "The effect of 6-mercaptopurine on the duration of steroid-induced remissions
# in acute leukemia", Blood 21 (1963): weeks in remission of 21 pairs, + still in remission.
TREATED = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


def spells(text: str, late: float = 0.0) -> pandas.DataFrame:
    """Spells written as numbers, + for those still in."""
    told = text.split()
    return pandas.DataFrame(
        dict(
            days=[float(word.rstrip("+")) for word in told],
            exit=[None if word.endswith("+") else "on" for word in told],
            late_days=late,
            at_least=False,
        )
    )


def random_spells(seed: int, abandoned: float = 0.0, late: bool = False) -> pandas.DataFrame:
    random = numpy.random.default_rng(seed)
    days = random.integers(1, 60, 80).astype(float)
    how = random.choice(["on", "left", None], 80, p=[0.6 - abandoned, abandoned, 0.4])
    begun = numpy.floor(random.uniform(0, days)) * (random.random(80) < 0.4) if late else 0.0
    return pandas.DataFrame(dict(days=days, exit=how, late_days=begun, at_least=False))


def error(told: pandas.DataFrame) -> pandas.Series:
    """The standard error that a curve's band was made from."""
    share = told.moved_on
    return numpy.log(numpy.log(told.lower) / numpy.log(share)) / BAND * share * -numpy.log(share)


def test_the_published_survival_of_the_treated():
    """Collett, "Modelling Survival Data in Medical Research", and many others, print these."""
    told = curve(spells(TREATED)).set_index("age_days")
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for week, survived in published.items():
        assert 1 - told.moved_on[week] == pytest.approx(survived, abs=0.0006)
    assert reached(told.reset_index()) == 23
    assert told.at_risk[[6, 7, 10, 13]].to_list() == [21, 17, 15, 12]


def test_the_published_log_rank_test_of_treated_and_placebo():
    """Chi-square 16.79; 9 relapses where 19.25 were expected among the treated."""
    both = pandas.concat([spells(PLACEBO).assign(group=0), spells(TREATED).assign(group=1)])
    told = log_rank(both.assign(moved=both.exit == "on"))
    assert (told.moved, round(told.expected, 2)) == (9, 19.25)
    assert told.p == pytest.approx(4.168809e-05, rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("late", [False, True])
def test_without_abandonment_the_curve_is_kaplan_meier_s(seed, late):
    mine = random_spells(seed, late=late)
    told = curve(mine).set_index("age_days")
    entry = numpy.where(mine.late_days > 0, mine.late_days, -1)
    theirs = SurvfuncRight(mine.days.to_numpy(), (mine.exit == "on").to_numpy(), entry=entry)
    same = told.loc[theirs.surv_times]
    assert same.moved_on.to_numpy() == pytest.approx(1 - theirs.surv_prob)
    inside = same.lower.notna().to_numpy()
    assert error(same[inside]).to_numpy() == pytest.approx(theirs.surv_prob_se[inside])


@pytest.mark.parametrize("seed", range(5))
def test_with_abandonment_the_curve_is_the_cumulative_incidence(seed):
    mine = random_spells(seed, abandoned=0.2)
    told = curve(mine).set_index("age_days")
    code = mine.exit.map({"on": 1, "left": 2}).fillna(0).astype(int).to_numpy()
    theirs = CumIncidenceRight(mine.days.to_numpy(), code)
    same = told.loc[theirs.times]
    assert same.moved_on.to_numpy() == pytest.approx(theirs.cinc[0])
    inside = same.lower.notna().to_numpy()
    assert error(same[inside]).to_numpy() == pytest.approx(theirs.cinc_se[0][inside])


def test_abandonment_is_no_censoring():
    """Two of four move on at day 2, two are abandoned at day 1: half ever move on, not all."""
    mine = spells("1 1 2 2").assign(exit=["left", "left", "on", "on"])
    assert curve(mine).moved_on.to_list() == [0, 0.5]


def test_nothing_is_at_risk_before_it_was_known():
    """One that is first known at age 10 can't speak of day 5, when one of two moved on."""
    mine = pandas.concat([spells("5 20+"), spells("30+", late=10.0)])
    told = curve(mine).set_index("age_days")
    assert (told.at_risk[5], told.moved_on[5], told.at_risk[20]) == (2, 0.5, 2)


def test_no_spells_have_no_curve_and_nothing_is_reached():
    told = curve(spells("1").iloc[:0])
    assert told.empty
    assert reached(told) is None


def test_one_spell():
    assert curve(spells("4")).moved_on.to_list() == [1]
    assert curve(spells("4+")).moved_on.to_list() == [0]
    assert reached(curve(spells("4+"))) is None


def test_everything_ended_at_once():
    told = curve(spells("0 0 0"))
    assert (told.age_days.to_list(), told.moved_on.to_list()) == ([0], [1])


def test_the_log_rank_test_takes_late_entry_into_account():
    mine = random_spells(3, late=True).assign(group=[0, 1] * 40)
    mine["moved"] = mine.exit == "on"
    entry = numpy.where(mine.late_days > 0, mine.late_days, -1)
    theirs = survdiff(
        mine.days.to_numpy(), mine.moved.to_numpy().astype(int), mine.group.to_numpy(), entry=entry
    )
    assert log_rank(mine).p == pytest.approx(theirs[1])


def test_groups_that_were_never_at_risk_together_can_not_be_told_apart():
    young, old = spells("1 2 3"), spells("11 12 13", late=10.0)
    both = pandas.concat([young.assign(group=0), old.assign(group=1)])
    assert log_rank(both.assign(moved=True)).p == 1


def test_those_there_when_the_records_begin_have_a_place_at_no_age_unless_it_is_known():
    """Three begin and move on at 1, 2 and 3; one was there for at least 10 before, one from day 10."""
    unknown, known = spells("40"), spells("40", late=10.0)
    mine = pandas.concat(
        [spells("1 2 3"), unknown.assign(at_least=True), known.assign(at_least=True)]
    )
    told = curve(mine)
    assert told.age_days.to_list() == [1, 2, 3, 40]
    assert told.at_risk.to_list() == [3, 2, 1, 1]
    assert len(placed(mine)) == 4
