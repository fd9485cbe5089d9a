"""The demo: twelve made-up people, each where the engine itself says they are."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from stepwell import catalogue
from stepwell.clinic import clock, demo
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care import plans, queries, reviews
from stepwell.clinic.care.models import Episode, Event, Review

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TODAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CAST = catalogue.document("demo", "cast.json")
EVERYBODY = [one["name"] for one in CAST["people"]]
# What decides for each of them, and whether their page may show an amount.
STANDS = {
    "Ash": ("review", "review_when_never_approved", False),
    "Billie": ("stay", "stay_before_the_start", False),
    "Casey": ("review", "review_when_never_approved", False),
    "Drew": ("step", "step_when_settled", True),
    "Ellis": ("stay", "stay_until_level_is_served", True),
    "Frankie": ("hold", "hold_when_somebody_took_a_hold", True),
    "Gray": ("stay", "stay_until_level_is_served", True),
    "Harper": ("freeze", "freeze_on_red_flag", False),
    "Indy": ("hold", "hold_when_silent", True),
    "Jules": ("stay", "stay_until_level_is_served", True),
    "Kit": ("stay", "stay_until_level_is_served", True),
    "Lane": ("stay", "stay_through_aftercare", True),
}


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[demo.SignIn]]:
    """One demo for the tests below; it is rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo.prepare(at=TODAY, seed=1)
        transaction.set_rollback(True)


def episode_of(name: str) -> Episode:
    return Episode.objects.select_related("service", "person").get(person__display_name=name)


def kinds(name: str) -> list[str]:
    told = Event.objects.filter(episode=episode_of(name)).order_by("sequence")
    return [kind for kind in told.values_list("kind", flat=True) if kind != "check_in"]


def page_of(name: str, path: str) -> str:
    client = Client()
    client.force_login(User.objects.get(display_name=name))
    with clock.stopped(TODAY):
        answer = client.get(path, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# --- the cast -----------------------------------------------------------------------------------


def test_there_are_twelve_people_in_different_situations(made: list[demo.SignIn]) -> None:
    notes = [one.note for one in made if one.role == "person"]
    assert len(notes) == len(set(notes)) == 12


def test_everybody_is_marked_as_made_up_and_stands_on_a_published_figure() -> None:
    for one in CAST["people"]:
        assert one["made_up"] is True
        assert one["figure"], one["name"]
        assert one["source"], one["name"]


def test_the_cast_holds_no_history() -> None:
    dated = re.compile(r"\d{4}-\d{2}-\d{2}")
    assert not [one["name"] for one in CAST["people"] if dated.search(str(one))]


def test_the_safety_officer_signs_no_plan_here(made: list[demo.SignIn]) -> None:
    officer = User.objects.get(is_safety_officer=True)
    approved = [plan for name in EVERYBODY if (plan := plans.current(episode_of(name)))]
    assert len(approved) == 10
    assert officer not in [plan.approved_by for plan in approved]


# --- where everybody is, by the engine's own word ------------------------------------------------


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_is_where_the_engine_says_they_are(made: list[demo.SignIn], name: str) -> None:
    stands = reviews.standing(episode_of(name), TODAY)
    said = stands.recommendation
    assert (said.offer, said.findings[0].rule, stands.shows_amount) == STANDS[name]


def test_a_draft_with_every_gate_closed_waits_for_a_signature(made: list[demo.SignIn]) -> None:
    draft = plans.latest_draft(episode_of("Ash"))
    assert draft is not None
    assert plans.blockers(draft, User.objects.get(username="osei"), TODAY) == []


def test_a_draft_with_a_gate_open_cannot_be_signed(made: list[demo.SignIn]) -> None:
    draft = plans.latest_draft(episode_of("Casey"))
    assert draft is not None
    found = plans.blockers(draft, User.objects.get(username="osei"), TODAY)
    assert [one.gate for one in found] == ["alcohol_dependence"]


def test_the_retry_is_half_as_large(made: list[demo.SignIn]) -> None:
    episode = episode_of("Gray")
    plan = plans.current(episode)
    assert plan is not None
    first, second = (plan.levels[n]["ceiling_mg"] for n in (1, 2))
    said = reviews.standing(episode, TODAY).recommendation
    assert kinds("Gray") == ["step", "step_back", "step"]
    assert said.between
    assert said.ceiling_mg is not None
    assert second < said.ceiling_mg < first


def test_silence_has_lasted_five_days(made: list[demo.SignIn]) -> None:
    assert demo.situation(episode_of("Indy"), TODAY)["seen"] == 5


def test_only_the_prescriber_moves_prescribed_levels(made: list[demo.SignIn]) -> None:
    moved = Event.objects.filter(episode=episode_of("Jules")).exclude(kind="check_in")
    assert {event.by for event in moved} == {"clinician:Dr Abena Osei"}


def test_a_review_date_that_is_near_is_on_the_teams_day(made: list[demo.SignIn]) -> None:
    found = queries.lanes(User.objects.get(username="sam"), TODAY)
    near = [card.person for card in found[queries.Lane.DUE] if card.reason == "review_date"]
    assert near == ["Kit"]


def test_somebody_who_misses_days_is_still_not_silent(made: list[demo.SignIn]) -> None:
    told = set(
        Event.objects.filter(episode=episode_of("Ellis"), kind="check_in").values_list(
            "on", flat=True
        )
    )
    month = [TODAY.date() - timedelta(days=n) for n in range(1, 29)]
    assert 3 <= len([day for day in month if day not in told]) <= 5


def test_nothing_is_told_of_a_day_that_has_not_come(made: list[demo.SignIn]) -> None:
    newest = Event.objects.order_by("-recorded").values_list("recorded", "on")[0]
    assert newest[0] <= TODAY
    assert newest[1] <= TODAY.date()
    assert not Event.objects.filter(set_aside=True).exists()


# --- what must hold for everybody ----------------------------------------------------------------


def test_nobodys_page_shows_an_amount_while_frozen(made: list[demo.SignIn]) -> None:
    frozen = [name for name, (offer, _, _) in STANDS.items() if offer == "freeze"]
    assert frozen == ["Harper"]
    for path in ("/today/", "/plan/"):
        assert not re.search(r"\d\s*(mg|g)\b", page_of("Harper", path)), path


def test_the_same_page_shows_one_where_a_plan_runs(made: list[demo.SignIn]) -> None:
    assert re.search(r"\d\s*(mg|g)\b", page_of("Ellis", "/today/"))


def test_every_stored_review_replays_byte_for_byte(made: list[demo.SignIn]) -> None:
    stored = Review.objects.select_related("episode")
    assert stored.count() > 200
    assert [review for review in stored if not reviews.replays(review)] == []


def test_passwords_are_never_kept_in_clear(made: list[demo.SignIn]) -> None:
    for one in made:
        user = User.objects.get(username=one.username)
        assert one.password not in user.password
        assert user.password.startswith("argon2")


# --- demo and real never meet --------------------------------------------------------------------


def test_the_demo_refuses_a_real_account(made: list[demo.SignIn]) -> None:
    service = Service.objects.get(is_demo=True)
    with pytest.raises(people.WrongKind):
        people.create(
            service=service, username="real", display_name="Real", role="person", at=TODAY
        )
