"""How a colleague is told: their own address, confirmed with the code that was sent to it."""

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import Channel, User
from stepwell.clinic.care.models import Episode, Notice
from stepwell.clinic.jobs import worker
from tests.clinic.team.reading import text

PAGE = "/team/told"


def send(desk: Client, do: str, **told: str) -> str:
    answer = desk.post(PAGE, {"channel": "email", "do": do, **told}, follow=True)
    assert answer.status_code in (200, 422)
    return text(answer)


def code() -> str:
    found: str = Notice.objects.get(kind="code", ended_at=None).code
    return found


def test_an_address_counts_once_its_code_has_come_back(sams_desk: Client, sam: User) -> None:
    assert "We sent a code there" in send(sams_desk, "keep", address="sam@example.org")
    assert not ways.confirmed(sam).exists()
    assert "From now on you are told there" in send(sams_desk, "confirm", code=code())
    assert ways.confirmed(sam).get().address == "sam@example.org"


def test_a_wrong_code_is_refused_and_after_five_the_right_one_too(
    sams_desk: Client, sam: User
) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    right = code()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        assert "does not fit" in send(sams_desk, "confirm", code=wrong)
    assert "does not fit" in send(sams_desk, "confirm", code=right)
    assert not ways.confirmed(sam).exists()


def test_a_code_is_too_old_after_half_an_hour(
    sams_desk: Client, sam: User, now: clock.Stopped
) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    now.advance(minutes=31)
    assert "too old" in send(sams_desk, "confirm", code=code())


@pytest.mark.parametrize(
    ("channel", "address"),
    [("email", "sam at example"), ("sms", "07700 900123"), ("sms", "+44"), ("email", "")],
)
def test_what_nothing_can_be_sent_to_is_refused_and_stays_in_the_form(
    sams_desk: Client, channel: str, address: str
) -> None:
    answer = sams_desk.post(PAGE, {"channel": channel, "do": "keep", "address": address})
    assert answer.status_code == 422
    assert f'value="{address}"' in answer.content.decode()
    assert not Notice.objects.exists()


def test_another_address_has_to_be_confirmed_again(sams_desk: Client, sam: User) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    send(sams_desk, "confirm", code=code())
    send(sams_desk, "keep", address="other@example.org")
    assert not ways.confirmed(sam).exists()


def test_changing_the_hours_alone_asks_for_no_code(sams_desk: Client, sam: User) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    send(sams_desk, "confirm", code=code())
    send(sams_desk, "keep", address="sam@example.org", any_hour="any")
    assert ways.confirmed(sam).get().at_any_hour is True


def test_a_test_goes_to_what_is_confirmed(sams_desk: Client, sam: User) -> None:
    assert "Send me a test" not in text(sams_desk.get(PAGE))
    send(sams_desk, "keep", address="sam@example.org")
    send(sams_desk, "confirm", code=code())
    assert "on its way" in send(sams_desk, "test")
    assert Notice.objects.filter(kind="test").count() == 1


def test_it_can_be_taken_back(sams_desk: Client, sam: User) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    assert "Nothing is sent there any more" in send(sams_desk, "remove")
    assert not ways.of(sam).exists()


def test_each_colleague_has_their_own(sams_desk: Client, oseis_desk: Client, sam: User) -> None:
    send(sams_desk, "keep", address="sam@example.org")
    assert "sam@example.org" not in text(oseis_desk.get(PAGE))


def test_the_day_says_where_nobody_would_be_told(
    sams_desk: Client, episode: Episode, now: clock.Stopped, sam: User
) -> None:
    day = reverse("team:home")
    assert "are not going out" in text(sams_desk.get(day))
    worker.go_round(clock.now())
    assert "on this page alone" in text(sams_desk.get(day))
    ways.confirm(sam, Channel.EMAIL, _kept(sam), at=clock.now())
    assert "on this page alone" not in text(sams_desk.get(day))
    now.advance(minutes=6)
    assert "are not going out" in text(sams_desk.get(day))


def _kept(user: User) -> str:
    _, code = ways.set(user, Channel.EMAIL, "sam@example.org", at=clock.now())
    return code or ""
