"""Questionnaires: when one is due, what was answered, and danger in it told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import check_ins, instruments
from stepwell.clinic.care.days import today
from stepwell.clinic.care.instruments import Answers, Instrument, Item, Total
from stepwell.clinic.care.models import Episode, Escalation, QuestionnaireAnswer


class Unknown(Exception):
    """There is no questionnaire of this name, or an answer that it does not have."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One that was filled in. `unanswered` counts the items left out: missing is never zero."""

    instrument: Instrument
    on: date
    at: datetime
    by: str
    answers: Answers
    total: Total | None
    unanswered: int

    @property
    def told(self) -> list[tuple[Item, str | None]]:
        """Each item with the words of its answer, or None where it was left out."""
        chosen = [
            (item, item.option(self.answers.get(item.name))) for item in self.instrument.items
        ]
        return [(item, option.label if option else None) for item, option in chosen]


def record(
    episode: Episode,
    name: str,
    answers: Mapping[str, Any],
    *,
    sent_id: str,
    by: User,
    at: datetime,
) -> QuestionnaireAnswer:
    """Save one with its audit row, its dangers as flags of today, and the review they lead to.

    `answers` has a value for each item, or nothing. All of it is one transaction; the same
    `sent_id` twice gives the first. Raises Unknown, `check_ins.NoConsent` or `access.NotFound`.
    """
    asked = _asked(name)
    told = _readable(asked, answers)
    with transaction.atomic():
        locked = check_ins.let_in(episode, by)
        if first := QuestionnaireAnswer.objects.filter(episode=locked, sent_id=sent_id).first():
            return first
        saved = _save(locked, asked, told, sent_id, by, at)
        check_ins.tell_flags(locked, asked.flags(told), event_id=f"q:{saved.pk}", by=by, at=at)
    return saved


def _asked(name: str) -> Instrument:
    if name not in instruments.every():
        raise Unknown(f"There is no questionnaire “{name}”.")
    return instruments.every()[name]


def _readable(asked: Instrument, answers: Mapping[str, Any]) -> dict[str, str | None]:
    told = {item.name: answers.get(item.name) or None for item in asked.items}
    for item in asked.items:
        if told[item.name] is not None and item.option(told[item.name]) is None:
            raise Unknown(f"{asked.title}, {item.name}: there is no such answer.")
    return told


def _save(
    locked: Episode, asked: Instrument, told: Answers, sent_id: str, by: User, at: datetime
) -> QuestionnaireAnswer:
    trail.record("questionnaires.record", by=by, at=at, episode=locked, subject=asked.name)
    return QuestionnaireAnswer.objects.create(
        service_id=locked.service_id,
        episode=locked,
        name=asked.name,
        version=asked.version,
        answers=dict(told),
        on=today(locked, at),
        sent_id=sent_id,
        by=by,
        at=at,
    )


# --- what was answered --------------------------------------------------------------------------


def history(episode: Episode) -> list[Filled]:
    """All that were filled in and that the data still knows, newest first."""
    rows = QuestionnaireAnswer.objects.filter(episode=episode).select_related("by")
    known = [row for row in rows.order_by("-at") if row.name in instruments.every()]
    return [_filled(row) for row in known]


def _filled(row: QuestionnaireAnswer) -> Filled:
    asked = instruments.every()[row.name]
    return Filled(
        instrument=asked,
        on=row.on,
        at=row.at,
        by=row.by.display_name,
        answers=row.answers,
        total=asked.total(row.answers),
        unanswered=len(asked.unanswered(row.answers)),
    )


def newest(filled: Sequence[Filled]) -> list[Filled]:
    """The last of each, in the order in which they are asked."""
    last = {one.instrument.name: one for one in reversed(filled)}
    return sorted(last.values(), key=lambda one: one.instrument.order)


# --- when one is due ----------------------------------------------------------------------------


def due(episode: Episode, at: datetime) -> list[Instrument]:
    """What waits to be asked, most pressing first; nothing after the end, or without consent."""
    if episode.closed_at or not consents.given(episode.person, ConsentKind.STORE):
        return []
    last = {
        one.name: one for one in QuestionnaireAnswer.objects.filter(episode=episode).order_by("at")
    }
    every = instruments.every().values()
    return [asked for asked in every if _is_due(asked, last.get(asked.name), episode, at)]


def _is_due(
    asked: Instrument, last: QuestionnaireAnswer | None, episode: Episode, at: datetime
) -> bool:
    if last is None or (asked.needs_all and asked.unanswered(last.answers)):
        return True
    if asked.cadence_days is None:
        return _was_triggered(asked, episode, last.at)
    return today(episode, at) >= last.on + timedelta(days=asked.cadence_days)


def _was_triggered(asked: Instrument, episode: Episode, since: datetime) -> bool:
    signals = Escalation.objects.filter(episode=episode, key__in=asked.triggers)
    return signals.filter(raised_at__gt=since).exists()
