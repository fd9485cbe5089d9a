"""Today: who needs this worker first, and what can be done about it from the card."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import episodes
from stepwell.clinic.care.models import Contact, Episode, Lane, PlanVersion, Snooze
from stepwell.clinic.team import words
from tests.clinic.team.reading import buttons, fields, text
from tests.conftest import member, share

HOME = "/team/"


def test_an_empty_day_says_so_and_when_it_looked(sams_desk: Client) -> None:
    assert "Nothing waiting. Last checked 10:00." in text(sams_desk.get(HOME))


def test_a_card_says_who_why_how_old_what_to_do_and_whose_it_is(
    sams_desk: Client, frozen: Episode
) -> None:
    said = text(sams_desk.get(HOME))
    for part in ("Rowan", "Same day", "Visible blood in urine", "Call today", "Owner Sam"):
        assert part in said, part
    assert "Waiting today" in said
    assert "Last contact none yet" in said


def test_a_draft_waits_for_the_one_who_may_sign_it(oseis_desk: Client, draft: PlanVersion) -> None:
    answer = oseis_desk.get(HOME)
    assert "Version 1 by Sam waits for a signature." in text(answer)
    assert reverse("team:plan", args=[draft.pk]) in answer.content.decode()


def test_a_logged_contact_is_kept_and_shown_on_the_card(sams_desk: Client, frozen: Episode) -> None:
    told = {"how": "call", "outcome": "reached", "note": "Has rung urology.", "next": HOME}
    answer = sams_desk.post(reverse("team:contact", args=[frozen.pk]), told, follow=True)
    assert "Contact with Rowan logged." in text(answer)
    assert "Last contact today, Sam" in text(answer)
    assert Contact.objects.get().note == "Has rung urology."


def test_a_contact_without_how_keeps_what_was_typed(sams_desk: Client, episode: Episode) -> None:
    answer = sams_desk.post(reverse("team:contact", args=[episode.pk]), {"note": "Half a sen"})
    assert answer.status_code == 422
    assert fields(answer)["note"] == "Half a sen"
    assert not Contact.objects.exists()


def test_a_card_is_put_off_with_a_reason_until_a_day(
    sams_desk: Client, draft: PlanVersion, episode: Episode
) -> None:
    told = {"lane": "due", "until": "2026-12-03", "reason": "Dr Osei is back then.", "next": HOME}
    answer = sams_desk.post(reverse("team:snooze", args=[episode.pk]), told, follow=True)
    assert "waits for a signature" not in text(answer)
    assert Snooze.objects.get().reason == "Dr Osei is back then."


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"until": "2026-11-30", "reason": "Later."}, "Choose a day after today."),
        ({"until": "2026-12-03", "reason": ""}, "Still missing:"),
        ({"until": "3/12", "reason": "Later."}, "Write the date as 2026-12-31."),
    ],
)
def test_putting_off_without_a_later_day_or_a_reason_is_refused(
    sams_desk: Client, episode: Episode, typed: dict[str, str], why: str
) -> None:
    page = reverse("team:snooze", args=[episode.pk])
    answer = sams_desk.post(page, {"lane": "due", **typed})
    assert why in text(answer)
    assert fields(answer)["until"] == typed["until"]
    assert not Snooze.objects.exists()


def test_danger_cannot_be_put_off(sams_desk: Client, frozen: Episode) -> None:
    told = {"lane": "safety", "until": "2026-12-09", "reason": "Later."}
    answer = sams_desk.post(reverse("team:snooze", args=[frozen.pk]), told)
    assert "A safety signal cannot be put off" in text(answer)
    assert "Put off" not in buttons(sams_desk.get(HOME))


def test_the_day_costs_the_same_few_questions_for_one_person_and_for_many(
    sams_desk: Client,
    frozen: Episode,
    service: Service,
    sam: User,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    sams_desk.get(HOME)  # files her cards
    with django_assert_max_num_queries(20):
        sams_desk.get(HOME)
    for number in range(12):
        person = member(service, f"Made Up {number}", Role.PERSON)
        share(person, *ConsentKind)
        episodes.open(
            person=person,
            keyworker=sam,
            supply="non_prescribed",
            goal="none",
            by=sam,
            at=clock.now() - timedelta(days=9),
        )
    sams_desk.get(HOME)  # files the cards of those who were opened just now
    with django_assert_max_num_queries(20):
        said = text(sams_desk.get(HOME))
    assert said.count("Made Up") >= 12
    with django_assert_max_num_queries(20):
        sams_desk.get(reverse("team:caseload"))


def test_the_caseload_finds_a_name_and_only_ones_own(
    oseis_desk: Client, sams_desk: Client, episode: Episode
) -> None:
    page = reverse("team:caseload")
    assert "Rowan" in text(oseis_desk.get(page, {"q": "row"}))
    assert "Nobody matches." in text(oseis_desk.get(page, {"q": "kit"}))
    assert "Rowan" in text(sams_desk.get(page, {"mine": "1"}))
    assert "Nobody matches." in text(oseis_desk.get(page, {"mine": "1"}))


def test_every_lane_has_its_heading_also_when_nothing_is_in_it(sams_desk: Client) -> None:
    said = text(sams_desk.get(HOME))
    assert all(words.of(words.LANE, lane) in said for lane in Lane)
    assert said.count("Nothing here.") == len(Lane)
