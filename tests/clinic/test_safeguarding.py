"""Restricted notes: two read them, a glass can be broken, and they are in nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.audit.models import Entry, Unchangeable
from stepwell.clinic.care import (
    access,
    episodes,
    letters,
    mine,
    overview,
    queries,
    safeguarding,
    sheets,
    showing,
)
from stepwell.clinic.care.models import Episode, GlassBroken, PlanVersion, SafeguardingNote
from tests.conftest import MONDAY

SECRET = "a bruise and a brother"
MINUTES = timedelta(minutes=safeguarding.rules()["glass"]["minutes"])
TOLD: dict[str, Any] = {
    "concerns": ["domestic_abuse"],
    "seen": f"Seen: {SECRET}.",
    "done": f"Done about {SECRET}.",
    "who_told": f"Told of {SECRET}.",
    "person_told": "first",
    "why_not": "",
}


def written(episode: Episode, by: User, sent_id: str = "one", **other: Any) -> SafeguardingNote:
    return safeguarding.write(episode, **TOLD | other, sent_id=sent_id, by=by, at=MONDAY)


@pytest.fixture
def note(episode: Episode, sam: User) -> SafeguardingNote:
    return written(episode, sam)


def read(episode: Episode, by: User, later: timedelta = timedelta()) -> safeguarding.Standing:
    return safeguarding.read(episode, by=by, at=MONDAY + later)


def broken(episode: Episode, by: User, reason: str = "She rang in fear.") -> GlassBroken:
    return safeguarding.break_glass(episode, reason=reason, by=by, at=MONDAY)


def acts() -> list[tuple[str, str]]:
    found = Entry.objects.filter(action__startswith="safeguarding.").order_by("id")
    return list(found.values_list("action", "actor_name"))


# --- who reads ----------------------------------------------------------------------------------


def test_the_author_and_the_lead_read_a_note_and_each_reading_is_kept(
    note: SafeguardingNote, episode: Episode, sam: User, grace: User
) -> None:
    for reader in (sam, grace):
        (one,) = read(episode, reader).notes
        assert (one.note, one.concerns) == (note, ("Domestic abuse",))
    assert acts() == [
        ("safeguarding.write", "Sam"),
        ("safeguarding.read", "Sam"),
        ("safeguarding.read", "Grace"),
    ]


def test_another_clinician_learns_only_that_there_is_one(
    note: SafeguardingNote, episode: Episode, dr_osei: User
) -> None:
    assert read(episode, dr_osei) == safeguarding.Standing((), sealed=True, until=None)
    assert ("safeguarding.read", "Dr Osei") not in acts()


def test_where_there_is_none_nothing_is_sealed(episode: Episode, dr_osei: User) -> None:
    assert read(episode, dr_osei) == safeguarding.Standing((), sealed=False, until=None)
    assert not safeguarding.exist(episode)


@pytest.mark.parametrize("who", ["ines", "mo", "ada", "rowan"])
def test_nobody_else_reads_writes_adds_or_breaks(
    note: SafeguardingNote, episode: Episode, cast: dict[str, User], who: str
) -> None:
    by = cast[who]
    with pytest.raises(access.NotFound):
        read(episode, by)
    with pytest.raises(access.NotFound):
        written(episode, by, "another")
    with pytest.raises(access.NotFound):
        broken(episode, by)
    with pytest.raises(access.NotFound):
        safeguarding.add(episode, note.pk, text="More.", by=by, at=MONDAY)
    assert SafeguardingNote.objects.count() == 1


def test_a_lead_of_another_service_finds_nothing(
    note: SafeguardingNote, episode: Episode, grace: User, other_service: Service
) -> None:
    grace.service = other_service
    grace.save()
    assert safeguarding.for_lead(grace) == []
    with pytest.raises(access.NotFound):
        read(episode, grace)


def test_a_lead_sees_nobody_without_a_note_and_nothing_else_of_whom_they_see(
    episode: Episode, sam: User, grace: User
) -> None:
    with pytest.raises(access.NotFound):
        access.restricted_for(grace, episode.pk)
    written(episode, sam)
    assert access.restricted_for(grace, episode.pk) == episode
    with pytest.raises(access.NotFound):
        access.episode_for(grace, episode.pk)
    with pytest.raises(access.NotFound):
        access.enter(grace, episode)
    assert not access.caseload_for(grace).exists()
    assert grace not in access.readers(episode)


def test_a_note_does_not_depend_on_sharing_but_the_persons_pages_do(
    note: SafeguardingNote, episode: Episode, rowan: User, sam: User, grace: User
) -> None:
    consents.set(rowan, ConsentKind.SHARE_KEYWORKER, given=False, by=rowan, at=MONDAY)
    assert len(read(episode, grace).notes) == 1
    with pytest.raises(access.NotFound):
        read(episode, sam)


def test_somebody_who_becomes_a_manager_reads_their_own_notes_no_longer(
    note: SafeguardingNote, episode: Episode, sam: User
) -> None:
    sam.role = Role.MANAGER
    sam.save()
    with pytest.raises(access.NotFound):
        read(episode, sam)


def test_a_later_course_of_care_keeps_the_notes_of_the_one_before(
    note: SafeguardingNote, episode: Episode, rowan: User, sam: User, grace: User
) -> None:
    Episode.objects.filter(pk=episode.pk).update(closed_at=MONDAY)
    again = episodes.open(
        person=rowan, keyworker=sam, supply=episode.supply, goal=episode.goal, by=sam, at=MONDAY
    )
    assert len(read(again, grace).notes) == 1
    assert [one.notes for one in safeguarding.for_lead(grace)] == [1]


# --- writing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "left_out",
    [
        {"concerns": []},
        {"concerns": ["gossip"]},
        {"seen": " "},
        {"done": ""},
        {"who_told": ""},
        {"person_told": "not_told"},
        {"person_told": "after"},
    ],
)
def test_a_note_that_leaves_something_out_is_refused(
    episode: Episode, sam: User, left_out: dict[str, Any]
) -> None:
    with pytest.raises(safeguarding.Incomplete):
        written(episode, sam, **left_out)
    assert not SafeguardingNote.objects.exists()


def test_a_note_says_why_the_person_was_not_told(episode: Episode, sam: User) -> None:
    note = written(episode, sam, person_told="not_told", why_not="He reads her phone.")
    assert note.why_not == "He reads her phone."


def test_sending_a_note_twice_keeps_one(episode: Episode, sam: User) -> None:
    assert written(episode, sam) == written(episode, sam)
    assert acts() == [("safeguarding.write", "Sam")]


def test_a_correction_is_added_by_the_author_or_the_lead_and_changes_nothing(
    note: SafeguardingNote, episode: Episode, sam: User, grace: User, dr_osei: User
) -> None:
    safeguarding.add(episode, note.pk, text="It was her sister.", by=sam, at=MONDAY)
    safeguarding.add(episode, note.pk, text="Passed on.", by=grace, at=MONDAY)
    with pytest.raises(access.NotFound):
        safeguarding.add(episode, note.pk, text="No.", by=dr_osei, at=MONDAY)
    (one,) = read(episode, grace).notes
    assert [added.text for added in one.additions] == ["It was her sister.", "Passed on."]
    assert one.note.seen == TOLD["seen"]
    note.seen = "Nothing."
    with pytest.raises(Unchangeable):
        note.save()


# --- breaking the glass -------------------------------------------------------------------------


def test_breaking_the_glass_opens_the_notes_to_that_one_clinician_for_a_short_time(
    note: SafeguardingNote, episode: Episode, dr_osei: User, service: Service
) -> None:
    broken(episode, dr_osei)
    seen = read(episode, dr_osei, MINUTES - timedelta(seconds=1))
    assert [one.note for one in seen.notes] == [note]
    assert (seen.sealed, seen.until) == (False, MONDAY + MINUTES)
    assert read(episode, dr_osei, MINUTES).sealed
    assert ("safeguarding.read", "Dr Osei") in acts()


def test_a_glass_broken_by_one_stays_whole_for_another(
    note: SafeguardingNote, episode: Episode, dr_osei: User, sam: User
) -> None:
    written(episode, dr_osei, "two")
    broken(episode, dr_osei)
    seen = read(episode, sam)
    assert ([one.note for one in seen.notes], seen.sealed) == ([note], True)


def test_a_broken_glass_opens_nothing_once_the_person_no_longer_shares(
    note: SafeguardingNote, episode: Episode, dr_osei: User, rowan: User
) -> None:
    broken(episode, dr_osei)
    consents.set(rowan, ConsentKind.SHARE_PRESCRIBER, given=False, by=rowan, at=MONDAY)
    with pytest.raises(access.NotFound):
        read(episode, dr_osei)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_no_glass_breaks_without_a_reason(
    note: SafeguardingNote, episode: Episode, dr_osei: User, reason: str
) -> None:
    with pytest.raises(safeguarding.Incomplete):
        broken(episode, dr_osei, reason)
    assert read(episode, dr_osei).sealed


def test_no_glass_breaks_where_nothing_is_closed(
    note: SafeguardingNote, episode: Episode, sam: User, grace: User
) -> None:
    for by in (sam, grace):
        with pytest.raises(access.NotFound):
            broken(episode, by)


def test_the_reason_is_on_the_trail(
    note: SafeguardingNote, episode: Episode, dr_osei: User
) -> None:
    broken(episode, dr_osei)
    line = Entry.objects.get(action="safeguarding.break_glass")
    assert (line.actor_name, line.detail["reason"]) == ("Dr Osei", "She rang in fear.")


def test_the_lead_has_a_broken_glass_on_top_until_it_was_looked_at(
    note: SafeguardingNote, episode: Episode, sam: User, dr_osei: User, grace: User
) -> None:
    assert [one.waiting for one in safeguarding.for_lead(grace)] == [()]
    glass = broken(episode, dr_osei)
    assert [one.waiting for one in safeguarding.for_lead(grace)] == [(glass,)]
    with pytest.raises(access.NotFound):
        safeguarding.look(glass.pk, text="", by=sam, at=MONDAY)
    for _ in range(2):
        safeguarding.look(glass.pk, text="Rightly.", by=grace, at=MONDAY)
    assert [one.waiting for one in safeguarding.for_lead(grace)] == [()]
    (known,) = safeguarding.broken(episode, by=grace)
    assert known.look is not None
    assert known.look.text == "Rightly."


def test_on_the_leads_page_a_broken_glass_comes_before_a_newer_note(
    note: SafeguardingNote, episode: Episode, sam: User, dr_osei: User, grace: User
) -> None:
    other = _somebody_else(episode, sam)
    safeguarding.write(other, **TOLD, sent_id="new", by=sam, at=MONDAY + timedelta(hours=1))
    names = [one.episode.person.display_name for one in safeguarding.for_lead(grace)]
    assert names == ["Robin", "Rowan"]
    broken(episode, dr_osei)
    names = [one.episode.person.display_name for one in safeguarding.for_lead(grace)]
    assert names == ["Rowan", "Robin"]


def _somebody_else(episode: Episode, sam: User) -> Episode:
    person = User.objects.create(
        username="robin", display_name="Robin", role=Role.PERSON, service=episode.service
    )
    consents.set(person, ConsentKind.SHARE_KEYWORKER, given=True, by=person, at=MONDAY)
    return episodes.open(
        person=person, keyworker=sam, supply=episode.supply, goal=episode.goal, by=sam, at=MONDAY
    )


# --- in nothing else ----------------------------------------------------------------------------


@pytest.fixture
def told_of(note: SafeguardingNote, episode: Episode, dr_osei: User, grace: User) -> Episode:
    """A note, an addition, a broken glass and the lead's look: each with the words in it."""
    safeguarding.add(episode, note.pk, text=SECRET, by=grace, at=MONDAY)
    glass = broken(episode, dr_osei, SECRET)
    read(episode, dr_osei)
    safeguarding.look(glass.pk, text=SECRET, by=grace, at=MONDAY)
    return episode


