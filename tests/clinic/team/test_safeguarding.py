"""The pages of restricted notes: the clinician's, and the lead's."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.care import safeguarding
from stepwell.clinic.care.models import Episode, GlassBroken, SafeguardingNote
from tests.clinic.team.reading import fields, text

SEEN = "A bruise on the arm."
MINUTES = safeguarding.rules()["glass"]["minutes"]


def page(episode: Episode, name: str = "") -> str:
    return reverse(f"team:safeguarding{name}", args=[episode.pk])


@pytest.fixture
def note(sams_desk: Client, episode: Episode) -> SafeguardingNote:
    """Written by Sam at their desk."""
    form = sams_desk.get(page(episode, "_write"))
    told = {
        "sent_id": fields(form)["sent_id"],
        "concerns": ["domestic_abuse", "children_at_home"],
        "seen": SEEN,
        "done": "Spoke alone.",
        "who_told": "Nobody yet.",
        "person_told": "first",
    }
    answer = sams_desk.post(page(episode, "_write"), told)
    assert answer["Location"] == page(episode)
    found: SafeguardingNote = SafeguardingNote.objects.get()
    return found


def test_the_author_reads_what_they_wrote(
    note: SafeguardingNote, sams_desk: Client, episode: Episode
) -> None:
    said = text(sams_desk.get(page(episode)))
    assert SEEN in said
    assert "Domestic abuse" in said
    assert "Yes, before it was passed on" in said


def test_the_checklist_and_what_to_say_first_stand_beside_the_form(
    sams_desk: Client, episode: Episode
) -> None:
    said = text(sams_desk.get(page(episode, "_write")))
    for line in (*safeguarding.checklist(), *safeguarding.script()):
        assert line in said


def test_a_note_without_a_reason_for_not_telling_comes_back_with_what_was_typed(
    sams_desk: Client, episode: Episode
) -> None:
    told = {"sent_id": "x", "concerns": ["other"], "seen": SEEN, "done": "d", "who_told": "w"}
    answer = sams_desk.post(page(episode, "_write"), told | {"person_told": "not_told"})
    assert answer.status_code == 422
    assert "why they were not told first" in text(answer)
    assert fields(answer)["seen"] == SEEN


def test_another_clinician_sees_that_there_is_one_and_breaks_the_glass_with_a_reason(
    note: SafeguardingNote, oseis_desk: Client, episode: Episode, now: clock.Stopped
) -> None:
    assert "restricted note" in text(oseis_desk.get(reverse("team:person", args=[episode.pk])))
    said = text(oseis_desk.get(page(episode)))
    assert "There is a restricted note by somebody else" in said
    assert SEEN not in said
    assert oseis_desk.post(page(episode, "_break"), {"text": ""}).status_code == 422
    assert oseis_desk.post(page(episode, "_break"), {"text": "She rang."}).status_code == 302
    assert SEEN in text(oseis_desk.get(page(episode)))
    now.advance(minutes=MINUTES)
    assert SEEN not in text(oseis_desk.get(page(episode)))


def test_the_lead_sees_a_broken_glass_at_once_and_marks_it(
    note: SafeguardingNote, oseis_desk: Client, graces_desk: Client, episode: Episode
) -> None:
    people = reverse("team:safeguarding_people")
    assert "Glass broken" not in text(graces_desk.get(people))
    oseis_desk.post(page(episode, "_break"), {"text": "She rang in fear."})
    said = text(graces_desk.get(people))
    assert "Glass broken" in said
    assert "Dr Osei" in said
    assert "She rang in fear." in said
    glass = GlassBroken.objects.get()
    graces_desk.post(reverse("team:safeguarding_look", args=[glass.pk]), {"text": "Rightly."})
    assert "Glass broken" not in text(graces_desk.get(people))
    assert "Rightly." in text(graces_desk.get(page(episode, "_notes")))


def test_the_lead_lands_on_their_page_and_finds_no_other_about_anybody(
    note: SafeguardingNote, graces_desk: Client, episode: Episode
) -> None:
    people = reverse("team:safeguarding_people")
    assert graces_desk.get(reverse("team:home"))["Location"] == people
    said = text(graces_desk.get(page(episode, "_notes")))
    assert SEEN in said
    assert "2650" not in said
    for name in ("caseload", "overview", "accounts", "inbox"):
        assert graces_desk.get(reverse(f"team:{name}")).status_code == 404


@pytest.mark.parametrize("desk", ["sams_desk", "oseis_desk", "mos_desk", "adas_desk"])
def test_the_leads_pages_are_the_leads_alone(
    request: pytest.FixtureRequest, note: SafeguardingNote, episode: Episode, desk: str
) -> None:
    client: Client = request.getfixturevalue(desk)
    assert client.get(reverse("team:safeguarding_people")).status_code == 404
    assert client.get(page(episode, "_notes")).status_code == 404


def test_author_and_lead_add_to_a_note_and_nobody_else(
    note: SafeguardingNote,
    sams_desk: Client,
    graces_desk: Client,
    oseis_desk: Client,
    episode: Episode,
) -> None:
    address = reverse("team:safeguarding_add", args=[episode.pk, note.pk])
    assert SEEN in text(sams_desk.get(address))
    assert sams_desk.post(address, {"text": ""}).status_code == 422
    sams_desk.post(address, {"text": "It was the left arm."})
    answer = graces_desk.post(address, {"text": "Told the council."})
    assert answer["Location"] == page(episode, "_notes")
    assert oseis_desk.get(address).status_code == 404
    said = text(sams_desk.get(page(episode)))
    assert "It was the left arm." in said
    assert "Told the council." in said


def test_a_service_without_a_lead_says_so_where_one_writes(
    sams_desk: Client, episode: Episode, request: pytest.FixtureRequest
) -> None:
    assert "no safeguarding lead" in text(sams_desk.get(page(episode)))
    request.getfixturevalue("grace")
    assert "no safeguarding lead" not in text(sams_desk.get(page(episode)))


def test_no_page_of_notes_is_kept_by_a_browser(
    note: SafeguardingNote, sams_desk: Client, graces_desk: Client, episode: Episode
) -> None:
    for answer in (sams_desk.get(page(episode)), graces_desk.get(page(episode, "_notes"))):
        assert "no-store" in answer["Cache-Control"]


def test_a_glass_is_broken_anew_after_its_time(
    note: SafeguardingNote, oseis_desk: Client, episode: Episode, now: clock.Stopped
) -> None:
    told = {"text": "She rang."}
    oseis_desk.post(page(episode, "_break"), told)
    assert oseis_desk.post(page(episode, "_break"), told).status_code == 404
    now.move_to(clock.now() + timedelta(minutes=MINUTES))
    assert oseis_desk.post(page(episode, "_break"), told).status_code == 302
    assert GlassBroken.objects.count() == 2
