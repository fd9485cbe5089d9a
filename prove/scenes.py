"""What theorems are about: any place on any plan, and the facts of any day.

`sound` says which places there can be. Each move of the engine is proved to lead from a sound
place to a sound one, so that by induction no other is ever reached.
"""

from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from prove.symbols import Ladder, Truth, falls, keeps_order
from prove.values import Hint, Values
from stepwell.engine import plan as plans
from stepwell.engine.events import Act, Kind
from stepwell.engine.place import Place, Rung
from stepwell.engine.plan import DAYS_IN_A_WEEK, Level, Plan
from stepwell.engine.protocol import CORE_ITEMS
from stepwell.engine.snapshot import Hold, RecentDay, Snapshot

# --- levels -----------------------------------------------------------------------------------


def each_falls(levels: Any, number: Any) -> Any:
    """That this level is above the one before in nothing, and below it in something."""
    if isinstance(levels, Ladder):
        return Truth(levels.run, falls(number.term))
    return stays_under(levels, number - 1, number) and not same(levels[number - 1], levels[number])


def stays_under(levels: Any, above: Any, below: Any) -> Any:
    """That the later level is above the earlier one in nothing."""
    if isinstance(levels, Ladder):
        return Truth(levels.run, keeps_order(above.term, below.term))
    return above > below or not_above(levels[below], levels[above])


def not_above(lower: Level, upper: Level) -> bool:
    """That one level is above another in nothing: amount, times, days."""
    pairs = zip(plans._levers(lower), plans._levers(upper), strict=True)
    return all(low <= high for low, high in pairs)


def same(one: Level, other: Level) -> bool:
    return bool(plans._levers(one) == plans._levers(other))


# --- places -----------------------------------------------------------------------------------


def place(values: Values, plan: Plan, **known: Any) -> Place:
    """Any sound place on a plan. What is not drawn here is as it is at first, or `known`."""
    here = rung(values, plan, "here", lambda of: of.randint(0, plan.last_level))
    halve_to = _maybe(values, "halve_to", _hint_halved(plan, here))
    left = _left(values, plan, here) if values.yes("left_is_known") else None
    counts = {name: values.whole(name, 0) for name in ("served", "held", "step_backs")}
    drawn = Place(**{"rung": here, "halve_to": halve_to, "left": left, **counts, **known})
    for fact in sound(drawn, plan):
        values.assume(fact)
    return drawn


def after_a_step(values: Values, plan: Plan) -> Place:
    """Any sound place that a step led to."""
    there = place(values, plan)
    values.assume(there.left is not None)
    return there


def act(kind: Kind, **known: Any) -> Act:
    """An act of the person's, of which no more is read than is `known`."""
    when: Any = None
    return Act(id="1", kind=kind, on=when, recorded_on=when, recorded=when, by="person", **known)


def rung(values: Values, plan: Plan, name: str, hint: Hint) -> Rung:
    level = values.whole(f"{name}_level", hint=hint)
    return Rung(level, _maybe(values, f"{name}_between", _hint_between(plan, level)))


def _maybe(values: Values, name: str, hint: Hint) -> Any:
    return values.whole(name, 0, hint=hint) if values.yes(f"{name}_is_set") else None


def _left(values: Values, plan: Plan, here: Rung) -> Rung:
    up = 0 if here.between_mg is not None else 1
    return rung(values, plan, "left", lambda _: here.level - up)


