"""Cases as documents, exactly as the command line takes them: day 1 is 1 December 2026."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from stepwell import catalogue
from stepwell.engine import wire
from stepwell.engine.case import Case
from stepwell.engine.protocol import ITEMS

Document = dict[str, Any]

PRESCRIBER = "clinician:Dr Osei"
PROTOCOL = catalogue.protocols()["ketamine"]
LIMITS = PROTOCOL.limits
CALM = dict.fromkeys(ITEMS, 2)


def day(number: int) -> date:
    """Day 1 is the first day on level 1; day 0 and below are before the start."""
    return date(2026, 12, 1) + timedelta(days=number - 1)


def answers(score: int) -> dict[str, int]:
    """All seven items with the same answer."""
    return dict.fromkeys(ITEMS, score)


def plan(*levels_mg: int, **changes: Any) -> Document:
    levels = [{"ceiling_mg": mg} for mg in levels_mg or (2650, 2350, 2100, 1900, 0)]
    return {
        "start": str(day(1)),
        "levels": levels,
        "approved": {"by": "Dr Osei", "on": str(day(0))},
        "person_may": ["hold", "step", "step_back"],
        **changes,
    }


def check_in(about: int, told: int | None = None, at: str = "20:00", **changes: Any) -> Document:
    """A calm day with 500 mg used and the safety question answered, unless told otherwise."""
    return {
        **_event("check_in", about, about if told is None else told, at),
        "by": "person",
        "used": True,
        "amount_mg": 500,
        "answers": CALM,
        "safety": "no",
        **changes,
    }


def none_used(about: int, told: int | None = None, **changes: Any) -> Document:
    return check_in(about, told, **{"used": False, "amount_mg": None, **changes})


def act(kind: str, on: int, at: str = "21:00", by: str = "person", **changes: Any) -> Document:
    return {**_event(kind, on, on, at), "by": by, **changes}


def by_prescriber(kind: str, on: int, at: str = "22:00", **changes: Any) -> Document:
    return act(kind, on, at, PRESCRIBER, **changes)


def calm(first: int, last: int, **changes: Any) -> list[Document]:
    return [check_in(number, **changes) for number in range(first, last + 1)]


def case(today: int, events: Sequence[Any], **changes: Any) -> Document:
    """A case on the plan above; `levels_mg` and any other field of the plan may be changed."""
    levels = changes.pop("levels_mg", ())
    return {"plan": plan(*levels, **changes), "events": list(events), "today": str(day(today))}


def ask(document: Mapping[str, Any]) -> Document:
    return wire.decide(document, catalogue.protocols())


def ask_on(today: int, events: Sequence[Mapping[str, Any]], **changes: Any) -> Document:
    return ask(case(today, events, **changes))


def replay(document: Mapping[str, Any]) -> dict[str, Document]:
    """The answer on each day, by date."""
    return {one["today"]: one for one in wire.replay(document, catalogue.protocols())}


def read(document: Mapping[str, Any]) -> Case:
    return wire.read_case(document, catalogue.protocols())


def draft(**request: Any) -> Document:
    document = {"start": str(day(1)), "baseline": {"amount_mg": 2650}, **request}
    return wire.plan(document, catalogue.protocols())


def spoke(answer: Mapping[str, Any]) -> list[str]:
    """The rules that spoke, the deciding one first."""
    return [finding["rule"] for finding in answer["findings"]]


def _event(kind: str, on: int, told: int, at: str) -> Document:
    return {
        "id": f"{kind} {on} {told} {at}",
        "kind": kind,
        "on": str(day(on)),
        "recorded_on": str(day(told)),
        "recorded": f"{day(told)}T{at}:00Z",
    }
