"""The three-day bladder diary: entries that are added or taken out, and never overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext

from stepwell import catalogue
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, ledger, voiding
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, BladderEntry, Episode
from stepwell.clinic.care.voiding import Entry, Kind


class Refused(Exception):
    """An entry that cannot be kept; `may_confirm` says that a tick would keep it."""

    def __init__(self, name: str, text: str, *, may_confirm: bool = False) -> None:
        super().__init__(text)
        self.name = name
        self.may_confirm = may_confirm


@dataclass(frozen=True, slots=True)
class Line:
    """One entry with the id to take it out by."""

    id: UUID
    entry: Entry


def rules() -> Mapping[str, Any]:
    """How many days, and the bounds, as data/bladder.json has them."""
    told: Mapping[str, Any] = catalogue.document("bladder.json")
    return told


def add(
    episode: Episode, entry: Entry, *, confirmed: bool, sent_id: str, by: User, at: datetime
) -> BladderEntry:
    """Keep one entry with its trail row; blood becomes a flag of today, and the review is run.

    The same `sent_id` twice gives the first. Raises Refused, `check_ins.NoConsent` or
    `access.NotFound`.
    """
    with transaction.atomic():
        locked = check_ins.let_in(episode, by)
        if first := BladderEntry.objects.filter(episode=locked, sent_id=sent_id).first():
            return first
        _plausible(entry, confirmed=confirmed, at=at)
        saved = _save(locked, entry, sent_id, by, at)
        trail.record("bladder.add", by=by, at=at, episode=locked, detail={"kind": entry.kind})
        flags = {rules()["blood_equals_flag"]} if entry.blood else set()
        check_ins.tell_flags(locked, flags, event_id=f"b:{saved.pk}", by=by, at=at)
    return saved


def _plausible(entry: Entry, *, confirmed: bool, at: datetime) -> None:
    if entry.at > at:
        raise Refused("at", gettext("That time has not come yet."))
    back = catalogue.protocols()[DEFAULT_PROTOCOL].limits.retro_days.value
    if entry.at < at - timedelta(days=back):
        raise Refused("at", gettext("That is more than %(n)d days ago.") % {"n": back})
    most = rules()["most_drink_ml" if entry.kind is Kind.DRINK else "most_void_ml"]
    if entry.ml is not None and entry.ml > most and not confirmed:
        why = gettext("%(ml)d ml is a lot. If it is right, tick the box.") % {"ml": entry.ml}
        raise Refused("ml", why, may_confirm=True)


def _save(locked: Episode, entry: Entry, sent_id: str, by: User, at: datetime) -> BladderEntry:
    return BladderEntry.objects.create(
        service_id=locked.service_id,
        episode=locked,
        kind=entry.kind,
        happened=entry.at,
        ml=entry.ml,
        leaked=entry.leaked,
        blood=entry.blood,
        pain=entry.pain,
        sent_id=sent_id,
        by=by,
        at=at,
    )


def take_out(episode: Episode, entry_id: UUID, *, by: User, at: datetime) -> None:
    """Leave one entry out from now on; it stays on record, and a danger told in it stays told."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        known = BladderEntry.objects.filter(episode=locked, pk=entry_id, takes_out=None).first()
        if known is None:
            raise access.NotFound
        BladderEntry.objects.get_or_create(
            service_id=locked.service_id,
            episode=locked,
            takes_out=known.pk,
            defaults={
                "kind": known.kind,
                "happened": known.happened,
                "sent_id": f"out:{known.pk}",
                "by": by,
                "at": at,
            },
        )
        trail.record("bladder.take_out", by=by, at=at, episode=locked)


def lines(episode: Episode) -> list[Line]:
    """Every entry that counts, in the order in which they happened."""
    rows = list(BladderEntry.objects.filter(episode=episode).order_by("happened", "at"))
    out = {row.takes_out for row in rows}
    return [
        Line(row.pk, _entry(row)) for row in rows if row.takes_out is None and row.pk not in out
    ]


def last_diary(episode: Episode) -> list[Line]:
    """Those of the last diary: as many days as it has, up to the newest entry."""
    every = lines(episode)
    if not every:
        return []
    first = every[-1].entry.at - timedelta(days=rules()["days"] + 1)
    return [line for line in every if line.entry.at > first]


def _entry(row: BladderEntry) -> Entry:
    return Entry(Kind(row.kind), row.happened, row.ml, row.leaked, row.blood, row.pain)


def days(episode: Episode) -> list[voiding.Day]:
    """What the last diary comes to, day by day."""
    told = (line.entry for line in last_diary(episode))
    return voiding.days(told, morning=timedelta(hours=rules()["morning_hours"]))
