"""Letters: refused without consent, seen by the person first, each line with what it rests on."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, letters, measurements, questionnaires
from stepwell.clinic.care.letters import NotSeen, NotShared
from stepwell.clinic.care.models import Episode, Letter, LetterSeen
from stepwell.clinic.papers import letter as papers_letter
from tests.clinic.person.pages import text
from tests.conftest import Tell, share

KINDS = list(letters.kinds().values())
YES = (ConsentKind.SHARE_GP, ConsentKind.SHARE_UROLOGY)


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


@pytest.fixture
def shared(episode: Episode, rowan: User) -> Episode:
    share(rowan, *YES)
    return episode


def write(episode: Episode, kind: str, by: User, **other: Any) -> Letter:
    told: dict[str, Any] = {"to": "", "note": "", "reason": "", "at": clock.now()} | other
    return letters.write(episode, kind, **told, by=by)


def lines(letter: Letter) -> list[str]:
    return [
        f"{line['said']} ({line['rests_on']})" for part in letter.parts for line in part["lines"]
    ]


# --- consent ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [one for one in KINDS if one.consent in YES], ids=lambda one: one.name
)
def test_without_their_yes_a_letter_is_refused_with_the_reason(
    client: Client, episode: Episode, sam: User, kind: letters.Kind
) -> None:
    with pytest.raises(NotShared, match="Rowan has not agreed to letters to"):
        write(episode, kind.name, sam)
    client.force_login(sam)
    page = reverse("team:letter", args=[episode.pk, kind.name])
    assert "has not agreed" in text(client.get(page))
    assert "has not agreed" in text(client.post(page, {"to": "Dr X"}))
    assert not Letter.objects.exists()


def test_a_yes_that_was_taken_back_stops_a_letter_that_was_written(
    shared: Episode, rowan: User, sam: User
) -> None:
    letter = write(shared, "gp", sam)
    letters.see(letter, by=rowan, at=clock.now())
    consents.set(rowan, ConsentKind.SHARE_GP, given=False, by=rowan, at=clock.now())
    with pytest.raises(NotShared):
        letters.hand_over(letter, by=sam, at=clock.now())


def test_an_emergency_waits_for_no_yes_but_needs_its_reason(episode: Episode, sam: User) -> None:
    with pytest.raises(NotShared, match="reason why it cannot wait"):
        write(episode, "emergency", sam, reason=" ")
    letter = write(episode, "emergency", sam, reason="Cannot be woken.")
    assert letters.hand_over(letter, by=sam, at=clock.now()) == letter
    assert "Cannot be woken." in papers_letter.text(letter)


def test_nobody_else_writes_reads_or_hands_over(
    client: Client, shared: Episode, rowan: User, sam: User, ines: User
) -> None:
    letter = write(shared, "gp", sam)
    for other in (rowan, ines):
        with pytest.raises(access.NotFound):
            write(shared, "gp", other)
    with pytest.raises(access.NotFound):
        letters.hand_over(letter, by=ines, at=clock.now())
    client.force_login(ines)
    assert client.get(reverse("team:letters", args=[shared.pk])).status_code == 404


# --- seen first ---------------------------------------------------------------------------------


def test_a_letter_goes_only_after_the_person_has_opened_it(
    client: Client, shared: Episode, rowan: User, sam: User
) -> None:
    letter = write(shared, "gp", sam, note="Sleep is the worst part.")
    with pytest.raises(NotSeen):
        letters.hand_over(letter, by=sam, at=clock.now())
    client.force_login(rowan)
    assert "New" in text(client.get("/me/letters/"))
    assert "Sleep is the worst part." in text(client.get(f"/me/letters/{letter.pk}/"))
    assert "Seen" in text(client.get("/me/letters/"))
    client.force_login(sam)
    out = client.post(reverse("team:hand_over", args=[shared.pk, letter.pk, "pdf"]))
    assert out.content.startswith(b"%PDF")
    assert Entry.objects.filter(action="letters.hand_over", actor_id=sam.pk).count() == 1


def test_reading_it_together_counts_once_and_by_name(
    client: Client, shared: Episode, sam: User
) -> None:
    letter = write(shared, "gp", sam)
    client.force_login(sam)
    page = reverse("team:read_together", args=[shared.pk, letter.pk])
    for _ in range(2):
        said = text(client.post(page, follow=True))
    assert "Seen with Sam" in said
    assert LetterSeen.objects.count() == 1
    out = client.post(reverse("team:hand_over", args=[shared.pk, letter.pk, "text"]))
    assert out["Content-Type"].startswith("text/plain")


def test_before_that_the_screen_says_why_it_does_not_go(
    client: Client, shared: Episode, sam: User
) -> None:
    letter = write(shared, "gp", sam)
    client.force_login(sam)
    out = client.post(reverse("team:hand_over", args=[shared.pk, letter.pk, "pdf"]), follow=True)
    assert "They see each letter before it goes." in text(out)


# --- what it says -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one.name)
def test_every_line_of_every_letter_says_what_it_rests_on(
    shared: Episode, sam: User, kind: letters.Kind
) -> None:
    letter = write(shared, kind.name, sam, reason="Because.")
    assert len(letter.parts) == len(kind.parts)
    assert all(line["said"] and line["rests_on"] for part in letter.parts for line in part["lines"])
    assert papers_letter.pdf(letter, at=clock.now()).startswith(b"%PDF")


def test_a_figure_cites_its_check_ins_and_says_when_they_are_few(
    shared: Episode, tell: Tell, sam: User
) -> None:
    monday = date(2026, 11, 30)
    for back in range(3):
        tell(monday - timedelta(days=back), at=clock.now(), amount_mg=[900, 1100])
    said = lines(write(shared, "gp", sam))
    cited = (
        "3 of 28 days told, 28 November 2026 to 30 November 2026, less than half: read with care"
    )
    assert f"Days of use in the last 28: 3 ({cited})" in said
    assert f"On those days: 900 to 1100 mg ({cited})" in said


def test_tests_and_questionnaires_stand_with_their_day_and_name(
    shared: Episode, rowan: User, sam: User
) -> None:
    at = clock.now()
    kept: dict[str, Any] = {
        "on": at.date(),
        "confirmed": False,
        "sent_id": "w",
        "by": sam,
        "at": at,
    }
    measurements.record(shared, "weight", {"weight": "78.5"}, **kept)
    answers = {"nervous": "2", "control": "1"}
    questionnaires.record(shared, "gad7", answers, sent_id="q", by=rowan, at=at)
    said = lines(write(shared, "gp", sam))
    assert "Weight: 78.5 kg (30 November 2026, written down by Sam)" in said
    assert any(line.startswith("GAD-2: 3 of 6") and "5 left out" in line for line in said)


def test_a_letter_stays_as_it_was_written(shared: Episode, tell: Tell, sam: User) -> None:
    letter = write(shared, "gp", sam)
    before = papers_letter.text(letter)
    tell(date(2026, 11, 30), at=clock.now())
    assert papers_letter.text(letters.one(shared, letter.pk)) == before


def test_where_nothing_is_known_the_letter_says_so(shared: Episode, sam: User) -> None:
    said = " ".join(lines(write(shared, "urology", sam)))
    assert "0 of 28 days told" in said
    assert "Nothing was told. That is not a no." in said
    assert "No whole day was kept." in said
