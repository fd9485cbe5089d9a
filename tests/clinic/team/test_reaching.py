"""The page that says how to reach one person, and the person's own."""

from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import reach
from stepwell.clinic.care.models import Episode, ReachNote
from tests.clinic.team.reading import text
from tests.clinic.test_reach import TOLD
from tests.conftest import MONDAY


def test_the_teams_page_says_only_so_and_what_to_try_next(
    sams_desk: Client, episode: Episode, rowan: User
) -> None:
    page = reverse("team:reach", args=[episode.pk])
    assert "Leave no message" in text(sams_desk.get(page))
    reach.write(episode, TOLD, by=rowan, at=MONDAY)
    said = text(sams_desk.get(page))
    assert "Only so" in said
    assert "07700 900 123, her own" in said
    assert "Written down by Rowan" in said
    assert "Send a neutral note" in said


def test_the_team_writes_down_what_they_said(sams_desk: Client, episode: Episode) -> None:
    page = reverse("team:reach", args=[episode.pk])
    said = text(sams_desk.post(page, TOLD, follow=True))
    assert "after six" in said
    assert ReachNote.objects.get().by.display_name == "Sam"


def test_the_person_writes_it_on_their_own_phone(rowans_phone: Client, episode: Episode) -> None:
    answer = rowans_phone.post("/me/reach/", TOLD, follow=True)
    assert "Saved. We keep to it." in text(answer)
    assert ReachNote.objects.get().say == "Sam, about Tuesday"
