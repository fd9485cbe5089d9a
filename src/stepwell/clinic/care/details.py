"""What somebody adds to a day: how they took it, with what, a new bag, a few words of their own.

Only what else was taken can be danger, and then it is told as a check-in's flag is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import check_ins, gates
from stepwell.clinic.care.models import Answer, DayDetail, Episode

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Detail:
    """The newest that was added to one day; `new_bag` is None where it was not said."""

    on: date
    routes: tuple[str, ...]
    mixed: tuple[str, ...]
    new_bag: bool | None
    note: str
    at: datetime


def choices() -> Mapping[str, Any]:
    """The routes and what may be mixed, as data/detail.json has them."""
    told: Mapping[str, Any] = catalogue.document("detail.json")
    return told


def add(
    episode: Episode,
    *,
    on: date,
    routes: Sequence[str],
    mixed: Sequence[str],
    new_bag: bool | None,
    note: str,
    sent_id: str,
    by: User,
    at: datetime,
) -> DayDetail:
    """Keep it with its trail row; what is danger becomes a flag of today, and the review is run.

    The newest of one day counts, and the others stay. The same `sent_id` twice gives the first.
    Raises `check_ins.NoConsent` or `access.NotFound`.
    """
    with transaction.atomic():
        locked = check_ins.let_in(episode, by)
        if first := DayDetail.objects.filter(episode=locked, sent_id=sent_id).first():
            return first
        told = {"routes": list(routes), "mixed": list(mixed), "new_bag": new_bag}
        saved = DayDetail.objects.create(
            service_id=locked.service_id,
            episode=locked,
            on=on,
            **told,
            note=note.strip()[:LONGEST_NOTE],
            sent_id=sent_id,
            by=by,
            at=at,
        )
        trail.record("details.add", by=by, at=at, episode=locked, detail={"on": on.isoformat()})
        flags = flags_of(locked, mixed)
        check_ins.tell_flags(locked, flags, event_id=f"d:{saved.pk}", by=by, at=at)
    return saved


def flags_of(episode: Episode, mixed: Sequence[str]) -> set[str]:
    """The flags that what was mixed stands for, for this person."""
    known = choices()
    key = "equals_flag_if_dependent" if _depends(episode, known) else "equals_flag"
    told = {known["mixed"][name][key] for name in mixed if name in known["mixed"]}
    return {flag for flag in told if flag}


def _depends(episode: Episode, known: Mapping[str, Any]) -> bool:
    """Anything but a no about alcohol: not asked is not a no."""
    state = next(s for s in gates.states(episode) if s.name == known["dependence_gate"])
    return state.answer != Answer.NO


def of(episode: Episode) -> list[Detail]:
    """The newest of each day, the last day first."""
    newest = {one.on: one for one in DayDetail.objects.filter(episode=episode).order_by("at")}
    return [_detail(newest[on]) for on in sorted(newest, reverse=True)]


def _detail(row: DayDetail) -> Detail:
    return Detail(row.on, tuple(row.routes), tuple(row.mixed), row.new_bag, row.note, row.at)