def _hint_between(plan: Plan, level: Any) -> Hint:
    def hint(chance: Random) -> int | None:
        if not 0 <= level < plan.last_level:
            return None
        unit = plan.smallest_unit_mg
        above, below = (plan.levels[n].ceiling_mg for n in (level, level + 1))
        units = range(below // unit + 1, -(-above // unit))
        return chance.choice(units) * unit if units else None

    return hint


def _hint_halved(plan: Plan, here: Rung) -> Hint:
    def hint(chance: Random) -> int | None:
        if not 0 <= here.level < plan.last_level:
            return None
        least = plan.levels[here.level + 1].ceiling_mg
        most = here.on(plan).ceiling_mg
        return chance.choice((least, chance.randint(least, max(most, least))))

    return hint


def sound(there: Place, plan: Plan) -> Iterator[Any]:
    """What is so of every place: on the ladder, one rung below the one left, half a step within."""
    yield from _sound_rung(there.rung, plan)
    if there.halve_to is not None:
        yield there.rung.level < plan.last_level
        yield plan.levels[there.rung.level + 1].ceiling_mg <= there.halve_to
        yield there.halve_to <= ceiling(there.rung, plan)
    if there.left is not None:
        yield from _sound_rung(there.left, plan)
        yield from _sound_left(there.left, there.rung, plan)


def _sound_rung(there: Rung, plan: Plan) -> Iterator[Any]:
    yield there.level >= 0
    yield there.level <= plan.last_level
    if there.between_mg is not None:
        yield not plan.prescribed
        yield there.level < plan.last_level
        yield plan.levels[there.level + 1].ceiling_mg < there.between_mg
        yield there.between_mg < plan.levels[there.level].ceiling_mg
        yield there.between_mg % plan.smallest_unit_mg == 0


def _sound_left(left: Rung, here: Rung, plan: Plan) -> Iterator[Any]:
    if here.between_mg is None:
        yield left.level + 1 == here.level
    else:
        yield left.level == here.level
        yield here.between_mg < ceiling(left, plan)


def is_sound(there: Place, plan: Plan) -> bool:
    return all(sound(there, plan))


def ceiling(there: Rung, plan: Plan) -> Any:
    """The amount in force on a rung, in milligrams."""
    return there.on(plan).ceiling_mg


# --- the facts of a day -----------------------------------------------------------------------


class Facts(Snapshot):
    """A day's facts, each drawn when a rule first reads it."""

    __slots__ = ("prefix", "values")

    def __init__(self, values: Values, prefix: str, known: Mapping[str, Any]) -> None:
        self.values, self.prefix = values, prefix
        for name, value in known.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> Any:
        drawn = FACTS[name](self.values, self.prefix + name)
        setattr(self, name, drawn)
        return drawn


def facts(values: Values, prefix: str = "", **known: Any) -> Facts:
    """Any day's facts, but for those that are known."""
    return Facts(values, prefix, known)


class TellingDay(RecentDay):
    """A recent day's facts, each drawn when a rule first reads it."""

    __slots__ = ("drawn", "prefix", "values")

    def __init__(self, values: Values, prefix: str) -> None:
        for name, value in (("values", values), ("prefix", prefix), ("drawn", {})):
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in self.drawn:
            self.drawn[name] = TOLD[name](self.values, f"{self.prefix}_{name}")
        return self.drawn[name]


Draw = Callable[[Values, str], Any]


def _count(least: int, most: int | None = None) -> Draw:
    return lambda values, name: values.whole(name, least, most, lambda of: least + of.randrange(9))


def _yes(values: Values, name: str) -> bool:
    return values.yes(name)


def _day(values: Values, name: str) -> Any:
    return values.day(name)


def _or_none(draw: Draw) -> Draw:
    return lambda values, name: draw(values, name) if values.yes(f"{name}_is_set") else None


def _one_of(*choices: Any) -> Draw:
    return lambda values, name: choices[values.choice(name, len(choices))]


def _row(draw: Draw, most: int) -> Draw:
    def row(values: Values, name: str) -> tuple[Any, ...]:
        return tuple(draw(values, f"{name}_{n}") for n in range(values.choice(name, most + 1)))

    return row


def _score(values: Values, name: str) -> Any:
    return values.real(name, 0, 10)


def _hold(values: Values, name: str) -> Hold:
    return Hold("person", _or_none(_day)(values, f"{name}_until"))


def _core(values: Values, name: str) -> Mapping[str, Any]:
    return {item: values.whole(f"{name}_{item}", 0, 10) for item in CORE_ITEMS}


TOLD: Mapping[str, Draw] = {"counted": _yes, "score": _or_none(_score), "core": _core}
FACTS: Mapping[str, Draw] = {
    "protocol": lambda values, _: values.protocol(),
    "today": _day,
    "approved": _yes,
    "review_by": _or_none(_day),
    "first_day": _or_none(_day),
    "open_gates": _one_of((), ("pregnancy",)),
    "goal_is_none": _yes,
    "usual_score": _count(0, 10),
    "usual_items": _one_of(frozenset(), frozenset({"craving"})),
    "closed": _yes,
    "level": _count(0),
    "is_last_level": _yes,
    "level_mg": _count(0),
    "between": _yes,
    "days_off": _count(0, DAYS_IN_A_WEEK),
    "days_needed": _count(1),
    **dict.fromkeys(("served", "held", "held_running"), _count(0)),
    **dict.fromkeys(("step_backs", "step_backs_reviewed"), _count(0)),
    "days_since_step": _or_none(_count(0)),
    "standing": _one_of(
        frozenset(),
        frozenset({"finish_when_ketamine_free"}),
        frozenset({"review_when_tolerance_has_fallen"}),
    ),
    "frozen_since": _or_none(_day),
    "hold": _or_none(_hold),
    "steadying_until": _or_none(_day),
    "asked_to_talk": _or_none(_day),
    **dict.fromkeys(("ignored", "flags", "repeated_flags", "worse"), _one_of(())),
    **dict.fromkeys(("free_days", "free_days_since_act"), _count(0)),
    **dict.fromkeys(("silent_days", "silent_days_since_act"), _count(0)),
    "days_in_window": _count(0, DAYS_IN_A_WEEK),
    "answered_days": _count(0, DAYS_IN_A_WEEK),
    "safety_known": _yes,
    "safety_declined": _or_none(_day),
    "days_in_plan": _count(-1),
    **dict.fromkeys(("over_days", "unsure_days", "sure_days"), _count(0, DAYS_IN_A_WEEK)),
    "last_scores": _row(_score, 5),
    "scores_running": _row(_score, 4),
    "recent": _row(TellingDay, 5),
}
