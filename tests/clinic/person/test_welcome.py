"""The doors for somebody who is not signed in."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import User
from tests.clinic.person.pages import text

pytestmark = pytest.mark.django_db


def test_somebody_without_an_account_finds_three_doors_and_help(client: Client) -> None:
    shown = client.get("/").content.decode()
    for name in ("sign-in", "diary", "around", "private", "help"):
        assert f'href="{reverse(name)}"' in shown, name


def test_who_is_signed_in_goes_to_where_they_belong(client: Client, rowan: User, sam: User) -> None:
    for user, place in ((rowan, "/today/"), (sam, "/team/")):
        client.force_login(user)
        assert client.get("/").headers["Location"] == place


def test_looking_around_shows_somebody_made_up_and_no_amount(client: Client) -> None:
    shown = text(client.get(reverse("around")))
    assert "This person is made up." in shown
    assert not re.search(r"\d\s*m?g\b", shown)


def test_the_diary_is_the_same_page_for_everybody_and_sets_nothing(client: Client) -> None:
    first, second = (client.get(reverse("diary")) for _ in range(2))
    assert first.content == second.content
    assert not first.cookies
    assert "Nobody watches this diary." in text(first)


def test_hide_is_explained_before_anybody_needs_it(client: Client) -> None:
    shown = text(client.get(reverse("private")))
    assert "press Shift three times" in shown
    assert "It does not clear your browser’s history." in shown
    assert "spying software" in shown
