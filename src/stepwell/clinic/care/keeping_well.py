"""After the end: light check-ins, one's own early signs and plan, and an open door for a year."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, escalations, ledger
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, Urgency, WellCheck, WellHow, WellPlan, WellUse

WANTS_A_CALL = "asked_for_a_call_after_the_end"
CAME_BACK = "wants_to_come_back"
WEEK = 7


class NotOpen(Exception):
    """No light check-in is open, or the door is not; the text says why in plain words."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands after the end.

    `number` of `of` is the light check-in that is open today, None where it was told or none is;
    `next_on` is the day of the one after. `door_until` is the last day of the open door. All are
    None before the end. `told` is newest first, `missed` counts those that nobody told.
    """

    today: date
    ended_on: date | None
    number: int | None
    of: int
    next_on: date | None
    door_until: date | None
    told: tuple[WellCheck, ...]
    missed: int
    plan: WellPlan | None

    @property
    def door_is_open(self) -> bool:
        return self.door_until is not None and self.today <= self.door_until


def schedule(ended_on: date) -> list[date]:
    """The day on which each light check-in opens: weekly at first, then monthly."""
    told = _settings()
    weeks = [timedelta(days=WEEK * n) for n in range(1, told["weekly"] + 1)]
    month = timedelta(days=told["month_days"])
    months = [weeks[-1] + month * n for n in range(1, told["monthly"] + 1)]
    return [ended_on + after for after in (*weeks, *months)]


def _settings() -> Any:
    return catalogue.document("keep_well", "en.json")["schedule"]


def standing(episode: Episode, at: datetime) -> Standing:
    """Everything of Keep well on this day."""
    now, told = today(episode, at), tuple(_told(episode))
    ended = today(episode, episode.closed_at) if episode.closed_at else None
    opens = schedule(ended) if ended else []
    due = sum(day <= now for day in opens)
    is_told = due in {one.number for one in told}
    return Standing(
        today=now,
        ended_on=ended,
        number=due if due and not is_told else None,
        of=len(opens),
        next_on=next((day for day in opens if day > now), None),
        door_until=ended + timedelta(days=_settings()["open_door_days"]) if ended else None,
        told=told,
        missed=max(0, due - len(told) - (not is_told)) if due else 0,
        plan=plan(episode),
    )


def _told(episode: Episode) -> list[WellCheck]:
    return list(WellCheck.objects.filter(episode=episode).order_by("-number"))


def plan(episode: Episode) -> WellPlan | None:
    """The list and plan of this person that were written last, in whichever course of care."""
    found = WellPlan.objects.filter(episode__person=episode.person_id)
    return found.order_by("-at").first()


# --- telling ------------------------------------------------------------------------------------


def write(episode: Episode, *, signs: str, hard_days: str, by: User, at: datetime) -> WellPlan:
    """Keep the person's own list and plan. `access.NotFound`, `check_ins.NoConsent`."""
    with transaction.atomic():
        locked = _entered(episode, by)
        written: WellPlan = WellPlan.objects.create(
            service_id=locked.service_id,
            episode=locked,
            signs=signs.strip(),
            hard_days=hard_days.strip(),
            by=by,
            at=at,
        )
        trail.record("keeping_well.write", by=by, at=at, episode=locked)
    return written


def tell(
    episode: Episode, number: int, *, how: str, used: str, wants_call: bool, by: User, at: datetime
) -> WellCheck:
    """Keep the light check-in that is open; the same number twice is the first one. NotOpen."""
    with transaction.atomic():
        locked = _entered(episode, by)
        if first := WellCheck.objects.filter(episode=locked, number=number).first():
            return first
        found = standing(locked, at)
        if found.number != number:
            raise NotOpen("This one is not open today.")
        told: WellCheck = WellCheck.objects.create(
            service_id=locked.service_id,
            episode=locked,
            number=number,
            on=found.today,
            how=WellHow(how),
            used=WellUse(used),
            wants_call=wants_call,
            by=by,
            at=at,
        )
        trail.record("keeping_well.tell", by=by, at=at, episode=locked, detail={"number": number})
        if wants_call:
            _signal(locked, WANTS_A_CALL, at)
    return told


def come_back(episode: Episode, *, by: User, at: datetime) -> Episode:
    """Begin again with the same team, within a year. NotOpen says why not.

    What was agreed and what matters goes on. The safety questions and the amounts are asked
    again: after a break neither can be taken from before.
    """
    with transaction.atomic():
        locked = _entered(episode, by)
        if Episode.objects.filter(person=by, closed_at=None).exists():
            raise NotOpen("You are back already.")
        if not standing(locked, at).door_is_open:
            raise NotOpen("A year has passed. Call your team.")
        again = _begin_again(locked, at)
        detail = {"after": str(locked.pk)}
        trail.record("keeping_well.come_back", by=by, at=at, episode=again, detail=detail)
        _signal(again, CAME_BACK, at)
    return again


def _begin_again(before: Episode, at: datetime) -> Episode:
    keyworker = before.keyworker
    return Episode.objects.create(
        service_id=before.service_id,
        person_id=before.person_id,
        keyworker=keyworker if keyworker and keyworker.is_active else None,
        time_zone=before.time_zone,
        rollover_hour=before.rollover_hour,
        supply=before.supply,
        word=before.word,
        what_matters=before.what_matters,
        goal=before.goal,
        opened_at=at,
    )


def _signal(episode: Episode, key: str, at: datetime) -> None:
    since = today(episode, at)
    escalations.raise_one(episode, key=key, urgency=Urgency.ROUTINE, since=since, rule=key, at=at)


def _entered(episode: Episode, by: User) -> Episode:
    """The person themselves, with their agreement that it is kept."""
    locked = ledger.lock(episode)
    if by.role != Role.PERSON:
        raise access.NotFound
    access.enter(by, locked)
    if not consents.given(by, ConsentKind.STORE):
        raise check_ins.NoConsent("You have not agreed that we keep it, so nothing was saved.")
    return locked
