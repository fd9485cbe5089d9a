"""Numbers, days and ladders that stand for every value at once, for the engine's code to run on.

They behave as Python's own do, and build a formula instead of a result. When code asks whether
something is so, the run that they belong to answers (see `prove.paths`), so that every way through
the code is walked. What would turn one into a plain number is refused, never guessed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any, Protocol, Self
from unittest.mock import patch

import z3

from stepwell.engine import guard, place, plan, planner, rules
from stepwell.engine.plan import Level

_INFINITE = float("inf")


class Run(Protocol):
    """What answers when code asks, and what names what a division gives."""

    def decides(self, term: Any) -> bool:
        """Whether something is so on the way that is walked."""

    def holds(self, term: Any) -> None:
        """Take something as given from here on."""

    def parts(self, whole: Any, by: Any) -> tuple[Any, Any]:
        """Quotient and rest of a division by a number above zero."""

    def product(self, one: Any, other: Any) -> Any:
        """A product of whole numbers."""


class Truth:
    """Something that is so or is not."""

    __slots__ = ("run", "term")

    def __init__(self, run: Run, term: Any) -> None:
        self.run, self.term = run, term

    def __bool__(self) -> bool:
        return self.run.decides(self.term)

    def __radd__(self, other: Any) -> "Number":
        return Number(self.run, _term(other) + _term(self))


class Number:
    """A whole number, or with a real term any number."""

    __slots__ = ("run", "term")
    __hash__ = None  # type: ignore[assignment]  # it is no one number

    def __init__(self, run: Run, term: Any) -> None:
        self.run, self.term = run, term

    # What a score or a level's exact amount is asked for; its fraction is taken as one part.
    @property
    def numerator(self) -> Self:
        return self

    @property
    def denominator(self) -> int:
        return 1

    def quantize(self, _: Any) -> Self:
        return self  # every number is meant, so also every one that is rounded

    def __bool__(self) -> bool:
        return self.run.decides(self.term != 0)

    def __add__(self, other: Any) -> "Number":
        return Number(self.run, self.term + _term(other))

    def __sub__(self, other: Any) -> "Number":
        return Number(self.run, self.term - _term(other))

    def __rsub__(self, other: Any) -> "Number":
        return Number(self.run, _term(other) - self.term)

    def __mul__(self, other: Any) -> "Number":
        factor = _term(other)
        whole = self.term.is_int() and factor.is_int()
        return Number(
            self.run, self.run.product(self.term, factor) if whole else self.term * factor
        )

    __radd__, __rmul__ = __add__, __mul__

    def __divmod__(self, by: Any) -> tuple["Number", "Number"]:
        if not by > 0:
            raise NotImplementedError("dividing by what may be zero or less")
        quotient, rest = self.run.parts(self.term, _term(by))
        return Number(self.run, quotient), Number(self.run, rest)

    def __floordiv__(self, by: Any) -> "Number":
        return self.__divmod__(by)[0]

    def __mod__(self, by: Any) -> "Number":
        return self.__divmod__(by)[1]

    def __eq__(self, other: object) -> Any:
        return False if other is None else self._compared(other, lambda a, b: a == b)

    def __ne__(self, other: object) -> Any:
        return True if other is None else self._compared(other, lambda a, b: a != b)

    def __lt__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a < b)

    def __le__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a <= b)

    def __gt__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a > b)

    def __ge__(self, other: Any) -> Any:
        return self._compared(other, lambda a, b: a >= b)

    def _compared(self, other: Any, how: Callable[[Any, Any], Any]) -> Any:
        if isinstance(other, float) and other == _INFINITE:
            return how(0, 1)  # every number is below it
        return Truth(self.run, how(self.term, _term(other)))


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """A span in days, as `timedelta` is one."""

    days: Any


class Day:
    """A date, by the days since the first of all."""

    __slots__ = ("number",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, number: Number) -> None:
        self.number = number

    def toordinal(self) -> Number:
        return self.number

    def __add__(self, span: Any) -> "Day":
        return Day(self.number + span.days)

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, Day | date):
            return Days(self.number - _ordinal(other))
        return Day(self.number - other.days)

    def __eq__(self, other: object) -> Any:
        return other is not None and self.number == _ordinal(other)

    def __lt__(self, other: Any) -> Any:
        return self.number < _ordinal(other)

    def __le__(self, other: Any) -> Any:
        return self.number <= _ordinal(other)

    def __gt__(self, other: Any) -> Any:
        return self.number > _ordinal(other)

    def __ge__(self, other: Any) -> Any:
        return self.number >= _ordinal(other)


def _ordinal(day: Any) -> Any:
    return day.toordinal()


def _term(value: Any) -> Any:
    if isinstance(value, Number):
        return value.term
    if isinstance(value, Truth):
        return z3.If(value.term, 1, 0)
    if isinstance(value, Fraction):
        return z3.RealVal(str(value))
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number")
    return z3.IntVal(int(value))


# --- a ladder of any length -------------------------------------------------------------------

_WHOLE, _YES = z3.IntSort(), z3.BoolSort()
MG = z3.Function("mg", _WHOLE, _WHOLE)
TIMES, NO_TIMES = z3.Function("times", _WHOLE, _WHOLE), z3.Function("no_times", _WHOLE, _YES)
WEEK, NO_WEEK = z3.Function("week", _WHOLE, _WHOLE), z3.Function("no_week", _WHOLE, _YES)
OWN, NO_OWN = z3.Function("own", _WHOLE, _WHOLE), z3.Function("no_own", _WHOLE, _YES)
SIZE = z3.Int("size")


def falls(number: Any) -> Any:
    """That a level is above the one before in nothing, and below it in something."""
    before = number - 1
    less = [MG(number) < MG(before)]
    less += [_is_under(lever, before, number) for lever in _LEVERS]
    return z3.And(_keeps_order(before, number), z3.Or(*less))


def keeps_order(above: Any, below: Any) -> Any:
    """That a later level is above an earlier one in nothing: what `falls` adds up to."""
    return z3.Implies(above <= below, _keeps_order(above, below))


def may_be_a_level(number: Any) -> Any:
    """What the wire lets through: nothing below zero."""
    return z3.And(MG(number) >= 0, TIMES(number) >= 0, WEEK(number) >= 0, OWN(number) >= 0)


_LEVERS = ((TIMES, NO_TIMES), (WEEK, NO_WEEK))


def _keeps_order(above: Any, below: Any) -> Any:
    rises = [_is_under(lever, below, above) for lever in _LEVERS]
    return z3.And(MG(below) <= MG(above), *[z3.Not(rise) for rise in rises])


def _is_under(lever: tuple[Any, Any], above: Any, below: Any) -> Any:
    """That one of the two other levers is lower on `below`; no limit is above every number."""
    number, none = lever
    return z3.And(z3.Not(none(below)), z3.Or(none(above), number(below) < number(above)))


class Ladder:
    """Levels of a plan: as many as you like, and each amount a function of the level's number.

    With `is_a_plan`, every level that is read is known to fall, which `Plan` makes sure of; one
    theorem proves that, and another that it holds for any two levels. Of the fields of a level
    only those in `shown` are drawn: no code under proof reads another.
    """

    def __init__(self, run: Run, shown: Sequence[str], size: Any, *, is_a_plan: bool) -> None:
        self.run, self.shown, self.size, self.is_a_plan = run, shown, size, is_a_plan
        self.read: list[Any] = []
        for number in range(size if isinstance(size, int) else 0):
            self._know(z3.IntVal(number))

    def __getitem__(self, number: Any) -> Any:
        if number < 0:
            number = number + self.size
        if not 0 <= number < self.size:
            raise IndexError("no such level")
        at = _term(number)
        self._know(at)
        amount: Any = Number(self.run, MG(at))
        return Level(amount, **self._others(at))

    def _know(self, at: Any) -> None:
        """What is known of a level that is read, beside each that was read before."""
        if any(at.eq(known) for known in self.read):
            return
        self.run.holds(may_be_a_level(at))
        if self.is_a_plan:
            self.run.holds(z3.Implies(at >= 1, falls(at)))
            for known in self.read:
                self.run.holds(z3.And(keeps_order(known, at), keeps_order(at, known)))
        self.read.append(at)

    def _others(self, at: Any) -> dict[str, Any]:
        return {
            name: None if self.run.decides(none(at)) else Number(self.run, number(at))
            for name, (number, none) in OTHERS.items()
            if name in self.shown
        }


OTHERS = {"times_per_day": _LEVERS[0], "days_per_week": _LEVERS[1], "days": (OWN, NO_OWN)}


class Row:
    """Amounts in a row, as many as you like: what the planner holds against its limit."""

    def __init__(self, run: Run, size: Any) -> None:
        self.run, self.size = run, size

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return Row(self.run, self.size + number.stop)
        return Number(self.run, MG(_term(number + self.size if number < 0 else number)))


# --- in the place of what Python has built in -------------------------------------------------


@contextmanager
def standing_in() -> Iterator[None]:
    """While this lasts, the engine's modules count, span and round with the values above."""
    with ExitStack() as stack:
        for module, names in _STAND_INS.items():
            for name in names:
                stack.enter_context(patch.object(module, name, _BUILT_IN[name], create=True))
        yield


