"""After the end: light check-ins, one's own signs and plan, and a door that is open for a year."""

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, episodes, escalations, keeping_well, queries, showing
from stepwell.clinic.care.lanes import Reason
from stepwell.clinic.care.models import Baseline, Episode, Escalation, Lane, WellCheck
from tests.clinic.person.pages import text

WELL, LIST, BACK = (
    reverse(f"person:{name}") for name in ("keep-well", "keep-well-list", "come-back")
)
STEADY = {"how": "steady", "used": "no", "wants_call": "no"}
MINE = {"signs": "I sleep badly", "hard_days": "I see a friend first"}


@pytest.fixture
def ended(on_plan: Episode, dr_osei: User) -> Episode:
    """Dr Osei ends Rowan's course of care on Tuesday 1 December 2026."""
    return episodes.close(on_plan, outcome="None for 4 weeks.", by=dr_osei, at=clock.now())


def tell(phone: Client, number: int = 1, **other: str) -> Any:
    return phone.post(WELL, {**STEADY, "number": str(number), **other}, follow=True)


def reasons(user: User) -> list[Reason]:
    return [card.reason for card in queries.lanes(user, clock.now())[Lane.DECIDE]]


def wishes() -> list[Escalation]:
    asked = (keeping_well.WANTS_A_CALL, keeping_well.CAME_BACK)
    return list(Escalation.objects.filter(key__in=asked))


# --- light check-ins ----------------------------------------------------------------------------


def test_they_are_weekly_twelve_times_and_then_monthly_nine_times() -> None:
    opens = keeping_well.schedule(date(2026, 12, 1))
    apart = [(later - earlier).days for earlier, later in pairwise(opens)]
    assert opens[0] == date(2026, 12, 8)
    assert apart == [7] * 11 + [30] * 9
    assert opens[-1] <= date(2026, 12, 1) + timedelta(days=365)


def test_before_the_end_none_is_open_and_the_door_is_not_spoken_of(
    phone: Client, on_plan: Episode
) -> None:
    said = text(phone.get(WELL))
    assert "After your plan ends" in said
    assert "I want to come back" not in said


def test_the_first_opens_a_week_after_the_end(
    phone: Client, ended: Episode, now: clock.Stopped
) -> None:
    now.advance(days=6)
    assert "opens on Tuesday 8 December" in text(phone.get(WELL))
    now.advance(days=1)
    assert "A short check-in: 1 of 21" in text(phone.get(WELL))


def test_told_once_it_is_thanked_for_and_kept_with_a_line_in_the_trail(
    phone: Client, ended: Episode, now: clock.Stopped
) -> None:
    now.advance(days=7)
    assert "Saved. Thank you." in text(tell(phone))
    tell(phone, how="hard")
    told = WellCheck.objects.get()
    assert (told.number, told.how, told.on) == (1, "steady", date(2026, 12, 8))
    assert "opens on Tuesday 15 December" in text(phone.get(WELL))
    assert Entry.objects.filter(action="keeping_well.tell").count() == 1


def test_one_that_was_missed_is_not_made_up_for(
    phone: Client, ended: Episode, now: clock.Stopped
) -> None:
    now.advance(days=21)
    said = text(phone.get(WELL))
    assert "A short check-in: 3 of 21" in said
    assert "2 were not told. That is fine." in said
    assert "Nothing was saved." in text(tell(phone, 2))
    tell(phone, 3)
    assert "2 were not told. That is fine." in text(phone.get(WELL))


def test_every_question_wants_an_answer_and_keeps_the_others(
    phone: Client, ended: Episode, now: clock.Stopped
) -> None:
    now.advance(days=7)
    answer = phone.post(WELL, {"number": "1", "used": "yes"})
    assert "Choose how it is going." in text(answer)
    (used,) = re.findall(r'<input[^>]*name="used"[^>]*checked[^>]*>', answer.content.decode())
    assert 'value="yes"' in used
    assert not WellCheck.objects.exists()


def test_a_hard_week_alone_tells_nobody_and_the_page_says_so(
    phone: Client, ended: Episode, now: clock.Stopped, sam: User
) -> None:
    now.advance(days=7)
    assert "Only a yes to a call tells your team." in text(phone.get(WELL))
    assert "Help is one tap away" in text(tell(phone, how="hard", used="yes"))
    assert wishes() == []


def test_a_wish_for_a_call_is_on_the_teams_day_until_a_human_has_closed_it(
    phone: Client, ended: Episode, now: clock.Stopped, sam: User
) -> None:
    now.advance(days=7)
    assert "Your team is told that you would like a call." in text(tell(phone, wants_call="yes"))
    assert reasons(sam) == [Reason.ASKED_TO_TALK]
    (wish,) = wishes()
    escalations.close(wish, outcome="We talked.", by=sam, at=clock.now())
    assert reasons(sam) == []


