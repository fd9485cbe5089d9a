"""The directory: Help shows what was checked, says when a check is old, and drops what is wrong."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import people
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.care import access, directory
from tests.clinic.person.pages import text
from tests.conftest import MONDAY

TODAY = date(2026, 11, 30)
OWN = {"name": "Our nurse", "number": "01632 960 002", "how": "call", "what_for": "clinic"}
PAGE = "/team/directory"


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


def on_help(service: Service) -> list[str]:
    return [line.name for line in directory.shown(service, TODAY)]


def key_of(service: Service, name: str) -> str:
    return next(entry.key for entry in directory.every(service) if entry.line.name == name)


def add(service: Service, by: User) -> str:
    return directory.add(service, **OWN, note="", by=by, at=MONDAY)


def worker(service: Service) -> User:
    return people.create(
        service=service,
        username="worker",
        display_name="Worker",
        role=Role.KEYWORKER,
        at=MONDAY,
        demo=service.is_demo,
    )


def test_one_that_nobody_has_checked_is_not_on_help_until_somebody_has(
    service: Service, sam: User
) -> None:
    key = add(service, sam)
    assert "Our nurse" not in on_help(service)
    directory.rang(service, key, works=True, by=sam, at=MONDAY)
    assert "Our nurse" in on_help(service)


def test_one_that_is_wrong_is_off_help_at_once_also_one_that_ships(
    service: Service, sam: User
) -> None:
    assert "Samaritans" in on_help(service)
    key = key_of(service, "Samaritans")
    directory.rang(service, key, works=False, by=sam, at=MONDAY)
    assert "Samaritans" not in on_help(service)
    directory.rang(service, key, works=True, by=sam, at=MONDAY + timedelta(hours=1))
    assert "Samaritans" in on_help(service)


def test_a_wrong_one_is_off_help_in_the_demo_too(demo_service: Service) -> None:
    key = key_of(demo_service, "Samaritans")
    directory.rang(demo_service, key, works=False, by=worker(demo_service), at=MONDAY)
    assert "Samaritans" not in on_help(demo_service)


def test_a_service_whose_country_has_no_checked_emergency_number_can_check_it(db: None) -> None:
    here = people.open_service(name="HK", country="HK", time_zone="Asia/Hong_Kong", at=MONDAY)
    assert directory.shown(here) == []
    emergency = directory.every(here)[0]
    directory.rang(here, emergency.key, works=True, by=worker(here), at=MONDAY)
    assert [line.kind for line in directory.shown(here)] == ["emergency"]


def test_a_check_is_old_after_its_days_and_the_person_is_told(
    client: Client, service: Service, rowan: User, now: clock.Stopped
) -> None:
    line = directory.shown(service, TODAY)[0]
    assert line.checked_on is not None
    for days, is_old in ((180, False), (181, True)):
        on = line.checked_on + timedelta(days=days)
        assert directory.shown(service, on)[0].old == is_old
    now.advance(days=365)
    assert "a new check is due" in text(client.get("/help/thoughts/"))


def test_only_the_services_own_can_be_taken_out(service: Service, sam: User) -> None:
    directory.retire(service, add(service, sam), by=sam, at=MONDAY)
    assert "Our nurse" not in [entry.line.name for entry in directory.every(service)]
    with pytest.raises(access.NotFound):
        directory.retire(service, key_of(service, "Samaritans"), by=sam, at=MONDAY)


def test_nobody_outside_and_no_person_changes_it(service: Service, rowan: User, ines: User) -> None:
    for other in (rowan, ines):
        with pytest.raises(access.NotFound):
            add(service, other)


def test_what_another_service_wrote_is_not_here(
    service: Service, other_service: Service, sam: User
) -> None:
    directory.rang(service, add(service, sam), works=True, by=sam, at=MONDAY)
    assert "Our nurse" not in on_help(other_service)


def test_it_is_done_on_the_page_by_name(client: Client, service: Service, ada: User) -> None:
    client.force_login(ada)
    assert "Not checked" in text(client.post(PAGE, OWN, follow=True))
    told = {"key": key_of(service, "Our nurse"), "did": "rang"}
    said = text(client.post(reverse("team:directory_change"), told, follow=True))
    assert "Checked on 30 Nov 2026, Ada" in said
    assert "Our nurse" in on_help(service)


@pytest.mark.parametrize("number", ["call us", "0", "12 34 56 78; rm", "<b>1</b>"])
def test_what_is_no_number_is_refused_and_kept_on_the_form(
    client: Client, service: Service, sam: User, number: str
) -> None:
    client.force_login(sam)
    answer = client.post(PAGE, OWN | {"number": number})
    assert "Write a number" in text(answer)
    assert "Our nurse" in answer.content.decode()
    assert "Our nurse" not in [entry.line.name for entry in directory.every(service)]


@pytest.mark.parametrize("told", [{"did": "rang", "key": "x"}, {"did": "nothing"}])
def test_what_is_not_there_is_not_found(
    client: Client, service: Service, sam: User, told: dict[str, Any]
) -> None:
    client.force_login(sam)
    assert client.post(reverse("team:directory_change"), told).status_code == 404
