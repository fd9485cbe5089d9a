"""Who can see what: by name, as the team's own door has it, and only what is true."""

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import access
from stepwell.clinic.care.models import Episode
from tests.clinic.person.pages import text

HERE = "/me/who-sees/"
KINDS = [ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER]


def switch(rowan: User, kind: ConsentKind, *, given: bool) -> None:
    consents.set(rowan, kind, given=given, by=rowan, at=clock.now())


@pytest.mark.parametrize("keyworker", [True, False])
@pytest.mark.parametrize("prescriber", [True, False])
def test_the_page_names_those_whom_the_door_lets_in_and_nobody_else(
    phone: Client, cast: dict[str, User], episode: Episode, keyworker: bool, prescriber: bool
) -> None:
    for kind, given in zip(KINDS, (keyworker, prescriber), strict=True):
        switch(cast["rowan"], kind, given=given)
    said = text(phone.get(HERE))
    for name, user in cast.items():
        opens = name != "rowan" and access.seen_by(user).filter(pk=episode.pk).exists()
        assert (user.display_name in said) == opens, name


def test_with_nobody_let_in_it_says_nobody(phone: Client, episode: Episode, rowan: User) -> None:
    for kind in KINDS:
        switch(rowan, kind, given=False)
    assert "Nobody. Your team cannot see what you tell here." in text(phone.get(HERE))


def test_it_says_when_each_last_opened_the_page(
    phone: Client, client: Client, episode: Episode, sam: User, rowan: User, dr_osei: User
) -> None:
    client.force_login(sam)
    client.get(reverse("team:person", args=[episode.pk]))
    client.force_login(rowan)
    said = text(client.get(HERE))
    assert "Sam keyworker last opened it on 30 Nov 2026, 10:00" in said
    assert "Dr Osei prescriber has not opened it" in said
