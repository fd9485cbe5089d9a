"""Who needs a clinician first: four lanes, one plain reason on each card."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stepwell import catalogue
from stepwell.clinic.accounts import consents, people
from stepwell.clinic.accounts.models import ConsentKind, Role, Service, User
from stepwell.clinic.care import (
    acts,
    check_ins,
    decisions,
    episodes,
    escalations,
    filed,
    measurements,
    profiles,
    queries,
)
from stepwell.clinic.care.lanes import Reason, Suggested
from stepwell.clinic.care.models import Answer, Episode, Escalation, Lane, PlanVersion, Review
from tests.conftest import CALM, MONDAY, Tell, days, evening

DAY_ONE = date(2026, 12, 1)


def card(user: User, lane: Lane, at: datetime) -> queries.Card | None:
    found = queries.lanes(user, at)[lane]
    return found[0] if found else None


def reasons(user: User, at: datetime) -> dict[Lane, list[Reason]]:
    return {lane: [c.reason for c in found] for lane, found in queries.lanes(user, at).items()}


def morning(on: date) -> datetime:
    return evening(on) - timedelta(hours=11)


# --- safety -------------------------------------------------------------------------------------


def test_a_red_flag_is_in_the_safety_lane_until_somebody_ends_it(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE, flags=["seizure", "jaundice"])
    found = card(sam, Lane.SAFETY, evening(DAY_ONE))
    assert found is not None
    assert (found.urgency, found.suggested, found.facts["count"]) == (
        "emergency",
        Suggested.CALL_NOW,
        2,
    )
    for signal in Escalation.objects.all():
        escalations.close(signal, outcome="Seen.", by=sam, at=evening(DAY_ONE))
    assert card(sam, Lane.SAFETY, evening(DAY_ONE)) is None


def test_who_has_seen_it_is_on_the_card(
    agreed_plan: PlanVersion, tell: Tell, sam: User, dr_osei: User
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    escalations.acknowledge(Escalation.objects.get(), by=dr_osei, at=evening(DAY_ONE))
    found = card(sam, Lane.SAFETY, evening(DAY_ONE))
    assert found is not None
    assert found.acknowledged_by == "Dr Osei"


def test_a_routine_flag_is_no_safety_card(agreed_plan: PlanVersion, tell: Tell, sam: User) -> None:
    tell(DAY_ONE, flags=["cramps"])
    assert card(sam, Lane.SAFETY, evening(DAY_ONE)) is None


def test_an_open_signal_keeps_its_card_after_the_course_of_care_was_closed(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    episode.refresh_from_db()
    episode.closed_at = evening(DAY_ONE)
    episode.save()
    assert card(sam, Lane.SAFETY, evening(DAY_ONE)) is not None
    assert reasons(sam, evening(DAY_ONE))[Lane.DUE] == []


# --- decide -------------------------------------------------------------------------------------


def test_a_freeze_waits_for_a_decision_and_opens_its_review(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    found = card(sam, Lane.DECIDE, evening(DAY_ONE))
    assert found is not None
    assert (found.reason, found.opens) == (Reason.FROZEN, "review")
    assert found.opens_id == Review.objects.get(status="open").pk


def test_a_freeze_that_was_kept_is_not_forgotten(
    agreed_plan: PlanVersion, tell: Tell, dr_osei: User
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    at = evening(DAY_ONE)
    decisions.approve(Review.objects.get(status="open"), reason="Bloods.", by=dr_osei, at=at)
    found = reasons(dr_osei, at)
    assert found[Lane.DECIDE] == []
    assert found[Lane.DUE] == [Reason.STILL_FROZEN]


def test_somebody_ready_to_step_is_shown(agreed_plan: PlanVersion, tell: Tell, sam: User) -> None:
    for day in days(DAY_ONE, 8):
        tell(day)
    assert reasons(sam, evening(date(2026, 12, 8)))[Lane.DECIDE] == [Reason.READY_TO_STEP]


def test_a_step_back_that_is_offered_is_shown(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User, rowan: User
) -> None:
    for day in days(DAY_ONE, 8):
        tell(day)
    at = evening(date(2026, 12, 8))
    acts.take(episode, "step", on=at.date(), by=rowan, at=at)
    for day in days(date(2026, 12, 9), 4):
        tell(day, answers=dict.fromkeys(CALM, 9))
    found = reasons(sam, evening(date(2026, 12, 12)))
    assert found[Lane.DECIDE] == [Reason.STEP_BACK_OFFERED]


def test_somebody_who_asked_to_talk_is_shown_until_somebody_reached_out(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User, tell: Tell
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE)
    acts.take(episode, "talk", on=DAY_ONE, by=rowan, at=at)
    assert reasons(sam, at)[Lane.DECIDE] == [Reason.ASKED_TO_TALK]
    episodes.log_contact(episode, how="call", note="", by=sam, at=at + timedelta(hours=1))
    assert reasons(sam, at)[Lane.DECIDE] == []


def test_a_call_that_came_with_time_alone_opens_the_person(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    """The review date has passed; nobody has told anything since, so no review is stored."""
    for day in days(date(2027, 1, 28), 4):
        tell(day)
    found = card(sam, Lane.DECIDE, morning(date(2027, 2, 1)))
    assert found is not None
    assert (found.reason, found.opens) == (Reason.REVIEW, "person")


# --- quiet --------------------------------------------------------------------------------------

LADDER = [
    (2, None),
    (3, Suggested.NUDGE),
    (4, Suggested.NUDGE),
    (5, Suggested.CALL),
    (7, Suggested.SECOND_CHANNEL),
    (10, Suggested.TEAM_DISCUSSION),
    (14, Suggested.PLAN_IS_PAUSED),
    (40, Suggested.PLAN_IS_PAUSED),
]


@pytest.mark.parametrize(("silent", "suggested"), LADDER)
def test_silence_climbs_the_contact_ladder_without_a_timer(
    silent: int, suggested: Suggested | None, agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE)
    at = morning(DAY_ONE + timedelta(days=silent + 1))
    found = card(sam, Lane.QUIET, at)
    assert (found.suggested if found else None) == suggested
    if found:
        assert found.age_days == silent


def test_a_word_today_ends_the_silence(agreed_plan: PlanVersion, tell: Tell, sam: User) -> None:
    tell(DAY_ONE)
    later = DAY_ONE + timedelta(days=9)
    tell(later)
    assert card(sam, Lane.QUIET, evening(later)) is None


def test_something_that_did_not_fit_is_a_word_too(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    later = DAY_ONE + timedelta(days=9)
    assert tell(later, times="many").set_aside
    assert card(sam, Lane.QUIET, evening(later)) is None


def test_silence_alone_asks_for_a_call_and_not_for_a_decision(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    tell(DAY_ONE)
    assert reasons(sam, morning(date(2026, 12, 8)))[Lane.DECIDE] == []


# --- due ----------------------------------------------------------------------------------------


def test_open_gates_are_due_until_they_are_answered(
    episode: Episode, sam: User, gates_answered: None
) -> None:
    assert reasons(sam, MONDAY)[Lane.DUE] == []


def test_unanswered_gates_are_due(episode: Episode, sam: User, rowan: User) -> None:
    found = card(sam, Lane.DUE, MONDAY)
    assert found is not None
    assert (found.reason, found.opens) == (Reason.GATES_OPEN, "gates")
    count = len(episodes.catalogue_of_gates())
    assert found.facts["count"] == count
    episodes.answer_gate(episode, "heart", Answer.NO, by=rowan, at=MONDAY)
    again = card(sam, Lane.DUE, MONDAY)
    assert again is not None
    assert again.facts["count"] == count - 1


def test_a_baseline_week_that_is_done_asks_for_a_plan(
    episode: Episode, sam: User, gates_answered: None, tell: Tell
) -> None:
    for day in days(date(2026, 11, 30), 7):
        assert reasons(sam, morning(day))[Lane.DUE] == []
        tell(day)
    assert reasons(sam, evening(date(2026, 12, 6)))[Lane.DUE] == [Reason.BASELINE_DONE]


def test_a_draft_waits_for_a_signature(draft: PlanVersion, dr_osei: User) -> None:
    found = card(dr_osei, Lane.DUE, MONDAY)
    assert found is not None
    assert (found.reason, found.opens, found.opens_id) == (Reason.DRAFT_WAITING, "plan", draft.pk)


def test_a_signed_version_waits_for_the_person(approved_plan: PlanVersion, sam: User) -> None:
    assert reasons(sam, MONDAY)[Lane.DUE] == [Reason.TO_AGREE]


def test_a_review_date_is_due_a_week_before(
    agreed_plan: PlanVersion, tell: Tell, sam: User
) -> None:
    for day in days(date(2027, 1, 20), 3):
        tell(day)
    assert Reason.REVIEW_DATE not in reasons(sam, morning(date(2027, 1, 23)))[Lane.DUE]
    assert reasons(sam, morning(date(2027, 1, 24)))[Lane.DUE] == [Reason.REVIEW_DATE]


# --- putting off --------------------------------------------------------------------------------


def put_off(episode: Episode, by: User, lane: Lane, **other: Any) -> None:
    given: dict[str, Any] = {
        "until": date(2026, 12, 10),
        "reason": "On holiday.",
        "at": evening(DAY_ONE),
    } | other
    episodes.snooze(episode, lane=lane, by=by, **given)


def test_a_card_can_be_put_off_with_a_reason_until_a_day(
    agreed_plan: PlanVersion, episode: Episode, sam: User
) -> None:
    at = morning(date(2026, 12, 8))
    assert reasons(sam, at)[Lane.QUIET] == [Reason.SILENT]
    put_off(episode, sam, Lane.QUIET, at=at)
    assert reasons(sam, at)[Lane.QUIET] == []
    assert reasons(sam, morning(date(2026, 12, 10)))[Lane.QUIET] == [Reason.SILENT]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"lane": Lane.SAFETY}, "safety signal"),
        ({"reason": " "}, "why this can wait"),
        ({"until": DAY_ONE}, "after today"),
    ],
)
def test_what_cannot_be_put_off_is_not(
    other: dict[str, Any], why: str, agreed_plan: PlanVersion, episode: Episode, sam: User
) -> None:
    with pytest.raises(episodes.NotAllowed, match=why):
        put_off(episode, sam, **({"lane": Lane.DUE} | other))


def test_a_freeze_is_never_hidden_by_something_put_off_before(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    put_off(episode, sam, Lane.DECIDE)
    tell(DAY_ONE, flags=["jaundice"])
    assert reasons(sam, evening(DAY_ONE))[Lane.DECIDE] == [Reason.FROZEN]


# --- the whole caseload -------------------------------------------------------------------------

Crowd = Callable[[int], None]


@pytest.fixture
def crowd(service: Service, sam: User, dr_osei: User) -> Crowd:
    """More people, each with one check-in and a red flag."""

    def more(count: int) -> None:
        for _ in range(count):
            name = f"made-up-{User.objects.count()}"
            person = people.create(
                service=service, username=name, display_name=name, role=Role.PERSON, at=MONDAY
            )
            for kind in ConsentKind:
                consents.set(person, kind, given=True, by=person, at=MONDAY)
            opened = episodes.open(
                person=person,
                keyworker=sam,
                supply="non_prescribed",
                goal="none",
                by=sam,
                at=MONDAY,
            )
            told: dict[str, Any] = {"used": None, "answers": {}, "flags": ["jaundice"]}
            check_ins.record(opened, told, on=MONDAY.date(), event_id="1", by=person, at=MONDAY)
            episodes.log_contact(opened, how="call", note="", by=sam, at=MONDAY)

    return more


def questions(user: User) -> int:
    queries.lanes(user, MONDAY)  # what was told since is filed once
    with CaptureQueriesContext(
        connection,
    ) as asked:
        queries.lanes(user, MONDAY)
    return len(asked)


def test_sixty_people_cost_no_more_questions_than_one(crowd: Crowd, dr_osei: User) -> None:
    crowd(5)
    few = questions(dr_osei)
    crowd(20)
    assert len(queries.lanes(dr_osei, MONDAY)[Lane.SAFETY]) == filed.A_LANE
    assert questions(dr_osei) == few


def test_the_most_urgent_comes_first_then_who_has_waited_longest(
    crowd: Crowd, episode: Episode, tell: Tell, dr_osei: User
) -> None:
    crowd(3)
    tell(MONDAY.date(), at=MONDAY, flags=["seizure"])
    found = queries.lanes(dr_osei, MONDAY)[Lane.SAFETY]
    assert found[0].person == "Rowan"
    assert [one.urgency for one in found] == ["emergency"] + ["same_day"] * 3


def test_a_test_that_nobody_wrote_down_is_due_until_it_is(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    """Nothing was measured at the first visit; two weeks later that is a card."""
    later = MONDAY.date() + timedelta(days=14)
    assert Reason.TESTS_DUE not in reasons(sam, evening(later - timedelta(days=1)))[Lane.DUE]
    tell(later)
    found = card(sam, Lane.DUE, evening(later))
    assert found is not None
    assert (found.reason, found.opens, found.facts["count"]) == (Reason.TESTS_DUE, "tests", 5)
    for group, values in catalogue.document("demo", "cast.json")["tests"].items():
        measurements.record(
            episode,
            group,
            values,
            on=later,
            confirmed=False,
            sent_id=group,
            by=sam,
            at=evening(later),
        )
    assert reasons(sam, evening(later))[Lane.DUE] == [Reason.PROFILE_DUE]


def test_an_outcomes_profile_is_due_until_it_was_gone_through(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    later = MONDAY.date() + timedelta(days=14)
    tell(later)
    profiles.confirm(episode, stage="start", answers={}, sent_id="1", by=sam, at=evening(later))
    assert Reason.PROFILE_DUE not in reasons(sam, evening(later))[Lane.DUE]
