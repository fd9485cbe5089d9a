"""Accounts: demo and real people never share a service, and consent is theirs to give and take."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from stepwell.clinic.accounts import acceptance, consents, people
from stepwell.clinic.accounts.models import Consent, ConsentKind, Role, Service, User
from stepwell.clinic.audit.models import Entry
from tests.conftest import MONDAY


def create(service: Service, **other: object) -> User:
    given = {"username": "robin", "display_name": "Robin", "role": Role.KEYWORKER} | other
    return people.create(service=service, at=MONDAY, **given)  # type: ignore[arg-type]


def test_a_demo_service_refuses_real_accounts(demo_service: Service) -> None:
    with pytest.raises(people.WrongKind, match="refuses real accounts"):
        create(demo_service)


def test_a_real_service_refuses_demo_accounts(service: Service) -> None:
    with pytest.raises(people.WrongKind, match="refuses demo accounts"):
        create(service, demo=True)


def test_a_password_is_hashed_with_argon2(service: Service) -> None:
    user = create(service, password="three quiet herons")
    assert user.password.startswith("argon2")
    assert user.check_password("three quiet herons")


@pytest.mark.parametrize("password", ["short", "password12345"])
def test_a_weak_password_is_refused(service: Service, password: str) -> None:
    with pytest.raises(ValidationError):
        create(service, password=password)


def test_an_account_without_a_password_cannot_sign_in(service: Service) -> None:
    assert not create(service).has_usable_password()


def test_who_made_an_account_is_on_the_trail(service: Service, ada: User) -> None:
    create(service, by=ada)
    entry = Entry.objects.get(action="people.create", subject="robin")
    assert entry.actor_name == "Ada"


@pytest.mark.parametrize(
    "other", [{"country": "UK1"}, {"country": "gb"}, {"time_zone": "Mars/Base"}]
)
def test_a_service_needs_a_country_and_a_zone_that_exist(db: None, other: dict[str, Any]) -> None:
    given: dict[str, Any] = {"name": "X", "country": "GB", "time_zone": "Europe/London"} | other
    with pytest.raises(ValueError, match=next(iter(other))):
        people.open_service(at=MONDAY, **given)


def test_only_prescribers_and_named_nurses_are_clinicians(
    dr_osei: User, sam: User, rowan: User, mo: User, ada: User
) -> None:
    assert dr_osei.is_clinician
    assert not any(user.is_clinician for user in (sam, rowan, mo, ada))
    sam.is_named_clinician = True
    mo.is_named_clinician = True
    assert sam.is_clinician
    assert not mo.is_clinician


def test_a_demo_and_a_real_service_never_share_a_database(service: Service) -> None:
    with pytest.raises(people.WrongKind, match="never share"):
        people.open_service(
            name="D", country="GB", time_zone="Europe/London", at=MONDAY, is_demo=True
        )


def test_a_demo_database_refuses_a_real_service(demo_service: Service) -> None:
    with pytest.raises(people.WrongKind, match="never share"):
        people.open_service(name="R", country="GB", time_zone="Europe/London", at=MONDAY)


@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_makes_colleagues_and_the_team_makes_people(
    role: Role, service: Service, cast: dict[str, User]
) -> None:
    made = set()
    for name, by in cast.items():
        try:
            create(service, role=role, by=by, username=f"by-{name}")
        except people.NotAllowed:
            continue
        made.add(name)
    assert made == ({"sam", "dr_osei"} if role == Role.PERSON else {"ada"})


def test_a_colleague_gets_another_role_from_an_administrator_alone(
    sam: User, ada: User, mo: User, rowan: User
) -> None:
    sam.is_named_clinician = True
    changed = people.set_role(sam, Role.MANAGER, by=ada, at=MONDAY)
    assert (changed.role, changed.is_named_clinician) == (Role.MANAGER, False)
    for user, by, role in (
        (sam, mo, Role.PRESCRIBER),
        (ada, ada, Role.PRESCRIBER),
        (rowan, ada, Role.MANAGER),
        (sam, ada, Role.PERSON),
    ):
        with pytest.raises(people.NotAllowed):
            people.set_role(user, role, by=by, at=MONDAY)


# --- consent ------------------------------------------------------------------------------------


def test_the_newest_answer_to_a_switch_counts_and_the_older_ones_are_kept(rowan: User) -> None:
    consents.set(rowan, ConsentKind.STORE, given=True, by=rowan, at=MONDAY)
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=MONDAY)
    assert not consents.given(rowan, ConsentKind.STORE)
    assert [one.given for one in consents.history(rowan)] == [False, True]


def test_a_switch_that_nobody_touched_is_neither_yes_nor_no(rowan: User) -> None:
    assert set(consents.current(rowan).values()) == {None}
    assert not consents.given(rowan, ConsentKind.LEARNING)


def test_the_team_may_write_down_what_the_person_says(rowan: User, sam: User) -> None:
    consent = consents.set(rowan, ConsentKind.SHARE_GP, given=True, by=sam, at=MONDAY)
    assert consent.by == sam


def test_nobody_else_sets_a_switch(rowan: User, ines: User, mo: User, ada: User) -> None:
    for other in (ines, mo, ada):
        with pytest.raises(consents.NotTheirs):
            consents.set(rowan, ConsentKind.STORE, given=True, by=other, at=MONDAY)
    assert not Consent.objects.exists()


# --- acceptance of the protocol -----------------------------------------------------------------


def test_only_the_safety_officer_of_the_service_accepts_a_protocol(
    service: Service, dr_osei: User, ines: User
) -> None:
    for other in (dr_osei, ines):
        with pytest.raises(acceptance.NotAllowed):
            acceptance.accept(service, "ketamine", statement="Fine.", by=other, at=MONDAY)


def test_an_acceptance_says_what_was_checked(service: Service, ada: User) -> None:
    with pytest.raises(acceptance.NotAllowed, match="what was checked"):
        acceptance.accept(service, "ketamine", statement="  ", by=ada, at=MONDAY)


def test_an_acceptance_is_of_this_version_and_this_file_alone(
    service: Service, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acceptance.accepted(service, "ketamine") is None
    made = acceptance.accept(service, "ketamine", statement="Read.", by=ada, at=MONDAY)
    assert acceptance.accepted(service, "ketamine") == made
    monkeypatch.setattr(acceptance, "sha256", lambda _: "0" * 64)
    assert acceptance.accepted(service, "ketamine") is None


def test_a_real_service_is_approved_only_after_acceptance(service: Service, ada: User) -> None:
    assert not acceptance.approved_for_clinical_use(service)
    later = MONDAY + timedelta(hours=1)
    acceptance.accept(service, "ketamine", statement="Read.", by=ada, at=later)
    assert acceptance.approved_for_clinical_use(service)


def test_a_demo_is_never_approved_for_clinical_use(demo_service: Service) -> None:
    officer = create(demo_service, demo=True, is_safety_officer=True)
    acceptance.accept(demo_service, "ketamine", statement="Demo.", by=officer, at=MONDAY)
    assert not acceptance.approved_for_clinical_use(demo_service)
