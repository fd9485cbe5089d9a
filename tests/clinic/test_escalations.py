"""Signals to the team: raised once, and ended by a named human with an outcome, never otherwise."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, acts, decisions, escalations, queries, reviews
from stepwell.clinic.care.models import Episode, Escalation, Lane, PlanVersion, Review
from tests.conftest import Tell, days, evening

DAY_ONE = date(2026, 12, 1)
AT = evening(DAY_ONE)


@pytest.fixture
def seizure(agreed_plan: PlanVersion, tell: Tell) -> Escalation:
    tell(DAY_ONE, flags=["seizure"])
    return Escalation.objects.get()


def close(signal: Escalation, by: User, outcome: str = "Ambulance, safe.") -> Escalation:
    return escalations.close(signal, outcome=outcome, by=by, at=AT)


def test_a_signal_is_raised_once_however_often_it_is_seen(
    seizure: Escalation, episode: Episode, tell: Tell
) -> None:
    for day in days(DAY_ONE + timedelta(days=1), 3):
        tell(day)
    assert Escalation.objects.get() == seizure
    assert (seizure.urgency, seizure.since) == ("emergency", DAY_ONE)


def test_the_signal_its_event_and_its_line_exist_together(seizure: Escalation) -> None:
    assert Entry.objects.filter(action="escalations.raise", subject="seizure").count() == 1


def test_better_answers_time_and_new_reviews_never_close_it(
    seizure: Escalation, episode: Episode, tell: Tell, dr_osei: User
) -> None:
    acts.take(episode, "resume", on=DAY_ONE, by=dr_osei, at=AT, reason="Seen.")
    for day in days(DAY_ONE + timedelta(days=1), 20):
        tell(day)
    late = evening(date(2027, 3, 1))
    reviews.refresh(episode, by=dr_osei, at=late)
    seizure.refresh_from_db()
    assert seizure.closed_at is None
    card = queries.lanes(dr_osei, late)[Lane.SAFETY][0]
    assert card.urgency == "emergency"
    assert card.age_days == (late.date() - DAY_ONE).days


def test_a_decision_does_not_close_it(seizure: Escalation, episode: Episode, dr_osei: User) -> None:
    decisions.approve(Review.objects.latest("number"), reason="Seen.", by=dr_osei, at=AT)
    seizure.refresh_from_db()
    assert seizure.closed_at is None


def test_a_named_human_closes_it_with_an_outcome(seizure: Escalation, sam: User) -> None:
    closed = close(seizure, sam)
    assert (closed.closed_by, closed.outcome) == (sam, "Ambulance, safe.")
    entry = Entry.objects.get(action="escalations.close")
    assert entry.detail["outcome"] == "Ambulance, safe."


def test_an_outcome_is_words(seizure: Escalation, sam: User) -> None:
    with pytest.raises(escalations.NoOutcome):
        close(seizure, sam, "  ")


def test_it_is_closed_once(seizure: Escalation, sam: User, dr_osei: User) -> None:
    close(seizure, sam)
    with pytest.raises(escalations.AlreadyClosed, match="Sam has closed this"):
        close(seizure, dr_osei, "Another story.")
    seizure.refresh_from_db()
    assert seizure.outcome == "Ambulance, safe."


def test_the_database_refuses_an_end_without_a_human_and_an_outcome(
    seizure: Escalation,
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.filter(pk=seizure.pk).update(closed_at=AT)


def test_seeing_it_does_not_end_it_and_the_first_to_see_it_stays(
    seizure: Escalation, sam: User, dr_osei: User
) -> None:
    escalations.acknowledge(seizure, by=sam, at=AT)
    seen = escalations.acknowledge(seizure, by=dr_osei, at=AT + timedelta(hours=1))
    assert (seen.acknowledged_by, seen.closed_at) == (sam, None)


def test_a_manager_or_another_team_cannot_touch_it(
    seizure: Escalation, mo: User, ines: User, rowan: User
) -> None:
    for other in (mo, ines, rowan):
        with pytest.raises(access.NotFound):
            close(seizure, other)
        with pytest.raises(access.NotFound):
            escalations.acknowledge(seizure, by=other, at=AT)


def test_told_again_on_the_same_day_after_it_was_closed_it_is_raised_again(
    seizure: Escalation, episode: Episode, dr_osei: User, tell: Tell
) -> None:
    close(seizure, dr_osei)
    acts.take(episode, "resume", on=DAY_ONE, by=dr_osei, at=AT, reason="Seen.")
    tell(DAY_ONE, flags=["seizure"], event_id="the second one")
    second = Escalation.objects.get(closed_at=None)
    assert (second.key, second.since, second.occurrence) == ("seizure", DAY_ONE, 2)


def test_closed_but_not_yet_resumed_it_is_not_raised_again(
    seizure: Escalation, tell: Tell, dr_osei: User
) -> None:
    close(seizure, dr_osei)
    tell(DAY_ONE + timedelta(days=1))
    assert not Escalation.objects.filter(closed_at=None, key="seizure").exists()


@pytest.mark.parametrize(
    ("safety", "key", "urgency"),
    [
        ("plan", "suicide_plan", "emergency"),
        ("thoughts", "suicidal_thoughts", "same_day"),
        ("declined", "safety_declined", "same_day"),
    ],
)
def test_a_safety_answer_that_is_not_no_reaches_the_team(
    safety: str, key: str, urgency: str, agreed_plan: PlanVersion, tell: Tell
) -> None:
    tell(DAY_ONE, safety=safety)
    signal = Escalation.objects.get()
    assert (signal.key, signal.urgency) == (key, urgency)
