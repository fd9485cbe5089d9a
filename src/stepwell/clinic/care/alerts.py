"""The clock of a safety signal: from whoever owns it to everybody, until a human has taken it.

It stands in the signal's own row, so that there is nothing to lose beside it. A timer never ends a
signal. What is told says that there is something to look at, and never what or about whom.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from stepwell import catalogue
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, duty, hours, outbox, thresholds
from stepwell.clinic.care.models import Escalation, Urgency


def begin(signal: Escalation, *, at: datetime) -> None:
    """Tell whoever owns it, and set the clock; inside the transaction that raised the signal."""
    if signal.urgency != Urgency.ROUTINE:
        signal.rung = 0
        _climb(signal, at)


def taken(signal: Escalation, *, at: datetime) -> None:
    """Somebody has it in hand: from now on the clock asks for the outcome alone."""
    if signal.urgency != Urgency.ROUTINE:
        signal.climbs_at = _after(signal, _settings()["unfinished_minutes"][signal.urgency], at)
        signal.save(update_fields=["climbs_at"])


def ended(signal: Escalation) -> None:
    """The clock stops: a human has closed the signal."""
    signal.climbs_at = None
    signal.save(update_fields=["climbs_at"])


def due(at: datetime) -> "QuerySet[Escalation]":
    """Signals whose next alert is due, the longest overdue first."""
    open_ = Escalation.objects.filter(climbs_at__lte=at, closed_at=None)
    return open_.order_by("climbs_at")


def climb(at: datetime, most: int = 100) -> int:
    """Tell the next rung of every signal that nobody acted on in time; how many there were."""
    return sum(_climb_locked(signal, at) for signal in list(due(at)[:most]))


def _climb_locked(signal: Escalation, at: datetime) -> bool:
    with transaction.atomic():
        held = Escalation.objects.select_for_update(of=("self",)).select_related(
            "service", "episode__keyworker", "acknowledged_by"
        )
        found = held.filter(pk=signal.pk, climbs_at=signal.climbs_at, closed_at=None).first()
        if found is None:
            return False
        if found.acknowledged_at is None:
            _climb(found, at)
        else:
            _ask_for_the_outcome(found, at)
    return True


def _climb(signal: Escalation, at: datetime) -> None:
    rungs = _settings()["ladders"][signal.urgency]
    number = signal.rung or 0
    whom = rungs[min(number, len(rungs) - 1)]["whom"]
    reached = _tell("signal", _whom(signal, whom, at), signal, f"{number}", at)
    signal.rung, signal.climbs_at = number + 1, _next(signal, number + 1, at)
    signal.save(update_fields=["rung", "climbs_at"])
    detail = {"signal": str(signal.pk), "rung": number, "whom": whom, "notices": reached}
    trail.record("alerts.climb", by=None, at=at, episode=signal.episode, detail=detail)


def _ask_for_the_outcome(signal: Escalation, at: datetime) -> None:
    whoever = [*_one(signal.acknowledged_by), *_whom(signal, "owners", at)]
    reached = _tell("signal_unfinished", whoever, signal, at.isoformat(), at)
    signal.climbs_at = _after(signal, _settings()["unfinished_minutes"][signal.urgency], at)
    signal.save(update_fields=["climbs_at"])
    detail = {"signal": str(signal.pk), "notices": reached}
    trail.record(
        "alerts.ask_for_the_outcome", by=None, at=at, episode=signal.episode, detail=detail
    )


def _tell(kind: str, whom: Iterable[User], signal: Escalation, which: str, at: datetime) -> int:
    about: dict[str, Any] = {"episode": signal.episode, "escalation": signal, "at": at}
    told = {user.pk: user for user in whom}.values()
    key = f"{kind}:{signal.pk}:{which}"
    reached = sum(outbox.post(kind, user, key=f"{key}:{user.pk}", **about) for user in told)
    if told or kind != "signal":
        return reached
    officers = _officers(signal.service)
    return sum(
        outbox.post("nobody_may_see", user, key=f"{key}:{user.pk}", **about) for user in officers
    )


# --- whom ---------------------------------------------------------------------------------------


def _whom(signal: Escalation, whom: str, at: datetime) -> list[User]:
    """Only those who may open the record are told to look, and officers and managers to see to it.

    Where the owners may not open it, every colleague who may is told at once.
    """
    readers = [one for one in access.readers(signal.episode) if one.is_active]
    if whom == "everybody":
        return [*readers, *_officers(signal.service)] if readers else []
    on_duty = duty.on_duty(signal.service, at)
    owners = [*_one(on_duty.who if on_duty else None), *_one(signal.episode.keyworker)]
    own = [one for one in readers if one in owners]
    return own if own and whom == "owners" else readers


def _one(user: User | None) -> list[User]:
    return [user] if user is not None and user.is_active else []


def _officers(service: Service) -> list[User]:
    found = people.workers_of(service)
    return [one for one in found if one.is_safety_officer or one.role == Role.MANAGER]


# --- when ---------------------------------------------------------------------------------------


def _next(signal: Escalation, number: int, at: datetime) -> datetime:
    """When the rung of this number comes: counted from the start, then again and again."""
    told = _settings()
    rungs = told["ladders"][signal.urgency]
    if number < len(rungs):
        coming = _after(signal, rungs[number]["after_minutes"], signal.raised_at)
        return max(coming, at)
    return _after(signal, told["again_minutes"][signal.urgency], at)


def _after(signal: Escalation, minutes: int, since: datetime) -> datetime:
    """So many minutes later: by the clock, or in the hours of the team."""
    if signal.urgency in _settings()["by_the_clock"]:
        return since + timedelta(minutes=minutes)
    service = signal.service
    return hours.after(thresholds.of(service).hours, service.time_zone, since, minutes)


@cache
def _settings() -> Any:
    return catalogue.document("alerts.json")
