"""Geometry of the charts: values in, coordinates out. Templates turn them into SVG attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, TOP, BOTTOM = 360, 200, 44, 26
BARE_TOP = 6  # nobody is on it yet, so no flag needs room
THINNEST = 3  # a level of nothing still has to be seen


@dataclass(frozen=True, slots=True)
class Rung:
    """One level to draw: milligrams on a using day, using days a week, first day if it is known."""

    level: int
    ceiling_mg: int
    days_per_week: int
    starts: date | None = None
    between: bool = False


@dataclass(frozen=True, slots=True)
class Stair:
    """One level drawn: its rectangle in chart units and whether it is past, here or next."""

    rung: Rung
    state: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Staircase:
    """A plan as stairs going down. `flag_x` is the middle of the stair where the person is."""

    stairs: tuple[Stair, ...]
    outline: str
    flag_x: float | None
    flag_y: float | None
    flag_anchor: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def floor(self) -> int:
        return self.height - BOTTOM

    @property
    def first(self) -> Stair:
        return self.stairs[0]

    @property
    def last(self) -> Stair:
        return self.stairs[-1]

    @property
    def here(self) -> Stair | None:
        return next((stair for stair in self.stairs if stair.state == "here"), None)


def staircase(rungs: Sequence[Rung], *, here: int | None = None) -> Staircase | None:
    """Stairs for these levels, highest first; `here` is the index of today's. None if empty."""
    if not rungs:
        return None
    tallest = max(_weekly(rung) for rung in rungs) or 1
    wide = WIDTH / len(rungs)
    stairs = tuple(
        _stair(rung, index=index, wide=wide, tallest=tallest, here=here)
        for index, rung in enumerate(rungs)
    )
    flag = None if here is None else stairs[here]
    flag_x = None if flag is None else round(flag.x + flag.width / 2, 2)
    return Staircase(
        stairs=stairs,
        outline=_outline(stairs),
        flag_x=flag_x,
        flag_y=None if flag is None else flag.y,
        flag_anchor=_anchor(flag_x),
    )


def _weekly(rung: Rung) -> int:
    return rung.ceiling_mg * rung.days_per_week


def _stair(rung: Rung, *, index: int, wide: float, tallest: int, here: int | None) -> Stair:
    room = HEIGHT - (BARE_TOP if here is None else TOP) - BOTTOM
    height = max(THINNEST, room * _weekly(rung) / tallest)
    return Stair(
        rung=rung,
        state=_state(index, here),
        x=round(index * wide, 2),
        y=round(HEIGHT - BOTTOM - height, 2),
        width=round(wide, 2),
        height=round(height, 2),
    )


def _state(index: int, here: int | None) -> str:
    if here is None or index > here:
        return "next"
    return "here" if index == here else "past"


def _outline(stairs: Sequence[Stair]) -> str:
    corners = [f"M{stairs[0].x} {stairs[0].y}"]
    for stair in stairs:
        corners.append(f"V{stair.y}H{round(stair.x + stair.width, 2)}")
    return "".join(corners)


def _anchor(x: float | None) -> str:
    if x is None or x < WIDTH / 4:
        return "start"
    return "end" if x > WIDTH * 3 / 4 else "middle"
