"""Practice: made-up people alone, apart from real work in both directions, begun afresh at will."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from stepwell import catalogue
from stepwell.clinic import clock, practice, settings
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import (
    access,
    episodes,
    letters,
    messages,
    mine,
    overview,
    queries,
    safeguarding,
)
from stepwell.clinic.care.models import Episode, Goal, Supply
from tests.conftest import MONDAY

TODAY = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
MADE_UP = [one["name"] for one in catalogue.document("demo", "cast.json")["people"]]


@pytest.fixture
def in_practice(settings: Any) -> None:
    """This process serves a practice home."""
    settings.PRACTICE = True


# --- the wall -----------------------------------------------------------------------------------


def test_a_real_database_refuses_a_practice_service(service: Service) -> None:
    told = {"service": {"name": "x", "country": "GB", "time_zone": "UTC"}, "workers": []}
    with pytest.raises(people.WrongKind):
        practice.prepare(told, at=TODAY)
    assert Service.objects.get() == service


def test_a_practice_home_refuses_a_real_service(db: None, in_practice: None) -> None:
    with pytest.raises(people.WrongKind):
        people.open_service(name="Real", country="GB", time_zone="UTC", at=TODAY)


def test_practice_is_told_of_the_team_alone_and_of_no_password(
    cast: dict[str, User], episode: Episode, other_service: Service
) -> None:
    cast["ines"].delete()
    other_service.delete()
    told = practice.ask()
    names = {one["display_name"] for one in told["workers"]}
    assert names == {"Sam", "Dr Osei", "Mo", "Ada"}
    assert "Rowan" not in json.dumps(told)
    assert "password" not in json.dumps(told)
    assert "01632" not in json.dumps(told)


def test_there_is_nothing_to_practise_for_without_one_real_service(
    demo_service: Service,
) -> None:
    with pytest.raises(practice.NoService):
        practice.ask()


# --- should the wall ever fall ------------------------------------------------------------------


@pytest.fixture
def fallen(service: Service, sam: User, now: clock.Stopped) -> tuple[Episode, User]:
    """A practice service forced into the real database past every refusal: one person, one worker.

    The person bears the name of nobody of the fixed cast and shares with everybody.
    """
    twin = Service.objects.create(
        name="Twin", country="GB", time_zone="Europe/London", is_demo=True
    )
    worker = _forced(twin, "Practising Sam", Role.KEYWORKER)
    person = _forced(twin, "Maple", Role.PERSON)
    for kind in ConsentKind:
        consents.set(person, kind, given=True, by=person, at=MONDAY)
    opened = episodes.open(
        person=person,
        keyworker=worker,
        supply=Supply.NON_PRESCRIBED,
        goal=Goal.NONE,
        by=worker,
        at=MONDAY,
    )
    return opened, worker


def _forced(service: Service, name: str, role: Role) -> User:
    username = name.lower().replace(" ", "-")
    return User.objects.create(
        username=username, display_name=name, role=role, service=service, is_demo=True
    )


SEEN: list[Callable[[User], object]] = [
    lambda user: list(access.seen_by(user)),
    lambda user: queries.lanes(user, MONDAY),
    lambda user: list(access.caseload_for(user)),
    lambda user: messages.inbox(user, MONDAY),
    lambda user: list(people.named_for(user.service)),
]


@pytest.mark.parametrize("see", SEEN)
def test_neither_side_sees_anybody_of_the_other(
    episode: Episode, fallen: tuple[Episode, User], sam: User, see: Callable[[User], object]
) -> None:
    made_up, practising = fallen
    for one in (made_up, episode):
        messages.send(one, "Hello", message_id=f"m-{one.pk}", by=one.person, at=MONDAY)
    for user, own, other in ((sam, episode, made_up), (practising, made_up, episode)):
        said = str(see(user))
        assert own.person.display_name in said or str(own.pk) in said
        assert other.person.display_name not in said
        assert str(other.pk) not in said


def test_neither_side_opens_a_page_or_writes_a_letter_or_a_note_about_the_other(
    episode: Episode, fallen: tuple[Episode, User], sam: User
) -> None:
    made_up, practising = fallen
    for user, other in ((sam, made_up), (practising, episode)):
        with pytest.raises(access.NotFound):
            access.episode_for(user, other.pk)
        with pytest.raises(access.NotFound):
            letters.write(other, "gp", to="", note="", reason="", by=user, at=MONDAY)
        with pytest.raises(access.NotFound):
            mine.export(other, kind="json", by=user, at=MONDAY)
        with pytest.raises(access.NotFound):
            safeguarding.read(other, by=user, at=MONDAY)


def test_no_figure_of_the_manager_counts_anybody_in_practice(
    episode: Episode, mo: User, request: pytest.FixtureRequest
) -> None:
    before = overview.page(mo, MONDAY)
    request.getfixturevalue("fallen")
    assert overview.page(mo, MONDAY) == before


def test_no_copy_of_the_person_names_anybody_in_practice(
    episode: Episode, fallen: tuple[Episode, User], rowan: User
) -> None:
    said = str(mine.export(episode, kind="json", by=rowan, at=MONDAY).parts)
    assert "Maple" not in said
    assert "Practising" not in said


# --- where one practises ------------------------------------------------------------------------


@pytest.fixture
def practising(demo_service: Service, in_practice: None, now: clock.Stopped) -> User:
    return people.create(
        service=demo_service,
        username="practice-sam",
        display_name="Sam",
        role=Role.KEYWORKER,
        at=MONDAY,
        demo=True,
    )


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_page_says_that_it_is_practice(practising: User, client: Client) -> None:
    desk = desk_of(practising)
    for page in ("/team/", "/team/caseload", "/team/service", "/team/people/open", "/evidence"):
        assert "Practice. Everybody here is made up." in desk.get(page).content.decode(), page
    for page in ("/sign-in/", "/welcome/", "/help/", "/nowhere/"):
        said = client.get(page, follow=True).content.decode()
        assert "Practice. Everybody here is made up." in said, page


def test_a_real_service_does_not_say_so_and_leads_to_practice_where_there_is_one(
    sam: User, now: clock.Stopped, settings: Any
) -> None:
    page = desk_of(sam).get("/team/").content.decode()
    assert "Practice." not in page
    assert "Practise" not in page
    settings.PRACTICE_ADDRESS = "https://practice.example"
    assert 'href="https://practice.example/team/"' in desk_of(sam).get("/team/").content.decode()


def test_a_new_person_gets_a_made_up_name_and_no_other(practising: User) -> None:
    told = {
        "display_name": "Maple",
        "time_zone": "Europe/London",
        "supply": "non_prescribed",
        "goal": "none",
        "keyworker": str(practising.pk),
        "consents": ["store", "share_keyworker"],
    }
    desk = desk_of(practising)
    refused = desk.post("/team/people/open", told | {"display_name": "Rowan"})
    assert refused.status_code == 422
    assert desk.post("/team/people/open", told).status_code == 200
    person = User.objects.get(role=Role.PERSON)
    assert (person.display_name, person.username, person.is_demo) == ("Maple", "maple", True)
    assert 'value="Maple"' not in desk.get("/team/people/open").content.decode()


def test_behind_the_form_a_real_name_is_refused_too(practising: User) -> None:
    told: dict[str, Any] = {"username": "rowan", "display_name": "Rowan", "role": "person"}
    with pytest.raises(people.NotAllowed, match="made-up"):
        people.create(service=practising.service, **told, by=practising, at=MONDAY, demo=True)


def test_no_made_up_name_is_one_of_the_demo() -> None:
    assert not set(people.names_to_practise_with()) & set(MADE_UP)


@pytest.mark.parametrize("given", ["ftp://x", "practice.example", "https://x/path", "https://a@b"])
def test_an_address_of_practice_that_is_more_than_a_host_stops_the_start(given: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STEPWELL_PRACTICE_ADDRESS"):
        settings.practice_address(given)


def test_an_address_of_practice_is_kept_as_scheme_and_host() -> None:
    assert settings.practice_address("http://127.0.0.1:8001/") == "http://127.0.0.1:8001"
    assert settings.practice_address("") == ""


# --- the command --------------------------------------------------------------------------------


def run(home: Path, *asked: str, **more: str) -> "subprocess.CompletedProcess[str]":
    own = {k: v for k, v in os.environ.items() if not k.startswith(("STEPWELL_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", "from stepwell import cli; cli.main()", *asked, "--home", str(home)],
        env=own | more,
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
    )


def rows(database: Path) -> str:
    """Everything in a database, as text."""
    with sqlite3.connect(database) as opened:
        return "\n".join(line for line in opened.iterdump() if "INSERT INTO" in line)


REAL = """
import django; django.setup()
from datetime import datetime, UTC
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from stepwell.clinic.accounts import people
at = datetime(2026, 11, 30, 10, tzinfo=UTC)
service = people.open_service(name="Riverside", country="GB", time_zone="Europe/London", at=at)
for name, role in (("sam", "keyworker"), ("mo", "manager"), ("rowan", "person")):
    people.create(service=service, username=name, display_name=name.title(), role=role, at=at)
