"""The only public door of the engine: a case in, a recommendation out."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from stepwell.engine import guard, history, planner, rules
from stepwell.engine import place as places
from stepwell.engine.case import Case
from stepwell.engine.place import Place, Rung
from stepwell.engine.recommendation import Recommendation

VERSION = "1.0.0"  # patch: same answers; minor: new inputs; major: an answer changed

draft = planner.draft


@dataclass(frozen=True, slots=True)
class Coming:
    """A rung of the way that is left, and the earliest day on it (None: nothing may be shown)."""

    level: int
    between: bool
    ceiling_mg: int | None
    times_per_day: int | None
    days_per_week: int | None
    starts: date | None


def recommend(case: Case) -> Recommendation:
    """What is open to this person on the case's day, and why."""
    return _look(case)[1]


def replay(case: Case, since: date = date.min) -> Iterator[tuple[date, Recommendation]]:
    """Each day from the first event or start to the case's, on what was told by its end.

    Days before `since` are folded and not answered.
    """
    arrived = history.arrivals(case.events)
    for day, looked in history.each_day(case.plan, case.events, case.today):
        if day < since:
            continue
        told = tuple(event for counts_from, event in arrived if counts_from <= day)
        plan = case.plan if day == case.today else replace(case.plan, gates=())
        yield day, _answer(Case(plan, told, day), looked)


def outlook(case: Case) -> tuple[Coming, ...]:
    """Today's rung and those below it with their earliest dates, as things stand today."""
    looked, today = _look(case)
    place, plan = looked.place, case.plan
    hidden = today.ceiling_mg is None
    way = [_coming(place.rung, case, place.since, hidden)]
    starts = today.next_step_on
    while place.rung.level < plan.last_level:
        place = Place(rung=places.next_rung(place, plan))
        way.append(_coming(place.rung, case, starts, hidden))
        starts = starts + timedelta(days=plan.days_on(place.rung.level)) if starts else None
    return tuple(way)


def _look(case: Case) -> tuple[history.Today, Recommendation]:
    looked = history.look(case.plan, case.events, case.today)
    return looked, _answer(case, looked)


def _answer(case: Case, looked: history.Today) -> Recommendation:
    recommendation = rules.recommend(looked.snapshot, looked.spoke, looked.since)
    return guard.checked(case, recommendation)


def _coming(rung: Rung, case: Case, starts: date | None, hidden: bool) -> Coming:
    level = rung.on(case.plan)
    return Coming(
        level=rung.level,
        between=rung.between_mg is not None,
        ceiling_mg=None if hidden else level.ceiling_mg,
        times_per_day=level.times_per_day,
        days_per_week=level.days_per_week,
        starts=None if hidden else starts,
    )
