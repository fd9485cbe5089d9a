"""The card to show: only what was told, as ranges, each with its day; a gap is never a no."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, episodes, showing
from stepwell.clinic.care.models import Answer, CardNote, Episode
from tests.clinic.person.pages import text

SHOW, WRITE = reverse("person:show"), reverse("person:show-write")
TYPED = {"medicines": "None", "allergies": "Penicillin", "contact": "Kit, 01632 960 002"}


def shown(phone: Client) -> str:
    return text(phone.get(SHOW))


def test_it_is_one_tap_from_help_for_the_person_alone(
    client: Client, on_plan: Episode, rowan: User, sam: User
) -> None:
    link = f'href="{SHOW}"'
    assert link not in client.get(reverse("help")).content.decode()
    client.force_login(sam)
    assert link not in client.get(reverse("help")).content.decode()
    client.force_login(rowan)
    assert link in client.get(reverse("help")).content.decode()
    assert link in client.get(reverse("help-door", args=["body"])).content.decode()


def test_it_names_the_drug_the_last_use_and_the_range(
    phone: Client, on_plan: Episode, say: Callable[..., None], now: clock.Stopped
) -> None:
    say(on_plan, amount_mg=[1200, 1500], times=3)
    now.advance(days=1)
    say(on_plan)
    now.advance(days=1)
    say(on_plan, used=False)
    said = shown(phone)
    assert "Rowan : use of ketamine (“ket”)" in said
    assert "2 December 2026 , 1.8 to 2 g, 4 times" in said
    assert "1.2 to 2 g on days of use . Used on 2 of 3 days told; 28 days in all." in said
    assert "Made on 3 December 2026" in said
    assert "Last told about: 3 December 2026." in said
    assert "2.4 to 2.65 g a day, 6 times a day, 7 days a week. Told 30 Nov 2026." in said


def test_an_amount_that_was_not_told_is_not_guessed(
    phone: Client, on_plan: Episode, say: Callable[..., None]
) -> None:
    say(on_plan, amount_mg=None)
    assert "1 December 2026 , amount not told" in shown(phone)


def test_a_day_that_did_not_say_is_neither_use_nor_none(
    phone: Client, on_plan: Episode, say: Callable[..., None]
) -> None:
    say(on_plan, used=None, amount_mg=None, times=None)
    said = shown(phone)
    assert "Last use told Not told" in said
    assert "Used on 0 of 1 days told" in said
    assert "On one of them it was not said." in said


def test_last_use_is_said_however_long_ago_it_was(
    phone: Client, on_plan: Episode, say: Callable[..., None], now: clock.Stopped
) -> None:
    say(on_plan)
    now.advance(days=60)
    said = shown(phone)
    assert "Last use told 1 December 2026" in said
    assert "Used on 0 of 0 days told" in said


def test_signs_and_what_was_mixed_stand_with_their_last_day(
    phone: Client, on_plan: Episode, say: Callable[..., None], now: clock.Stopped
) -> None:
    say(on_plan, flags=["blood_in_urine", "alcohol"])
    now.advance(days=2)
    said = shown(phone)
    assert re.search(r"blood in urine 1 Dec 2026", said, re.IGNORECASE)
    assert re.search(r"alcohol\S* 1 Dec 2026", said, re.IGNORECASE)


def test_nothing_told_is_never_shown_as_no(phone: Client, begun: Episode) -> None:
    said = shown(phone)
    assert said.count("Not answered") == len(showing.BODY) + len(showing.OTHERS)
    assert said.count("That is not a no.") == 2
    assert said.count("Not written yet") == 3
    assert "No day has been told yet." in said


def test_an_answer_about_kidneys_and_bladder_is_shown_with_its_day(
    phone: Client, episode: Episode, rowan: User
) -> None:
    episodes.answer_gate(episode, "kidney_bladder", Answer.YES, by=rowan, at=clock.now())
    assert "Kidney or bladder disease Yes 30 Nov 2026" in shown(phone)


def test_what_somebody_thinks_of_ending_their_life_is_not_on_it(
    phone: Client, on_plan: Episode, say: Callable[..., None]
) -> None:
    say(on_plan, flags=["suicidal_thoughts"], safety="thoughts")
    assert "uicid" not in shown(phone)


def test_no_amount_of_the_plan_is_on_it(phone: Client, on_plan: Episode) -> None:
    said = shown(phone)
    assert "2350" not in said
    assert "2.35" not in said


def test_what_is_typed_is_kept_with_a_line_in_the_trail(phone: Client, on_plan: Episode) -> None:
    answer = phone.post(WRITE, TYPED, follow=True)
    assert answer.redirect_chain[-1][0] == SHOW
    said = text(answer)
    assert "Penicillin" in said
    assert "Kit, 01632 960 002" in said
    assert "Written by the person on 1 December 2026" in said
    assert Entry.objects.filter(action=showing.WROTE, episode_id=on_plan.pk).count() == 1


def test_what_is_typed_again_counts_and_the_first_stays_kept(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    phone.post(WRITE, TYPED)
    now.advance(days=1)
    assert "Penicillin" in text(phone.get(WRITE))
    phone.post(WRITE, TYPED | {"allergies": ""})
    assert "Penicillin" not in shown(phone)
    assert CardNote.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM care_cardnote")


def test_what_somebody_typed_is_never_read_as_markup(phone: Client, on_plan: Episode) -> None:
    phone.post(WRITE, TYPED | {"contact": "<script>Kit</script>"})
    assert "<script>Kit" not in phone.get(SHOW).content.decode()


def test_too_long_a_text_is_sent_back_and_nothing_is_lost(phone: Client, on_plan: Episode) -> None:
    answer = phone.post(WRITE, TYPED | {"medicines": "x" * 401})
    assert "Please look at this again" in text(answer)
    assert "Penicillin" in text(answer)
    assert not CardNote.objects.exists()


def test_without_consent_nothing_is_kept(phone: Client, on_plan: Episode, rowan: User) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=clock.now())
    assert "Nothing was saved" in text(phone.post(WRITE, TYPED, follow=True))
    assert not CardNote.objects.exists()


@pytest.mark.parametrize("who", ["sam", "ines"])
def test_only_the_person_writes_on_it(
    request: pytest.FixtureRequest, on_plan: Episode, who: str
) -> None:
    by: Any = request.getfixturevalue(who)
    with pytest.raises(access.NotFound):
        showing.write(on_plan, **TYPED, by=by, at=datetime(2026, 12, 1, tzinfo=UTC))


def test_it_works_without_a_network_once_it_was_seen(client: Client, db: None) -> None:
    assert f'"{SHOW}"' in client.get("/sw.js").content.decode().partition(";\n")[0]
