"""Changing a service's rules: within bounds, with a reason, and only after seeing what it does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, filed, folders, lanes, reviews, thresholds
from stepwell.clinic.care.lanes import Card
from stepwell.clinic.care.models import RulesChange
from stepwell.clinic.care.thresholds import RUNGS, Rules

LOOKED_AT = 100  # people whose cards a preview makes twice
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class NotAllowed(Exception):
    """These rules may not be set, or not by this user; the text says why, `field` where."""

    def __init__(self, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Effect:
    """Cards that would come and go today, of the first `of` people of the caseload by name."""

    come: tuple[Card, ...]
    go: tuple[Card, ...]
    of: int
    is_everybody: bool


def faults(rules: Rules) -> Iterator[NotAllowed]:
    """What keeps these rules from being set, by field."""
    for name, (low, high) in thresholds.bounds().items():
        value = getattr(rules, name)
        if value is not None and not low <= value <= high:
            yield NotAllowed(f"Between {low} and {high}.", name)
    days = [days for days, _ in rules.ladder]
    for rung, earlier, later in zip(RUNGS[1:], days, days[1:], strict=False):
        if earlier >= later:
            yield NotAllowed("Each rung comes later than the one before it.", rung)
    if not rules.days:
        yield NotAllowed("On at least one day of the week.", "days")
    if rules.opens >= rules.closes:
        yield NotAllowed("After the hour of opening, on the same day.", "closes")


def preview(user: User, proposed: Rules, at: datetime) -> Effect:
    """What these rules would change on the caseload of today. `access.NotFound` for others."""
    _may(user)
    people = access.caseload_for(user).order_by("person__display_name", "pk")[: LOOKED_AT + 1]
    first = list(people)[:LOOKED_AT]
    newest, come, go = reviews.newest(first), [], []
    for pk, one in folders.gathered(first).items():
        standing = reviews.standing_of(one.record, newest.get(pk), at, ahead=False)
        now = lanes.cards(folders.Folder(one, standing, at))
        then = lanes.cards(folders.Folder(one.under(proposed), standing, at))
        come += [card for card in then if card not in now]
        go += [card for card in now if card not in then]
    return Effect(tuple(come), tuple(go), len(first), len(people) <= LOOKED_AT)


def change(proposed: Rules, *, reason: str, by: User, at: datetime) -> RulesChange:
    """Set them from now on; what counted before stays on record. NotAllowed; `access.NotFound`."""
    _may(by)
    for fault in faults(proposed):
        raise fault
    if not reason.strip():
        raise NotAllowed("Write why.", "reason")
    with transaction.atomic():
        locked = Service.objects.select_for_update().get(pk=by.service_id)
        number = RulesChange.objects.filter(service=locked).count() + 1
        made: RulesChange = RulesChange.objects.create(
            service=locked,
            number=number,
            values=proposed.values(),
            reason=reason.strip(),
            by=by,
            at=at,
        )
        locked.promise_minutes, locked.hours = proposed.promise_minutes, hours_in_words(proposed)
        locked.save(update_fields=["promise_minutes", "hours"])
        filed.mark_all(locked)
        detail = {"values": proposed.values(), "why": reason.strip()}
        trail.record("rules.change", by=by, at=at, detail=detail)
    return made


def hours_in_words(rules: Rules) -> str:
    """As the person reads them: Mon to Fri, 09:00 to 17:00."""
    named = [DAYS[day - 1] for day in sorted(rules.days)]
    in_a_row = sorted(rules.days) == list(range(min(rules.days), max(rules.days) + 1))
    days = f"{named[0]} to {named[-1]}" if in_a_row and len(named) > 2 else ", ".join(named)
    return f"{days}, {rules.opens} to {rules.closes}"


def _may(user: User) -> None:
    """A prescriber or a named nurse: the numbers are clinical."""
    if not (user.is_active and user.is_clinician):
        raise access.NotFound
