"""Rowan's plan and days as the engine reads them; every case here is made up."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from stepwell import catalogue
from stepwell.engine import guard, rules, wire
from stepwell.engine.case import Case
from stepwell.engine.protocol import Protocol
from stepwell.engine.recommendation import Recommendation

START = date(2026, 12, 1)
LEVELS_MG = (2650, 2350, 2100, 1850, 0)
ITEMS = ("craving", "anxiety", "mood", "irritability", "sleep", "body", "getting_things_done")
DOCTOR = "clinician:Dr Osei"

Document = dict[str, Any]


def day(number: int) -> date:
    """Day 1 is the first day on the plan."""
    return START + timedelta(days=number - 1)


def plan(**other: Any) -> Document:
    return {
        "version": 1,
        "start": START.isoformat(),
        "levels": [{"ceiling_mg": mg} for mg in LEVELS_MG],
        "approved": {"by": "Dr Osei", "on": "2026-11-30"},
        "person_may": ["hold", "step", "step_back"],
        "days_per_level": 7,
        "smallest_unit_mg": 50,
        **other,
    }


def event(
    kind: str, number: int, *, told: int | None = None, hour: int = 12, **body: Any
) -> Document:
    """Something about one day; `told` is the day on which it was told, if that was later."""
    on, recorded_on = day(number), day(number if told is None else told)
    at = datetime(recorded_on.year, recorded_on.month, recorded_on.day, hour, tzinfo=UTC)
    return {
        "id": f"{kind}-{number}-{hour}",
        "kind": kind,
        "on": on.isoformat(),
        "recorded_on": recorded_on.isoformat(),
        "recorded": at.isoformat(),
        "by": "person",
        **body,
    }


def tell(number: int, score: int = 1, *, mg: int | None = 1800, **told: Any) -> Document:
    """A check-in: every item answered alike, `mg` used (None: no ketamine), safety answered no."""
    amount = {"used": False} if mg is None else {"used": True, "amount_mg": mg, "times": 2}
    answers = dict.fromkeys(ITEMS, score)
    return event("check_in", number, **{**amount, "answers": answers, "safety": "no", **told})


def days(first: int, last: int, score: int = 1, **told: Any) -> list[Document]:
    return [tell(number, score, **told) for number in range(first, last + 1)]


def document(events: list[Document], today: int, **other: Any) -> Document:
    return {"plan": plan(**other), "events": events, "today": day(today).isoformat()}


def decide(events: list[Document], today: int, **other: Any) -> Document:
    return wire.decide(document(events, today, **other), catalogue.protocols())


def protocols_with(**limits: int) -> Mapping[str, Protocol]:
    """The protocol with other numbers: how a limit is switched off."""
    known = catalogue.protocols()["ketamine"]
    changed = {name: replace(getattr(known.limits, name), value=to) for name, to in limits.items()}
    return {"ketamine": replace(known, limits=replace(known.limits, **changed))}


def rules_of(answer: Document) -> list[str]:
    return [finding["rule"] for finding in answer["findings"]]


# Switching a control off


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Leave these rules out of the list."""
    kept = tuple(rule for rule in rules.RULES if rule.__name__ not in names)
    assert len(kept) == len(rules.RULES) - len(names)
    monkeypatch.setattr(rules, "RULES", kept)


def without_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every recommendation through unchecked."""

    def unchecked(case: Case, recommendation: Recommendation) -> Recommendation:
        return recommendation

    monkeypatch.setattr(guard, "checked", unchecked)


def fails(check: Callable[[], None]) -> None:
    """The check must notice that the control it proves is gone."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check()
