"""Signals to the team. Only a named human with an outcome ends one; nothing else ever does."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, alerts, ledger
from stepwell.clinic.care.models import Episode, Escalation, Event, Review, Urgency

FLAG_OF_ANSWER = {"plan": "suicide_plan", "thoughts": "suicidal_thoughts"}


class AlreadyClosed(Exception):
    """Somebody else closed it first; the text says who."""


class NoOutcome(Exception):
    """A signal ends with what was done about it, in words."""


def raise_all(review: Review) -> list[Escalation]:
    """Store every signal of this review that is not stored yet. Gives the new ones."""
    signals = review.recommendation["escalations"]
    raised = [
        raise_one(
            review.episode,
            key=signal["key"],
            urgency=signal["urgency"],
            since=date.fromisoformat(signal["since"]),
            rule=signal["key"],
            at=review.made_at,
        )
        for signal in signals
    ]
    return [escalation for escalation in raised if escalation is not None]


def raise_one(
    episode: Episode, *, key: str, urgency: str, since: date, rule: str, at: datetime
) -> Escalation | None:
    """Store one signal. None when it stands already, or was closed and nothing was told since."""
    same = Escalation.objects.filter(episode=episode, key=key, since=since)
    last = same.order_by("-occurrence").first()
    if last is not None and not _told_again(episode, last):
        return None
    escalation = Escalation.objects.create(
        service_id=episode.service_id,
        episode=episode,
        key=key,
        urgency=Urgency(urgency),
        since=since,
        occurrence=last.occurrence + 1 if last else 1,
        rule=rule,
        raised_at=at,
    )
    trail.record("escalations.raise", by=None, at=at, episode=episode, subject=key)
    alerts.begin(escalation, at=at)
    return escalation


def _told_again(episode: Episode, last: Escalation) -> bool:
    if last.closed_sequence is None:
        return False
    later = Event.objects.filter(episode=episode, sequence__gt=last.closed_sequence)
    return any(last.key in told_flags(event.body) for event in later)


def told_flags(body: Mapping[str, object]) -> set[str]:
    """The flags a check-in told, and the one its safety answer equals."""
    told = body.get("flags")
    flags = {flag for flag in told if isinstance(flag, str)} if isinstance(told, list) else set()
    equal = FLAG_OF_ANSWER.get(str(body.get("safety")))
    return flags | {equal} if equal else flags


def acknowledge(escalation: Escalation, *, by: User, at: datetime) -> Escalation:
    """Say "I have seen this"; a second time changes nothing. Raises `access.NotFound`."""
    with transaction.atomic():
        found = _locked(escalation, by)
        if found.acknowledged_at is None and found.closed_at is None:
            found.acknowledged_by, found.acknowledged_at = by, at
            found.save(update_fields=["acknowledged_by", "acknowledged_at"])
            alerts.taken(found, at=at)
            _recorded("escalations.acknowledge", found, by, at)
    return found


def close(escalation: Escalation, *, outcome: str, by: User, at: datetime) -> Escalation:
    """End it with what was done. Raises AlreadyClosed, NoOutcome or `access.NotFound`."""
    if not outcome.strip():
        raise NoOutcome("Write what was done.")
    with transaction.atomic():
        found = _locked(escalation, by)
        if found.closed_by is not None:
            raise AlreadyClosed(f"{found.closed_by.display_name} has closed this.")
        found.closed_by, found.closed_at, found.outcome = by, at, outcome.strip()
        found.closed_sequence = found.episode.last_sequence
        found.save(update_fields=["closed_by", "closed_at", "outcome", "closed_sequence"])
        alerts.ended(found)
        _recorded("escalations.close", found, by, at)
    return found


def _locked(escalation: Escalation, by: User) -> Escalation:
    ledger.lock(escalation.episode)
    return access.escalation_for(by, escalation.pk)


def _recorded(action: str, found: Escalation, by: User, at: datetime) -> None:
    detail = {"escalation": str(found.pk), "outcome": found.outcome}
    trail.record(action, by=by, at=at, episode=found.episode, subject=found.key, detail=detail)
