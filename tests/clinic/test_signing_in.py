"""Guessing is slow, sessions end when they are left alone, and a flood is put off."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import floods, lockout, sessions
from stepwell.clinic.accounts.models import Failures, SignedIn, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care.models import Episode, Event
from stepwell.clinic.person import first

PASSWORD = "a-long-enough-password-7"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) AppleWebKit/605 Version/19 Safari/604.1"
FOX = "Mozilla/5.0 (X11; Linux) Firefox/150.0"


@pytest.fixture(autouse=True)
def _stopped(now: clock.Stopped) -> None:
    """No page here reads a real clock."""


@pytest.fixture(autouse=True)
def _without_a_second_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """That one has tests of its own."""
    monkeypatch.setattr(first, "ask", lambda *_: None)


@pytest.fixture
def can_sign_in(sam: User, rowan: User) -> None:
    for user in (sam, rowan):
        user.set_password(PASSWORD)
        user.save()


def sign_in(client: Client, name: str, password: str = PASSWORD, **told: str) -> Any:
    known = {"username": name, "password": password, **told}
    return client.post(reverse("sign-in"), known, headers={"user-agent": PHONE})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- guessing -----------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_is_not_looked_at_either(
    client: Client, can_sign_in: None
) -> None:
    for _ in range(5):
        assert sign_in(client, "sam", "not it").status_code == 200
    answer = sign_in(client, "sam")
    assert answer.status_code == 429
    assert "Try again in 15 minutes" in answer.content.decode()
    assert reverse("help") in answer.content.decode()
    assert not is_in(client)


def test_after_the_wait_the_right_one_is(
    client: Client, can_sign_in: None, now: clock.Stopped
) -> None:
    for _ in range(5):
        sign_in(client, "sam", "not it")
    now.advance(minutes=15)
    sign_in(client, "sam")
    assert is_in(client)


def test_a_name_that_nobody_has_is_put_off_in_the_same_way(client: Client, db: None) -> None:
    answers = [sign_in(client, "nobody", "not it").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_somebody_elses_mistakes_from_elsewhere_do_not_keep_one_out(
    client: Client, can_sign_in: None
) -> None:
    """Until there are very many of them, from many places."""
    for _ in range(29):
        lockout.failed("sam", "192.0.2.1", clock.now())
    sign_in(client, "sam")
    assert is_in(client)


def test_guessing_one_name_from_many_places_is_slow_too(client: Client, can_sign_in: None) -> None:
    for number in range(30):
        lockout.failed("Sam", f"192.0.2.{number}", clock.now())
    assert sign_in(client, "sam").status_code == 429


def test_one_address_that_tries_many_names_is_put_off(client: Client, can_sign_in: None) -> None:
    for number in range(100):
        lockout.failed(f"name-{number}", "127.0.0.1", clock.now())
    assert sign_in(client, "sam").status_code == 429


def test_a_right_password_forgets_ones_own_mistakes(client: Client, can_sign_in: None) -> None:
    for _ in range(4):
        sign_in(client, "sam", "not it")
    sign_in(client, "sam")
    client.logout()
    for _ in range(4):
        assert sign_in(client, "sam", "not it").status_code == 200


def test_neither_name_nor_address_is_kept_and_after_a_day_nothing_is(
    client: Client, can_sign_in: None
) -> None:
    sign_in(client, "sam", "not it")
    kept = [str(value) for row in Failures.objects.values_list() for value in row]
    assert kept
    assert not any("sam" in value or "127.0" in value for value in kept)
    assert lockout.clear_away(clock.now() + timedelta(days=2)) == 3
    assert not Failures.objects.exists()


def test_that_an_account_was_guessed_at_is_in_the_trail_once(
    client: Client, can_sign_in: None, sam: User
) -> None:
    for _ in range(8):
        sign_in(client, "sam", "not it")
    assert Entry.objects.filter(action="lockout.began", subject=str(sam.pk)).count() == 1


# --- sessions -----------------------------------------------------------------------------------


def test_a_colleagues_session_ends_after_half_an_hour_without_use(
    client: Client, can_sign_in: None, now: clock.Stopped
) -> None:
    sign_in(client, "sam")
    for _ in range(4):
        now.advance(minutes=25)
        assert client.get(reverse("team:caseload")).status_code == 200
    now.advance(minutes=31)
    assert client.get(reverse("team:caseload")).status_code == 302
    assert not SignedIn.objects.exists()


def test_it_ends_after_a_shift_however_much_it_is_used(
    client: Client, can_sign_in: None, now: clock.Stopped
) -> None:
    sign_in(client, "sam")
    for _ in range(12 * 3):
        now.advance(minutes=20)
        client.get(reverse("team:caseload"))
    now.advance(minutes=1)
    assert client.get(reverse("team:caseload")).status_code == 302


def test_on_a_shared_device_it_ends_after_ten_minutes_and_with_the_browser(
    client: Client, can_sign_in: None, episode: Episode, now: clock.Stopped
) -> None:
    sign_in(client, "rowan", shared="1")
    assert client.session.get_expire_at_browser_close()
    now.advance(minutes=11)
    assert client.get(reverse("person:me")).status_code == 302


def test_a_persons_own_phone_stays_signed_in(
    client: Client, can_sign_in: None, episode: Episode, now: clock.Stopped
) -> None:
    sign_in(client, "rowan")
    for _ in range(3):
        now.advance(days=12)
        assert client.get(reverse("person:me")).status_code == 200


def test_each_place_is_listed_and_can_be_signed_out_from_another(
    client: Client, can_sign_in: None, episode: Episode
) -> None:
    other = Client()
    sign_in(client, "rowan")
    sign_in(other, "rowan")
    page = client.get(reverse("person:signed-in")).content.decode()
    assert page.count("iPhone, Safari") == 2
    assert page.count("This one") == 1
    client.post(reverse("person:signed-in"), {"end": other.session.session_key})
    assert other.get(reverse("person:me")).status_code == 302
    assert client.get(reverse("person:me")).status_code == 200


def test_nobody_ends_somebody_elses_session(
    client: Client, can_sign_in: None, episode: Episode
) -> None:
    sams = Client()
    sign_in(sams, "sam")
    sign_in(client, "rowan")
    client.post(reverse("person:signed-in"), {"end": sams.session.session_key})
    assert sams.get(reverse("team:caseload")).status_code == 200


def test_sessions_that_ended_by_themselves_are_forgotten(
    client: Client, can_sign_in: None, episode: Episode
) -> None:
    sign_in(client, "rowan")
    assert sessions.clear_away(clock.now()) == 0
    assert sessions.clear_away(clock.now() + timedelta(days=61)) == 1


@pytest.mark.parametrize(
    ("agent", "said"), [(PHONE, "iPhone, Safari"), ("", ""), (FOX, "Linux, Firefox")]
)
def test_a_device_is_told_as_coarsely_as_is_needed(agent: str, said: str) -> None:
    assert sessions.device(agent) == said


# --- floods -------------------------------------------------------------------------------------


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("READS", "WRITES", "AS_NOBODY"):
        monkeypatch.setattr(floods, name, 3)


def test_a_flood_is_put_off_for_a_minute_and_help_never_is(
    narrow: None, client: Client, db: None, now: clock.Stopped
) -> None:
    answers = [client.get(reverse("sign-in")) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert client.get(reverse("help")).status_code == 200
    now.advance(minutes=1)
    assert client.get(reverse("sign-in")).status_code == 200


def test_each_account_has_a_share_of_its_own(
    narrow: None, sam: User, rowan: User, episode: Episode
) -> None:
    """Within one worker: both browsers are the test's, so that they meet the same counter."""
    desk, phone = Client(), Client()
    phone.handler = desk.handler
    desk.force_login(sam)
    phone.force_login(rowan)
    last = [desk.get(reverse("team:caseload")) for _ in range(4)][-1]
    assert last.status_code == 429
    assert phone.get(reverse("person:me")).status_code == 200


def test_a_phone_that_was_offline_for_a_week_sends_its_queue_within_the_limit(
    client: Client, rowan: User, episode: Episode
) -> None:
    client.force_login(rowan)
    told = {"used": "no", "craving": "2", "on": str(clock.now().date())}
    for number in range(40):
        sent = told | {"event_id": f"waited-{number}"}
        assert client.post("/check-in/waited/", sent).status_code == 200
    assert Event.objects.filter(kind="check_in").count() == 40
    assert floods.WRITES >= 7 * 40
