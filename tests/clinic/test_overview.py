"""A manager's numbers: about everybody, and no way from them to one person."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import access, episodes, overview
from stepwell.clinic.care.models import Episode, Goal, PlanVersion, Supply
from tests.clinic.person.pages import text
from tests.conftest import MONDAY

BELOW = 5
AT = MONDAY + timedelta(days=120)
counts = st.integers(0, 400)


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


def value(by: User, name: str) -> int | None:
    found = {figure.name: figure.value for figure in overview.page(by, AT).figures}
    return found[name]


def open_one(service: Service, sam: User, number: int, *, lasted: int | None = None) -> Episode:
    person = people.create(
        service=service,
        username=f"p{number}",
        display_name=f"P{number}",
        role=Role.PERSON,
        at=MONDAY,
    )
    consents.set(person, ConsentKind.STORE, given=True, by=person, at=MONDAY)
    made = episodes.open(
        person=person,
        keyworker=sam,
        supply=Supply.NON_PRESCRIBED,
        goal=Goal.NONE,
        by=sam,
        at=MONDAY,
    )
    if lasted is not None:
        made.closed_at = MONDAY + timedelta(days=lasted)
        made.save(update_fields=["closed_at"])
    return made


# --- what may be shown --------------------------------------------------------------------------


@given(counts)
def test_a_small_count_is_hidden_and_a_shown_one_is_near(count: int) -> None:
    shown = overview.hide(count, BELOW)
    assert (shown is None) == (count < BELOW)
    assert shown is None or (shown % BELOW == 0 and abs(shown - count) < BELOW)


def test_a_small_rest_of_a_whole_cannot_be_had_by_subtraction() -> None:
    """For every pair that is shown, a small rest looks as one does that is none, or not small."""
    seen: dict[tuple[int | None, int | None], set[int]] = {}
    for whole in range(121):
        for part in range(whole + 1):
            shown = overview.hide(whole, BELOW), overview.hide(part, BELOW)
            seen.setdefault(shown, set()).add(whole - part)
    for rests in seen.values():
        assert len(rests) > 1
        small = {rest for rest in rests if 0 < rest < BELOW}
        assert not small or len(rests - small) > 0


@given(counts, counts)
def test_a_share_never_stands_on_a_few(part: int, rest: int) -> None:
    shown = overview.share(part, part + rest, BELOW)
    if min(part, rest) < BELOW:
        assert shown is None
    elif shown is not None:
        assert shown % overview.SHARE_STEP == 0


@given(st.lists(st.integers(0, 1000)))
def test_a_middle_needs_as_many_as_a_count(values: list[int]) -> None:
    assert (overview.middle(values, BELOW) is None) == (len(values) < BELOW)


# --- what is counted ----------------------------------------------------------------------------


def test_of_one_person_nothing_is_shown(agreed_plan: PlanVersion, mo: User) -> None:
    assert {figure.value for figure in overview.page(mo, AT).figures} == {None}


def test_people_are_counted_and_those_who_stayed(service: Service, sam: User, mo: User) -> None:
    for number in range(14):
        open_one(service, sam, number, lasted=20 if number < 6 else None)
    assert value(mo, "open_episodes") == 10
    assert value(mo, "still_here_after_90_days") == 55


def test_another_services_people_are_not_counted(
    service: Service, other_service: Service, sam: User, mo: User
) -> None:
    worker = people.create(
        service=other_service, username="w", display_name="W", role=Role.KEYWORKER, at=MONDAY
    )
    for number in range(8):
        open_one(other_service, worker, number)
    assert value(mo, "open_episodes") is None


def test_the_page_says_how_it_hides(client: Client, service: Service, mo: User) -> None:
    client.force_login(mo)
    said = text(client.get("/team/overview"))
    assert "Counts below 5 are hidden and the others rounded to 5" in said
    assert "too few to say" in said


def test_nobody_else_sees_it(sam: User, dr_osei: User, ada: User, rowan: User) -> None:
    for other in (sam, dr_osei, ada, rowan):
        with pytest.raises(access.NotFound):
            overview.page(other, AT)
