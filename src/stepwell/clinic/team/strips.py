"""Geometry of the 28-day strip: days in, coordinates out. The template turns them into SVG."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

LEFT, RIGHT, DAY = 46, 8, 30
TOP, AMOUNT_HEIGHT, GAP, SCORE_HEIGHT, BOTTOM = 18, 118, 26, 54, 24
WORST_SCORE = 10
ROUND_MARKS = (1, 2, 2.5, 4, 5, 8, 10)


class Day(Protocol):
    """One day as the queries hand it over: amounts in milligrams, the score from 0 to 10."""

    @property
    def on(self) -> date: ...
    @property
    def status(self) -> str: ...
    @property
    def low_mg(self) -> int | None: ...
    @property
    def high_mg(self) -> int | None: ...
    @property
    def score(self) -> float | None: ...
    @property
    def flags(self) -> Sequence[str]: ...
    @property
    def ceiling_mg(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Column:
    """One day drawn. What is None has nothing to draw: silence is hatched, never a zero."""

    on: date
    status: str
    x: float
    middle: float
    sure_y: float | None
    range_y: float | None
    range_height: float
    score_y: float | None
    flagged: bool
    labelled: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across with its word."""

    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The days drawn: amounts above, the distress score below, one shared row of dates."""

    columns: tuple[Column, ...]
    ceiling: str
    scores: tuple[str, ...]
    amount_ticks: tuple[Tick, ...]
    score_ticks: tuple[Tick, ...]
    width: int

    left = LEFT
    day = DAY
    top = TOP
    height = TOP + AMOUNT_HEIGHT + GAP + SCORE_HEIGHT + BOTTOM
    amount_floor = TOP + AMOUNT_HEIGHT
    amount_height = AMOUNT_HEIGHT
    score_top = TOP + AMOUNT_HEIGHT + GAP
    score_height = SCORE_HEIGHT
    score_floor = TOP + AMOUNT_HEIGHT + GAP + SCORE_HEIGHT
    inset = 6
    bar = DAY - 12

    @property
    def right(self) -> int:
        return self.width - RIGHT


def draw(days: Sequence[Day]) -> Strip:
    """Draw these days, oldest first; each keeps the same width however many there are."""
    top_mg = _round_up(max([0, *_amounts(days)]))
    columns = tuple(_column(day, n, len(days), top_mg) for n, day in enumerate(days))
    return Strip(
        columns=columns,
        ceiling=_ceiling(days, top_mg),
        scores=tuple(_score_lines(columns)),
        amount_ticks=tuple(
            Tick(_amount_y(mg, top_mg), f"{mg / 1000:g} g") for mg in (0, top_mg / 2, top_mg)
        ),
        score_ticks=tuple(Tick(_score_y(n), str(n)) for n in (0, WORST_SCORE)),
        width=LEFT + DAY * len(days) + RIGHT,
    )


def _amounts(days: Sequence[Day]) -> Iterator[int]:
    for day in days:
        yield from (mg for mg in (day.low_mg, day.high_mg, day.ceiling_mg) if mg is not None)


def _round_up(mg: int) -> int:
    """The next amount that reads well on an axis."""
    magnitude = 100
    while magnitude * 10 < mg:
        magnitude *= 10
    return next((int(magnitude * m) for m in ROUND_MARKS if magnitude * m >= mg), mg)


def _amount_y(mg: float, top_mg: int) -> float:
    return round(TOP + AMOUNT_HEIGHT * (1 - mg / top_mg), 1)


def _score_y(score: float) -> float:
    return round(Strip.score_top + SCORE_HEIGHT * (1 - score / WORST_SCORE), 1)


def _column(day: Day, number: int, count: int, top_mg: int) -> Column:
    x = LEFT + DAY * number
    told = day.low_mg is not None and day.high_mg is not None and day.status != "none"
    low = _amount_y(day.low_mg or 0, top_mg)
    high = _amount_y(day.high_mg or 0, top_mg)
    return Column(
        on=day.on,
        status=str(day.status),
        x=x,
        middle=x + DAY / 2,
        sure_y=low if told else None,
        range_y=high if told and high < low else None,
        range_height=round(low - high, 1),
        score_y=None if day.score is None else _score_y(day.score),
        flagged=bool(day.flags),
        labelled=(count - 1 - number) % 7 == 0,
    )


def _ceiling(days: Sequence[Day], top_mg: int) -> str:
    """The ceiling in force as one path, broken on the days that had none."""
    parts, before = [], None
    for number, day in enumerate(days):
        x, mg = LEFT + DAY * number, day.ceiling_mg
        if mg is not None:
            start = f"M{x} " if before is None else "V"
            parts.append(f"{start}{_amount_y(mg, top_mg)}H{x + DAY}")
        before = mg
    return "".join(parts)


def _score_lines(columns: Sequence[Column]) -> Iterator[str]:
    """Lines between days next to each other; a day without a score breaks them."""
    for one, two in itertools.pairwise(columns):
        if one.score_y is not None and two.score_y is not None:
            yield f"M{one.middle} {one.score_y}L{two.middle} {two.score_y}"
