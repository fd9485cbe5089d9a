"""The team at their desks: each signed in, at the stages their screens tell apart."""

from collections.abc import Callable

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import episodes, reviews
from stepwell.clinic.care.models import Episode, PlanVersion, Review
from tests.conftest import MONDAY, Tell, days, evening

PASSWORD = "a-long-enough-password-7"


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(autouse=True)
def _the_clock_stands_still(now: clock.Stopped) -> None:
    """Every screen asks the clock; here it is Monday 30 November 2026."""


@pytest.fixture
def sams_desk(sam: User) -> Client:
    return desk_of(sam)


@pytest.fixture
def oseis_desk(dr_osei: User) -> Client:
    dr_osei.set_password(PASSWORD)
    dr_osei.save()
    return desk_of(dr_osei)


@pytest.fixture
def iness_desk(ines: User) -> Client:
    return desk_of(ines)


@pytest.fixture
def mos_desk(mo: User) -> Client:
    return desk_of(mo)


@pytest.fixture
def adas_desk(ada: User) -> Client:
    return desk_of(ada)


@pytest.fixture
def graces_desk(grace: User) -> Client:
    return desk_of(grace)


@pytest.fixture
def rowans_phone(rowan: User) -> Client:
    return desk_of(rowan)


@pytest.fixture
def ready_draft(draft: PlanVersion, accepted: None, gates_answered: None) -> PlanVersion:
    """A draft that nothing stands in the way of."""
    return draft


@pytest.fixture
def calm_week(agreed_plan: PlanVersion, tell: Tell, now: clock.Stopped) -> Episode:
    """Seven calm days on the first level; the clock is on the morning after."""
    week = days(agreed_plan.start or MONDAY.date(), 7)
    for day in week:
        now.move_to(evening(day))
        tell(day)
    now.advance(hours=13)
    return agreed_plan.episode


@pytest.fixture
def frozen(agreed_plan: PlanVersion, tell: Tell, now: clock.Stopped) -> Episode:
    """Blood in the urine was told on day 1; the plan is frozen and a signal is open."""
    now.move_to(evening(agreed_plan.start or MONDAY.date()))
    tell(agreed_plan.start, flags=["blood_in_urine"])
    return agreed_plan.episode


@pytest.fixture
def open_review(frozen: Episode, now: clock.Stopped) -> Review:
    review = reviews.standing(frozen, clock.now()).review
    assert review is not None
    return review


Answer = Callable[[str, str], None]


@pytest.fixture
def answer(episode: Episode, rowan: User) -> Answer:
    """Answer one safety question as Rowan: `answer("liver", "yes")`."""

    def answered(gate: str, said: str) -> None:
        episodes.answer_gate(episode, gate, said, by=rowan, at=clock.now())

    return answered
