"""A named clinician decides on one review: approve, amend or decline, each with a reason.

What a decision does depends on what was recommended (`effects` says it for the screen):

| recommended | approve          | decline    |
|-------------|------------------|------------|
| freeze      | it stays frozen  | `resume`   |
| review      | `reviewed`       | `reviewed` |
| step_back   | `step_back`      | stays      |
| finish      | `close`          | stays      |
| hold        | it stays on hold | stays      |

A review may be approved with a level: `set_level` is then what is written. Amending writes the
act that the clinician names instead.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, acts, ledger, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Decision, DecisionKind, Episode, Event, Review, ReviewStatus

STAYS = "stays"
STAYS_FROZEN = "stays_frozen"
STAYS_ON_HOLD = "stays_on_hold"
AMENDMENTS = ("resume", "reviewed", "set_level", "hold", "step_back", "freeze", "close")
_EFFECTS: Mapping[str, tuple[str, str]] = {
    "freeze": (STAYS_FROZEN, "resume"),
    "review": ("reviewed", "reviewed"),
    "step_back": ("step_back", STAYS),
    "finish": ("close", STAYS),
    "hold": (STAYS_ON_HOLD, STAYS),
}


class AlreadyDecided(Exception):
    """Somebody else decided first; the text says who and what."""


class Outdated(Exception):
    """Something has changed since this recommendation was made: look again first."""


def effects(review: Review) -> Mapping[str, str]:
    """What `approve` and `decline` would write: an act's name, or one of the STAYS words."""
    approving, declining = _EFFECTS.get(review.recommendation["offer"], (STAYS, STAYS))
    return {"approve": approving, "decline": declining}


def approve(
    review: Review, *, reason: str, by: User, at: datetime, level: int | None = None
) -> Decision:
    """Carry out what was recommended. Raises AlreadyDecided, Outdated or acts.NotAllowed."""
    act = effects(review)["approve"]
    if level is not None:
        if review.recommendation["offer"] != "review":
            raise acts.NotAllowed("A level goes with a review. Amend this instead.")
        act = "set_level"
    return _decide(review, DecisionKind.APPROVE, act, reason, by, at, level=level)


def amend(
    review: Review,
    *,
    kind: str,
    reason: str,
    by: User,
    at: datetime,
    level: int | None = None,
    days: int | None = None,
) -> Decision:
    """Do something else than was recommended, one of AMENDMENTS. Raises as `approve` does."""
    if kind not in AMENDMENTS:
        raise acts.NotAllowed(f"{kind!r} is not something to do instead.")
    return _decide(review, DecisionKind.AMEND, kind, reason, by, at, level=level, days=days)


def decline(review: Review, *, reason: str, by: User, at: datetime) -> Decision:
    """Do not do what was recommended. Raises as `approve` does."""
    return _decide(review, DecisionKind.DECLINE, effects(review)["decline"], reason, by, at)


def _decide(
    review: Review,
    kind: DecisionKind,
    act: str,
    reason: str,
    by: User,
    at: datetime,
    *,
    level: int | None = None,
    days: int | None = None,
) -> Decision:
    if not reason.strip():
        raise acts.NotAllowed("Write why.")
    with transaction.atomic():
        locked = ledger.lock(review.episode)
        found = _still_open(access.review_for(by, review.pk), locked, by, at)
        found.status = ReviewStatus.DECIDED
        found.save(update_fields=["status"])
        event = _carry_out(locked, act, reason, by, at, level, days)
        decision: Decision = Decision.objects.create(
            service_id=locked.service_id,
            episode=locked,
            review=found,
            kind=kind,
            by=by,
            reason=reason.strip(),
            event=event,
            at=at,
        )
        detail = {"review": str(found.pk), "act": act, "reason": reason.strip()}
        trail.record(f"decisions.{kind}", by=by, at=at, episode=locked, detail=detail)
    return decision


def _still_open(review: Review, locked: Episode, by: User, at: datetime) -> Review:
    """The review as it is now, if it may still be decided on by this clinician."""
    if not access.may_by_role(by, "decide", locked):
        raise acts.NotAllowed("Only a prescriber or a named nurse decides.")
    acts.check_not_held(locked)
    decided = Decision.objects.filter(review=review).select_related("by").first()
    if decided is not None:
        raise AlreadyDecided(f"{decided.by.display_name} has decided: {decided.kind}.")
    if review.status != ReviewStatus.OPEN or not reviews.still_holds(review, locked, at):
        raise Outdated("Something has changed since this was recommended. Look at it again.")
    return review


def _carry_out(
    locked: Episode,
    act: str,
    reason: str,
    by: User,
    at: datetime,
    level: int | None,
    days: int | None,
) -> Event | None:
    on = today(locked, at)
    if act in (STAYS, STAYS_FROZEN, STAYS_ON_HOLD):
        reviews.run(locked, on=on, at=at)
        return None
    return acts.take(locked, act, on=on, by=by, at=at, level=level, days=days, reason=reason)
