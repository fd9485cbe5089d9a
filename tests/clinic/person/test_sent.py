"""What a person is sent: nothing unless they ask, and then only the words they have seen."""

from datetime import time

import pytest
from django.test import Client

from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import reminders
from stepwell.clinic.care.models import Episode, Notice, Reminder
from tests.clinic.person.pages import text

PAGE = "/me/sent/"
ASKED = {"channel": "sms", "address": "+44 7700 900123", "daily_at": "19:00", "messages": "on"}


def save(phone: Client, **told: str) -> str:
    return text(phone.post(PAGE, ASKED | told, follow=True))


def test_the_page_shows_each_word_that_may_come(phone: Client, on_plan: Episode) -> None:
    said = text(phone.get(PAGE))
    assert "You have a note for today." in said
    assert "Send me nothing" in said


def test_what_is_asked_for_is_kept_and_a_code_is_sent_there(
    phone: Client, on_plan: Episode, rowan: User
) -> None:
    assert "We sent a code there" in save(phone)
    wish = reminders.of(rowan)
    assert (wish.daily_at, wish.messages) == (time(19, 0), True)
    code = Notice.objects.get(kind="code").code
    answer = phone.post(f"{PAGE}code/", {"code": code}, follow=True)
    assert "It is yours" in text(answer)
    assert ways.confirmed(rowan).get().address == "+447700900123"


def test_a_wrong_code_says_so(phone: Client, on_plan: Episode, rowan: User) -> None:
    save(phone)
    answer = phone.post(f"{PAGE}code/", {"code": "not it"}, follow=True)
    assert "does not fit" in text(answer)
    assert not ways.confirmed(rowan).exists()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"address": "07700 900123"}, "Nothing can be sent there"),
        ({"address": ""}, "Say where to"),
        ({"channel": ""}, "Say how it should come"),
    ],
)
def test_what_would_never_come_is_not_promised(
    told: dict[str, str], why: str, phone: Client, on_plan: Episode
) -> None:
    answer = phone.post(PAGE, ASKED | told)
    assert answer.status_code == 422
    assert why in text(answer)
    assert 'value="19:00"' in answer.content.decode()
    assert not Reminder.objects.exists()


def test_nothing_can_be_asked_for_again(phone: Client, on_plan: Episode, rowan: User) -> None:
    save(phone)
    nothing = {"channel": "", "address": "", "daily_at": ""}
    phone.post(PAGE, nothing)
    assert reminders.of(rowan).daily_at is None
    assert not ways.of(rowan).exists()


def test_another_way_takes_the_place_of_the_first(
    phone: Client, on_plan: Episode, rowan: User
) -> None:
    save(phone)
    save(phone, channel="email", address="rowan@example.org")
    assert [way.channel for way in ways.of(rowan)] == ["email"]
