"""Who gets in: a page that is not for somebody does not exist for them."""

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion, Review
from tests.clinic.team.reading import text
from tests.conftest import MONDAY

OF_A_PERSON = ["person", "baseline", "contact", "snooze", "gates", "gates_ask", "editor"]
OF_A_PERSON += ["paper", "sheet", "messages", "visits", "answers", "tests", "bladder", "letters"]
OF_A_PERSON += ["reach", "profiles"]
OF_A_PERSON += ["safeguarding", "safeguarding_write", "safeguarding_break"]


@pytest.mark.parametrize("page", OF_A_PERSON)
def test_a_clinician_of_another_team_finds_nothing(
    iness_desk: Client, episode: Episode, page: str
) -> None:
    assert iness_desk.get(reverse(f"team:{page}", args=[episode.pk])).status_code == 404


@pytest.mark.parametrize("page", OF_A_PERSON)
@pytest.mark.parametrize("desk", ["mos_desk", "adas_desk", "graces_desk", "rowans_phone"])
def test_manager_administrator_and_person_find_no_page_about_a_person(
    request: pytest.FixtureRequest, episode: Episode, desk: str, page: str
) -> None:
    client: Client = request.getfixturevalue(desk)
    assert client.get(reverse(f"team:{page}", args=[episode.pk])).status_code == 404


def test_another_team_finds_no_plan_no_review_and_no_file(
    iness_desk: Client, open_review: Review, agreed_plan: PlanVersion
) -> None:
    asked = [
        reverse("team:plan", args=[agreed_plan.pk]),
        reverse("team:review", args=[open_review.pk]),
        reverse("team:review_file", args=[open_review.pk]),
    ]
    assert [iness_desk.get(one).status_code for one in asked] == [404, 404, 404]


def test_another_team_cannot_sign_decide_or_close(
    iness_desk: Client, open_review: Review, frozen: Episode
) -> None:
    signal = Escalation.objects.get(episode=frozen)
    asked = [
        reverse("team:decide", args=[open_review.pk]),
        reverse("team:close", args=[signal.pk]),
        reverse("team:acknowledge", args=[signal.pk]),
        reverse("team:act", args=[frozen.pk]),
    ]
    assert {iness_desk.post(one, {"outcome": "x"}).status_code for one in asked} == {404}


def test_a_person_who_stops_sharing_is_gone_from_the_page(
    sams_desk: Client, episode: Episode, rowan: User
) -> None:
    page = reverse("team:person", args=[episode.pk])
    assert sams_desk.get(page).status_code == 200
    consents.set(rowan, ConsentKind.SHARE_KEYWORKER, given=False, by=rowan, at=MONDAY)
    assert sams_desk.get(page).status_code == 404
    assert "Rowan" not in text(sams_desk.get(reverse("team:caseload")))


def test_who_is_not_signed_in_is_asked_to_sign_in(client: Client, episode: Episode) -> None:
    answer = client.get(reverse("team:person", args=[episode.pk]))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


def test_each_role_lands_on_its_own_first_page(
    sams_desk: Client, mos_desk: Client, adas_desk: Client
) -> None:
    home = reverse("team:home")
    assert "Nothing waiting" in text(sams_desk.get(home))
    assert mos_desk.get(home)["Location"] == reverse("team:overview")
    assert adas_desk.get(home)["Location"] == reverse("team:accounts")


def test_that_a_page_was_read_is_kept_for_the_person(
    oseis_desk: Client, episode: Episode, rowans_phone: Client
) -> None:
    oseis_desk.get(reverse("team:person", args=[episode.pk]))
    assert "Dr Osei" in text(rowans_phone.get(reverse("person:who-looked")))


def test_a_link_never_leads_out_of_the_service(sams_desk: Client, episode: Episode) -> None:
    told = {"how": "call", "outcome": "reached", "next": "https://elsewhere.example/"}
    answer = sams_desk.post(reverse("team:contact", args=[episode.pk]), told)
    assert answer["Location"] == reverse("team:person", args=[episode.pk])
