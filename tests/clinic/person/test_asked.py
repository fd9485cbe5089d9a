"""Questionnaires: due by calendar or signal, never zero where left out, danger told at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import access, instruments, questionnaires, reviews
from stepwell.clinic.care.instruments import Instrument
from stepwell.clinic.care.models import Episode, Escalation, QuestionnaireAnswer
from tests.clinic.person.pages import hidden, text
from tests.conftest import Tell

EVERY = list(instruments.every().values())
PHQ = [item.name for item in instruments.every()["phq9"].items]
ASQ_NO = {item.name: "no" for item in instruments.every()["asq"].items}
LIST = "/questions/"


def send(phone: Client, name: str, **answers: str) -> Any:
    page = f"{LIST}{name}/"
    told = {"event_id": hidden(phone.get(page), "event_id"), **answers}
    return phone.post(page, told, follow=True)


def low(value: str = "1", **other: str) -> dict[str, str]:
    return dict.fromkeys(PHQ, value) | {"better_off_dead": "0"} | other


def due(episode: Episode) -> list[str]:
    return [one.name for one in questionnaires.due(episode, clock.now())]


def signals(episode: Episode) -> set[str]:
    return set(Escalation.objects.filter(episode=episode).values_list("key", flat=True))


def offer(episode: Episode) -> str:
    return str(reviews.standing(episode, clock.now()).recommendation.offer)


# --- what the data says -------------------------------------------------------------------------


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
def test_what_the_data_names_is_there(one: Instrument) -> None:
    options = {item.name: {option.value for option in item.options} for item in one.items}
    flags = catalogue.protocols()["ketamine"].flags
    for danger in one.dangers:
        assert danger.flag in flags
        assert danger.any_of <= set(options)
        assert all(danger.answers & options[name] for name in danger.any_of)
    for score in one.scores:
        assert set(score.of) <= set(options)
        assert [band.least for band in score.bands] == sorted({b.least for b in score.bands})
        assert score.bands[0].least == 0


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.name)
@given(data=st.data())
def test_a_total_is_the_sum_of_all_its_items_or_there_is_none(
    one: Instrument, data: st.DataObject
) -> None:
    told = {
        item.name: data.draw(st.sampled_from([None, *[o.value for o in item.options]]))
        for item in one.items
    }
    total = one.total(told)
    whole = [score for score in one.scores if all(told[name] is not None for name in score.of)]
    assert (total is None) == (not whole)
    if total:
        worth = {item.name: item.option(told[item.name]) for item in one.items}
        assert total.value == sum(worth[n].score for n in whole[0].of)  # type: ignore[union-attr,misc]
        assert 0 <= total.value <= total.most


@pytest.mark.parametrize(
    ("value", "band"),
    [("0", "minimal"), ("1", "mild"), ("2", "moderately severe"), ("3", "severe")],
)
def test_nine_equal_answers_have_the_published_band(value: str, band: str) -> None:
    total = instruments.every()["phq9"].total(dict.fromkeys(PHQ, value))
    assert total is not None
    assert (total.name, total.value, total.band) == ("PHQ-9", 9 * int(value), band)


def test_the_first_two_alone_are_the_short_form() -> None:
    total = instruments.every()["phq9"].total({"interest": "2", "low": "1"})
    assert total is not None
    assert (total.name, total.value, total.most) == ("PHQ-2", 3, 6)


# --- filling one in -----------------------------------------------------------------------------


def test_what_was_answered_is_there_again_for_the_person_and_the_team(
    phone: Client, client: Client, episode: Episode, sam: User
) -> None:
    said = text(send(phone, "phq9", **low()))
    assert "Thank you." in said
    assert "8 of 27" in said
    client.force_login(sam)
    assert "PHQ-9: 8 of 27, mild" in text(client.get(reverse("team:person", args=[episode.pk])))
    page = text(client.get(reverse("team:answers", args=[episode.pk])))
    assert "PHQ-9: 8 of 27" in page
    assert "Several days" in page


def test_what_was_left_out_is_not_zero(phone: Client, episode: Episode, sam: User) -> None:
    answers = {name: value for name, value in low().items() if name != "tired"}
    send(phone, "phq9", **answers)
    filled = questionnaires.history(episode)[0]
    assert filled.unanswered == 1
    assert filled.total is not None
    assert filled.total.name == "PHQ-2"


def test_sent_twice_it_is_kept_once(episode: Episode, rowan: User) -> None:
    for _ in range(2):
        questionnaires.record(episode, "phq9", low(), sent_id="one", by=rowan, at=clock.now())
    assert QuestionnaireAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "answers", "flag"),
    [
        ("phq9", low(better_off_dead="1"), "suicidal_thoughts"),
        ("phq9", {"better_off_dead": "3"}, "suicidal_thoughts"),
        ("asq", ASQ_NO | {"tried": "yes"}, "suicidal_thoughts"),
        ("asq", ASQ_NO | {"thoughts": "declined"}, "suicidal_thoughts"),
        ("asq", ASQ_NO | {"thoughts": "yes", "right_now": "yes"}, "suicide_plan"),
        ("asq", {"thoughts": "yes"}, "suicidal_thoughts"),
        ("bladder", {"cannot": "yes"}, "cannot_pass_urine"),
        ("bladder", {"blood": "yes"}, "blood_in_urine"),
    ],
)
def test_an_answer_that_needs_a_human_freezes_and_shows_help_at_once(
    phone: Client, on_plan: Episode, name: str, answers: dict[str, str], flag: str
) -> None:
    answer = send(phone, name, **answers)
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert flag in signals(on_plan)
    assert offer(on_plan) == "freeze"


def test_a_routine_answer_goes_to_the_team_and_freezes_nothing(
    phone: Client, on_plan: Episode
) -> None:
    send(phone, "bladder", pain="4", leakage="yes")
    assert {"bladder_pain", "leakage"} <= signals(on_plan)
    assert offer(on_plan) != "freeze"
    assert not signals(on_plan) & {"blood_in_urine", "cannot_pass_urine"}


def test_a_danger_leaves_what_was_told_about_the_day_as_it_is(
    phone: Client, on_plan: Episode, say: Any
) -> None:
    say(on_plan, used=False)
    send(phone, "phq9", better_off_dead="1")
    last = on_plan.events.filter(kind="check_in").order_by("-sequence").first()
    assert last is not None
    assert last.body["used"] is False
    assert last.body["flags"] == ["suicidal_thoughts"]


def test_five_answers_with_no_raise_nothing(phone: Client, on_plan: Episode) -> None:
    send(phone, "asq", **ASQ_NO)
    assert signals(on_plan) == set()


def test_one_that_needs_all_is_asked_again_for_what_is_missing(
    phone: Client, episode: Episode
) -> None:
    said = text(send(phone, "asq", wished_dead="no"))
    assert "“I would rather not say” is fine." in said
    assert not QuestionnaireAnswer.objects.exists()


def test_without_consent_nothing_is_kept_and_that_is_said(phone: Client, episode: Episode) -> None:
    consents.set(episode.person, ConsentKind.STORE, given=False, by=episode.person, at=clock.now())
    assert "Nothing was saved" in text(send(phone, "phq9", **low()))
    assert not QuestionnaireAnswer.objects.exists()
    assert due(episode) == []


def test_an_answer_that_it_does_not_have_is_refused(episode: Episode, rowan: User) -> None:
    with pytest.raises(questionnaires.Unknown, match="PHQ-9, low"):
        questionnaires.record(episode, "phq9", {"low": "7"}, sent_id="x", by=rowan, at=clock.now())


def test_one_that_does_not_exist_is_not_found(phone: Client, episode: Episode) -> None:
    assert phone.get(f"{LIST}nothing/").status_code == 404


def test_another_team_can_neither_read_nor_write(
    client: Client, episode: Episode, ines: User
) -> None:
    client.force_login(ines)
    assert client.get(reverse("team:answers", args=[episode.pk])).status_code == 404
    with pytest.raises(access.NotFound):
        questionnaires.record(episode, "phq9", low(), sent_id="x", by=ines, at=clock.now())


# --- when they are due --------------------------------------------------------------------------


def test_at_the_start_each_is_asked_once_the_most_pressing_first(
    phone: Client, episode: Episode
) -> None:
    assert due(episode) == ["asq", "phq9", "gad7", "bladder"]
    assert "4 short sets of questions wait" in text(phone.get("/today/"))


def test_one_is_due_again_on_the_day_of_its_cadence_and_not_before(
    phone: Client, episode: Episode, now: clock.Stopped
) -> None:
    for name, answers in (("phq9", low()), ("bladder", {"pain": "0"}), ("asq", ASQ_NO)):
        send(phone, name, **answers)
    begun, seen = clock.now(), {}
    for day in (13, 14, 27, 28):
        now.move_to(begun + timedelta(days=day))
        seen[day] = due(episode)
    assert seen[13] == ["gad7"]
    assert seen[14] == seen[27] == ["phq9", "gad7"]
    assert seen[28] == ["phq9", "gad7", "bladder"]


def test_the_five_questions_are_asked_again_after_a_signal(
    phone: Client, episode: Episode, tell: Tell, now: clock.Stopped
) -> None:
    send(phone, "asq", **ASQ_NO)
    now.advance(days=1)
    assert "asq" not in due(episode)
    tell(clock.now().date(), safety="declined", at=clock.now())
    assert "asq" in due(episode)


def test_nothing_is_due_after_the_end(episode: Episode) -> None:
    episode.closed_at = clock.now()
    assert due(episode) == []
