"""Two public planners' formulas, written anew from their description; none of their code is here.

Meditrax (dizzafizza/Meditrax, seen at db3b9c5) falls along a line, a power or a curve of equal
occupancy, to four decimals; it warns of a step above a quarter and draws it all the same. The
antidepressant tapering tool (pielab-uci, seen at f4900bd) keeps the ratio of the first step and
rounds down to the smallest amount that can be made. Each level gets a date here, as ours do.

What neither formula has: limits kept after rounding, refusals with a reason, an authorisation
that is asked for, times a day and days a week, or a pace solved for an end date.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise, product

_OCCUPANCY_OF_START = 0.25
_FLOOR_OF_START = 0.05

Level = tuple[float, date]


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan that another planner can draw too, by a number of steps or by percent."""

    shape: str
    from_mg: int
    to_mg: int
    steps: int | None = None
    percent: int | None = None
    unit_mg: int = 50
    start: date = date(2026, 12, 1)
    days: int = 7


_AMOUNTS = ((2650, 0), (2650, 500), (800, 0), (5000, 1000))
IN_STEPS = [
    Asked(shape, *amounts, steps=steps)
    for shape, amounts, steps in product(
        ("proportional", "linear", "equal_occupancy"), _AMOUNTS, (8, 12, 20)
    )
]
BY_PERCENT = [
    Asked("proportional", *amounts, percent=percent)
    for amounts, percent in product(_AMOUNTS, (5, 10, 20))
]


def meditrax(asked: Asked) -> list[Level]:
    """Its line, power or curve in so many steps, to four decimals, never rising."""
    amounts, now = [], float(asked.from_mg)
    for exact in _CURVES[asked.shape](asked, asked.steps or 1):
        now = min(round(exact, 4), now)
        amounts.append(now)
    return _dated(asked, amounts)


def pielab(asked: Asked) -> list[Level]:
    """The ratio of the first step over and over, rounded down to what can be made."""
    amounts, now = [], asked.from_mg
    ratio = 1 - (asked.percent or 0) / 100
    while now > asked.to_mg:
        now = max(int(now * ratio // asked.unit_mg) * asked.unit_mg, asked.to_mg)
        amounts.append(now)
    return _dated(asked, amounts)


Peer = Callable[[Asked], list[Level]]


def undone(peer: Peer, plans: Iterable[Asked], largest_percent: int) -> str:
    """How many of its levels cannot be measured, and how many of its steps are above our limit."""
    unmeasurable = large = levels = 0
    for asked in plans:
        amounts = [float(asked.from_mg), *(mg for mg, _ in peer(asked))]
        levels += len(amounts) - 1
        unmeasurable += sum(1 for mg in amounts[1:] if mg % asked.unit_mg)
        steps = list(pairwise(amounts))[:-1]  # the last step is judged apart
        large += sum(1 for old, new in steps if (old - new) * 100 > largest_percent * old)
    return (
        f"of {levels} levels {unmeasurable} cannot be measured in the smallest unit; {large} steps"
        f" before the last are above {largest_percent} %"
    )


def _dated(asked: Asked, amounts: Sequence[float]) -> list[Level]:
    return [(mg, asked.start + timedelta(days=asked.days * n)) for n, mg in enumerate(amounts)]


def _line(asked: Asked, steps: int) -> Iterator[float]:
    fall = (asked.from_mg - asked.to_mg) / steps
    return (asked.from_mg - i * fall for i in range(1, steps + 1))


def _power(asked: Asked, steps: int) -> Iterator[float]:
    """To none: down to a twentieth of the start, then none."""
    last = steps if asked.to_mg else steps - 1
    ratio = ((asked.to_mg or asked.from_mg * _FLOOR_OF_START) / asked.from_mg) ** (1 / last)
    yield from (asked.from_mg * ratio**i for i in range(1, last + 1))
    if not asked.to_mg:
        yield 0.0


def _curve(asked: Asked, steps: int) -> Iterator[float]:
    """Equal differences of occupancy; half of it at a quarter of the start, whatever that is."""
    half = _OCCUPANCY_OF_START * asked.from_mg
    first, last = (mg / (mg + half) for mg in (asked.from_mg, asked.to_mg))
    for i in range(1, steps + 1):
        occupied = first + (last - first) * i / steps
        yield half * occupied / (1 - occupied)


_CURVES: Mapping[str, Callable[[Asked, int], Iterator[float]]] = {
    "proportional": _power,
    "linear": _line,
    "equal_occupancy": _curve,
}
