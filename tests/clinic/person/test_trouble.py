"""When something goes wrong: plain words, no details, and Help within reach."""

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import Service
from stepwell.clinic.care import queries
from stepwell.clinic.care.models import Episode
from tests.clinic.person.pages import text


def test_a_page_that_is_not_there_says_so_and_shows_the_way_back(
    client: Client, service: Service
) -> None:
    answer = client.get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no such page" in text(answer)
    assert f'href="{reverse("help")}"' in answer.content.decode()


def test_a_fault_shows_plain_words_and_nothing_of_the_person(
    phone: Client, on_plan: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("2350 mg")

    monkeypatch.setattr(queries, "today_for_person", broken)
    phone.raise_request_exception = False
    answer = phone.get(reverse("person:today"))
    assert answer.status_code == 500
    assert "Something went wrong here" in text(answer)
    assert "mg" not in text(answer)
    assert 'href="/help/"' in answer.content.decode()


def test_a_form_that_was_open_for_too_long_is_refused_in_plain_words(
    rowan: object, episode: Episode
) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(reverse("sign-in"), {"username": "rowan", "password": "x"})
    assert answer.status_code == 403
    assert "Nothing was sent" in text(answer)


def test_the_page_for_a_fault_needs_no_database_and_no_session() -> None:
    assert "Something went wrong" in render_to_string("500.html", request=HttpRequest())


def test_back_after_hiding_finds_nothing_kept(phone: Client, on_plan: Episode) -> None:
    for name in ("today", "plan", "check-in", "progress", "me"):
        assert "no-store" in phone.get(reverse(f"person:{name}"))["Cache-Control"]
