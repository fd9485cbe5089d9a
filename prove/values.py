"""Where a theorem's values come from: all of them at once, one drawn at random, or one known.

A theorem is a function of such a source, in plain Python, and the same text is proved, tried on
random values, and run again on the values of a counterexample.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from fractions import Fraction
from functools import cache
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

import z3

from prove import paths, symbols
from prove.paths import NotMeant, Walk
from prove.symbols import Day, Ladder, Number, Row, Truth
from stepwell import catalogue
from stepwell.engine import protocol as protocols
from stepwell.engine.errors import ProtocolError
from stepwell.engine.place import Rung
from stepwell.engine.plan import Level, Plan, Supply
from stepwell.engine.protocol import Limit, Limits, Protocol

BOUNDS: Mapping[str, Mapping[str, int]] = catalogue.document("protocols", "bounds.json")["bounds"]
KNOWN = catalogue.protocols()["ketamine"]

_Made = TypeVar("_Made")
Hint = Callable[[Random], int | None]


class Values(ABC):
    """A source of values by name. `saw` keeps what the engine answered with."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    @abstractmethod
    def whole(
        self, name: str, least: Any = None, most: Any = None, hint: Hint | None = None
    ) -> Any:
        """A whole number from least to most; a hint says which ones are worth a try."""

    @abstractmethod
    def real(self, name: str, least: int, most: int) -> Any:
        """Any number from least to most."""

    @abstractmethod
    def choice(self, name: str, of: int) -> int:
        """One of so many ways, from 0."""

    @abstractmethod
    def day(self, name: str) -> Any:
        """A date."""

    @abstractmethod
    def protocol(self) -> Protocol:
        """A protocol within bounds whose numbers do not contradict each other."""

    @abstractmethod
    def plan(self, *shown: str) -> Plan:
        """A plan that its constructor has accepted; `shown` names the levels' other fields."""

    @abstractmethod
    def levels(self) -> Any:
        """Levels that no constructor has seen yet, at least one."""

    @abstractmethod
    def amounts(self) -> Any:
        """Any amounts in a row, at least two."""

    @abstractmethod
    def assume(self, fact: Any) -> None:
        """Leave out the values for which this is not so."""

    def yes(self, name: str) -> bool:
        return self.choice(name, 2) == 1

    def saw(self, *answers: Any) -> None:
        self.seen += answers


# --- all at once ------------------------------------------------------------------------------


class AnyValues(Values):
    """Every value at once. With a size, every ladder of that many levels, else of any length.

    With a size the numbers are small enough, too, for each to be run on the engine as it is.
    """

    def __init__(self, walk: Walk, size: int | None = None) -> None:
        super().__init__()
        self.walk = walk
        walk.holds(size == symbols.SIZE if size else symbols.SIZE >= 1)
        self.size: Any = size or Number(walk, symbols.SIZE)
        self.small = size is not None

    def whole(
        self,
        name: str,
        least: Any = None,
        most: Any = None,
        hint: Hint | None = None,  # noqa: ARG002 - all are tried
    ) -> Any:
        return self._within(Number(self.walk, z3.Int(name)), least, most)

    def real(self, name: str, least: int, most: int) -> Any:
        return self._within(Number(self.walk, z3.Real(name)), least, most)

    def _within(self, number: Number, least: Any, most: Any) -> Number:
        most = _SPANS[-1] if self.small and most is None else most
        if least is not None:
            self.assume(number >= least)
        if most is not None:
            self.assume(number <= most)
        return number

    def choice(self, name: str, of: int) -> int:
        number = self.whole(name, 0, of - 1)
        return next(one for one in range(of) if one == of - 1 or number == one)

    def day(self, name: str) -> Any:
        return Day(self.whole(name, *(_DAYS if self.small else (1,))))

    def protocol(self) -> Protocol:
        self.walk.holds(coherent(protocols._contradictions))
        limits = any_limits(self.walk)
        return _made(Protocol, limits=limits, flags=KNOWN.flags, sources=KNOWN.sources)

    def plan(self, *shown: str) -> Plan:
        self.walk.holds(symbols.SIZE >= 2)
        levels = Ladder(self.walk, shown, self.size, is_a_plan=True)
        return _made(Plan, levels=levels, **plan_parts(self))

    def levels(self) -> Any:
        return Ladder(self.walk, ("times_per_day", "days_per_week"), self.size, is_a_plan=False)

    def amounts(self) -> Any:
        self.walk.holds(symbols.SIZE >= 2)
        return Row(self.walk, self.size)

    def assume(self, fact: Any) -> None:
        if isinstance(fact, Truth):
            self.walk.holds(fact.term)
        elif not fact:
            raise NotMeant


def plan_parts(values: Values) -> dict[str, Any]:
    """What a plan has beside its levels; within what the wire lets through."""
    return {
        "protocol": values.protocol(),
        "days_per_level": values.whole("days_per_level", 1, 366),
        "smallest_unit_mg": values.whole("unit_mg", 1, hint=lambda of: of.choice(_UNITS)),
        "usual_score": values.whole("plan_usual_score", 0, 10),
        "supply": Supply.PRESCRIBED if values.yes("prescribed") else Supply.NON_PRESCRIBED,
    }


