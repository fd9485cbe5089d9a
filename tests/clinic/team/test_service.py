"""The service: who accepted the protocol, numbers without people, accounts without care."""

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import acceptance, people
from stepwell.clinic.accounts.models import ProtocolAcceptance, Role, Service, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care.models import Episode
from tests.clinic.team.conftest import desk_of
from tests.clinic.team.reading import buttons, fields, text

NOT_APPROVED = "Not approved for clinical use."
SERVICE = "/team/service"
ACCOUNTS = "/team/accounts"


def accept(desk: Client, **changed: str) -> str:
    sent = fields(desk.get(SERVICE)) | {"statement": "Read and checked.", "name": "Ada"} | changed
    return text(desk.post(SERVICE, sent, follow=True))


def test_every_page_says_not_approved_until_the_officer_has_accepted(
    sams_desk: Client, adas_desk: Client, episode: Episode
) -> None:
    pages = [
        "/team/",
        reverse("team:caseload"),
        reverse("team:person", args=[episode.pk]),
        reverse("team:editor", args=[episode.pk]),
        reverse("evidence"),
    ]
    assert all(NOT_APPROVED in text(sams_desk.get(page)) for page in pages)
    assert "Accepted by you, for this version alone." in accept(adas_desk)
    assert not any(NOT_APPROVED in text(sams_desk.get(page)) for page in pages)


def test_only_the_safety_officer_is_asked_and_only_they_can(
    oseis_desk: Client, service: Service
) -> None:
    assert "Accept for this service" not in buttons(oseis_desk.get(SERVICE))
    sent = {
        "protocol": "ketamine",
        "sha256": acceptance.sha256("ketamine"),
        "statement": "Fine.",
        "name": "Dr Osei",
    }
    oseis_desk.post(SERVICE, sent)
    assert not ProtocolAcceptance.objects.exists()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"name": "ada"}, "Write your name exactly as the service knows you: Ada."),
        ({"statement": " "}, "Still missing:"),
        ({"sha256": "0" * 64}, "The protocol has changed since you read it."),
        ({"protocol": "dragons"}, "There is no such protocol."),
    ],
)
def test_an_acceptance_that_does_not_fit_is_refused(
    adas_desk: Client, changed: dict[str, str], why: str
) -> None:
    assert why in accept(adas_desk, **changed)
    assert not ProtocolAcceptance.objects.exists()


def test_the_page_says_who_accepted_and_in_which_words(
    adas_desk: Client, sams_desk: Client
) -> None:
    accept(adas_desk)
    said = text(sams_desk.get(SERVICE))
    assert "Ada, 30 Nov 2026, 10:00: Read and checked." in said


def test_the_demo_is_never_approved(demo_service: Service) -> None:
    officer = people.create(
        service=demo_service,
        username="demo-officer",
        display_name="Ada",
        role=Role.ADMINISTRATOR,
        at=clock.now(),
        is_safety_officer=True,
        demo=True,
    )
    desk = desk_of(officer)
    said = accept(desk)
    assert "Demo, made-up people." in said
    assert NOT_APPROVED in said


def test_a_manager_sees_no_small_number_and_no_name(mos_desk: Client, frozen: Episode) -> None:
    said = text(mos_desk.get(reverse("team:overview")))
    assert "fewer than 5" in said
    assert "Rowan" not in said
    assert "Sam" not in said


def test_only_a_manager_sees_the_numbers(sams_desk: Client, adas_desk: Client) -> None:
    answers = [desk.get(reverse("team:overview")) for desk in (sams_desk, adas_desk)]
    assert [answer.status_code for answer in answers] == [404, 404]


NEW = {"display_name": "Bea", "username": "bea", "role": "keyworker"}


def test_an_administrator_makes_an_account_and_its_password_is_shown_once(
    adas_desk: Client, service: Service
) -> None:
    answer = adas_desk.post(ACCOUNTS, NEW)
    said = text(answer)
    assert "Bea can sign in now." in said
    password = said.split("First password ")[1].split()[0]
    bea = User.objects.get(username="bea")
    assert bea.check_password(password)
    assert bea.service == service
    assert password not in text(adas_desk.get(ACCOUNTS))
    assert answer["Cache-Control"] == "no-store"


def test_a_sign_in_name_is_given_once(adas_desk: Client) -> None:
    adas_desk.post(ACCOUNTS, NEW)
    answer = adas_desk.post(ACCOUNTS, NEW)
    assert "Somebody has this sign-in name already." in text(answer)
    assert fields(answer)["username"] == "bea"


def test_no_person_and_nothing_about_care_is_among_the_accounts(
    adas_desk: Client, episode: Episode
) -> None:
    said = text(adas_desk.get(ACCOUNTS))
    assert "Rowan" not in said
    assert "Sam" in said


def test_a_role_is_changed_on_the_trail_and_named_clinicians_are_named_anew(
    adas_desk: Client, sam: User
) -> None:
    sam.is_named_clinician = True
    sam.save()
    adas_desk.post(reverse("team:set_role", args=[sam.pk]), {"role": "manager"})
    sam.refresh_from_db()
    assert (sam.role, sam.is_named_clinician) == (Role.MANAGER, False)
    line = Entry.objects.get(action="people.set_role")
    assert line.detail == {"from": "keyworker", "to": "manager"}


def test_nobody_changes_their_own_role_or_another_services(
    adas_desk: Client, ada: User, ines: User
) -> None:
    answer = adas_desk.post(
        reverse("team:set_role", args=[ada.pk]), {"role": "prescriber"}, follow=True
    )
    assert "Nobody changes their own role." in text(answer)
    asked = reverse("team:set_role", args=[ines.pk])
    assert adas_desk.post(asked, {"role": "manager"}).status_code == 404


def test_a_person_never_becomes_a_colleague(adas_desk: Client, rowan: User) -> None:
    adas_desk.post(reverse("team:set_role", args=[rowan.pk]), {"role": "manager"})
    rowan.refresh_from_db()
    assert rowan.role == Role.PERSON
