"""Each plan date exactly once: every IANA time zone, every clock change, every rollover hour.

The clinic's days (`care/days.in_zone`) are held against a second reading of the same zones that
only adds whole seconds: stretches of one offset, and the second at which each date begins. They
are asked hour by hour around every change from 1970 to 2037, and a second before and after every
beginning. The zones are those of the tzdata package that is pinned, whatever the machine has.

What is not proved: that a government keeps to the changes it has announced.
"""

import io
import struct
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from multiprocessing import Pool
from zoneinfo import ZoneInfo

from prove.measures import Measure
from stepwell.clinic.care import days

PlanDate = Callable[[datetime, ZoneInfo, int], date]

_PROCESSES = 2
_SHOWN = 10
_HOUR, _DAY = 3600, 86_400
_EPOCH = date(1970, 1, 1)
_FIRST = 0
_END = int(datetime(2038, 1, 1, tzinfo=UTC).timestamp())
_AROUND = range(-13, 14)  # hours around a change
_DAYS_AROUND = range(-3, 4)
_FARTHEST = 26 * _HOUR  # no zone is farther from UTC, and no change is larger
_FEWEST = 15_000  # changes in all zones; fewer means that some were not found
# Dates that a zone's own calendar left out, from the history of each place, not from this code.
LEFT_OUT = frozenset(
    {
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Fakaofo", date(2011, 12, 30)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
        ("Pacific/Kanton", date(1994, 12, 31)),
        ("Pacific/Kwajalein", date(1993, 8, 21)),
    }
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and every name it goes by; `offsets[n]` seconds hold from `changes[n]` on."""

    names: tuple[str, ...]
    info: ZoneInfo
    changes: tuple[int, ...]
    offsets: tuple[int, ...]


@dataclass(slots=True)
class Tally:
    """What was asked, what is wrong, and the dates that no day has."""

    names: int = 0
    changes: int = 0
    asked: int = 0
    wrong: int = 0
    shown: list[str] = field(default_factory=list)
    missing: set[tuple[str, date]] = field(default_factory=set)

    def add(self, other: "Tally") -> None:
        self.names += other.names
        self.changes += other.changes
        self.asked += other.asked
        self.wrong += other.wrong
        self.shown = (self.shown + other.shown)[:_SHOWN]
        self.missing |= other.missing

    def note(self, fault: str) -> None:
        self.wrong += 1
        self.shown = [*self.shown, fault][:_SHOWN]


def run(budget: float = 1.0) -> list[Measure]:
    """Walk every zone, or so many of them as the budget's share, evenly picked."""
    every = names()
    picked = every if budget >= 1 else every[:: max(int(1 / budget), 1)]
    tally = _walked_all(picked, budget)
    for fault in tally.shown:
        sys.stderr.write(f"{fault}\n")
    return _measures(tally, sum(len(group) for group in picked), len(picked) / len(every))


def _walked_all(picked: list[tuple[str, ...]], budget: float) -> Tally:
    tally = Tally()
    if budget < 1:
        for group in picked:
            tally.add(walked(zone(group)))
        return tally
    with Pool(_PROCESSES) as pool:
        for part in pool.imap_unordered(_walked, picked):
            tally.add(part)
    return tally


def _walked(group: tuple[str, ...]) -> Tally:
    return walked(zone(group))


def _measures(tally: Tally, wanted: int, share: float) -> list[Measure]:
    few = int(_FEWEST * share / 2 if share < 1 else _FEWEST)
    gone = sorted({f"{day} in {name}" for name, day in tally.missing})
    return [
        Measure(
            f"zones: names walked (tzdata {version('tzdata')})",
            f"{tally.names:,} over {tally.changes:,} changes",
            f"{wanted:,} over {few:,} or more",
            tally.names == wanted > 0 and tally.changes >= few,
        ),
        Measure(
            "zones: instants with another day than there is, or a day twice or none",
            f"{tally.wrong:,} of {tally.asked:,}",
            "0",
            tally.wrong == 0 < tally.asked,
        ),
        Measure(
            "zones: dates without a day",
            ", ".join(gone) or "none",
            "those the calendar itself left out",
            tally.missing <= LEFT_OUT,
        ),
    ]


# --- the zones --------------------------------------------------------------------------------


@cache
def _data() -> dict[bytes, tuple[str, ...]]:
    """The pinned zones: names that hold the same bytes are one zone."""
    root = files("tzdata")
    found: dict[bytes, tuple[str, ...]] = {}
    for name in (root / "zones").read_text(encoding="utf-8").split():
        data = root.joinpath("zoneinfo", *name.split("/")).read_bytes()
        found[data] = (*found.get(data, ()), name)
    return found


def names() -> list[tuple[str, ...]]:
    """The names of every zone, those of one zone together."""
    return sorted(_data().values())


def zone(group: tuple[str, ...]) -> Zone:
    """One zone with its changes, in seconds since 1970."""
    data = next(data for data, found in _data().items() if found == group)
    info = ZoneInfo.from_file(io.BytesIO(data), group[0])
    told = _told_changes(data)
    later = _found_changes(info, max((_FIRST, *told)))
    changes = (_FIRST - 10 * _DAY, *(at for at in told if _FIRST <= at < _END), *later)
    return Zone(group, info, changes, tuple(_offset(info, at) for at in changes))


def _told_changes(data: bytes) -> tuple[int, ...]:
    """The instants of change that a zone file lists (RFC 9636), from its 64-bit part."""
    six = struct.Struct(">20x6l")
    utc, std, leap, times, types, chars = six.unpack_from(data)
    second = six.size + times * 5 + types * 6 + chars + leap * 8 + std + utc
    times = six.unpack_from(data, second)[3]
    return struct.unpack_from(f">{times}q", data, second + six.size)


def _found_changes(info: ZoneInfo, since: int) -> Iterator[int]:
    """The changes after the last one listed, which a rule gives: day by day, then by halves."""
    for day in range(since, _END, _DAY):
        low, high = day, day + _DAY
        if _offset(info, low) == _offset(info, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            same = _offset(info, middle) == _offset(info, day)
            low, high = (middle, high) if same else (low, middle)
        if high < _END:
            yield high


def _offset(info: ZoneInfo, at: int) -> int:
    offset = _instant(at).astimezone(info).utcoffset()
    return int((offset or timedelta()).total_seconds())


def _instant(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


# --- the second reading -----------------------------------------------------------------------


def begins(zone: Zone, day: int, hour: int) -> int:
    """The second at which a date begins: when the clock first shows its hour.

    Where the clock jumped over the hour, when the clock before the jump would have shown it.
    """
    wall = day * _DAY + hour * _HOUR
    number = max(bisect_right(zone.changes, wall - _FARTHEST) - 1, 0)
    while number + 1 < len(zone.changes):
        if wall < zone.changes[number + 1] + zone.offsets[number]:
            break
        number += 1
    jumped_over = number > 0 and wall < zone.changes[number] + zone.offsets[number]
    return wall - zone.offsets[number - 1 if jumped_over else number]


def left_out(zone: Zone) -> set[date]:
    """The dates that the zone's calendar never showed."""
    found: set[date] = set()
    for number in range(1, len(zone.changes)):
        last = (zone.changes[number] - 1 + zone.offsets[number - 1]) // _DAY
        first = (zone.changes[number] + zone.offsets[number]) // _DAY
        found.update(_date(day) for day in range(last + 1, first))
    return found


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)


# --- the walk ---------------------------------------------------------------------------------


def walked(zone: Zone, by: PlanDate | None = None, hours: Iterable[int] = range(24)) -> Tally:
    """Ask around every change of a zone, and half-way to the next, from each rollover hour."""
    by = by or days.in_zone
    tally = Tally(names=len(zone.names), changes=len(zone.changes) - 1)
    ends = (*zone.changes[1:], _END)
    for change, end in zip(zone.changes, ends, strict=True):
        for hour in hours:
            if change >= _FIRST:
                _walk(zone, change, hour, by, tally, _AROUND)
            _walk(zone, (change + end) // 2, hour, by, tally, range(1))
    missing = {day for _, day in tally.missing}
    if missing != left_out(zone):
        tally.note(f"{zone.names[0]}: no day for {missing}, its calendar left out {left_out(zone)}")
    return tally


def _walk(zone: Zone, middle: int, hour: int, by: PlanDate, tally: Tally, around: range) -> None:
    """Ask at every hour around an instant, and beside every beginning near it."""
    today = middle // _DAY
    beginning = [(begins(zone, today + n, hour), today + n) for n in _DAYS_AROUND]
    near = {middle - 1, middle + 1, *(middle + n * _HOUR for n in around)}
    near |= {at + n for at, _ in beginning[1:-1] for n in (-1, 0)}
    before: date | None = None
    for at in sorted(near):
        day = by(_instant(at), zone.info, hour)
        there_is = _date(max(number for begun, number in beginning if begun <= at))
        if day != there_is:
            tally.note(f"{zone.names[0]} from {hour}:00 at {_instant(at)}: {day}, not {there_is}")
        if before is not None:
            _follow(zone, before, day, tally)
        before = day
    tally.asked += len(near)


def _follow(zone: Zone, before: date, day: date, tally: Tally) -> None:
    """A day is followed by itself or by the next; what lies between has no day at all."""
    if day < before:
        tally.note(f"{zone.names[0]}: {day} came back after {before}")
    between = range(1, (day - before).days)
    tally.missing |= {(zone.names[0], before + timedelta(days=n)) for n in between}


if __name__ == "__main__":
    for measure in run():
        sys.stdout.write(f"{measure}\n")
