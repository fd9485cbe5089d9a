"""A recommendation: read with its findings, decided on once, by name, and taken away to replay."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import decisions, reviews
from stepwell.clinic.care.models import Decision, Episode, Review
from tests.clinic.team.reading import buttons, fields, text


def page(desk: Client, review: Review) -> str:
    return text(desk.get(reverse("team:review", args=[review.pk])))


def decide(desk: Client, review: Review, **told: str) -> str:
    asked = reverse("team:decide", args=[review.pk])
    return text(desk.post(asked, told, follow=True))


def test_the_page_shows_every_finding_and_what_each_choice_would_do(
    oseis_desk: Client, open_review: Review
) -> None:
    said = page(oseis_desk, open_review)
    for found in reviews.recommendation(open_review.recommendation).findings:
        assert found.rule in said
        assert found.source in said
    assert "Do what is recommended It stays frozen" in said
    assert "Do not do it Resume the plan" in said


def test_a_decision_is_kept_with_its_reason_and_shown(
    oseis_desk: Client, open_review: Review
) -> None:
    decide(oseis_desk, open_review, kind="decline", reason="Seen today; a cut, not the bladder.")
    made = Decision.objects.get()
    assert (made.kind, made.by.display_name) == ("decline", "Dr Osei")
    said = page(oseis_desk, open_review)
    assert "Declined: Dr Osei" in said
    assert "Seen today; a cut, not the bladder." in said
    assert "Nothing is open here." in said


def test_amending_writes_the_act_that_was_named(oseis_desk: Client, open_review: Review) -> None:
    told = {"kind": "amend", "amendment": "set_level", "level": "0", "reason": "Back to the start."}
    decide(oseis_desk, open_review, **told)
    made = Decision.objects.get()
    assert made.event is not None
    assert (made.event.kind, made.event.body["level"]) == ("set_level", 0)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"reason": "Because."}, "Choose what you decide."),
        ({"kind": "approve"}, "Still missing:"),
        ({"kind": "amend", "reason": "Because."}, "Choose what is done instead."),
        ({"kind": "amend", "amendment": "set_level", "reason": "B."}, "Choose the level."),
        ({"kind": "amend", "amendment": "hold", "reason": "B."}, "Write for how many days."),
    ],
)
def test_a_half_made_decision_is_refused_and_kept_as_typed(
    oseis_desk: Client, open_review: Review, told: dict[str, str], why: str
) -> None:
    answer = oseis_desk.post(reverse("team:decide", args=[open_review.pk]), told)
    assert why in text(answer)
    assert fields(answer)["reason"] == told.get("reason", "")
    assert not Decision.objects.exists()


def test_of_two_decisions_one_wins_and_the_other_is_told_who(
    oseis_desk: Client, open_review: Review, sam: User
) -> None:
    sam.is_named_clinician = True
    sam.save()
    decisions.approve(open_review, reason="Stays frozen.", by=sam, at=clock.now())
    said = decide(oseis_desk, open_review, kind="decline", reason="Resume.")
    assert "Sam has decided: approve." in said
    assert Decision.objects.get().by == sam


def test_a_review_that_has_been_overtaken_can_be_read_and_not_decided_on(
    oseis_desk: Client, open_review: Review, frozen: Episode, dr_osei: User, now: clock.Stopped
) -> None:
    decisions.decline(open_review, reason="Seen.", by=dr_osei, at=clock.now())
    answer = oseis_desk.get(reverse("team:review", args=[open_review.pk]))
    assert "Decide as Dr Osei" not in buttons(answer)


def test_a_keyworker_reads_and_does_not_decide(sams_desk: Client, open_review: Review) -> None:
    assert "A prescriber or a named nurse decides on this." in page(sams_desk, open_review)
    said = decide(sams_desk, open_review, kind="decline", reason="Resume.")
    assert "Only a prescriber or a named nurse decides." in said
    assert not Decision.objects.exists()


def test_the_file_replays_to_the_same_recommendation(
    oseis_desk: Client, open_review: Review
) -> None:
    answer = oseis_desk.get(reverse("team:review_file", args=[open_review.pk]))
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    told = json.loads(answer.content)
    assert told == json.loads(json.dumps(reviews.export(open_review)))
    assert reviews.replays(open_review)
