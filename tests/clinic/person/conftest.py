"""Rowan's phone, and Rowan at the stages that the person's screens tell apart."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care import episodes
from stepwell.clinic.care.models import Episode, Goal, PlanVersion, Supply
from tests.conftest import Tell

DAY_ONE_MORNING = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


@pytest.fixture
def phone(client: Client, rowan: User) -> Client:
    """Rowan's phone, signed in."""
    client.force_login(rowan)
    return client


@pytest.fixture
def begun(rowan: User, sam: User) -> Episode:
    """A course of care that has just begun: nothing told, nothing agreed."""
    return episodes.open(
        person=rowan,
        keyworker=sam,
        supply=Supply.NON_PRESCRIBED,
        goal=Goal.NONE,
        by=sam,
        at=clock.now(),
    )


@pytest.fixture
def on_plan(agreed_plan: PlanVersion, now: clock.Stopped) -> Episode:
    """The plan is agreed, and it is the morning of day 1."""
    now.move_to(DAY_ONE_MORNING)
    return agreed_plan.episode


@pytest.fixture
def say(tell: Tell) -> Callable[..., None]:
    """Tell about today, now: calm and within the plan, if nothing else is said."""

    def said(episode: Episode, **answers: Any) -> None:
        at = clock.now()
        tell(episodes.today(episode, at), at=at, **answers)

    return said


@pytest.fixture
def week_later(on_plan: Episode, say: Callable[..., None], now: clock.Stopped) -> Episode:
    """Seven calm days told; the step is open."""
    for _ in range(7):
        say(on_plan)
        now.advance(days=1)
    return on_plan


@pytest.fixture
def helps(service: Service) -> Service:
    """The service, with how soon it promises to look."""
    service.promise_minutes = 60
    service.save()
    return service


def days(say: Callable[..., None], now: clock.Stopped, episode: Episode, told: list[Any]) -> None:
    """Tell these days one after the other, from today on."""
    for answers in told:
        say(episode, **answers)
        now.move_to(clock.now() + timedelta(days=1))
