"""Getting started: each part saves by itself and waits for the person."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import episodes
from stepwell.clinic.care.models import Baseline, Episode
from stepwell.clinic.person import words
from tests.clinic.person.pages import text

AGREEING = "/start/agreeing/"
USUAL = {"amount": "2.5-2.8 g", "times_per_day": "6", "days_per_week": "7", "unit_words": "bump"}


def test_today_lists_what_is_still_to_do(phone: Client, episode: Episode) -> None:
    said = text(phone.get(reverse("person:today")))
    assert "Getting started" in said
    assert "To do , 0 of 18" in said or "To do, 0 of 18" in said


def test_each_switch_is_its_own_and_dated(phone: Client, begun: Episode, rowan: User) -> None:
    phone.post(AGREEING, {"store": "on", "share_keyworker": "on"})
    current = consents.current(rowan)
    given = {kind for kind in ConsentKind if consents.given(rowan, kind)}
    assert given == {ConsentKind.STORE, ConsentKind.SHARE_KEYWORKER}
    assert all(consent is not None for consent in current.values())


def test_a_switch_can_be_taken_back_at_any_time(
    phone: Client, episode: Episode, rowan: User
) -> None:
    before = consents.history(rowan).count()
    phone.post(AGREEING, {"store": "on", "share_keyworker": "on"})
    assert not consents.given(rowan, ConsentKind.SHARE_PRESCRIBER)
    assert consents.given(rowan, ConsentKind.STORE)
    assert consents.history(rowan).count() == before + 4


def test_what_was_agreed_is_shown_again(phone: Client, episode: Episode) -> None:
    assert phone.get(AGREEING).content.decode().count("checked") == 3


def test_questions_come_one_by_one_and_go_on_where_they_stopped(
    phone: Client, begun: Episode
) -> None:
    asked = [g.name for g in episodes.gates(begun) if words.gate(g.name)["asked_of"] == "person"]
    for gate in asked[:3]:
        answer = phone.get(reverse("person:questions"))
        assert answer["Location"] == reverse("person:question", args=[gate])
        phone.post(answer["Location"], {"answer": "no"})
    answer = phone.get(reverse("person:questions"))
    assert answer["Location"] == reverse("person:question", args=[asked[3]])
    assert "Question 4 of 18" in text(phone.get(answer["Location"]))


@pytest.mark.parametrize("answer", ["not_sure", "rather_not_say"])
def test_not_sure_and_rather_not_say_are_answers_that_leave_the_gate_open(
    phone: Client, begun: Episode, answer: str
) -> None:
    phone.post(reverse("person:question", args=["heart"]), {"answer": answer})
    state = next(gate for gate in episodes.gates(begun) if gate.name == "heart")
    assert state.answer == answer
    assert state.is_open


def test_a_question_left_empty_is_asked_again(phone: Client, episode: Episode) -> None:
    said = text(phone.post(reverse("person:question", args=["heart"]), {}))
    assert "“Rather not say” is fine too" in said


def test_thoughts_of_ending_ones_life_lead_to_help_at_once(phone: Client, episode: Episode) -> None:
    address = reverse("person:question", args=["suicidal_thoughts"])
    answer = phone.post(address, {"answer": "yes"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert "Samaritans" in text(answer)


def test_a_question_that_is_the_teams_to_answer_is_not_asked(phone: Client, begun: Episode) -> None:
    assert phone.get(reverse("person:question", args=["no_capacity"])).status_code == 404


def test_the_pattern_of_use_is_kept_as_a_range(phone: Client, begun: Episode) -> None:
    phone.post("/start/pattern/", {**USUAL, "smallest": "50 mg", "routes": ["nose"]})
    kept = Baseline.objects.get(episode=begun)
    assert (kept.amount_low_mg, kept.amount_high_mg) == (2500, 2800)
    assert (kept.times_per_day, kept.days_per_week) == (6, 7)
    assert kept.unit_words == "bump"


@pytest.mark.parametrize("amount", ["2,65 g", "2.65", "about 3 g", "3-2 g", "1.500 g"])
def test_an_amount_that_is_not_clear_is_refused_and_kept_on_the_page(
    phone: Client, begun: Episode, amount: str
) -> None:
    answer = phone.post("/start/pattern/", {**USUAL, "amount": amount})
    page = answer.content.decode()
    assert f'value="{amount}"' in page
    assert 'href="#id_amount"' in page
    assert 'value="bump"' in page
    assert not Baseline.objects.filter(episode=begun).exists()


def test_what_matters_and_the_persons_own_word_are_kept(phone: Client, begun: Episode) -> None:
    told: dict[str, Any] = {"what_matters": ["sleep", "pain"], "goal": "less", "word": "K"}
    phone.post("/start/matters/", told)
    kept = Episode.objects.get(pk=begun.pk)
    assert kept.what_matters == ["sleep", "pain"]
    assert (kept.goal, kept.word) == ("less", "K")
