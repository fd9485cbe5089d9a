"""A second step to sign in: a code that counts once, and codes for when the app is gone."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import second_factor
from stepwell.clinic.accounts.models import RecoveryCode, SecondFactor, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care.models import Episode
from tests.conftest import MONDAY

PASSWORD = "a-long-enough-password-7"
SET_UP, STEP = "/second-factor/", "/sign-in/code/"
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _stopped(now: clock.Stopped) -> None:
    """No page here reads a real clock."""


@pytest.fixture(autouse=True)
def can_sign_in(sam: User, rowan: User) -> None:
    for user in (sam, rowan):
        user.set_password(PASSWORD)
        user.password_own_at = MONDAY
        user.save()


def sign_in(client: Client, name: str, **told: str) -> Any:
    return client.post(
        reverse("sign-in"), {"username": name, "password": PASSWORD, **told}, follow=True
    )


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(user: User) -> str:
    secret = SecondFactor.objects.get(user=user).secret
    return pyotp.TOTP(secret).at(clock.now())


@pytest.fixture
def codes(rowan: User, now: clock.Stopped) -> list[str]:
    """Rowan has set one up; half a minute later the next code is shown."""
    second_factor.begin(rowan, at=clock.now())
    made = second_factor.confirm(rowan, code_of(rowan), at=clock.now())
    now.advance(seconds=60)
    return made


def test_setting_it_up_shows_ten_codes_once(client: Client, rowan: User, episode: Episode) -> None:
    sign_in(client, "rowan")
    assert client.get("/second-factor/scan.svg")["Content-Type"] == "image/svg+xml"
    client.get(SET_UP)
    page = client.post(SET_UP, {"code": code_of(rowan)}).content.decode()
    shown = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", page)
    assert len(set(shown)) == 10
    again = client.get(SET_UP).content.decode()
    assert shown[0] not in again
    assert SecondFactor.objects.get(user=rowan).secret not in again
    assert client.get("/second-factor/scan.svg").status_code == 404


def test_a_wrong_code_sets_nothing_up(client: Client, rowan: User, episode: Episode) -> None:
    sign_in(client, "rowan")
    client.get(SET_UP)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    assert not second_factor.has(rowan)


def test_from_then_on_a_password_alone_opens_nothing(
    client: Client, rowan: User, codes: list[str], episode: Episode
) -> None:
    assert sign_in(client, "rowan").redirect_chain[-1][0] == STEP
    assert not is_in(client)
    assert client.get(reverse("person:me")).status_code == 302
    client.post(STEP, {"code": code_of(rowan)})
    assert is_in(client)


@pytest.mark.parametrize("typed", ["", "十二三", "000000", "\x00", "x" * 500])
def test_what_is_no_code_is_refused_and_nothing_else(
    typed: str, rowan: User, codes: list[str]
) -> None:
    with pytest.raises(second_factor.WrongCode):
        second_factor.check(rowan, typed, at=clock.now())


def test_a_code_counts_once(rowan: User, codes: list[str]) -> None:
    code = code_of(rowan)
    second_factor.check(rowan, code, at=clock.now())
    with pytest.raises(second_factor.WrongCode):
        second_factor.check(rowan, code, at=clock.now())


@pytest.mark.parametrize(
    ("off", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phones_clock_may_be_off_by_half_a_minute(
    off: int, fits: bool, rowan: User, codes: list[str], now: clock.Stopped
) -> None:
    now.advance(minutes=5)
    secret = SecondFactor.objects.get(user=rowan).secret
    code = pyotp.TOTP(secret).at(clock.now() + off * HALF_A_MINUTE)
    if fits:
        second_factor.check(rowan, code, at=clock.now())
        return
    with pytest.raises(second_factor.WrongCode):
        second_factor.check(rowan, code, at=clock.now())


def test_a_recovery_code_opens_once_and_is_in_the_trail(
    client: Client, rowan: User, codes: list[str], episode: Episode
) -> None:
    sign_in(client, "rowan")
    client.post(STEP, {"code": codes[3].upper().replace("-", " ")})
    assert is_in(client)
    assert second_factor.left(rowan) == 9
    client.logout()
    sign_in(client, "rowan")
    assert client.post(STEP, {"code": codes[3]}).status_code == 422
    assert Entry.objects.filter(action="second_factor.recover").count() == 1


def test_recovery_codes_are_kept_hashed(codes: list[str]) -> None:
    kept = " ".join(RecoveryCode.objects.values_list("code", flat=True))
    assert not any(code in kept for code in codes)


def test_guessing_codes_is_as_slow_as_guessing_passwords(
    client: Client, rowan: User, codes: list[str], episode: Episode
) -> None:
    sign_in(client, "rowan")
    for _ in range(5):
        assert client.post(STEP, {"code": "000000"}).status_code == 422
    assert client.post(STEP, {"code": code_of(rowan)}).status_code == 429
    assert not is_in(client)


def test_right_passwords_do_not_win_more_guesses_of_the_code(
    client: Client, rowan: User, codes: list[str], episode: Episode
) -> None:
    """Somebody who knows the password cannot start counting anew by typing it again."""
    for _ in range(5):
        sign_in(client, "rowan")
        client.post(STEP, {"code": "000000"})
    assert sign_in(client, "rowan").status_code == 429


def test_five_minutes_after_the_password_the_step_begins_again(
    client: Client, rowan: User, codes: list[str], episode: Episode, now: clock.Stopped
) -> None:
    sign_in(client, "rowan")
    now.advance(minutes=6)
    answer = client.post(STEP, {"code": code_of(rowan)})
    assert answer["Location"] == reverse("sign-in")
    assert not is_in(client)


def test_it_is_taken_away_with_a_code_of_it_alone(
    client: Client, rowan: User, codes: list[str], episode: Episode
) -> None:
    client.force_login(rowan)
    assert client.post(SET_UP, {"code": "000000"}).status_code == 422
    assert second_factor.has(rowan)
    client.post(SET_UP, {"code": code_of(rowan)})
    assert not second_factor.has(rowan)


def test_a_colleague_of_a_real_service_sets_it_up_before_anything_else(
    client: Client, sam: User
) -> None:
    assert sign_in(client, "sam").redirect_chain[-1][0] == SET_UP
    assert client.get(reverse("team:caseload"))["Location"] == SET_UP
    assert client.get(reverse("help")).status_code == 200
    client.post(SET_UP, {"code": code_of(sam)})
    assert client.get(reverse("team:caseload")).status_code == 200


def test_taking_it_away_leads_a_colleague_back_to_setting_it_up(
    client: Client, sam: User, now: clock.Stopped
) -> None:
    sign_in(client, "sam")
    client.post(SET_UP, {"code": code_of(sam)})
    now.advance(seconds=60)
    client.post(SET_UP, {"code": code_of(sam)})
    assert client.get(reverse("team:caseload"))["Location"] == SET_UP


def test_an_administrator_takes_it_away_for_a_colleague_who_lost_it(
    client: Client, sam: User, ada: User
) -> None:
    second_factor.begin(sam, at=clock.now())
    second_factor.confirm(sam, code_of(sam), at=clock.now())
    client.force_login(ada)
    assert "Take their second step away" in client.get(reverse("team:accounts")).content.decode()
    client.post(reverse("team:second_factor_away", args=[sam.pk]))
    assert not second_factor.has(sam)
    line = Entry.objects.get(action="second_factor.take_away")
    assert (line.actor_name, line.subject) == ("Ada", str(sam.pk))


def test_nobody_else_takes_a_second_step_away(
    client: Client, sam: User, dr_osei: User, mo: User, ines: User, rowan: User
) -> None:
    second_factor.begin(sam, at=clock.now())
    second_factor.confirm(sam, code_of(sam), at=clock.now())
    for other in (dr_osei, mo, ines, rowan):
        client.force_login(other)
        client.post(reverse("team:second_factor_away", args=[sam.pk]))
    assert second_factor.has(sam)


def test_where_everybody_is_made_up_nobody_is_asked(sam: User) -> None:
    assert second_factor.needs(sam)
    sam.service.is_demo = True
    assert not second_factor.needs(sam)


def test_what_the_app_scans_does_not_say_what_it_is_for(rowan: User) -> None:
    told = second_factor.address(second_factor.begin(rowan, at=MONDAY))
    assert told.startswith("otpauth://totp/Steps:rowan?secret=")
    assert "issuer=Steps" in told
