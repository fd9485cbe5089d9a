"""A person's own way in: a code handed over once, and a password that nobody else ever knew."""

from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import joining, second_factor
from stepwell.clinic.accounts.models import JoinCode, SecondFactor, User
from stepwell.clinic.care.models import Episode

PASSWORD = "three-words-of-mine"
JOIN = "/join/"


@pytest.fixture(autouse=True)
def _stopped(now: clock.Stopped) -> None:
    """No page here reads a real clock."""


@pytest.fixture
def code(rowan: User, sam: User) -> str:
    return joining.make(rowan, by=sam, at=clock.now())


def join(client: Client, code: str, username: str = "", password: str = PASSWORD) -> Any:
    told = {"code": code, "username": username, "password": password}
    return client.post(JOIN, told)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_with_a_code_a_person_chooses_name_and_password_and_is_in(
    client: Client, code: str, rowan: User, episode: Episode
) -> None:
    assert join(client, code.upper().replace("-", " "), "blue-kettle").status_code == 302
    assert client.get(reverse("person:me")).status_code == 200
    rowan.refresh_from_db()
    assert rowan.username == "blue-kettle"
    assert rowan.check_password(PASSWORD)


def test_without_another_name_it_stays_the_one_that_was_told(
    client: Client, code: str, rowan: User
) -> None:
    join(client, code)
    rowan.refresh_from_db()
    assert rowan.username == "rowan"


def test_a_code_works_once(client: Client, code: str) -> None:
    join(client, code)
    again = Client()
    assert join(again, code, password="another-three-words").status_code == 422
    assert not is_in(again)


def test_a_code_is_too_old_after_a_week(client: Client, code: str, now: clock.Stopped) -> None:
    now.advance(days=7)
    assert join(client, code).status_code == 422


def test_a_new_code_makes_the_one_before_void(
    client: Client, code: str, rowan: User, sam: User
) -> None:
    other = joining.make(rowan, by=sam, at=clock.now())
    assert join(client, code).status_code == 422
    assert join(client, other).status_code == 302


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"password": "short"}, "too short"),
        ({"username": "sam"}, "Somebody has this name"),
    ],
)
def test_what_does_not_do_is_said_and_the_code_is_still_good(
    told: dict[str, str], why: str, client: Client, code: str
) -> None:
    answer = join(client, code, **told)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert join(client, code).status_code == 302


def test_guessing_codes_is_slow(client: Client, code: str) -> None:
    for _ in range(5):
        assert join(client, "aaaa-aaaa").status_code == 422
    assert join(client, code).status_code == 429
    assert not is_in(client)


def test_a_code_is_kept_hashed(code: str) -> None:
    assert code.replace("-", "") not in JoinCode.objects.get().digest


def test_whoever_was_signed_in_before_is_signed_out(
    client: Client, rowan: User, sam: User, episode: Episode
) -> None:
    """A stolen phone, or somebody who knew the old password."""
    client.force_login(rowan)
    assert client.get(reverse("person:me")).status_code == 200
    join(Client(), joining.make(rowan, by=sam, at=clock.now()))
    assert client.get(reverse("person:me")).status_code == 302


def test_a_forgotten_password_is_no_way_around_the_second_step(
    client: Client, rowan: User, code: str, episode: Episode
) -> None:
    second_factor.begin(rowan, at=clock.now())
    app = pyotp.TOTP(SecondFactor.objects.get().secret)
    second_factor.confirm(rowan, app.at(clock.now()), at=clock.now())
    assert join(client, code)["Location"] == "/sign-in/code/"
    assert not is_in(client)


def test_only_a_colleague_of_the_same_service_makes_one(rowan: User, sam: User, ines: User) -> None:
    for by, person in ((ines, rowan), (rowan, rowan), (sam, ines)):
        with pytest.raises(joining.NotAllowed):
            joining.make(person, by=by, at=clock.now())


def test_the_team_hands_over_a_new_one_from_the_page_about_reaching_them(
    client: Client, sam: User, episode: Episode
) -> None:
    client.force_login(sam)
    assert (
        "A new code to sign in with"
        in client.get(reverse("team:reach", args=[episode.pk])).content.decode()
    )
    answer = client.post(reverse("team:new_code", args=[episode.pk]))
    assert answer["Cache-Control"] == "no-store"
    assert "It is shown once" in answer.content.decode()
    assert JoinCode.objects.get().user == episode.person
