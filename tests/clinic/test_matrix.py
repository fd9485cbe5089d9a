"""Everybody at every door: each address of the team's and the person's side, for each role.

The addresses are the program's own list, so that a new one stands here before anybody said who may
open it. What an address shows is other tests' to say; here it is open or it does not exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.care import directory, letters, profiles, safeguarding, visits
from stepwell.clinic.care.models import (
    Episode,
    Escalation,
    PlanVersion,
    Review,
    VisitHow,
)
from stepwell.clinic.person import urls as person_urls
from stepwell.clinic.team import urls as team_urls
from tests.conftest import MONDAY, Tell, evening

pytestmark = pytest.mark.slow

DAY_ONE = date(2026, 12, 1)
CLINICAL = {Role.KEYWORKER, Role.PRESCRIBER}
STAFF = CLINICAL | {Role.MANAGER, Role.ADMINISTRATOR, Role.SAFEGUARDING_LEAD}
# Whatever is not here is open to the clinical roles alone.
OTHERWISE: dict[str, set[Role]] = {
    "home": STAFF,
    "service": STAFF,
    "restored": STAFF,
    "directory": STAFF,
    "directory_change": STAFF,
    "rules": STAFF,
    "told": STAFF,
    "signed_in": STAFF,
    "overview": {Role.MANAGER},
    "accounts": {Role.ADMINISTRATOR},
    "set_role": {Role.ADMINISTRATOR},
    "second_factor_away": {Role.ADMINISTRATOR},
    "safeguarding_people": {Role.SAFEGUARDING_LEAD},
    "safeguarding_look": {Role.SAFEGUARDING_LEAD},
    "safeguarding_notes": {Role.SAFEGUARDING_LEAD},
    # Its author, who is the keyworker here, and the lead; not whoever broke the glass.
    "safeguarding_add": {Role.KEYWORKER, Role.SAFEGUARDING_LEAD},
}
SHUT = {404, 405}
WAYS = ("get", "post")


@dataclass(frozen=True, slots=True)
class Things:
    """One of everything that an address can name."""

    named: dict[str, Any]

    def of(self, pattern: URLPattern) -> dict[str, Any]:
        return {name: self.named[name] for name in pattern.pattern.converters}

    def told(self, name: str, user: User) -> dict[str, Any]:
        """What is sent where an empty form names nothing that could be there."""
        key = directory.every(user.service, DAY_ONE)[0].key
        sent: dict[str, dict[str, Any]] = {
            "take_duty": {"who": user.pk},
            "directory_change": {"did": "rang", "key": key},
        }
        return sent.get(name, {})


@pytest.fixture
def things(
    cast: dict[str, User],
    grace: User,
    episode: Episode,
    agreed_plan: PlanVersion,
    tell: Tell,
    now: clock.Stopped,
) -> Things:
    at, sam, osei = evening(DAY_ONE), cast["sam"], cast["dr_osei"]
    now.move_to(at)
    tell(DAY_ONE, flags=["jaundice"])
    visit = visits.book(
        episode, by=sam, at=at, starts=at + timedelta(days=1), how=VisitHow.PHONE, why="Talk"
    )
    consents.set(cast["rowan"], ConsentKind.SHARE_GP, given=True, by=cast["rowan"], at=at)
    letters.write(episode, "gp", to="GP", note="", reason="", by=sam, at=at)
    profile = profiles.confirm(episode, stage="start", answers={}, sent_id="1", by=sam, at=at)
    note = safeguarding.write(
        episode,
        concerns=[next(iter(safeguarding.concerns()))],
        seen="Seen.",
        done="Done.",
        who_told="Grace",
        person_told="first",
        why_not="",
        sent_id="1",
        by=sam,
        at=at,
    )
    glass = safeguarding.break_glass(episode, reason="Needed.", by=osei, at=at)
    (letter,) = letters.of(episode)
    return Things(
        {
            "episode_id": episode.pk,
            "plan_id": agreed_plan.pk,
            "review_id": Review.objects.latest("number").pk,
            "escalation_id": Escalation.objects.latest("raised_at").pk,
            "visit_id": visit.visit_id,
            "letter_id": letter.pk,
            "profile_id": profile.pk,
            "note_id": note.pk,
            "glass_id": glass.pk,
            "user_id": sam.pk,
            "entry_id": uuid4(),
            "name": "phq9",
            "kind": "gp",
            "form": "pdf",
            "gate": "under_18",
            "lane": "due",
        }
    )


def addresses(things: Things) -> Iterator[tuple[str, str, bool]]:
    """Name and address of each of the team's pages, and whether it is about an object."""
    for pattern in team_urls.urlpatterns:
        named = things.of(pattern)
        ours = {name for name in named if name.endswith("_id") and name != "user_id"}
        yield str(pattern.name), reverse(f"team:{pattern.name}", kwargs=named), bool(ours)