def test_the_team_reads_what_was_told(
    phone: Client, client: Client, ended: Episode, now: clock.Stopped, sam: User
) -> None:
    now.advance(days=14)
    tell(phone, 2, how="wobbly")
    phone.post(LIST, MINE)
    client.force_login(sam)
    said = text(client.get(reverse("team:person", args=[ended.pk])))
    assert "1 short check-ins told, 1 not told. Not told is not well." in said
    assert "15 Dec 2026: Wobbly. Used: no" in said
    assert "I sleep badly" in said


# --- signs and plan -----------------------------------------------------------------------------


def test_lower_tolerance_is_pinned_from_the_first_day(phone: Client, on_plan: Episode) -> None:
    assert "what was usual before can hit much harder" in text(phone.get(WELL))


def test_ones_own_signs_and_plan_are_shown_and_the_newest_counts(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    assert "Not written yet" in text(phone.get(WELL))
    phone.post(LIST, MINE)
    now.advance(days=1)
    said = text(phone.post(LIST, MINE | {"signs": "I skip meals"}, follow=True))
    assert "I skip meals" in said
    assert "I sleep badly" not in said
    assert "I see a friend first" in said


@pytest.mark.parametrize("table", ["care_wellplan", "care_wellcheck"])
def test_what_was_told_never_changes(
    phone: Client, ended: Episode, now: clock.Stopped, table: str
) -> None:
    now.advance(days=7)
    tell(phone)
    phone.post(LIST, MINE)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_without_consent_nothing_is_kept(
    phone: Client, ended: Episode, rowan: User, now: clock.Stopped
) -> None:
    now.advance(days=7)
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=clock.now())
    assert "Nothing was saved" in text(tell(phone))
    assert "Nothing was saved" in text(phone.post(LIST, MINE, follow=True))
    assert "That did not work. Please call your team." in text(phone.post(BACK, follow=True))
    assert not WellCheck.objects.exists()
    assert Episode.objects.count() == 1


def test_only_the_person_writes_here(ended: Episode, sam: User) -> None:
    with pytest.raises(access.NotFound):
        keeping_well.come_back(ended, by=sam, at=clock.now())
    with pytest.raises(access.NotFound):
        keeping_well.write(ended, **MINE, by=sam, at=clock.now())


# --- the open door ------------------------------------------------------------------------------


def test_coming_back_begins_with_the_same_team_and_the_team_is_told(
    phone: Client, ended: Episode, now: clock.Stopped, sam: User, rowan: User
) -> None:
    now.advance(days=200)
    said = text(phone.post(BACK, follow=True))
    assert "Welcome back. Your team is told" in said
    again = access.own_episode(rowan)
    assert again.pk != ended.pk
    assert (again.keyworker, again.word, again.what_matters) == (sam, "ket", ["sleep", "money"])
    assert Reason.CAME_BACK in reasons(sam)
    assert Entry.objects.filter(action="keeping_well.come_back", episode_id=again.pk).exists()


def test_no_amount_and_no_safety_answer_is_carried_over(
    phone: Client, ended: Episode, rowan: User
) -> None:
    """After a break an old amount is too much, and an old "no" may have become a "yes"."""
    phone.post(BACK)
    again = access.own_episode(rowan)
    page = queries.today_for_person(again, clock.now())
    assert page.ceiling_mg is None
    assert not Baseline.objects.filter(episode=again).exists()
    assert all(gate.answer is None for gate in episodes.gates(again))


def test_ones_own_words_come_along(phone: Client, ended: Episode, rowan: User) -> None:
    phone.post(LIST, MINE)
    showing.write(ended, medicines="None", allergies="", contact="", by=rowan, at=clock.now())
    phone.post(BACK)
    assert "I sleep badly" in text(phone.get(WELL))
    kept = showing.note(access.own_episode(rowan))
    assert kept is not None
    assert kept.medicines == "None"


def test_coming_back_twice_is_coming_back_once(phone: Client, ended: Episode, rowan: User) -> None:
    phone.post(BACK)
    phone.post(BACK)
    assert Episode.objects.filter(person=rowan).count() == 2
    with pytest.raises(keeping_well.NotOpen):
        keeping_well.come_back(ended, by=rowan, at=clock.now())


@pytest.mark.parametrize(("after", "is_open"), [(365, True), (366, False)])
def test_the_door_is_open_for_a_year(
    phone: Client, ended: Episode, now: clock.Stopped, after: int, is_open: bool
) -> None:
    now.advance(days=after)
    assert ("I want to come back" in text(phone.get(WELL))) is is_open
    phone.post(BACK)
    assert (Episode.objects.count() == 2) is is_open


def test_today_leads_there_after_the_end(phone: Client, ended: Episode) -> None:
    assert f'href="{WELL}"' in phone.get(reverse("person:today")).content.decode()


def test_a_keyworker_who_has_left_is_not_given_somebody_new(
    phone: Client, ended: Episode, sam: User, rowan: User
) -> None:
    sam.is_active = False
    sam.save()
    phone.post(BACK)
    assert access.own_episode(rowan).keyworker is None
