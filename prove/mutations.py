"""Valid documents with one thing, or two, changed: what a broken caller or a hostile one sends.

The same dice change a document in the same way. A change may leave a document that can still be
answered; who says which is `prove/judge.py`. The document that is changed is left as it was.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

_DEEPEST = 6  # places; no valid document goes deeper

Path = tuple[Any, ...]
Made = tuple[Any, Path]


@dataclass(frozen=True, slots=True)
class Base:
    """A document with every place in it, the whole of it first."""

    document: Any
    paths: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Spot:
    """A place to change, what stands there, and a document that may lend a value."""

    document: Any
    path: Path
    value: Any
    lender: Base

    @property
    def name(self) -> str:
        """The name of the field that the place is or lies in."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    def made(self, value: Any) -> Made:
        return put(self.document, self.path, value), self.path


Change = Callable[[Random, Spot], Made | None]


@dataclass(frozen=True, slots=True)
class Changed:
    """A changed document; where (as a fault would name it) and how it was changed, to what."""

    document: Any
    places: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    now: tuple[Any, ...] = ()


def base(document: Any) -> Base:
    return Base(document, [*_places(document, ())])


def changed(chance: Random, of: Base, others: Sequence[Base]) -> Changed:
    """The document with one random change, or two; `others` lend values."""
    found = Changed(of.document)
    for _ in range(chance.choice((1, 1, 1, 1, 2))):
        here = of if found.document is of.document else base(found.document)
        (document, path), how = _one(chance, here, chance.choice(others))
        place = written(path, here.document)
        now = at(document, path) if how != drop.__name__ else None
        found = Changed(document, (*found.places, place), (*found.how, how), (*found.now, now))
    return found


def _one(chance: Random, of: Base, other: Base) -> tuple[Made, str]:
    while True:
        path = chance.choice(of.paths)
        lender = chance.choice((of, other))
        spot = Spot(of.document, path, at(of.document, path), lender)
        change = chance.choices(_CHANGES, _WEIGHTS)[0]
        if (made := change(chance, spot)) is not None:
            return made, change.__name__


# --- places -----------------------------------------------------------------------------------


def _places(value: Any, path: Path) -> Iterator[Path]:
    yield path
    if len(path) == _DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, (*path, number))


def written(path: Path, document: Any) -> str:
    """A path as a fault has it: `events[3].answers.sleep`."""
    text = ""
    for step in path:
        listed = isinstance(document, list)
        text += f"[{step}]" if listed else f".{step}" if text else str(step)
        inside = listed or (isinstance(document, dict) and step in document)
        document = document[step] if inside else None
    return text


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def put(document: Any, path: Path, value: Any) -> Any:
    """The document with another value at a place; only what leads there is copied."""
    if not path:
        return value
    copied = document.copy()
    copied[path[0]] = put(document[path[0]] if path[1:] else None, path[1:], value)
    return copied


# --- what may be put there --------------------------------------------------------------------


def _nested(inner: Any, wrap: Callable[[Any], Any], deep: int) -> Any:
    for _ in range(deep):
        inner = wrap(inner)
    return inner


DEEP = _nested([], lambda one: [one], 3000)

