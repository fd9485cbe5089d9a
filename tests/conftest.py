"""The fixed cast, everybody made up: Rowan eases off; Dr Osei, Sam, Ines, Mo and Ada work there.

Grace, the safeguarding lead, is there only where a test asks for her.

Nothing here reads a real clock. `now` is the clinic's stopped clock: move it, never wait.
"""

import gc
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from stepwell.clinic import clock
from stepwell.clinic.accounts import acceptance, consents, people
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import check_ins, episodes, plans
from stepwell.clinic.care.models import (
    Answer,
    Episode,
    Event,
    GateAnswer,
    Goal,
    PlanVersion,
    Supply,
)

pytest_plugins = ["safety.watch"]  # no control of the hazard log rests on a test that was skipped

MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
CALM = {
    "craving": 2,
    "anxiety": 1,
    "mood": 2,
    "irritability": 1,
    "sleep": 2,
    "body": 1,
    "getting_things_done": 2,
}
REQUEST: dict[str, Any] = {
    "protocol": "ketamine",
    "start": "2026-12-01",
    "baseline": {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7},
    "goal_mg": 0,
    "shape": "proportional",
    "percent": 10,
    "days_per_level": 7,
    "smallest_unit_mg": 50,
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys first: they take longest, and nobody waits for one at the end."""
    items.sort(key=lambda item: "journey" not in item.keywords)


def pytest_collection_finish() -> None:
    """Thousands of collected tests stay until the end: there is nothing in them to collect."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _passwords_at_their_least_cost() -> None:
    """Argon2 is slow on purpose; what it costs is Django's to test."""
    Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost = 1, 8
    Argon2PasswordHasher.parallelism = 1


@pytest.fixture(autouse=True)
def _the_transaction_of_a_test_is_none_of_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An act that forgot its own transaction fails here as it would in the service."""

    def in_transaction() -> bool:
        return any(
            not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks
        )

    monkeypatch.setattr(trail, "in_transaction", in_transaction)


@pytest.fixture
def now() -> Iterator[clock.Stopped]:
    """Monday 30 November 2026, ten in London and a little; it stands still until moved."""
    with clock.stopped(MONDAY + timedelta(microseconds=7)) as hands:
        yield hands


# --- services and people ------------------------------------------------------------------------


def _service(name: str, **other: Any) -> Service:
    return people.open_service(
        name=name, country="GB", time_zone="Europe/London", at=MONDAY, **other
    )


@pytest.fixture
def service(db: None) -> Service:
    return _service("Riverside", phone="01632 960 001", hours="Mon to Fri, 9 to 5")


@pytest.fixture
def other_service(db: None) -> Service:
    return _service("Hillside")


@pytest.fixture
def demo_service(db: None) -> Service:
    return _service("Demo", is_demo=True)


def member(service: Service, name: str, role: Role, **other: Any) -> User:
    username = name.lower().replace(" ", "-")
    return people.create(
        service=service, username=username, display_name=name, role=role, at=MONDAY, **other
    )


@pytest.fixture
def rowan(service: Service) -> User:
    return member(service, "Rowan", Role.PERSON)


@pytest.fixture
def sam(service: Service) -> User:
    return member(service, "Sam", Role.KEYWORKER)


@pytest.fixture
def dr_osei(service: Service) -> User:
    return member(service, "Dr Osei", Role.PRESCRIBER)


@pytest.fixture
def mo(service: Service) -> User:
    return member(service, "Mo", Role.MANAGER)


@pytest.fixture
def grace(service: Service) -> User:
    return member(service, "Grace", Role.SAFEGUARDING_LEAD)


@pytest.fixture
def ada(service: Service) -> User:
    return member(service, "Ada", Role.ADMINISTRATOR, is_safety_officer=True)


@pytest.fixture
def ines(other_service: Service) -> User:
    return member(other_service, "Ines", Role.PRESCRIBER)


@pytest.fixture
def cast(rowan: User, sam: User, dr_osei: User, ines: User, mo: User, ada: User) -> dict[str, User]:
    return {
        "rowan": rowan,
        "sam": sam,
        "dr_osei": dr_osei,
        "ines": ines,
        "mo": mo,
        "ada": ada,
    }


# --- Rowan's course of care ---------------------------------------------------------------------


def share(person: User, *kinds: ConsentKind) -> None:
    for kind in kinds:
        consents.set(person, kind, given=True, by=person, at=MONDAY)


@pytest.fixture
def episode(rowan: User, sam: User, dr_osei: User) -> Episode:
    """Rowan shares with keyworker and prescriber; the baseline is 2650 mg, every day, six times."""
    share(rowan, ConsentKind.STORE, ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER)
    opened = opened_for(rowan, sam, word="ket", what_matters=["sleep", "money"])
    episodes.record_baseline(
        opened,
        amount_low_mg=2400,
        amount_high_mg=2650,
        times_per_day=6,
        days_per_week=7,
        smallest_unit_mg=50,
        by=sam,
        at=MONDAY,
    )
    return opened


def opened_for(person: User, keyworker: User, **other: Any) -> Episode:
    given: dict[str, Any] = {"supply": Supply.NON_PRESCRIBED, "goal": Goal.NONE} | other
    return episodes.open(person=person, keyworker=keyworker, by=keyworker, at=MONDAY, **given)


@pytest.fixture
def accepted(ada: User, service: Service) -> None:
    """Ada, the clinical safety officer, has accepted the protocol as it ships."""
    acceptance.accept(service, "ketamine", statement="Read and checked.", by=ada, at=MONDAY)


@pytest.fixture
def gates_answered(episode: Episode, rowan: User) -> None:
    """Every safety question is answered with no; the rows alone, for the door takes its time."""
    asked, told = episodes.catalogue_of_gates(), Episode.objects.get(pk=episode.pk).last_sequence
    Episode.objects.filter(pk=episode.pk).update(last_sequence=told + len(asked))
    given = {"service": episode.service, "episode": episode, "by": rowan, "at": MONDAY}
    GateAnswer.objects.bulk_create(
        GateAnswer(gate=gate.name, answer=Answer.NO, sequence=told + number, **given)
        for number, gate in enumerate(asked, 1)
    )


@pytest.fixture
def draft(episode: Episode, sam: User) -> PlanVersion:
    return draft_of(episode, sam)


def draft_of(episode: Episode, by: User, at: datetime = MONDAY, **other: Any) -> PlanVersion:
    given: dict[str, Any] = {
        "request": REQUEST,
        "rationale": "Slowly, because sleep comes first.",
        "person_may": ["hold", "step", "step_back"],
        "usual_score": 2,
        "review_by": date(2027, 1, 31),
        "stop_now_discussed": True,
    } | other
    return plans.draft(episode, given.pop("request"), **given, by=by, at=at)


@pytest.fixture
def approved_plan(
    draft: PlanVersion, dr_osei: User, accepted: None, gates_answered: None
) -> PlanVersion:
    """Version 1, signed by Dr Osei; Rowan has not agreed yet."""
    return plans.approve(draft, by=dr_osei, at=MONDAY, expected_version=1)


@pytest.fixture
def agreed_plan(approved_plan: PlanVersion, rowan: User) -> PlanVersion:
    """Version 1, agreed by Rowan, day 1 is Tuesday 1 December 2026."""
    return plans.agree(
        approved_plan,
        start=date(2026, 12, 1),
        teach_back=["I can hold at any time."],
        by=rowan,
        at=MONDAY,
    )


# --- telling ------------------------------------------------------------------------------------

Tell = Callable[..., Event]


@pytest.fixture
def tell(episode: Episode, rowan: User) -> Tell:
    """Tell about one day in the evening of it: `tell(date, used=False)`; calm unless said."""

    def told(on: date, *, at: datetime | None = None, event_id: str = "", **body: Any) -> Event:
        answers = {"used": True, "amount_mg": [1800, 2000], "times": 4, "answers": CALM} | body
        answers = {"flags": [], "safety": "no"} | answers
        if answers["used"] is False:
            answers |= {"amount_mg": None, "times": None}
        return check_ins.record(
            episode,
            answers,
            on=on,
            event_id=event_id or f"day-{on}-{len(body)}",
            by=rowan,
            at=at or evening(on),
        )

    return told


def evening(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 20, 0, tzinfo=UTC)


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]
