"""A second opinion on what may come in: every place that does not fit or cannot be true.

Written by hand from the design and from the lists of the protocol file. It shares no code with the
engine's contract, knows nothing of how the engine looks, and is held against the published JSON
Schema by `prove/inputs.py`. A path is written as the engine writes it: `events[3].answers.sleep`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

Check = Callable[[Any, str], Iterable[str]]
Fields = Mapping[str, Check]

_TEN_YEARS = 3653  # days
_ITEMS = ("craving", "anxiety", "mood", "irritability", "sleep", "body", "getting_things_done")
_SHAPES = (
    "proportional",
    "linear",
    "equal_occupancy",
    "halving",
    "spacing",
    "stop_now",
    "custom",
)
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], int]:
    """The flags, the gates and the largest amount in milligrams of the protocol that ships."""
    path = files("stepwell") / "data" / "protocols" / "ketamine.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    flags = frozenset(found["flags"])
    return flags, flags | frozenset(found["gates"]), found["limits"]["amount_max_mg"]["value"]


# --- what a value may be ----------------------------------------------------------------------


def whole(low: int, high: int | None = None) -> Check:
    """A whole number. True is none, and neither is 2.0: a point is never guessed away."""

    def check(value: Any, path: str) -> Iterable[str]:
        fits = type(value) is int and low <= value and (high is None or value <= high)
        return () if fits else (path,)

    return check


def that(test: Callable[[Any], bool]) -> Check:
    return lambda value, path: () if test(value) else (path,)


def one_of(*words: str) -> Check:
    return that(lambda value: isinstance(value, str) and value in words)


def or_null(check: Check) -> Check:
    return lambda value, path: () if value is None else check(value, path)


def entries(check: Check, low: int = 0, high: int | None = None) -> Check:
    def each(value: Any, path: str) -> Iterable[str]:
        if not isinstance(value, list) or len(value) < low or (high and len(value) > high):
            return (path,)
        return [p for n, one in enumerate(value) for p in check(one, f"{path}[{n}]")]

    return each


def fields(needed: Fields, more: Fields) -> Check:
    known = {**needed, **more}

    def each(value: Any, path: str) -> Iterable[str]:
        if not isinstance(value, dict):
            return (path,)
        found = [_in(path, name) for name in needed if name not in value]
        for name, one in value.items():
            here, check = _in(path, name), known.get(name)
            found.extend((here,) if check is None else check(one, here))
        return found

    return each


def _in(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def is_text(value: Any, most: int = 2000) -> bool:
    """Something that can be seen, is not endless, and can be written."""
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.strip():
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def is_day(value: Any) -> bool:
    """A day of the calendar from 1000 to 2999, written with ten plain characters."""
    if not isinstance(value, str) or not re.fullmatch("[12][0-9]{3}-[0-9]{2}-[0-9]{2}", value):
        return False
    year, month, day = int(value[:4]), int(value[5:7]), int(value[8:])
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _DAYS_IN_MONTH[month - 1] + leap


_CLOCK = re.compile(
    r"T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?(?:Z|[+-]([0-9]{2}):([0-9]{2}))"
)


def is_instant(value: Any) -> bool:
    """A day, a time of it, and how far the clock was from UTC."""
    if not isinstance(value, str) or not is_day(value[:10]):
        return False
    found = _CLOCK.fullmatch(value[10:])
    hour, minute, second, far, farther = map(int, found.groups("0")) if found else [99] * 5
    return hour < 24 and minute < 60 and second < 60 and far < 24 and farther < 60


def is_by(value: Any) -> bool:
    """The person, or a clinician with a name."""
    if value == "person":
        return True
    kind, _, name = value.partition(":") if isinstance(value, str) else ("", "", "")
    return kind == "clinician" and is_text(value, 300) and bool(name.strip()) and "\n" not in name


# --- the documents ----------------------------------------------------------------------------

_TEXT, _DAY, _MG = that(is_text), that(is_day), whole(0, 1_000_000)
_SIGNED = fields({"by": _TEXT, "reason": _TEXT}, {})
_SUPPLY = one_of("non_prescribed", "prescribed")

_REQUEST = fields(
    {
        "start": _DAY,
        "baseline": fields(
            {"amount_mg": _MG}, {"times_per_day": whole(1, 200), "days_per_week": whole(1, 7)}
        ),
    },
    {
        "protocol": _TEXT,
        "supply": _SUPPLY,
        "goal_mg": _MG,
        "goal_times_per_day": whole(1, 200),
        "goal_days_per_week": whole(1, 7),
        "shape": one_of(*_SHAPES),
        "percent": whole(1, 99),
        "steps": whole(1, 400),
        "days_per_level": whole(1, 366),
        "end_by": _DAY,
        "smallest_unit_mg": whole(1, 1_000_000),
        "jump_off_mg": whole(1, 1_000_000),
        "d50_mg": whole(1, 1_000_000),
        "levels_mg": entries(_MG, 1, 400),
        "authorised": _SIGNED,
        "confirmed": _SIGNED,
    },
)

_LEVEL = fields(
    {"ceiling_mg": _MG},
    {
        "level": whole(0),
        "times_per_day": or_null(whole(0, 200)),
        "days_per_week": or_null(whole(0, 7)),
        "days": or_null(whole(0, 366)),
        "from": or_null(_DAY),
    },
)
_PLAN = fields(
    {"levels": entries(_LEVEL, 2, 500)},
    {
        "version": whole(1),
        "start": or_null(_DAY),
        "supply": _SUPPLY,
        "usual_score": whole(0, 10),
        "review_by": or_null(_DAY),
        "days_per_level": whole(1, 366),
        "smallest_unit_mg": whole(1, 1_000_000),
        "goal_mg": _MG,
        "protocol": _TEXT,
        "approved": or_null(
            fields({"by": _TEXT, "on": _DAY}, {"usual_items": entries(one_of(*_ITEMS))})
        ),
        "person_may": entries(one_of("hold", "step", "step_back")),
        "gates": entries(_TEXT, 0, 100),
    },
)


def _is_amount(value: Any, path: str) -> Iterable[str]:
    pair = isinstance(value, list)
    return entries(_MG, 2, 2)(value, path) if pair else or_null(_MG)(value, path)


_ACTS = ("step", "step_back", "talk", "freeze", "resume", "reviewed", "close")
_KINDS = ("check_in", "hold", "set_level", "finding", *_ACTS)
_ALWAYS: Fields = {
    "id": that(lambda value: is_text(value, 200)),
    "kind": one_of(*_KINDS),
    "on": _DAY,
    "recorded": that(is_instant),
    "by": that(is_by),
}
_TOLD_ON: Fields = {"recorded_on": _DAY}
_CHECK_IN: Fields = {
    "used": or_null(that(lambda value: isinstance(value, bool))),
    "amount_mg": _is_amount,
    "times": or_null(whole(0, 200)),
    "answers": fields({}, {item: or_null(whole(0, 10)) for item in _ITEMS}),
    "flags": entries(_TEXT, 0, 100),
    "safety": or_null(one_of("no", "thoughts", "plan", "declined")),
}
_FINDING: Fields = {
    "organ": one_of("bladder", "liver", "weight"),
    "worse": that(lambda value: isinstance(value, bool)),
}
_SIMPLE = fields(_ALWAYS, _TOLD_ON)
_EVENTS: Mapping[str, Check] = {
    "check_in": fields(_ALWAYS, {**_TOLD_ON, **_CHECK_IN}),
    "hold": fields(_ALWAYS, {**_TOLD_ON, "days": whole(0, 366)}),
    "set_level": fields({**_ALWAYS, "level": whole(0, 500)}, _TOLD_ON),
    "finding": fields({**_ALWAYS, **_FINDING}, _TOLD_ON),
    **dict.fromkeys(_ACTS, _SIMPLE),
}


def _is_event(value: Any, path: str) -> Iterable[str]:
    if not isinstance(value, dict):
        return (path,)
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in _EVENTS:
        return (f"{path}.kind",)
    return _EVENTS[kind](value, path)


_CASE = fields({"plan": _PLAN, "events": entries(_is_event, 0, 100_000), "today": _DAY}, {})


# --- the judgement ----------------------------------------------------------------------------


def of_request(document: Any) -> list[str]:
    """The faults of what `plan` takes; none when it is to be answered."""
    found = list(_REQUEST(document, ""))
    return found or list(_no_protocol(document, "protocol"))


def of_case(document: Any) -> list[str]:
    """The faults of what `decide` takes; none when it is to be answered."""
    return list(_CASE(document, "")) or list(_cannot_be(document))


def _no_protocol(part: Mapping[str, Any], path: str) -> Iterator[str]:
    if part.get("protocol", "ketamine") != "ketamine":
        yield path


def _cannot_be(case: Mapping[str, Any]) -> Iterator[str]:
    """What is written as it should be and cannot be true."""
    flags, gates, most_mg = _lists()
    plan = case["plan"]
    yield from _no_protocol(plan, "plan.protocol")
    for number, gate in enumerate(plan.get("gates", ())):
        if gate not in gates:
            yield f"plan.gates[{number}]"
    yield from _levels_that_cannot_be(plan)
    yield from _ids_that_cannot_be(case["events"])
    today = _day(case["today"])
    yield from _start_that_cannot_be(plan, today)
    for number, event in enumerate(case["events"]):
        path = f"events[{number}]"
        yield from _dates_that_cannot_be(event, path, today)
        yield from _use_that_cannot_be(event, path, most_mg)
        for place, flag in enumerate(event.get("flags", ())):
            if flag not in flags:
                yield f"{path}.flags[{place}]"
        if event.get("level", 0) >= len(plan["levels"]):
            yield f"{path}.level"


def _levels_that_cannot_be(plan: Mapping[str, Any]) -> Iterator[str]:
    """Each level falls in something and rises in nothing; without a number there is no limit."""
    levels = [_limits(level) for level in plan["levels"]]
    for number in range(1, len(levels)):
        before, here = levels[number - 1], levels[number]
        if here == before or any(new > old for new, old in zip(here, before, strict=True)):
            yield f"plan.levels[{number}]"
    if plan.get("goal_mg", levels[-1][0]) != levels[-1][0]:
        yield "plan.goal_mg"


def _limits(level: Mapping[str, Any]) -> tuple[int, int, int]:
    times, days = level.get("times_per_day"), level.get("days_per_week")
    return level["ceiling_mg"], 9999 if times is None else times, 9999 if days is None else days


def _start_that_cannot_be(plan: Mapping[str, Any], today: date) -> Iterator[str]:
    approved = plan.get("approved")
    if plan.get("start") and approved:
        first = max(_day(plan["start"]), _day(approved["on"]))
        if (today - first).days > _TEN_YEARS:
            yield "plan.start"


def _dates_that_cannot_be(event: Mapping[str, Any], path: str, today: date) -> Iterator[str]:
    on = _day(event["on"])
    told = _day(event.get("recorded_on", event["on"]))
    if on > today or (today - on).days > _TEN_YEARS:
        yield f"{path}.on"
    if told > today or told < on:
        yield f"{path}.recorded_on"


def _use_that_cannot_be(event: Mapping[str, Any], path: str, most_mg: int) -> Iterator[str]:
    low, high = _range(event.get("amount_mg"))
    if low > high or high > most_mg:
        yield f"{path}.amount_mg"
    if event.get("used") is False and (high > 0 or event.get("times")):
        yield f"{path}.used"


def _range(amount: Any) -> tuple[int, int]:
    low, high = amount if isinstance(amount, list) else (amount, amount)
    return low or 0, high or 0


def _ids_that_cannot_be(events: list[Mapping[str, Any]]) -> Iterator[str]:
    """One id is one event, though it may be told any number of times."""
    seen: dict[str, Any] = {}
    for number, event in enumerate(events):
        name = event["id"]
        if name not in seen:
            seen[name] = event
        elif seen[name] is not event and _meant(seen[name]) != _meant(event):
            yield f"events[{number}].id"


def _meant(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """An event with everything left out put in, and every way to write one thing the same."""
    amount = event.get("amount_mg")
    answers = event.get("answers", {})
    return {
        "days": None,
        "level": None,
        **{name: value for name, value in event.items() if value is not None},
        "recorded_on": event.get("recorded_on", event["on"]),
        "recorded": _seconds(event["recorded"]),
        "amount_mg": None if amount is None else _range(amount),
        "answers": {item: score for item, score in answers.items() if score is not None},
        "flags": frozenset(event.get("flags", ())),
    }


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[5:7]), int(text[8:10]))


def _seconds(text: str) -> timedelta:
    """An instant as time since the year 1000, read by hand."""
    clock, zone = (text[11:-1], "+00:00") if text.endswith("Z") else (text[11:-6], text[-6:])
    hour, minute, *rest = clock.split(":")
    whole, _, part = (rest or ["0"])[0].partition(".")
    far = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
    at = timedelta(
        days=(_day(text) - date(1000, 1, 1)).days,
        hours=int(hour),
        minutes=int(minute),
        seconds=int(whole),
        microseconds=int(part.ljust(6, "0")),
    )
    return at + far if zone[0] == "-" else at - far
