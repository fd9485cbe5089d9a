"""The numbers by which a service's cards appear: as they ship, or as the service has set them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

from stepwell import catalogue
from stepwell.clinic.accounts.models import Service
from stepwell.clinic.care.hours import Hours
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, RulesChange

RUNGS = ("nudge", "call", "second_channel", "team_discussion")
LAST_RUNG = "plan_is_paused"  # the engine's own, from its protocol: a service cannot move it


@dataclass(frozen=True, slots=True)
class Rules:
    """Days of silence for each rung of the contact ladder, days for two cards of the due lane,
    and when the team is there. `promise_minutes` is the service's word on safety signals."""

    nudge: int
    call: int
    second_channel: int
    team_discussion: int
    review_due_within_days: int
    baseline_days: int
    promise_minutes: int | None
    days: tuple[int, ...]
    opens: str
    closes: str

    @property
    def hours(self) -> Hours:
        opens, closes = time.fromisoformat(self.opens), time.fromisoformat(self.closes)
        return Hours(frozenset(self.days), opens, closes)

    @property
    def ladder(self) -> list[tuple[int, str]]:
        """Days of silence and what they suggest, rising."""
        own = [(getattr(self, rung), rung) for rung in RUNGS]
        paused = catalogue.protocols()[DEFAULT_PROTOCOL].limits.pause_days.value
        return [*own, (paused, LAST_RUNG)]

    def values(self) -> dict[str, Any]:
        return asdict(self) | {"days": list(self.days)}


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules of a service, with who set them, when and why; as they shipped where nobody did."""

    rules: Rules
    by: str | None = None
    at: datetime | None = None
    reason: str = ""


def bounds() -> Mapping[str, tuple[int, int]]:
    """How far a service may move each number, both ends included."""
    return {name: (low, high) for name, (low, high) in settings()["bounds"].items()}


def in_force(service: Service) -> InForce:
    """What counts for this service now."""
    changes = RulesChange.objects.filter(service=service).select_related("by")
    newest = changes.order_by("-number").first()
    if newest is None:
        return InForce(shipped(service))
    return InForce(_read(newest.values), newest.by.display_name, newest.at, newest.reason)


def of(service: Service) -> Rules:
    """The rules alone."""
    return in_force(service).rules


def shipped(service: Service) -> Rules:
    """As they are until a service changes them."""
    document = settings()
    rungs = {rung["suggested"]: rung["silent_days"] for rung in document["contact_ladder"]}
    return Rules(
        **rungs,
        review_due_within_days=document["review_due_within_days"],
        baseline_days=document["baseline_days"],
        promise_minutes=service.promise_minutes,
        days=tuple(document["open"]["days"]),
        opens=document["open"]["opens"],
        closes=document["open"]["closes"],
    )


def _read(values: Mapping[str, Any]) -> Rules:
    return Rules(**{**values, "days": tuple(values["days"])})


@cache
def settings() -> Any:
    """What data/lanes.json says."""
    return catalogue.document("lanes.json")
