"""Beginning with somebody new: an account, their consents and a course of care in one act."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents, joining
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care.models import Baseline, Episode
from tests.clinic.team.reading import fields, text

OPEN = "/team/people/open"


@pytest.fixture
def typed(sam: User) -> dict[str, Any]:
    return {
        "display_name": "Kit",
        "username": "kit",
        "time_zone": "Europe/Dublin",
        "supply": "non_prescribed",
        "word": "ket",
        "goal": "less",
        "what_matters": "Play in the band again\n\nSleep",
        "keyworker": str(sam.pk),
        "consents": ["store", "share_keyworker", "share_prescriber"],
    }


def test_a_course_of_care_begins_with_what_was_agreed(
    sams_desk: Client, typed: dict[str, Any]
) -> None:
    answer = sams_desk.post(OPEN, typed)
    said = text(answer)
    opened = Episode.objects.get()
    assert "Kit can sign in now" in said
    assert opened.time_zone == "Europe/Dublin"
    assert opened.what_matters == ["Play in the band again", "Sleep"]
    assert not opened.person.has_usable_password()
    code = re.search(r"[a-z2-9]{4}-[a-z2-9]{4}", said)
    assert code
    joined = joining.join(code[0], username="", password="three-words-of-mine", at=clock.now())
    assert joined == opened.person
    assert consents.given(opened.person, ConsentKind.SHARE_KEYWORKER)
    assert not consents.given(opened.person, ConsentKind.SHARE_GP)
    assert answer["Cache-Control"] == "no-store"


def test_without_consent_to_a_record_nothing_is_made(
    sams_desk: Client, typed: dict[str, Any]
) -> None:
    answer = sams_desk.post(OPEN, {**typed, "consents": ["share_keyworker"]})
    assert "Without their consent to keep a record, none can be opened." in text(answer)
    assert fields(answer)["display_name"] == "Kit"
    assert not User.objects.filter(username="kit").exists()


def test_who_does_not_share_with_the_keyworker_is_closed_to_them(
    sams_desk: Client, typed: dict[str, Any]
) -> None:
    said = text(sams_desk.post(OPEN, {**typed, "consents": ["store"]}))
    assert "They do not share with your role, so their page is closed to you." in said
    page = reverse("team:person", args=[Episode.objects.get().pk])
    assert sams_desk.get(page).status_code == 404


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"time_zone": "Europe/Atlantis"}, "is not a time zone"),
        ({"username": "sam"}, "Somebody has this sign-in name already."),
        ({"supply": ""}, "Still missing:"),
        ({"keyworker": "nobody"}, "not one of the available choices"),
    ],
)
def test_what_does_not_fit_is_refused_and_no_half_of_it_is_kept(
    sams_desk: Client, typed: dict[str, Any], changed: dict[str, str], why: str
) -> None:
    before = User.objects.count()
    answer = sams_desk.post(OPEN, {**typed, **changed})
    assert why in text(answer)
    assert fields(answer)["what_matters"].startswith("Play in the band")
    assert User.objects.count() == before
    assert not Episode.objects.exists()


BASELINE = {
    "amount": "1.8-2.2 g",
    "times_per_day": "5",
    "days_per_week": "6",
    "routes": ["nose"],
    "unit_words": "a bump",
    "smallest_unit": "50 mg",
}


def test_a_baseline_is_a_range_in_their_own_words(sams_desk: Client, episode: Episode) -> None:
    asked = reverse("team:baseline", args=[episode.pk])
    answer = sams_desk.post(asked, BASELINE, follow=True)
    newest = Baseline.objects.order_by("-sequence").first()
    assert newest is not None
    assert (newest.amount_low_mg, newest.amount_high_mg) == (1800, 2200)
    assert "1800 to 2200 mg" in text(answer)
    assert Baseline.objects.count() == 2


@pytest.mark.parametrize("typed", ["1,8 g", "2.2-1.8 g", "two grams", "40 g"])
def test_a_baseline_that_cannot_be_read_is_refused_with_the_reason_and_kept(
    sams_desk: Client, episode: Episode, typed: str
) -> None:
    asked = reverse("team:baseline", args=[episode.pk])
    answer = sams_desk.post(asked, {**BASELINE, "amount": typed})
    assert answer.status_code == 422
    assert fields(answer)["amount"] == typed
    assert Baseline.objects.count() == 1
