"""What lies behind Help: ten minutes by the clock, pain and cramps; and the cards of Learn."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care.models import Episode
from stepwell.clinic.person import words
from tests.clinic.person.pages import text

RIDE, PAIN, LEARN = reverse("ride-out"), reverse("pain"), reverse("person:learn")
DRUG = re.compile(r"ketamin|\bket\b|\bdrug", re.IGNORECASE)
SLEEP = "You said this matters to you"


@pytest.mark.parametrize(("door", "room"), [("craving", RIDE), ("pain", PAIN)])
def test_a_room_is_one_tap_from_its_door(
    client: Client, service: Service, door: str, room: str
) -> None:
    page = client.get(reverse("help-door", args=[door])).content.decode()
    assert f'href="{room}"' in page


@pytest.mark.parametrize("room", [RIDE, PAIN])
def test_a_room_is_open_to_everybody_and_waits_for_review(
    client: Client, service: Service, room: str
) -> None:
    said = text(client.get(room))
    assert "999" in said
    assert "We are not watching this screen." in said
    assert "still wait for a clinician’s review" in said
    assert not DRUG.search(said)


@pytest.mark.parametrize("room", [RIDE, PAIN])
def test_a_room_without_a_service_still_says_what_to_do(
    client: Client, db: None, room: str
) -> None:
    assert "Call the emergency number where you are" in text(client.get(room))


def test_it_says_until_when_by_the_clock_of_the_service(
    client: Client, service: Service, now: clock.Stopped
) -> None:
    now.move_to(datetime(2026, 7, 1, 22, 55, tzinfo=UTC))  # summer: an hour ahead in London
    assert "Wait until 00:05" in text(client.get(RIDE))


def test_the_time_that_is_left_is_said_only_where_something_counts_it(
    client: Client, service: Service
) -> None:
    page = client.get(RIDE).content.decode()
    assert re.search(r"data-left hidden", page)
    assert re.search(r"data-done hidden", page)


def test_ones_own_reasons_are_there_in_ones_own_words(phone: Client, on_plan: Episode) -> None:
    said = text(phone.get(RIDE))
    assert SLEEP in said
    assert "Sleep" in said
    assert "Money" in said


def test_nothing_of_ones_own_stays_on_the_phone_for_everybody(
    phone: Client, on_plan: Episode
) -> None:
    assert SLEEP not in text(phone.get(RIDE, headers={"X-Steps-Shell": "1"}))
    assert "no-store" in phone.get(RIDE)["Cache-Control"]


@pytest.mark.parametrize("who", ["sam", "rowan"])
def test_whoever_has_no_course_of_care_has_no_reasons_there(
    request: pytest.FixtureRequest, client: Client, service: Service, who: str
) -> None:
    user: User = request.getfixturevalue(who)
    client.force_login(user)
    assert SLEEP not in text(client.get(RIDE))


def test_a_hot_bath_alone_is_never_said_to_help(client: Client, service: Service) -> None:
    helps, avoid = text(client.get(PAIN)).split("What to avoid")
    assert "bath" not in helps
    assert "A hot bath when you are alone" in avoid


def test_pain_leads_to_the_team(phone: Client, on_plan: Episode) -> None:
    page = phone.get(PAIN).content.decode()
    assert f'href="{reverse("person:plan")}#talk"' in page


def test_there_are_at_most_twelve_cards_of_at_most_a_hundred_words(
    phone: Client, on_plan: Episode
) -> None:
    cards = words.cards()
    assert 0 < len(cards) <= 12
    assert all(len(" ".join(card.text).split()) <= 100 for card in cards)
    said = text(phone.get(LEARN))
    assert all(card.name in said and card.grade in said and card.source in said for card in cards)


def test_learn_waits_for_review_and_says_that_stopping_is_an_equal_choice(
    phone: Client, on_plan: Episode
) -> None:
    said = text(phone.get(LEARN))
    assert "still wait for a clinician’s review" in said
    assert "Stopping now, with support, is an equal choice." in said
    assert not re.search(r"ketamin|\bket\b", " ".join(" ".join(c.text) for c in words.cards()))
