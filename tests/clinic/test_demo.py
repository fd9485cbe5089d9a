"""The demo: twelve made-up people, each where the engine itself says they are."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stepwell import catalogue
from stepwell.clinic import demo
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care import queries, reviews
from stepwell.clinic.care.models import Episode, Review

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CAST = catalogue.document("demo", "cast.json")


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Any:
    """One demo for the tests below; it is rolled back at the end."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield demo.prepare(at=TODAY, seed=1)
        transaction.set_rollback(True)


def episode_of(name: str) -> Episode:
    return Episode.objects.select_related("service", "person").get(person__display_name=name)


def test_there_are_twelve_people_in_different_situations(made: list[demo.SignIn]) -> None:
    notes = [one.note for one in made if one.role == "person"]
    assert len(notes) == len(set(notes)) == 12


def test_everybody_is_marked_as_made_up_and_stands_on_a_published_figure() -> None:
    for one in CAST["people"]:
        assert one["made_up"] is True
        assert one["figure"], one["name"]
        assert one["source"], one["name"]


def test_everybody_is_where_the_engine_says_they_are(made: list[demo.SignIn]) -> None:
    said = {
        one["name"]: reviews.standing(episode_of(one["name"]), TODAY).recommendation
        for one in CAST["people"]
        if one["days"]
    }
    assert said["Drew"].offer == "step"
    assert said["Gray"].between
    assert said["Harper"].offer == "freeze"
    assert said["Indy"].findings[0].rule == "hold_when_silent"
    assert said["Lane"].findings[0].rule == "stay_through_aftercare"


def test_a_frozen_person_sees_no_amount(made: list[demo.SignIn]) -> None:
    page = queries.today_for_person(episode_of("Harper"), TODAY)
    assert page.ceiling_mg is None
    assert not page.shows_amount


def test_every_stored_review_replays_byte_for_byte(made: list[demo.SignIn]) -> None:
    some = Review.objects.select_related("episode").order_by("pk")[::7]
    assert len(some) > 20
    assert all(reviews.replays(review) for review in some)


def test_passwords_are_never_kept_in_clear(made: list[demo.SignIn]) -> None:
    for one in made:
        user = User.objects.get(username=one.username)
        assert one.password not in user.password


def test_the_demo_refuses_a_real_account(made: list[demo.SignIn]) -> None:
    service = Service.objects.get(is_demo=True)
    with pytest.raises(people.WrongKind):
        people.create(
            service=service, username="real", display_name="Real", role="person", at=TODAY
        )