_UNITS = (1, 5, 7, 25, 50, 50, 500)


def any_limits(run: Any) -> Limits:
    """Limits that stand for every number within bounds."""
    named = {f.name: _limit(f.name, Number(run, z3.Int(f"limit_{f.name}"))) for f in fields(Limits)}
    return Limits(**named)


def _limit(name: str, value: Any) -> Limit:
    return _made(Limit, name=name, value=value, source=name)


def _made(kind: type[_Made], **parts: Any) -> _Made:
    """Of this kind, past its constructor, which lets only plain numbers by."""
    made = object.__new__(kind)
    for name, value in parts.items():
        object.__setattr__(made, name, value)
    return made


@cache
def coherent(contradictions: Callable[[Limits], list[Any]]) -> Any:
    """That every limit is within its bounds, and that the engine finds no contradiction."""

    def body(walk: Walk) -> tuple[bool, tuple[Any, ...]]:
        walk.holds(_within_bounds())
        return not contradictions(any_limits(walk)), ()

    with patch.object(protocols, "Fault", side_effect=NotMeant):  # the first one decides
        kept = [path for path in paths.every(body) if path.claim]
    return z3.Or(*[z3.And(*path.facts) for path in kept])


def _within_bounds() -> Any:
    named = {f.name: z3.Int(f"limit_{f.name}") for f in fields(Limits)}
    return z3.And(
        *[z3.And(BOUNDS[n]["lowest"] <= v, v <= BOUNDS[n]["highest"]) for n, v in named.items()]
    )


# --- one at a time ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class World:
    """A protocol, a plan under it, and levels that may be no plan."""

    protocol: Protocol
    plan: Plan | None
    levels: tuple[Level, ...]