def ask(user: User | None, way: str, address: str, told: Any = None) -> HttpResponse:
    """Ask, and undo whatever it did: the next one finds everything as it was."""
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if user is not None:
            client.force_login(user)
        answer: HttpResponse = getattr(client, way)(address, told or {})
        transaction.set_rollback(True)
    assert answer.status_code < 500, (user, way, address)
    return answer


def wrong(user: User, things: Things, *, sees: bool) -> list[tuple[str, str, int]]:
    """The doors of the team's side that are open to this user and should not be, or reverse."""
    found = []
    for name, address, is_about_somebody in addresses(things):
        allowed = user.role in OTHERWISE.get(name, CLINICAL)
        if is_about_somebody and not sees:
            allowed = False
        told = things.told(name, user)
        statuses = {way: ask(user, way, address, told).status_code for way in WAYS}
        is_open = any(status not in SHUT for status in statuses.values())
        if is_open != allowed:
            found.append((name, user.display_name, max(statuses.values())))
    return found


def test_each_role_of_the_own_team_finds_its_doors_and_no_other(
    cast: dict[str, User], grace: User, things: Things
) -> None:
    for user in (cast["sam"], cast["dr_osei"], cast["mo"], cast["ada"], grace):
        assert wrong(user, things, sees=True) == []


def test_another_services_team_finds_no_object_of_this_one(
    cast: dict[str, User], things: Things
) -> None:
    assert wrong(cast["ines"], things, sees=False) == []


def test_when_sharing_ends_every_door_about_the_person_is_shut(
    cast: dict[str, User], things: Things
) -> None:
    for kind in (ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER):
        consents.set(cast["rowan"], kind, given=False, by=cast["rowan"], at=MONDAY)
    assert wrong(cast["sam"], things, sees=False) == []
    assert wrong(cast["dr_osei"], things, sees=False) == []


def test_a_person_finds_nothing_of_the_teams_side(cast: dict[str, User], things: Things) -> None:
    open_ = [
        (name, way)
        for name, address, _ in addresses(things)
        for way in WAYS
        if ask(cast["rowan"], way, address).status_code not in SHUT
    ]
    assert open_ == []


def test_whoever_is_not_signed_in_is_asked_to_sign_in_and_nothing_else(
    cast: dict[str, User], things: Things
) -> None:
    for name, address, _ in addresses(things):
        for way in WAYS:
            answer = ask(None, way, address)
            assert answer.status_code in {302, 405}, name
            if answer.status_code == 302:
                assert answer["Location"].startswith("/sign-in/"), name


def test_nobody_of_a_team_finds_a_page_of_the_persons_side(
    cast: dict[str, User], grace: User, things: Things
) -> None:
    """They are led to where they belong; a page would be somebody's own."""
    for pattern in person_urls.person:
        address = reverse(f"person:{pattern.name}", kwargs=things.of(pattern))
        for user in (cast["sam"], cast["dr_osei"], cast["ines"], cast["mo"], cast["ada"], grace):
            for way in WAYS:
                answer = ask(user, way, address)
                assert answer.status_code in {302, 404, 405}, (pattern.name, user)
                if answer.status_code == 302:
                    assert answer["Location"] == "/", (pattern.name, user)