"""


@pytest.fixture
def real_home(tmp_path: Path) -> Path:
    """A real service with Sam, Mo and Rowan, in a home of its own."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("STEPWELL_")}
    own |= {"STEPWELL_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "stepwell.clinic.settings"}
    subprocess.run([sys.executable, "-c", REAL], env=own, check=True, timeout=120)
    return tmp_path


@pytest.mark.slow
def test_the_command_makes_a_sign_in_for_each_worker_and_leaves_the_real_database_alone(
    real_home: Path,
) -> None:
    real, made = real_home / "stepwell.sqlite3", real_home / "practice" / "stepwell.sqlite3"
    before = rows(real)
    first = run(real_home, "practise")
    assert first.returncode == 0, first.stderr
    ways_in = dict(re.findall(r"^practice-(\w+) +\S+ +(\w+)", first.stdout, re.M))
    assert ways_in == {"sam": "keyworker", "mo": "manager"}
    assert rows(real) == before
    assert "Ash" in rows(made)
    assert not re.search(r"\browan\b", rows(made), re.IGNORECASE)
    with sqlite3.connect(made) as opened:
        opened.execute("UPDATE accounts_service SET name = 'changed'")
    again = run(real_home, "practise")
    assert again.returncode == 0, again.stderr
    assert "changed" not in rows(made)
    assert "Riverside (practice)" in rows(made)
    assert rows(real) == before


@pytest.mark.slow
def test_a_practice_home_never_takes_the_database_of_the_real_service(real_home: Path) -> None:
    own = real_home / "practice"
    own.mkdir()
    (own / "made_up_people_only").touch()
    real = f"sqlite:///{real_home / 'stepwell.sqlite3'}"
    refused = run(own, "doctor", STEPWELL_DATABASE_URL=real)
    assert refused.returncode != 0
    assert "STEPWELL_DATABASE_URL: refused" in refused.stderr


@pytest.mark.slow
def test_without_a_real_service_there_is_nothing_to_practise_for(tmp_path: Path) -> None:
    refused = run(tmp_path, "practise")
    assert refused.returncode == 2
    assert not (tmp_path / "practice").exists()