class SomeValues(Values):
    """One value of each: as `given`, and where that says nothing, drawn."""

    def __init__(
        self, world: World, chance: Random, given: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__()
        self.world, self.chance = world, chance
        self.known: dict[str, Any] = dict(given or {})
        self.leaning = chance.choice((0, 0.5, 0.8))  # to yes, and to the longest
        self.end = chance.choice((0, 1, 2))  # of what a score can be, or none

    def whole(
        self, name: str, least: Any = None, most: Any = None, hint: Hint | None = None
    ) -> Any:
        if name not in self.known:
            self.known[name] = self._drawn(least, most, hint)
        number = self.known[name]
        self.assume((least is None or least <= number) and (most is None or number <= most))
        return number

    def _drawn(self, least: int | None, most: int | None, hint: Hint | None) -> int:
        """A hinted number, one next to a number drawn before, or any."""
        rolled, first = self.chance.random(), least or 0
        if hint and rolled < 0.8 and (hinted := hint(self.chance)) is not None:
            return hinted
        near = [n for n in self.known.values() if type(n) is int] if rolled < 0.95 else []
        number = self.chance.choice(near) + self.chance.choice((-1, 0, 0, 1)) if near else None
        last = first + self.chance.choice(_SPANS) if most is None else most
        if number is None or not first <= number <= last:
            number = self.chance.randint(first, max(first, last))
        return number

    def real(self, name: str, least: int, most: int) -> Any:
        if name not in self.known:
            parts = self.chance.choice((1, 2, 4, 5, 7))
            ends = (least * parts, most * parts)
            number = self._drawn(*ends, lambda _: (*ends, None)[self.end])
            self.known[name] = Fraction(number, parts)
        self.assume(least <= self.known[name] <= most)
        return self.known[name]

    def choice(self, name: str, of: int) -> int:
        if name not in self.known:
            last = self.chance.random() < self.leaning
            self.known[name] = of - 1 if last else self.chance.randrange(of)
        return int(self.known[name])

    def day(self, name: str) -> Any:
        return date.fromordinal(self.whole(name, *_DAYS, lambda of: 740_000 + of.randrange(9)))

    def protocol(self) -> Protocol:
        return self.world.protocol

    def plan(self, *_: str) -> Plan:
        assert self.world.plan is not None
        return self.world.plan

    def levels(self) -> Any:
        return self.world.levels

    def amounts(self) -> Any:
        self.assume(len(self.world.levels) >= 2)
        return [level.ceiling_mg for level in self.world.levels]

    def assume(self, fact: Any) -> None:
        if not fact:
            raise NotMeant


_SPANS = (3, 30, 300, 3_000, 30_000)
_DAYS = (600_000, 800_000)  # so far from the first and the last date that no span leads there


def drawn_world(chance: Random) -> World:
    """A protocol with every number drawn within its bounds, and a plan under it."""
    protocol = _drawn_protocol(chance)
    plan = _drawn_plan(protocol, chance)
    return World(protocol, plan, _drawn_levels(chance))


def _drawn_protocol(chance: Random) -> Protocol:
    while True:
        numbers = {n: chance.randint(b["lowest"], b["highest"]) for n, b in BOUNDS.items()}
        try:
            return protocol_of(numbers)
        except ProtocolError:
            continue


def protocol_of(numbers: Mapping[str, int]) -> Protocol:
    """A protocol with these limits, through its own constructor."""
    limits = {n: replace(getattr(KNOWN.limits, n), value=v, source=n) for n, v in numbers.items()}
    return replace(KNOWN, limits=Limits(**limits))


def plan_of(levels: Sequence[Level], **parts: Any) -> Plan:
    """A plan through its own constructor, which may refuse it."""
    return Plan(version=1, levels=tuple(levels), goal_mg=levels[-1].ceiling_mg, **parts)


def _drawn_plan(protocol: Protocol, chance: Random) -> Plan:
    unit = chance.choice(_UNITS)
    return plan_of(
        _drawn_ladder(unit, chance),
        protocol=protocol,
        days_per_level=chance.choice((1, 3, 7, 14, 366)),
        smallest_unit_mg=unit,
        usual_score=chance.randint(0, 10),
        supply=chance.choice((Supply.PRESCRIBED, *[Supply.NON_PRESCRIBED] * 3)),
    )


def _drawn_ladder(unit: int, chance: Random) -> list[Level]:
    """Two to 64 levels, each a fall in one thing from the one before."""
    first_mg = unit * chance.randrange(1, 600) + chance.choice((0, 0, 1))
    times, week = chance.choice((None, 1, 6)), chance.choice((None, 3, 7))
    levels = [Level(first_mg, times, week, chance.choice(_OWN_DAYS))]
    for _ in range(chance.choice((1, 1, 2, 3, 4, 7, 63))):
        lower = [*_lower(levels[-1], unit, chance)]
        if not lower:
            break
        levels.append(replace(chance.choice(lower), days=chance.choice(_OWN_DAYS)))
    return levels


_OWN_DAYS = (None, None, 0, 1, 5, 28)


def _lower(level: Level, unit: int, chance: Random) -> Iterator[Level]:
    if mg := level.ceiling_mg:
        for fall in (1, unit, 2 * unit, 7 * unit, mg // 4 + 1, mg):
            yield replace(level, ceiling_mg=max(mg - fall, 0))
    if level.times_per_day != 0:
        yield replace(level, times_per_day=(level.times_per_day or chance.randint(2, 9)) - 1)
    if level.days_per_week != 0:
        yield replace(level, days_per_week=(level.days_per_week or 8) - 1)


def _drawn_levels(chance: Random) -> tuple[Level, ...]:
    """A ladder, as often as not with one level changed, so that it may rise or stand still."""
    levels = _drawn_ladder(50, chance)[: chance.choice((1, 2, 3, 64))]
    if chance.random() < 0.5:
        number = chance.randrange(len(levels))
        other = [replace(levels[number - 1]), replace(levels[number], times_per_day=None)]
        other += [replace(level, ceiling_mg=level.ceiling_mg + 1) for level in other]
        levels[number] = chance.choice(other)
    return tuple(levels)


# --- one that is known ------------------------------------------------------------------------


def modelled(model: Any, size: int) -> SomeValues:
    """The values of a counterexample. Raises InputError where the engine refuses to build them."""
    given = {one.name(): _plain(model[one]) for one in model.decls() if one.arity() == 0}
    levels = tuple(_level(model, number) for number in range(size))
    protocol = _modelled_protocol(model) if f"limit_{next(iter(BOUNDS))}" in given else KNOWN
    plan = _modelled_plan(model, protocol, levels) if "unit_mg" in given else None
    return SomeValues(World(protocol, plan, levels), Random(0), given)


def _modelled_protocol(model: Any) -> Protocol:
    return protocol_of({name: _known(model, f"limit_{name}") for name in BOUNDS})


def _modelled_plan(model: Any, protocol: Protocol, levels: Sequence[Level]) -> Plan:
    return plan_of(
        levels,
        protocol=protocol,
        days_per_level=_known(model, "days_per_level"),
        smallest_unit_mg=_known(model, "unit_mg"),
        usual_score=_known(model, "plan_usual_score"),
        supply=Supply.PRESCRIBED if _known(model, "prescribed") else Supply.NON_PRESCRIBED,
    )


def _level(model: Any, number: int) -> Level:
    at = z3.IntVal(number)
    others = {
        name: None if of(model, none(at)) else of(model, value(at))
        for name, (value, none) in symbols.OTHERS.items()
    }
    return Level(of(model, symbols.MG(at)), **others)


def _known(model: Any, name: str) -> Any:
    return of(model, z3.Int(name))


def of(model: Any, value: Any) -> Any:
    """What one of the values that stand for all comes to in a model."""
    if isinstance(value, Number | Truth):
        return of(model, value.term)
    if isinstance(value, Day):
        return date.fromordinal(of(model, value.number))
    if isinstance(value, Rung):
        return Rung(of(model, value.level), of(model, value.between_mg))
    if isinstance(value, tuple | list):
        return [of(model, one) for one in value]
    return _plain(model.eval(value, model_completion=True)) if z3.is_expr(value) else value


def _plain(value: Any) -> Any:
    if z3.is_bool(value):
        return z3.is_true(value)
    if z3.is_int_value(value):
        return value.as_long()
    return Fraction(value.numerator_as_long(), value.denominator_as_long())
