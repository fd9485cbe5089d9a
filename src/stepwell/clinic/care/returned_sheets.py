"""A plan sheet that came back: its days written down by the team, all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, acts, check_ins, history, ledger, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Episode, Event
from stepwell.clinic.care.sheets import DAYS

PAPER = "paper"
PAIN = "body"  # the item of the check-in that the sheet asks for


@dataclass(frozen=True, slots=True)
class Row:
    """One day of a sheet before it is typed: what is known of it, and whether it can count."""

    on: date
    status: str
    can_count: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """One day as it stands on the sheet. `used` None is not sure; `pain` is 0 to 10."""

    on: date
    used: bool | None
    pain: int | None
    note: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A typed day and what became of it; `reason` says why it does not count, if it does not."""

    typed: Typed
    reason: str


def rows(episode: Episode, first: date, at: datetime, *, by: User) -> tuple[Row, ...]:
    """The days of a sheet that begins on this day, up to today. `access.NotFound`."""
    found, now = access.episode_for(by, episode.pk), today(episode, at)
    back = now - timedelta(days=_back_days())
    last = min(first + timedelta(days=DAYS - 1), now)
    told = history.strip(reviews.record(found), last, {}, days=max(0, (last - first).days + 1))
    return tuple(
        Row(day.on, day.status, day.on >= back and day.status == history.DayStatus.MISSING)
        for day in told
    )


def _back_days() -> int:
    days: int = catalogue.protocols()[DEFAULT_PROTOCOL].limits.retro_days.value
    return days


def record(
    episode: Episode, typed: Sequence[Typed], *, sheet: str, by: User, at: datetime
) -> list[Kept]:
    """Write down a returned sheet in one transaction, with its trail rows and one review.

    What cannot count (more than the protocol's days back, not come yet, told already) is set
    aside word for word with the reason. The same `sheet` id twice gives the same rows.
    Raises `check_ins.NoConsent` or `access.NotFound`.
    """
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.episode_for(by, locked.pk)
        if not consents.given(locked.person, ConsentKind.STORE):
            raise check_ins.NoConsent("They have not agreed that their answers are kept.")
        kept = [Kept(one, _keep(locked, one, sheet, by, at)) for one in typed]
        reviews.run(locked, on=today(locked, at), at=at)
    return kept


def _keep(locked: Episode, typed: Typed, sheet: str, by: User, at: datetime) -> str:
    """Keep one day; the reason why it does not count, or nothing."""
    event_id = f"{PAPER}-{sheet[:40]}-{typed.on}"
    event = acts.told_before(locked, event_id) or _write(locked, typed, event_id, by, at)
    return event.set_aside_reason


def _write(locked: Episode, typed: Typed, event_id: str, by: User, at: datetime) -> Event:
    body = _body(typed)
    misfit = _told_already(locked, typed) or check_ins.misfit(locked, body, typed.on, event_id, at)
    event = acts.write(
        locked,
        check_ins.KIND,
        body,
        on=typed.on,
        by=by,
        at=at,
        event_id=event_id,
        reason=typed.note,
        source=PAPER,
        set_aside_reason=f"{misfit} {_on_paper(typed)}" if misfit else "",
    )
    detail = {"event": event_id, "on": typed.on.isoformat(), "set_aside": event.set_aside}
    trail.record("returned_sheets.record", by=by, at=at, episode=locked, detail=detail)
    return event


def _body(typed: Typed) -> dict[str, Any]:
    scores: Mapping[str, int] = {} if typed.pain is None else {PAIN: typed.pain}
    return {"used": typed.used, "answers": dict(scores)}


def _told_already(locked: Episode, typed: Typed) -> str:
    """What the person told themselves has more in it than a tick, so it stays."""
    known = Event.objects.filter(episode=locked, kind=check_ins.KIND, on=typed.on, set_aside=False)
    return f"{typed.on} was told already." if known.exists() else ""


def _on_paper(typed: Typed) -> str:
    used = {True: "yes", False: "no", None: "not sure"}[typed.used]
    pain = "" if typed.pain is None else f", pain {typed.pain}"
    note = f", “{typed.note.strip()}”" if typed.note.strip() else ""
    return f"On paper: {used}{pain}{note}."
