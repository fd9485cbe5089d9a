"""What people do with a plan: each act is one event, written once, followed by a review."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, gates, ledger, reviews, words
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, Escalation, Event, PlanVersion, Supply, Urgency

BY_PERSON = ("step", "hold", "step_back", "talk")
BY_CLINICIAN = ("freeze", "resume", "reviewed", "set_level", "close", "finding")
LEADS_TO_AN_AMOUNT = ("resume", "reviewed", "set_level")
FOR_THE_PERSON = ("hold", "talk")  # what a keyworker writes down for somebody who asked for it
ORGANS = ("bladder", "liver", "weight")
GATE_RULE = "freeze_when_a_gate_has_opened"
LONGEST_HOLD_DAYS = 366  # what the engine's schema takes


class NotAllowed(Exception):
    """This act is not open to this person today; the text says why in plain words."""


def take(
    episode: Episode,
    kind: str,
    *,
    on: date,
    by: User,
    at: datetime,
    days: int | None = None,
    level: int | None = None,
    event_id: str | None = None,
    organ: str | None = None,
    worse: bool | None = None,
    reason: str = "",
) -> Event:
    """Write one act and ask the engine again, in one transaction. Raises NotAllowed.

    `days` goes with hold (0 ends one's own), `level` with set_level, `organ` (bladder, liver,
    weight) and `worse` with finding. The same `event_id` twice gives the first event.
    """
    given = {"days": days, "level": level, "organ": organ, "worse": worse}
    body = {name: value for name, value in given.items() if value is not None}
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        if first := told_before(locked, event_id):
            return first
        _check(_Asked(locked, kind, body, on, by, at, reason))
        event = write(
            locked, kind, body, on=on, by=by, at=at, event_id=event_id or uuid4().hex, reason=reason
        )
        if kind == "close":
            _close(locked, reason, at)
        trail.record(f"acts.{kind}", by=by, at=at, episode=locked, detail={**body, "why": reason})
        reviews.run(locked, on=on, at=at)
    return event


def told_before(episode: Episode, event_id: str | None) -> Event | None:
    """The event that this id was already told under, if any."""
    if event_id is None:
        return None
    return Event.objects.filter(episode=episode, event_id=event_id).first()


def write(
    locked: Episode,
    kind: str,
    body: Mapping[str, Any],
    *,
    on: date,
    by: User,
    at: datetime,
    event_id: str,
    reason: str = "",
    source: str | None = None,
    set_aside_reason: str = "",
) -> Event:
    """Add one event to a locked episode's history, in its own transaction's hands."""
    return Event.objects.create(
        service_id=locked.service_id,
        episode=locked,
        sequence=ledger.number(locked),
        event_id=event_id,
        kind=kind,
        on=on,
        recorded_on=today(locked, at),
        recorded=at,
        time_zone=locked.time_zone,
        by_user=by,
        by=_by(locked, by, kind),
        body=dict(body),
        reason=reason.strip(),
        source=source,
        set_aside=bool(set_aside_reason),
        set_aside_reason=set_aside_reason,
    )


def _by(episode: Episode, by: User, kind: str) -> str:
    """Who it counts as. A keyworker writes down what the person told or asked for."""
    told = kind == "check_in" or not access.may_by_role(by, "decide", episode)
    return "person" if by.role == Role.PERSON or told else f"clinician:{by.display_name}"


def _close(locked: Episode, outcome: str, at: datetime) -> None:
    locked.closed_at, locked.closed_outcome = at, outcome.strip()
    locked.save(update_fields=["closed_at", "closed_outcome"])


# --- what is open -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """One act that somebody asks for, before anything is written."""

    episode: Episode
    kind: str
    body: Mapping[str, Any]
    on: date
    by: User
    at: datetime
    reason: str

    @property
    def by_person(self) -> bool:
        return self.by.role == Role.PERSON

    @property
    def standing(self) -> reviews.Standing:
        return reviews.standing(self.episode, self.at)


def _check(asked: _Asked) -> None:
    if asked.episode.closed_at is not None:
        raise NotAllowed("This course of care is closed.")
    if asked.on != today(asked.episode, asked.at):
        raise NotAllowed("This counts from today.")
    _check_role(asked)
    if asked.kind in BY_CLINICIAN and asked.kind != "finding" and not asked.reason.strip():
        raise NotAllowed("Write why.")
    if asked.kind in LEADS_TO_AN_AMOUNT:
        check_not_held(asked.episode)
    if check := _CHECKS.get(asked.kind):
        check(asked)


def check_not_held(episode: Episode) -> None:
    """Refuse for a service that was restored: what it knows may be older than what is true."""
    if freezing.held(episode.service_id):
        raise NotAllowed(f"This is not open yet. {words.rule(reviews.RESTORED).team}")


def _check_role(asked: _Asked) -> None:
    if asked.kind not in (*BY_PERSON, *BY_CLINICIAN):
        raise NotAllowed(f"{asked.kind!r} is not something that can be done.")
    if asked.by_person:
        if asked.kind not in BY_PERSON:
            raise NotAllowed("Only a clinician does this.")
    elif asked.kind not in FOR_THE_PERSON and not access.may_by_role(
        asked.by, "decide", asked.episode
    ):
        prescribed = asked.episode.supply == Supply.PRESCRIBED
        raise NotAllowed(f"Only a prescriber{'' if prescribed else ' or a named nurse'} does this.")


def _check_offered(asked: _Asked) -> None:
    standing = asked.standing
    _check_left_to(asked, standing.plan)
    if standing.recommendation.offer != asked.kind:
        found = standing.recommendation.findings[0]
        why = found.person if asked.by_person else found.team
        raise NotAllowed(f"This is not open today. {why}")


def _check_left_to(asked: _Asked, plan: PlanVersion | None) -> None:
    if plan is None:
        raise NotAllowed("There is no plan yet.")
    prescribed = plan.supply == Supply.PRESCRIBED and asked.kind != "hold"
    if asked.by_person and (prescribed or asked.kind not in plan.person_may):
        raise NotAllowed("Your plan leaves this to your team. You can ask to talk.")


def _check_hold(asked: _Asked) -> None:
    standing = asked.standing
    _check_left_to(asked, standing.plan)
    _check_started(standing)
    if not 0 <= asked.body.get("days", 0) <= LONGEST_HOLD_DAYS:
        raise NotAllowed(f"A hold lasts 1 to {LONGEST_HOLD_DAYS} days.")


def _check_started(standing: reviews.Standing) -> None:
    start = standing.plan.start if standing.plan else None
    if start is None or start > standing.on:
        raise NotAllowed("The plan has not started yet.")


def _check_set_level(asked: _Asked) -> None:
    standing = asked.standing
    _check_started(standing)
    last = len(standing.plan.levels) - 1 if standing.plan else 0
    if not 0 <= asked.body.get("level", -1) <= last:
        raise NotAllowed(f"Choose a level from 0 to {last}.")


def _check_finding(asked: _Asked) -> None:
    if asked.body.get("organ") not in ORGANS or "worse" not in asked.body:
        raise NotAllowed("Say which of bladder, liver or weight, and whether it is worse.")


def _check_resume(asked: _Asked) -> None:
    """A gate that has opened since the approval is cleared first; nothing else ends it."""
    if asked.standing.recommendation.spoke(GATE_RULE):
        still = [state.gate.team for state in gates.states(asked.episode) if state.is_open]
        raise NotAllowed(f"A safety question is still open: {', '.join(still)}.")


def _check_close(asked: _Asked) -> None:
    signals = Escalation.objects.filter(episode=asked.episode, closed_at=None)
    if signals.filter(urgency__in=(Urgency.EMERGENCY, Urgency.SAME_DAY)).exists():
        raise NotAllowed("A safety signal is still open. Close it with its outcome first.")


_CHECKS: Mapping[str, Callable[[_Asked], None]] = {
    "step": _check_offered,
    "step_back": _check_offered,
    "hold": _check_hold,
    "set_level": _check_set_level,
    "finding": _check_finding,
    "resume": _check_resume,
    "close": _check_close,
}
