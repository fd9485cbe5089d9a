"""What the cards of a person are made from: what is on record, and where it puts them on a day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from stepwell.clinic.care import measurements, messages, profiles, reviews, thresholds, visits
from stepwell.clinic.care.days import begins
from stepwell.clinic.care.models import (
    Contact,
    ContactOutcome,
    Episode,
    Escalation,
    Review,
    Snooze,
)
from stepwell.clinic.care.thresholds import Rules

AHEAD = timedelta(days=15)  # so far cards are made ahead: farther than the last rung of silence


@dataclass(slots=True)
class Gathered:
    """Everything on record that one person's cards are made from; time does not change it."""

    record: reviews.Record
    rules: Rules
    escalations: list[Escalation] = field(default_factory=list)
    contact: Contact | None = None
    snoozes: list[Snooze] = field(default_factory=list)
    message: messages.Waiting | None = None
    booked: list[visits.Visit] = field(default_factory=list)
    tests: list[measurements.Standing] = field(default_factory=list)
    profile_due: date | None = None

    def under(self, rules: Rules) -> "Gathered":
        """The same under other rules."""
        return replace(self, rules=rules)


@dataclass(frozen=True, slots=True)
class Folder:
    """What is on record of one person, and where it puts them on one day."""

    on_record: Gathered
    standing: reviews.Standing
    at: datetime

    @property
    def record(self) -> reviews.Record:
        return self.on_record.record

    @property
    def episode(self) -> Episode:
        return self.record.episode

    @property
    def today(self) -> date:
        return self.standing.on


def gathered(episodes: Sequence[Episode]) -> dict[UUID, Gathered]:
    """What is on record of these episodes, by their id."""
    rules = {one: thresholds.of(one) for one in {episode.service for episode in episodes}}
    found = {
        pk: Gathered(one, rules[one.episode.service])
        for pk, one in reviews.records(episodes).items()
    }
    ids = list(found)
    tried = Contact.objects.filter(episode=OuterRef("episode"))
    reached = tried.filter(Q(outcome=None) | Q(outcome=ContactOutcome.REACHED))
    last = reached.order_by("-at").values("pk")[:1]
    for row in Contact.objects.filter(episode__in=ids, pk=Subquery(last)).select_related("by"):
        found[row.episode_id].contact = row
    signals = Escalation.objects.filter(episode__in=ids, closed_at=None)
    for signal in signals.select_related("acknowledged_by"):
        found[signal.episode_id].escalations.append(signal)
    for snooze in Snooze.objects.filter(episode__in=ids):
        found[snooze.episode_id].snoozes.append(snooze)
    for pk, waiting in messages.waiting(one.record.episode for one in found.values()).items():
        found[pk].message = waiting
    for pk, booked in visits.all_of(one.record.episode for one in found.values()).items():
        found[pk].booked = booked
    for pk, tests in measurements.every_of(one.record.episode for one in found.values()).items():
        found[pk].tests = tests
    asked = [one for one in episodes if profiles.asked(one)]
    for pk, due in profiles.due_of(asked).items():
        found[pk].profile_due = due
    return found


def ahead(one: Gathered, review: Review | None, at: datetime) -> Iterator[Folder]:
    """The folder of today and of each day ahead, if nothing more is told or done."""
    for standing in reviews.standings_ahead(one.record, review, at, AHEAD.days):
        yield Folder(one, standing, max(at, begins(one.record.episode, standing.on)))
