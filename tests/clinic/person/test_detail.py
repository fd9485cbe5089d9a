"""Adding to a day: everything may be skipped, and what is danger is told at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import details, episodes
from stepwell.clinic.care.models import Answer, DayDetail, Episode, Escalation
from tests.clinic.person.pages import hidden, text

HERE = "/check-in/add/"


def send(phone: Client, **told: Any) -> Any:
    sent = {"event_id": hidden(phone.get(HERE), "event_id"), **told}
    return phone.post(HERE, sent, follow=True)


def signals(episode: Episode) -> set[str]:
    return set(Escalation.objects.filter(episode=episode).values_list("key", flat=True))


def test_every_flag_it_can_tell_is_one_of_the_protocol() -> None:
    flags = catalogue.protocols()["ketamine"].flags
    for one in details.choices()["mixed"].values():
        assert {one["equals_flag"], one["equals_flag_if_dependent"]} <= {*flags, None}


def test_what_was_added_is_there_again_and_the_team_reads_it(
    phone: Client, client: Client, on_plan: Episode, sam: User
) -> None:
    send(phone, mixed=["cannabis"], routes=["nose"], new_bag="yes", note="After the party.")
    assert "After the party." in phone.get(HERE).content.decode()
    client.force_login(sam)
    said = text(client.get(reverse("team:person", args=[on_plan.pk])))
    assert "Cannabis; Nose; a new bag. “After the party.”" in said
    assert signals(on_plan) == set()


def test_nothing_said_is_kept_as_nothing(phone: Client, on_plan: Episode) -> None:
    send(phone)
    kept = details.of(on_plan)[0]
    assert (kept.routes, kept.mixed, kept.new_bag, kept.note) == ((), (), None, "")


@pytest.mark.parametrize("mixed", ["benzos", "g", "opioids", "gabapentinoids"])
def test_what_slows_breathing_pauses_the_plan_and_shows_help(
    phone: Client, on_plan: Episode, mixed: str
) -> None:
    answer = send(phone, mixed=[mixed])
    assert answer.redirect_chain[-1][0] == reverse("help-now")
    assert "sedative_co_use" in signals(on_plan)


@pytest.mark.parametrize(
    ("depends", "flag"),
    [
        (Answer.NO, "alcohol"),
        (Answer.YES, "sedative_co_use"),
        (Answer.NOT_SURE, "sedative_co_use"),
        (Answer.RATHER_NOT_SAY, "sedative_co_use"),
    ],
)
def test_alcohol_is_danger_unless_somebody_said_they_do_not_depend_on_it(
    phone: Client, on_plan: Episode, rowan: User, depends: Answer, flag: str
) -> None:
    episodes.answer_gate(on_plan, "alcohol_dependence", depends, by=rowan, at=clock.now())
    assert details.flags_of(on_plan, ["alcohol"]) == {flag}


def test_sent_twice_it_is_kept_once_and_the_newest_of_a_day_counts(
    phone: Client, on_plan: Episode
) -> None:
    told = {"event_id": "one", "note": "First."}
    for _ in range(2):
        phone.post(HERE, told)
    assert DayDetail.objects.count() == 1
    phone.post(HERE, {"event_id": "two", "note": "Second."})
    assert [one.note for one in details.of(on_plan)] == ["Second."]


def test_without_consent_nothing_is_kept_and_that_is_said(phone: Client, on_plan: Episode) -> None:
    person = on_plan.person
    consents.set(person, ConsentKind.STORE, given=False, by=person, at=clock.now())
    assert "Nothing was saved" in text(send(phone, note="x"))
    assert not DayDetail.objects.exists()
