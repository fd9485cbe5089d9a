"""Help: one tap, no lock, only numbers that have a source."""

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import Service
from stepwell.clinic.care.models import Episode
from stepwell.clinic.person import words
from tests.clinic.person.pages import text


def test_help_is_open_to_somebody_who_has_not_signed_in(client: Client, service: Service) -> None:
    said = text(client.get(reverse("help")))
    assert "Call 999" in said
    assert "Riverside" in said


def test_help_has_six_doors(client: Client, service: Service) -> None:
    page = client.get(reverse("help")).content.decode()
    assert len(words.doors()) == 6
    for door in words.doors():
        assert reverse("help-door", args=[door.slug]) in page


@pytest.mark.parametrize("slug", [door.slug for door in words.doors()])
def test_every_door_opens_and_says_that_nobody_watches(
    client: Client, service: Service, slug: str
) -> None:
    said = text(client.get(reverse("help-door", args=[slug])))
    assert "We are not watching this screen." in said
    assert "999" in said


def test_a_door_that_is_not_there_is_not_found(client: Client, service: Service) -> None:
    assert client.get(reverse("help-door", args=["nowhere"])).status_code == 404


def test_the_demo_marks_the_numbers_that_are_not_checked(
    client: Client, demo_service: Service
) -> None:
    assert "not checked" in text(client.get(reverse("help")))


def test_a_real_service_shows_only_numbers_that_are_checked(
    client: Client, service: Service
) -> None:
    said = text(client.get(reverse("help")))
    assert "Samaritans" in said
    assert "not checked" not in said
    assert "FRANK" not in said


def test_help_without_a_service_still_says_what_to_do(client: Client, db: None) -> None:
    said = text(client.get(reverse("help")))
    assert "Call the emergency number where you are" in said


def test_a_number_for_texts_is_not_offered_as_a_call(client: Client, service: Service) -> None:
    page = client.get(reverse("help")).content.decode()
    assert 'href="sms:85258"' in page
    assert 'href="tel:116123"' in page


def test_help_is_in_the_same_corner_signed_in_or_not(client: Client, on_plan: Episode) -> None:
    signed_out = client.get(reverse("help")).content.decode()
    client.force_login(on_plan.person)
    signed_in = client.get(reverse("person:today")).content.decode()
    corner = '<li class="tab-help-item">'
    assert signed_out.count(corner) == signed_in.count(corner) == 1
