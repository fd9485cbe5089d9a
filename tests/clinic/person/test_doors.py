"""Who gets in, what a page gives away, and how to be gone at once."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode
from tests.clinic.person.pages import text, title

OWN = ["today", "check-in", "more", "plan", "progress", "me", "who-looked", "start", "agreeing"]
OWN += [
    "questions",
    "pattern",
    "matters",
    "paper",
    "take",
    "delete",
    "move",
    "lock",
    "learn",
    "show",
    "show-write",
    "keep-well",
    "keep-well-list",
    "messages",
    "visits",
    "questions-to-fill",
    "who-sees",
    "detail",
    "body",
    "body-diary",
    "letters",
    "reach",
    "sent",
    "signed-in",
]
PASSWORD = "a-long-enough-password-7"
OUTS = re.compile(r"ketamin|\bket\b|drug|clinic|addict|dose", re.IGNORECASE)


def own_pages() -> list[str]:
    return [reverse(f"person:{name}") for name in OWN]


@pytest.mark.parametrize("name", OWN)
def test_nobody_sees_a_page_without_signing_in(client: Client, service: Any, name: str) -> None:
    answer = client.get(reverse(f"person:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


@pytest.fixture
def can_sign_in(rowan: User) -> None:
    rowan.set_password(PASSWORD)
    rowan.save()


def test_signing_in_leads_to_today(client: Client, begun: Episode, can_sign_in: None) -> None:
    told = {"username": "rowan", "password": PASSWORD}
    answer = client.post(reverse("sign-in"), told, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("person:today")


def test_a_wrong_password_says_so_and_keeps_the_name(client: Client, can_sign_in: None) -> None:
    told = {"username": "rowan", "password": "not it"}
    answer = client.post(reverse("sign-in"), told)
    assert "do not fit together" in text(answer)
    assert 'value="rowan"' in answer.content.decode()


@pytest.mark.parametrize("who", ["sam", "dr_osei", "ines"])
def test_a_colleague_never_sees_the_persons_screens(
    request: pytest.FixtureRequest, client: Client, on_plan: Episode, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    for page in own_pages():
        answer = client.get(page)
        assert answer.status_code == 302
        assert answer["Location"] == reverse("home")


def test_a_person_without_a_course_of_care_is_told_what_happens_next(
    phone: Client,
) -> None:
    assert "Your team starts this with you" in text(phone.get(reverse("person:today")))


@pytest.mark.parametrize("name", OWN)
def test_no_address_and_no_title_gives_anything_away(
    phone: Client, on_plan: Episode, name: str
) -> None:
    address = reverse(f"person:{name}")
    answer = phone.get(address, follow=True)
    assert not OUTS.search(address)
    assert not OUTS.search(title(answer))


def test_no_drug_word_on_today(phone: Client, on_plan: Episode) -> None:
    assert not re.search(r"ketamin|\bket\b|\bdrug", text(phone.get(reverse("person:today"))), re.I)


@pytest.mark.parametrize("name", OWN)
def test_help_and_hide_are_on_every_page(phone: Client, on_plan: Episode, name: str) -> None:
    page = phone.get(reverse(f"person:{name}"), follow=True).content.decode()
    assert f'class="tab-help" href="{reverse("help")}"' in page
    assert f'action="{reverse("hide")}"' in page


@pytest.mark.parametrize("name", OWN)
def test_a_page_needs_nothing_from_elsewhere_and_nothing_inline(
    phone: Client, on_plan: Episode, name: str
) -> None:
    page = phone.get(reverse(f"person:{name}"), follow=True).content.decode()
    assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\bsrc=)", page)


def test_every_page_says_that_it_is_not_approved_for_clinical_use(
    phone: Client, begun: Episode
) -> None:
    for page in own_pages():
        assert "Not approved for clinical use" in text(phone.get(page, follow=True))


def test_hide_ends_the_session_and_shows_a_page_that_says_nothing(
    phone: Client, on_plan: Episode
) -> None:
    answer = phone.post(reverse("hide"), follow=True)
    assert title(answer) == "Notes"
    assert not OUTS.search(text(answer))
    assert phone.get(reverse("person:today")).status_code == 302


def test_hiding_needs_a_tap_and_no_link_can_do_it(phone: Client, on_plan: Episode) -> None:
    assert phone.get(reverse("hide")).status_code == 405
    assert phone.get(reverse("sign-out")).status_code == 405
    assert phone.get(reverse("person:today")).status_code == 200


def test_the_look_is_kept_on_the_device(phone: Client, on_plan: Episode) -> None:
    phone.post(reverse("theme"), {"theme": "dark", "next": reverse("person:me")})
    assert 'data-theme="dark"' in phone.get(reverse("person:me")).content.decode()
    phone.post(reverse("theme"), {"theme": ""})
    assert "data-theme" not in phone.get(reverse("person:me")).content.decode()


def test_the_way_back_never_leads_to_another_address(phone: Client, on_plan: Episode) -> None:
    answer = phone.post(reverse("theme"), {"theme": "dark", "next": "https://elsewhere.example/"})
    assert answer["Location"] == reverse("home")


def test_me_shows_each_agreement_with_its_day_and_who_looked(
    phone: Client, on_plan: Episode, rowan: User
) -> None:
    said = text(phone.get(reverse("person:me")))
    assert said.count("since 30 November 2026") == 3
    assert said.count("Not answered") == 3
    looked = text(phone.get(reverse("person:who-looked")))
    assert "Dr Osei" in looked
    assert "Plan approved" in looked