_NUMBERS: tuple[Any, ...] = (
    *(float("nan"), float("inf"), float("-inf"), 1e400, -0.0, 0.0, 2.0, 7.0, 0.1, 1.5, 1e3),
    *(True, False, -1, -7, 0, 1, 8, 11, 201, 367, 401, 501, 30_001, 1_000_001),
    *(2**31, 2**63, -(2**63), 10**18, 10**400, -(10**5000), Decimal(2), 2j),
)
_TEXTS: tuple[str, ...] = (
    *("", " ", "\n", "\t", "0", "1", "2.0", "007", "१", "٣", "２", "NaN", "null", "true", "{}"),
    *(
        "\x00",
        "a\x00b",
        "\ud800",
        "a\udfff",
        "\u202e1-02-6202",
        "\u200b",
        "\ufeff1",
        "é",
        "e\u0301",
    ),
    *("x" * 201, "x" * 301, "x" * 2001, "../etc", "'; --", "<b>", "%s%n", "${x}", "__class__"),
    *("person", "Person", "person ", "person\n", "clinician:", "clinician: ", "clinician:\n"),
    *("clinician:Dr Osei", "clinician", "Clinician:Dr Osei", "prescriber", "ketamine", "alcohol"),
    *("Ketamine", "no", "No", "NO", "yes", "plan", "thoughts", "declined", "hold", "step", "STEP"),
    *("step_back", "step-back", "check_in", "checkin", "snooze", "close", "set_level", "finding"),
    *("custom", "linear", "halving", "prescribed", "pregnancy", "cramps", "cough", "bladder"),
    *("craving", "mood", "weight", "heart", "under_18", "tall"),
)
_DATES: tuple[str, ...] = (
    *("20261201", "2026-W49-2", "2026W492", "2026-335", "2026335", "2026-12", "2026"),
    *("2026-12-00", "2026-12-32", "2026-00-01", "2026-13-01", "2026-02-29", "2100-02-29"),
    *("2028-02-29", "2000-02-29", "2026-2-3", "26-12-01", "0999-12-31", "0000-00-00", "3000-01-01"),
    *(" 2026-12-01", "2026-12-01 ", "2026-12-01\n", "2026 12 01", "2026/12/01", "01.12.2026"),
    *("2026-12-01T00:00:00", "2026-12-01Z", "+2026-12-01", "-2026-12-01", "12026-12-01", "today"),
    *("２０２６-12-01", "٢٠٢٦-١٢-٠١", "2026\u201012\u201001", "2026-12-0१", "1000-01-01"),
    *("2999-12-31", "2026-12-01", "1 December 2026", "2026-12-1", "\u200f2026-12-01"),
)
_TIMES: tuple[str, ...] = (
    *("T22:10:00", "T22:10:00z", "t22:10:00Z", " 22:10:00Z", "T22:10Z", "T22Z", "T2210Z", "Z", ""),
    *("T24:00:00Z", "T23:59:60Z", "T22:60:00Z", "T25:00:00Z", "T22:10:00.1Z", "T22:10:00.123456Z"),
    *("T22:10:00.1234567Z", "T22:10:00,5Z", "T22:10:00.Z", "T22:10:00+24:00", "T22:10:00+23:59"),
    *("T22:10:00+05:99", "T22:10:00+5:00", "T22:10:00+0500", "T22:10:00+05", "T22:10:00-00:00"),
    *("T22:10:00+05:30:15", "T22:10:00 Z", "T22:10:00ZZ", "T22:10:00Z\n", "T٢٢:10:00Z"),
    *("T22:10:00−05:00", "T22:10:00Europe/London", "T22:10:00[UTC]", "TZ", "T::Z", "T-1:00:00Z"),
)
_THINGS: tuple[Any, ...] = (
    *(None, [], {}, [None], [[]], [0], [1, 2], [2, 1], [1, 2, 3], [0] * 600, ["hold"] * 3, [{}]),
    *({"": 1}, {1: 2}, {None: None}, {"a": {}}, {"ceiling_mg": 1}, (1, 2), b"1", date(2026, 12, 1)),
    *(DEEP, _nested({}, lambda one: {"a": one}, 3000)),
)
_SPECIAL: Mapping[str, tuple[Any, ...]] = {
    "used": (True, False, None),
    "level": (0, 1, 3, 99, 500, 501),
    "amount_mg": ([2, 1], [0, 0], [1, 2, 3], [5], [1, None], 0, 30_000, 30_001, [0, 30_001], None),
    "times": (0, 1, 200, 201, None),
    "goal_mg": (0, 1, 100, 2100),
    "ceiling_mg": (0, 1, 100, 2650, 1_000_000, 1_000_001),
    "times_per_day": (0, 1, 2, 200, None),
    "days_per_week": (0, 1, 7, 8, None),
    "days": (0, 1, 366, 367, None),
    "id": ("e0", "e1", "x" * 200),
    "flags": (["cramps"], ["cramps", "cramps"], ["cough"], ["no"], ["Cramps"], "cramps"),
    "gates": (["heart"], ["cramps"], ["tall"], [""], "heart"),
    "answers": ({}, {"sleep": None}, {"sleep": 11}, {"Sleep": 1}, {"sleep": "2"}),
    "supply": ("prescribed", "Prescribed", "none"),
}


