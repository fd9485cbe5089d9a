"""What a person tells about one day: saved once, never lost, its danger answers read first."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, acts, escalations, ledger, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Episode, Event, Urgency

KIND = "check_in"
SET_ASIDE = "a_check_in_does_not_fit"
SAFETY_ANSWERS = ("no", "thoughts", "plan", "declined")


class NoConsent(Exception):
    """The person has not agreed to their answers being stored: nothing was saved."""


def record(
    episode: Episode,
    answers: Mapping[str, Any],
    *,
    on: date,
    event_id: str,
    by: User,
    at: datetime,
) -> Event:
    """Save one check-in with its audit row and run the review, in one transaction.

    `answers` is the check-in of engine.md without its envelope: used, amount_mg [low, high],
    times, answers {item: 0-10}, flags [...], safety. What does not fit (also a day in the future
    or more than seven days back) is kept aside: the event returned has `set_aside` and a reason,
    and its flags and safety answer still freeze. The same `event_id` twice gives the first event.
    Raises NoConsent or `access.NotFound`.
    """
    with transaction.atomic():
        locked = let_in(episode, by)
        own_id = _own_id(locked, event_id, answers)
        if first := acts.told_before(locked, own_id):
            return first
        event = _save(locked, answers, on, own_id, by, at)
        detail = {"event": event.event_id, "on": on.isoformat(), "set_aside": event.set_aside}
        trail.record("check_ins.record", by=by, at=at, episode=locked, detail=detail)
        reviews.run(locked, on=today(locked, at), at=at)
    return event


def let_in(episode: Episode, by: User) -> Episode:
    """The episode, locked, for somebody who may tell something that is to be kept.

    Within the caller's own transaction. Raises NoConsent or `access.NotFound`.
    """
    locked = ledger.lock(episode)
    access.enter(by, locked)
    if not consents.given(locked.person, ConsentKind.STORE):
        raise NoConsent("You have not agreed that your answers are kept, so nothing was saved.")
    return locked


def _own_id(locked: Episode, event_id: str, answers: Mapping[str, Any]) -> str:
    """The phone's id; another where a phone sends more danger under an id that was used before."""
    first = acts.told_before(locked, event_id)
    if first is None or not _tells_more_danger(first, answers):
        return event_id
    return f"{event_id[:60]}:{sha256(repr(answers).encode()).hexdigest()[:16]}"


def _tells_more_danger(first: Event, answers: Mapping[str, Any]) -> bool:
    return bool(_told_flags(_danger(answers)) - _told_flags(_danger(_unwrapped(first.body))))


def _unwrapped(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was told, also where it is kept as the text that could not be stored otherwise."""
    told = body.get("told", body)
    return told if isinstance(told, Mapping) else {}


def _told_flags(danger: Mapping[str, Any]) -> set[str]:
    told = escalations.told_flags(danger)
    return told | {"declined"} if danger.get("safety") == "declined" else told


def _save(
    locked: Episode, answers: Mapping[str, Any], on: date, event_id: str, by: User, at: datetime
) -> Event:
    body = _storable(answers)
    reason = misfit(locked, body, on, event_id, at)
    event = acts.write(
        locked, KIND, body, on=on, by=by, at=at, event_id=event_id, set_aside_reason=reason
    )
    if reason:
        _keep_danger(locked, answers, event, by, at)
        _tell_team(locked, at)
    return event


def _storable(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What both databases can keep; anything else as the text of what came in."""
    try:
        text = json.dumps(answers, allow_nan=False)
    except (TypeError, ValueError):
        return {"told": repr(answers).replace("\x00", "")}
    if "\\u0000" in text:
        return {"told": text.replace("\\u0000", "")}
    stored: dict[str, Any] = json.loads(text)
    return stored


def misfit(locked: Episode, body: dict[str, Any], on: date, event_id: str, at: datetime) -> str:
    """Why this cannot count toward the plan, in plain words; empty when it can."""
    now = today(locked, at)
    back = catalogue.protocols()[DEFAULT_PROTOCOL].limits.retro_days.value
    if on > now:
        return f"{on} has not come yet."
    if on < now - timedelta(days=back):
        return f"{on} is more than {back} days ago."
    tried = Event(
        episode=locked,
        event_id=event_id,
        kind=KIND,
        on=on,
        recorded_on=now,
        recorded=at,
        by="person",
        body=body,
    )
    return reviews.misfit(tried) or ""


def _keep_danger(
    locked: Episode, answers: Mapping[str, Any], event: Event, by: User, at: datetime
) -> None:
    """Beside what was set aside: its flags and safety answer, on what is known of the day."""
    if danger := _danger(answers):
        on = min(event.on, today(locked, at))
        _tell(locked, danger, on=on, by=by, at=at, event_id=f"{event.event_id[:70]}:danger")


def tell_flags(
    locked: Episode, flags: Iterable[str], *, event_id: str, by: User, at: datetime
) -> None:
    """Flags that were told in another place than a check-in, and the review they lead to.

    They belong to today and leave what is known of the day as it is. Within the caller's own
    transaction, on an episode it has locked; without a flag nothing happens.
    """
    told = sorted(flags)
    if told:
        on = today(locked, at)
        _tell(locked, {"flags": told}, on=on, by=by, at=at, event_id=event_id)
        reviews.run(locked, on=on, at=at)


def _tell(
    locked: Episode, danger: Mapping[str, Any], *, on: date, by: User, at: datetime, event_id: str
) -> None:
    known = Event.objects.filter(episode=locked, kind=KIND, on=on, set_aside=False)
    before = known.order_by("-sequence").first()
    body = {**(before.body if before else {"used": None, "answers": {}}), **danger}
    acts.write(locked, KIND, body, on=on, by=by, at=at, event_id=event_id)


def _danger(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The flags and the safety answer as far as they can be read, whatever the rest says."""
    danger: dict[str, Any] = {}
    if flags := _readable_flags(answers.get("flags")):
        danger["flags"] = flags
    if answers.get("safety") in SAFETY_ANSWERS[1:]:
        danger["safety"] = answers["safety"]
    return danger


def _readable_flags(told: Any) -> list[str]:
    listed = [told] if isinstance(told, str) else told
    if not isinstance(listed, list | tuple | set | frozenset):
        return []
    known = catalogue.protocols()[DEFAULT_PROTOCOL].flags
    return sorted({flag for flag in listed if isinstance(flag, str) and flag in known})


def _tell_team(locked: Episode, at: datetime) -> None:
    escalations.raise_one(
        locked,
        key=SET_ASIDE,
        urgency=Urgency.SAME_DAY,
        since=today(locked, at),
        rule=SET_ASIDE,
        at=at,
    )