def _size(of: Any) -> Any:
    return of.size if isinstance(of, Ladder | Row) else len(of)


def _some_number(first: int, end: Any) -> Iterator[Any]:
    """Any one number of the range. What a loop does with each, it does without the others."""
    if not isinstance(end, Number):
        yield from range(first, end)
    elif end > first:
        one = Number(end.run, z3.Int("any_one"))
        end.run.holds(z3.And(one.term >= first, one.term < end.term))
        yield one


def _some_pair(row: Any) -> Iterator[Any]:
    """Any two neighbours of a row."""
    if not isinstance(row, Row):
        yield from pairwise(row)
        return
    for number in _some_number(1, row.size):
        yield row[number - 1], row[number]


def _ratio(above: Any, below: int = 1) -> Any:
    if not isinstance(above, Number):
        return Fraction(above, below)
    return Number(
        above.run, z3.ToReal(above.term) / below if above.term.is_int() else above.term / below
    )


def _kind(value: Any) -> Any:
    return int if isinstance(value, Number) else type(value)


def _as_it_is(value: Any) -> Any:
    return value


_BUILT_IN: dict[str, Any] = {
    "len": _size,
    "range": _some_number,
    "pairwise": _some_pair,
    "timedelta": Days,
    "Fraction": _ratio,
    "Decimal": _as_it_is,
    "int": _as_it_is,
    "type": _kind,
}
_STAND_INS: dict[Any, tuple[str, ...]] = {
    plan: ("len", "range"),
    place: ("timedelta",),
    rules: ("timedelta", "Fraction"),
    planner: ("int", "Decimal", "pairwise"),
    guard: ("len", "type"),
}
