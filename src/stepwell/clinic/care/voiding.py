"""What a bladder diary comes to, in the terms of the International Continence Society.

A day runs from getting up to getting up. The first void after getting up belongs to the volume of
the night before it, and to the voids of the day. Nothing here knows a database or a clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    """What one entry is."""

    VOID = "void"
    DRINK = "drink"
    UP = "up"
    BED = "bed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a diary; what was not said or not measured is None."""

    kind: Kind
    at: datetime
    ml: int | None = None
    leaked: bool | None = None
    blood: bool | None = None
    pain: int | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A sum in millilitres with how many of the entries it is of were measured."""

    ml: int
    measured: int
    of: int

    @property
    def is_whole(self) -> bool:
        return self.measured == self.of


@dataclass(frozen=True, slots=True)
class Day:
    """From one getting up to the next; `until` and the night are None until that one is told."""

    up: datetime
    bed: datetime | None
    until: datetime | None
    day_voids: int
    night_voids: int | None
    total: Volume | None
    night: Volume | None
    drunk: Volume
    largest_ml: int | None
    mean_ml: int | None
    longest_gap: timedelta | None
    leaks: int | None
    worst_pain: int | None

    @property
    def night_percent(self) -> int | None:
        """The share of the night, where every void of the day was measured."""
        if self.night is None or self.total is None or not self.total.is_whole or not self.total.ml:
            return None
        return round(100 * self.night.ml / self.total.ml)


def days(entries: Iterable[Entry], *, morning: timedelta) -> list[Day]:
    """One for each getting up that was told, in order. Sums need the morning's first void.

    A first void later than `morning` after getting up is no morning's, or that one was not told.
    """
    told = sorted(entries, key=lambda one: one.at)
    ups = [one.at for one in told if one.kind is Kind.UP]
    nights = [*pairwise(ups), *((up, None) for up in ups[-1:])]
    return [_day(told, up, until, morning) for up, until in nights]


def _day(told: Sequence[Entry], up: datetime, until: datetime | None, within: timedelta) -> Day:
    inside = [one for one in told if one.at >= up and (until is None or one.at < until)]
    voids = [one for one in inside if one.kind is Kind.VOID]
    bed = next((one.at for one in inside if one.kind is Kind.BED), None)
    at_night = [one for one in voids if bed is not None and one.at >= bed]
    morning = _first_void(told, until, within) if until else []
    whole = [*voids[1:], *morning] if morning else None
    night = [one for one in voids[1:] if one in at_night] + morning if bed and morning else None
    measured = [one.ml for one in [*voids, *morning] if one.ml is not None]
    return Day(
        up=up,
        bed=bed,
        until=until,
        day_voids=len(voids) - len(at_night),
        night_voids=len(at_night) if bed and until else None,
        total=_volume(whole) if whole else None,
        night=_volume(night) if night else None,
        drunk=_volume([one for one in inside if one.kind is Kind.DRINK]),
        largest_ml=max(measured, default=None),
        mean_ml=round(sum(measured) / len(measured)) if measured else None,
        longest_gap=max(_gaps([*voids, *morning]), default=None),
        leaks=_count([one.leaked for one in inside]),
        worst_pain=max((one.pain for one in inside if one.pain is not None), default=None),
    )


def _first_void(told: Sequence[Entry], up: datetime, within: timedelta) -> list[Entry]:
    found = (one for one in told if one.kind is Kind.VOID and one.at >= up)
    first = next(found, None)
    return [first] if first and first.at <= up + within else []


def _volume(entries: Sequence[Entry]) -> Volume:
    known = [one.ml for one in entries if one.ml is not None]
    return Volume(sum(known), len(known), len(entries))


def _gaps(voids: Sequence[Entry]) -> Iterator[timedelta]:
    return (after.at - before.at for before, after in pairwise(voids))


def _count(told: Sequence[bool | None]) -> int | None:
    """How many yes; None where nobody said, for not said is not no."""
    known = [one for one in told if one is not None]
    return sum(known) if known else None
