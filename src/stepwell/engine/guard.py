"""The last gate: every recommendation is checked once more, from first principles.

It imports neither the rules nor the history and works from the plan and the raw events, so that
one mistake has to be made twice before an amount is shown that should not be.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from stepwell.engine.case import Case
from stepwell.engine.events import CheckIn, Event, Kind
from stepwell.engine.plan import Plan
from stepwell.engine.recommendation import Escalation, Finding, Offer, Recommendation

STOPPED = "guard_stopped_this"


def checked(case: Case, recommendation: Recommendation) -> Recommendation:
    """The recommendation unchanged; or, when anything in it cannot stand, a freeze and a call."""
    breaches = tuple(_breaches(case, recommendation))
    if not breaches:
        return recommendation
    source = case.plan.protocol.sources["guard"]
    found = Finding(Offer.FREEZE, breaches, None, source, "same_day", hides_ceiling=True)
    told = Escalation(STOPPED, "same_day", case.today, STOPPED)
    return replace(
        recommendation,
        offer=Offer.FREEZE,
        also=(),
        ceiling_mg=None,
        next_step_on=None,
        escalations=(*recommendation.escalations, told),
        findings={STOPPED: found, **recommendation.findings},
    )


def _breaches(case: Case, r: Recommendation) -> Iterator[str]:
    if _must_freeze(case) and (r.offer is not Offer.FREEZE or r.ceiling_mg is not None):
        yield "a freeze was not kept"
    if r.ceiling_mg is not None:
        yield from _ceiling_breaches(case, r, r.ceiling_mg)
    if r.offer in (Offer.STEP, Offer.STEP_BACK) and not _is_running(case):
        yield "a change of level outside an approved, running plan"
    if r.offer is Offer.STEP:
        yield from _step_breaches(case, r)
    if r.offer is Offer.STEP_BACK:
        yield from _step_back_breaches(case)


def _must_freeze(case: Case) -> bool:
    """A red flag, or a clinician's freeze, that no later `resume` has ended; or an open gate."""
    resumed = [e.arrival for e in case.events if e.kind is Kind.RESUME and e.by_clinician]
    last = max(resumed, default=None)
    froze = [e.arrival for e in case.events if _freezes(case, e)]
    return bool(case.plan.gates) or any(last is None or at > last for at in froze)


def _freezes(case: Case, event: Event) -> bool:
    if isinstance(event, CheckIn):
        return any(case.plan.protocol.freezes(flag) for flag in event.told_flags)
    return event.kind is Kind.FREEZE and event.by_clinician


def _is_running(case: Case) -> bool:
    first, review_by = case.plan.first_day, case.plan.review_by
    closed = any(e.kind is Kind.CLOSE and e.by_clinician for e in case.events)
    in_time = review_by is None or case.today <= review_by
    return first is not None and first <= case.today and in_time and not closed


def _ceiling_breaches(case: Case, r: Recommendation, ceiling_mg: int) -> Iterator[str]:
    levels = case.plan.levels
    first = case.plan.first_day
    if first is None or first > case.today:
        yield "an amount before an approved start"
    if type(ceiling_mg) is not int or not 0 <= ceiling_mg <= levels[0].ceiling_mg:
        yield "a ceiling above the baseline"
    if not 0 <= r.level < len(levels) or not _is_on_the_plan(case.plan, r, ceiling_mg):
        yield "a ceiling that no approved level covers"


def _is_on_the_plan(plan: Plan, r: Recommendation, ceiling_mg: int) -> bool:
    here = plan.levels[r.level].ceiling_mg
    if not r.between:
        return ceiling_mg == here
    below = plan.levels[min(r.level + 1, len(plan.levels) - 1)].ceiling_mg
    return below < ceiling_mg < here and not plan.prescribed


def _step_breaches(case: Case, r: Recommendation) -> Iterator[str]:
    limits = case.plan.protocol.limits
    if r.level >= len(case.plan.levels) - 1:
        yield "a step below the goal"
    week = {case.today - timedelta(days=n) for n in range(limits.window_days.value + 1)}
    told = {e.on for e in case.events if isinstance(e, CheckIn) and e.answers} & week
    if len(told) < limits.calm_days.value:
        yield "a step out of silence"


def _step_back_breaches(case: Case) -> Iterator[str]:
    limits = case.plan.protocol.limits
    taken = [e.recorded_on for e in case.events if e.kind is Kind.STEP]
    steps = [*taken, case.plan.first_day or date.min]
    if (case.today - max(steps)).days > limits.step_back_within_days.value:
        yield "a step back long after the step"
    days = [case.today - timedelta(days=n) for n in range(limits.step_back_free_days.value)]
    if all(_was_free(case, day) for day in days):
        yield "a step back after days without ketamine"


def _was_free(case: Case, day: date) -> bool:
    told = [e for e in case.events if isinstance(e, CheckIn) and e.on == day]
    return bool(told) and max(told, key=lambda e: e.arrival).used is False
