"""Telling about a day: saved once, nothing lost, danger first."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care.models import Episode, Event
from tests.clinic.person.pages import hidden, text

Say = Callable[..., None]
CHECK_IN = "/check-in/"
CORE = {"craving": "2", "anxiety": "1", "mood": "3", "irritability": "0"}


def send(phone: Client, **told: Any) -> Any:
    page = phone.get(CHECK_IN)
    fixed = {"event_id": hidden(page, "event_id"), "on": hidden(page, "on")}
    return phone.post(CHECK_IN, {**fixed, **told}, follow=True)


def told(episode: Episode) -> list[Event]:
    return list(Event.objects.filter(episode=episode, kind="check_in"))


def test_a_day_without_use_is_told_in_five_taps_and_a_save(phone: Client, on_plan: Episode) -> None:
    answer = send(phone, used="no", **CORE)
    assert answer.redirect_chain[-1][0] == reverse("person:today")
    (event,) = told(on_plan)
    assert event.body["used"] is False
    assert event.body["answers"] == {name: int(score) for name, score in CORE.items()}
    assert event.by == "person"


def test_the_answer_is_one_true_line_without_a_score(phone: Client, on_plan: Episode) -> None:
    assert "That was your first check-in" in text(send(phone, used="no", **CORE))


def test_a_double_tap_on_save_is_harmless(phone: Client, on_plan: Episode) -> None:
    page = phone.get(CHECK_IN)
    fixed = {"event_id": hidden(page, "event_id"), "on": hidden(page, "on")}
    for _ in range(2):
        phone.post(CHECK_IN, {**fixed, "used": "no", **CORE})
    assert len(told(on_plan)) == 1


def test_a_decimal_comma_is_refused_and_nothing_typed_is_lost(
    phone: Client, on_plan: Episode
) -> None:
    answer = send(phone, used="yes", amount="2,2 g", times="5", craving="7")
    page = answer.content.decode()
    assert "A comma can mean two things" in text(answer)
    assert 'href="#id_amount"' in page
    assert 'value="2,2 g"' in page
    assert page.count("checked") >= 3
    assert told(on_plan) == []


def test_the_corrected_form_still_counts_once(phone: Client, on_plan: Episode) -> None:
    refused = send(phone, used="yes", amount="2,2 g", craving="7")
    kept = {"event_id": hidden(refused, "event_id"), "on": hidden(refused, "on")}
    phone.post(CHECK_IN, {**kept, "used": "yes", "amount": "2.2 g", "craving": "7"})
    (event,) = told(on_plan)
    assert event.body["amount_mg"] == [2200, 2200]


def test_the_words_for_an_amount_stand_beside_the_ceiling(phone: Client, on_plan: Episode) -> None:
    assert "About 2350 mg, not more" in text(phone.get(CHECK_IN))
    send(phone, used="yes", about="under", times="4")
    assert told(on_plan)[0].body["amount_mg"] == [0, 2350]


def test_without_a_plan_there_are_no_amounts_to_choose_from(
    phone: Client, episode: Episode
) -> None:
    said = text(phone.get(CHECK_IN))
    assert "not more" not in said
    assert "Not sure" in said


@pytest.mark.parametrize("flag", ["cannot_pass_urine", "seizure", "suicide_plan"])
def test_an_emergency_leads_to_help_at_once(
    phone: Client, on_plan: Episode, helps: Service, flag: str
) -> None:
    answer = send(phone, used="no", flags=[flag])
    said = text(answer)
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert "This needs help now." in said
    assert "Call 999" in said
    assert "Nobody is watching this screen right now." in said
    assert "Mon to Fri, 9 to 5" in said
    assert "they look within 60 minutes" in said


def test_a_same_day_flag_says_that_a_person_is_needed_today(
    phone: Client, on_plan: Episode
) -> None:
    said = text(send(phone, used="no", flags=["blood_in_urine"]))
    assert "This needs a person today." in said
    assert "Samaritans" in said


def test_a_routine_flag_does_not_interrupt(phone: Client, on_plan: Episode) -> None:
    answer = send(phone, used="no", flags=["nosebleeds"], **CORE)
    assert answer.redirect_chain[-1][0] == reverse("person:today")
    assert told(on_plan)[0].body["flags"] == ["nosebleeds"]


def test_an_amount_that_cannot_be_read_never_holds_back_a_red_flag(
    phone: Client, on_plan: Episode
) -> None:
    answer = send(phone, used="yes", amount="2,2 g", flags=["cannot_pass_urine"])
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert told(on_plan)[0].body["flags"] == ["cannot_pass_urine"]
    assert "could not read the amount" in text(phone.get(reverse("person:today")))


@pytest.mark.parametrize(
    ("answer", "heading"),
    [("thoughts", "This needs a person today."), ("plan", "This needs help now.")],
)
def test_the_safety_question_interrupts_with_help(
    phone: Client, episode: Episode, answer: str, heading: str
) -> None:
    assert "thoughts of ending your life" in text(phone.get(CHECK_IN))
    assert heading in text(send(phone, used="no", safety=answer))


def test_more_than_planned_is_thanked_and_asked_about_first(
    phone: Client, on_plan: Episode
) -> None:
    answer = send(phone, used="yes", about="more", times="4", **CORE)
    said = text(answer)
    assert answer.redirect_chain[-1][0] == reverse("person:more")
    assert "Thanks for telling us." in said
    assert "Are you OK right now?" in said
    after = text(phone.get(f"{reverse('person:more')}?fine"))
    assert "There is nothing to make up for." in after
    for choice in ("Carry on", "Hold", "Talk to someone"):
        assert choice in after


def test_a_day_of_the_last_week_can_be_told_late(phone: Client, on_plan: Episode) -> None:
    page = phone.get(f"{CHECK_IN}?on=2026-11-27")
    assert "Did you use on Friday 27 November?" in text(page)
    kept = {"event_id": hidden(page, "event_id"), "on": hidden(page, "on")}
    phone.post(CHECK_IN, {**kept, "used": "no"})
    assert str(told(on_plan)[0].on) == "2026-11-27"


@pytest.mark.parametrize("on", ["2026-12-02", "2026-11-20", "yesterday", "2026-02-30"])
def test_a_day_that_cannot_be_told_is_today(phone: Client, on_plan: Episode, on: str) -> None:
    assert hidden(phone.get(f"{CHECK_IN}?on={on}"), "on") == "2026-12-01"


def test_without_consent_nothing_is_saved_and_nothing_typed_is_lost(
    phone: Client, on_plan: Episode, rowan: User, now: clock.Stopped
) -> None:
    consents.set(rowan, "store", given=False, by=rowan, at=clock.now())
    answer = send(phone, used="yes", amount="2 g")
    assert "Nothing was saved" in text(answer)
    assert 'value="2 g"' in answer.content.decode()
    assert told(on_plan) == []


def test_a_day_that_is_not_told_at_all_is_accepted_as_such(phone: Client, on_plan: Episode) -> None:
    send(phone)
    (event,) = told(on_plan)
    assert event.body["used"] is None
    assert event.body["answers"] == {}
