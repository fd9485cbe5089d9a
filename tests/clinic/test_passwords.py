"""One's own password: changed with the old one, and at once where somebody else has seen it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import passwords
from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care.models import Episode
from tests.conftest import MONDAY

OLD, NEW, PAGE = "handed-over-by-ada-9", "three-words-of-mine", "/password/"


@pytest.fixture(autouse=True)
def _stopped(now: clock.Stopped) -> None:
    """No page here reads a real clock."""


@pytest.fixture(autouse=True)
def can_sign_in(sam: User, rowan: User) -> None:
    for user in (sam, rowan):
        user.set_password(OLD)
        user.save()


def sign_in(client: Client, name: str, password: str = OLD) -> Any:
    told = {"username": name, "password": password}
    return client.post(reverse("sign-in"), told, follow=True)


def change(client: Client, old: str = OLD, new: str = NEW) -> Any:
    return client.post(PAGE, {"old": old, "new": new})


def test_a_colleague_changes_a_first_password_before_anything_else(
    client: Client, sam: User
) -> None:
    assert sign_in(client, "sam").redirect_chain[-1][0] == PAGE
    assert client.get(reverse("team:caseload"))["Location"] == PAGE
    assert client.get(reverse("help")).status_code == 200
    assert change(client).status_code == 302
    assert client.get(reverse("team:caseload"))["Location"] == reverse("second-factor")
    sam.refresh_from_db()
    assert sam.check_password(NEW)
    assert not passwords.must_change(sam)


def test_whoever_chose_it_alone_is_not_asked(rowan: User, sam: User) -> None:
    sam.password_own_at = MONDAY
    assert not passwords.must_change(sam)
    assert not passwords.must_change(rowan)


def test_the_old_one_is_asked_for_and_guessing_it_is_slow(
    client: Client, rowan: User, episode: Episode
) -> None:
    sign_in(client, "rowan")
    for _ in range(5):
        assert change(client, old="not it").status_code == 422
    assert change(client).status_code == 429
    rowan.refresh_from_db()
    assert rowan.check_password(OLD)


def test_a_weak_one_is_refused(client: Client, rowan: User, episode: Episode) -> None:
    sign_in(client, "rowan")
    assert change(client, new="short").status_code == 422
    rowan.refresh_from_db()
    assert rowan.check_password(OLD)


def test_every_other_place_is_signed_out_and_this_one_stays(
    client: Client, rowan: User, episode: Episode
) -> None:
    other = Client()
    sign_in(other, "rowan")
    sign_in(client, "rowan")
    change(client)
    assert client.get(reverse("person:me")).status_code == 200
    assert other.get(reverse("person:me")).status_code == 302
    assert Entry.objects.filter(action="passwords.change", subject=str(rowan.pk)).count() == 1
