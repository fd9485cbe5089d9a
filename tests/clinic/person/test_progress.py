"""Progress: words before the chart, and how much of it is known."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.care.models import Episode
from tests.clinic.person.conftest import days
from tests.clinic.person.pages import text

Say = Callable[..., None]


def progress(phone: Client) -> str:
    return text(phone.get(reverse("person:progress")))


def test_with_few_days_there_is_no_picture_yet(phone: Client, on_plan: Episode) -> None:
    assert "5 more days told and you will see a picture" in progress(phone)


def test_days_off_come_first_with_how_much_is_known(
    phone: Client, on_plan: Episode, say: Say, now: clock.Stopped
) -> None:
    off = {"used": False}
    days(say, now, on_plan, [{}, {}, off, {}, off, {}])
    said = progress(phone)
    assert "2 days off, of the 6 days you told us about." in said
    assert "Based on 6 of 28 days." in said
    assert "less than half" in said


def test_a_day_that_was_not_told_is_said_to_be_not_told(phone: Client, on_plan: Episode) -> None:
    said = progress(phone)
    assert "Tuesday 1 December: not told" in said
    assert "Not told is not zero" in said