def test_the_persons_own_copy_has_none_of_it_and_says_what_is_kept_apart(
    told_of: Episode, rowan: User
) -> None:
    made = mine.export(told_of, kind="json", by=rowan, at=MONDAY)
    assert SECRET not in str(made.parts)
    assert "safeguarding" not in str(made.parts).lower()
    assert "Grace" not in str(made.parts)
    assert not [name for name in made.parts if "glass" in name]
    assert any("kept apart" in line for line in made.left_out)


def test_the_copy_says_the_same_where_there_is_no_note(episode: Episode, rowan: User) -> None:
    made = mine.export(episode, kind="json", by=rowan, at=MONDAY)
    assert any("kept apart" in line for line in made.left_out)


@pytest.mark.parametrize("page", ["/me/", "/me/who-looked/", "/me/who-sees/", "/today/", "/plan/"])
def test_the_persons_phone_is_the_same_with_a_note_and_without(
    episode: Episode, sam: User, dr_osei: User, rowan: User, now: clock.Stopped, page: str
) -> None:
    phone = Client()
    phone.force_login(rowan)
    before = _without_a_token(phone.get(page, follow=True))
    written(episode, sam)
    broken(episode, dr_osei)
    read(episode, dr_osei)
    assert _without_a_token(phone.get(page, follow=True)) == before


def _without_a_token(answer: Any) -> str:
    lines = answer.content.decode().splitlines()
    return "\n".join(line for line in lines if "csrfmiddlewaretoken" not in line)


def test_no_letter_sheet_card_lane_or_figure_has_any_of_it(
    told_of: Episode, agreed_plan: PlanVersion, dr_osei: User, mo: User, now: clock.Stopped
) -> None:
    made: list[object] = [
        [letters.compose(told_of, kind, MONDAY) for kind in letters.kinds().values()],
        showing.card(told_of, MONDAY),
        queries.lanes(dr_osei, MONDAY),
        queries.person_page(dr_osei, told_of, MONDAY),
        overview.page(mo, MONDAY),
        sheets.of(told_of, MONDAY),
    ]
    for one in made:
        assert SECRET not in str(one)
        assert "safeguarding" not in str(one).lower()
