"""The service that faults happen to: a team that can be told, and people on an agreed plan."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management import call_command

from stepwell.clinic.accounts import consents, people, ways
from stepwell.clinic.accounts.models import Channel, ConsentKind, Role, Service, User
from stepwell.clinic.care import episodes, plans
from stepwell.clinic.care.models import Answer, Episode, GateAnswer, PlanVersion

AT = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)
DAY_ONE = date(2026, 12, 1)
CALM = {"craving": 2, "anxiety": 1, "mood": 2, "irritability": 1}
REQUEST = {"start": "2026-12-01", "baseline": {"amount_mg": 2650}}


@dataclass(frozen=True, slots=True)
class Scene:
    """One service: two keyworkers, two prescribers, a manager, and people who ease off."""

    service: Service
    staff: tuple[User, ...]
    episodes: tuple[Episode, ...]

    @property
    def prescribers(self) -> tuple[User, ...]:
        return tuple(one for one in self.staff if one.role == Role.PRESCRIBER)


def make(count: int) -> Scene:
    """Fill the empty database that is open now. Everybody is made up."""
    call_command("migrate", verbosity=0)
    service = people.open_service(
        name="Made up", country="GB", time_zone="Europe/London", at=AT, is_demo=True
    )
    roles = {"sam": Role.KEYWORKER, "noor": Role.KEYWORKER, "osei": Role.PRESCRIBER}
    roles |= {"ito": Role.PRESCRIBER, "mo": Role.MANAGER}
    staff = tuple(_worker(service, name, role) for name, role in roles.items())
    made = tuple(_person(service, staff, number) for number in range(count))
    return Scene(service, staff, made)


def _worker(service: Service, name: str, role: Role) -> User:
    user = _account(service, name, role)
    for channel, address in (
        (Channel.EMAIL, f"{name}@example.org"),
        (Channel.SMS, f"+4477009001{len(name):02}"),
    ):
        _, code = ways.set(user, channel, address, at_any_hour=True, at=AT)
        ways.confirm(user, channel, code or "", at=AT)
    return user


def _account(service: Service, name: str, role: Role) -> User:
    return people.create(
        service=service, username=name, display_name=name, role=role, at=AT, demo=True
    )


def _person(service: Service, staff: tuple[User, ...], number: int) -> Episode:
    person = _account(service, f"person-{number}", Role.PERSON)
    for kind in ConsentKind:
        consents.set(person, kind, given=True, by=person, at=AT)
    keyworker = staff[number % 2]
    episode = episodes.open(
        person=person,
        keyworker=keyworker,
        supply="non_prescribed",
        goal="none",
        by=keyworker,
        at=AT,
    )
    _answered(episode, person, keyworker)
    plan = plans.approve(draft(episode, keyworker), by=staff[2], at=AT, expected_version=1)
    plans.agree(plan, start=DAY_ONE, teach_back=["I can hold."], by=person, at=AT)
    return episode


def _answered(episode: Episode, person: User, keyworker: User) -> None:
    amounts: dict[str, Any] = {"amount_low_mg": 2400, "amount_high_mg": 2650}
    often: dict[str, Any] = {"times_per_day": 6, "days_per_week": 7, "smallest_unit_mg": 50}
    episodes.record_baseline(episode, **amounts, **often, by=keyworker, at=AT)
    asked, told = episodes.catalogue_of_gates(), Episode.objects.get(pk=episode.pk).last_sequence
    Episode.objects.filter(pk=episode.pk).update(last_sequence=told + len(asked))
    given: dict[str, Any] = {"service": episode.service, "episode": episode, "by": person, "at": AT}
    GateAnswer.objects.bulk_create(
        GateAnswer(gate=gate.name, answer=Answer.NO, sequence=told + number, **given)
        for number, gate in enumerate(asked, 1)
    )


def draft(episode: Episode, by: User, at: datetime = AT) -> PlanVersion:
    """The next version of the plan, waiting for a signature."""
    return plans.draft(
        episode,
        REQUEST | {"start": str(at.date())},
        rationale="Made up.",
        person_may=["hold", "step", "step_back"],
        usual_score=2,
        review_by=at.date() + timedelta(days=60),
        stop_now_discussed=True,
        by=by,
        at=at,
    )