# --- changes ----------------------------------------------------------------------------------


def hostile(chance: Random, spot: Spot) -> Made:
    """Another type, or a value that no place wants."""
    return spot.made(chance.choice(chance.choice((_NUMBERS, _TEXTS, _DATES, _THINGS))))


def fitting(chance: Random, spot: Spot) -> Made | None:
    """A value of the right kind, near the border of what the place takes."""
    if isinstance(spot.value, str) and _DATED.match(spot.value):
        return spot.made(_moment(chance, spot.value))
    return spot.made(chance.choice(_SPECIAL[spot.name])) if spot.name in _SPECIAL else None


_DATED = re.compile("[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T|$)")


def _moment(chance: Random, value: str) -> str:
    """Another day or time, in one of many ways to write it."""
    if len(value) > 10 and chance.random() < 0.7:
        return value[:10] + chance.choice(_TIMES)
    if chance.random() < 0.5:
        return chance.choice(_DATES) + value[10:]
    days = chance.choice(_NEAR if chance.random() < 0.997 else _FAR)
    return str(date.fromisoformat(value[:10]) + timedelta(days=days)) + value[10:]


_NEAR, _FAR = (-30, -7, -1, 1, 2, 7, 30), (-4000, -3653, 4000)


def lend(chance: Random, spot: Spot) -> Made:
    """What stands in another place, here or in another document; mostly under the same name."""
    paths = spot.lender.paths
    same = [path for path in paths if path[-1:] == spot.path[-1:]]
    path = chance.choice(same if same and chance.random() < 0.8 else paths)
    return spot.made(at(spot.lender.document, path))


def drop(_: Random, spot: Spot) -> Made | None:
    if not spot.path:
        return None
    outside = spot.path[:-1]
    left = at(spot.document, outside).copy()
    del left[spot.path[-1]]
    return put(spot.document, outside, left), spot.path if isinstance(left, dict) else outside


def add(chance: Random, spot: Spot) -> Made | None:
    """A field that is not known here, or known elsewhere."""
    if not isinstance(spot.value, dict):
        return None
    name = chance.choice(_NAMES)
    value = chance.choice(_SPECIAL.get(name, _NUMBERS))
    path = (*spot.path, name)
    return put(spot.document, path, value), path


_NAMES: tuple[Any, ...] = (
    *_SPECIAL,
    *("note", "Used", " on", "on ", "on\x00", "\ud800", "", 1, None, (1,), True),
)


def rearrange(chance: Random, spot: Spot) -> Made | None:
    """A list in another order, longer, or shorter."""
    value = spot.value
    if not isinstance(value, list) or not value:
        return None
    one, place = chance.choice(value), chance.randrange(len(value))
    inside = [*value[:place], one, *value[place:]]
    ways = (value[::-1], [*value, one], inside, value[1:], value[:-1], value * 2)
    return spot.made(chance.choice(ways))


def count(chance: Random, spot: Spot) -> Made | None:
    """A number a little or a lot off, or the same one as another type."""
    value = spot.value
    if type(value) is not int or abs(value) > 10**18:
        return None
    near = (value - 1, value + 1, -value, value * 10, value * 1000, value + 10**9)
    other = (float(value), str(value), f"{value} mg", bool(value), [value], Decimal(value))
    return spot.made(chance.choice(near + other))


def respell(chance: Random, spot: Spot) -> Made | None:
    """A text in other letters, cut, or with something that cannot be seen."""
    value = spot.value
    if not isinstance(value, str) or not value:
        return None
    place, odd = chance.randrange(len(value) + 1), chance.choice(_UNSEEN)
    other = (value.upper(), value.title(), value.translate(_ARABIC), value[:place], value[place:])
    return spot.made(chance.choice((*other, value[:place] + odd + value[place:])))


_UNSEEN = " \n\x00\ud83d\u00a0\u200b\u202e9-é"
_ARABIC = {ord("0") + n: 0x660 + n for n in range(10)}

_OFTEN: Mapping[Change, int] = {
    hostile: 30,
    fitting: 24,
    lend: 12,
    drop: 8,
    add: 7,
    rearrange: 8,
    count: 6,
    respell: 6,
}
_CHANGES, _WEIGHTS = list(_OFTEN), list(_OFTEN.values())
