"""Rowan with a team, at the stages the person's screens tell apart. Everyone here is made up."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, Service, User
from stepwell.clinic.care import check_ins, episodes, plans
from stepwell.clinic.care.models import Episode, PlanVersion

EVENING_BEFORE = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
DAY_ONE = date(2026, 12, 1)
PASSWORD = "a-long-enough-password-7"
CALM = {"craving": 2, "anxiety": 2, "mood": 2, "irritability": 2, "sleep": 2}
REQUEST = {
    "protocol": "ketamine",
    "supply": "non_prescribed",
    "start": DAY_ONE.isoformat(),
    "baseline": {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7},
    "goal_mg": 0,
    "shape": "proportional",
    "percent": 10,
    "days_per_level": 7,
    "smallest_unit_mg": 50,
    "jump_off_mg": 250,
}


@pytest.fixture
def hands(db: None) -> Iterator[clock.Stopped]:
    """The clock, standing still on the evening before day 1."""
    with clock.stopped(EVENING_BEFORE) as stopped:
        yield stopped


@pytest.fixture
def service(hands: clock.Stopped) -> Service:
    return people.open_service(
        name="Riverside (made up)",
        country="GB",
        time_zone="Europe/London",
        at=clock.now(),
        is_demo=True,
        phone="01632 960 001",
        hours="Mon to Fri, 9:00 to 17:00",
        promise_minutes=60,
    )


def _user(service: Service, name: str, role: str) -> User:
    return people.create(
        service=service,
        username=name.lower().removeprefix("dr "),
        display_name=name,
        role=role,
        at=clock.now(),
        demo=True,
    )


@pytest.fixture
def rowan(service: Service) -> User:
    return _user(service, "Rowan", "person")


@pytest.fixture
def sam(service: Service) -> User:
    return _user(service, "Sam", "keyworker")


@pytest.fixture
def osei(service: Service) -> User:
    return _user(service, "Dr Osei", "prescriber")


@pytest.fixture
def ines(hands: clock.Stopped) -> User:
    other = people.open_service(
        name="Hillside (made up)",
        country="GB",
        time_zone="Europe/London",
        at=clock.now(),
        is_demo=True,
    )
    return _user(other, "Ines", "prescriber")


@pytest.fixture
def episode(rowan: User, sam: User) -> Episode:
    """Open, with nothing told and nothing agreed."""
    return episodes.open(
        person=rowan,
        keyworker=sam,
        supply="non_prescribed",
        goal="none",
        by=sam,
        at=clock.now(),
    )


@pytest.fixture
def agreeing(episode: Episode, rowan: User) -> Episode:
    """All six consents given."""
    for kind in ConsentKind:
        consents.set(rowan, kind, given=True, by=rowan, at=clock.now())
    return episode


@pytest.fixture
def approved(agreeing: Episode, rowan: User, sam: User, osei: User) -> PlanVersion:
    """A plan that waits for Rowan to agree."""
    for gate in episodes.gates(agreeing):
        episodes.answer_gate(agreeing, gate.name, "no", by=sam, at=clock.now())
    episodes.record_baseline(
        agreeing,
        amount_low_mg=2500,
        amount_high_mg=2650,
        times_per_day=6,
        days_per_week=7,
        smallest_unit_mg=50,
        by=sam,
        at=clock.now(),
    )
    draft = plans.draft(
        agreeing,
        REQUEST,
        rationale="Two tries to stop at once ended within a week.",
        person_may=["hold", "step", "step_back"],
        usual_score=2,
        review_by=date(2027, 1, 31),
        stop_now_discussed=True,
        by=sam,
        at=clock.now(),
    )
    return plans.approve(draft, by=osei, at=clock.now(), expected_version=1)


@pytest.fixture
def on_plan(approved: PlanVersion, rowan: User, hands: clock.Stopped) -> Episode:
    """Agreed, and the morning of day 1."""
    ticks = ["most", "mine", "help"]
    plans.agree(approved, start=DAY_ONE, teach_back=ticks, by=rowan, at=clock.now())
    hands.move_to(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    return approved.episode


@pytest.fixture
def tell(rowan: User, hands: clock.Stopped) -> Callable[..., None]:
    """Tell about today: calm and within the plan, if nothing else is said."""

    def told(episode: Episode, **answers: Any) -> None:
        calm = {"used": True, "amount_mg": [1500, 1600], "times": 4, "answers": dict(CALM)}
        check_ins.record(
            episode,
            {**calm, "flags": [], "safety": "no", **answers},
            on=episodes.today(episode, clock.now()),
            event_id=f"told-{clock.now().isoformat()}",
            by=rowan,
            at=clock.now(),
        )

    return told


@pytest.fixture
def week_later(on_plan: Episode, tell: Callable[..., None], hands: clock.Stopped) -> Episode:
    """Seven calm days told; the step is open."""
    for _ in range(7):
        tell(on_plan)
        hands.move_to(clock.now() + timedelta(days=1))
    return on_plan


@pytest.fixture
def phone(client: Client, rowan: User) -> Client:
    """Rowan's phone, signed in."""
    client.force_login(rowan)
    return client
