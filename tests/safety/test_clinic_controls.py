"""Controls of the clinic, each with the control on and then taken away."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from stepwell.clinic.accounts import lockout
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import (
    access,
    acts,
    alerts,
    check_ins,
    days,
    details,
    episodes,
    health,
    letters,
    plans,
    questionnaires,
    reviews,
    safeguarding,
)
from stepwell.clinic.care.models import Answer, Episode, Event, Notice, PlanVersion, Supply
from stepwell.clinic.clock import Stopped
from tests.clinic.test_alerts import reachable
from tests.conftest import MONDAY, REQUEST, Tell, draft_of, evening
from tests.safety.cases import fails, without, without_the_gate

DAY_ONE = date(2026, 12, 1)
WEEK_TWO = date(2026, 12, 8)
NOON = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


def nothing(*_: Any, **__: Any) -> Iterator[Any]:
    return iter(())


@pytest.fixture
def ready(draft: PlanVersion, accepted: None, gates_answered: None) -> PlanVersion:
    """A draft that nothing stands in the way of."""
    return draft


def is_refused(plan: PlanVersion, by: User, why: str) -> None:
    with pytest.raises(plans.Blocked) as refusal:
        plans.approve(plan, by=by, at=MONDAY, expected_version=plan.version)
    assert why in {blocker.key for blocker in refusal.value.blockers}


# What must be there before an approval


@pytest.fixture
def with_a_gate_open(ready: PlanVersion, rowan: User) -> PlanVersion:
    episodes.answer_gate(ready.episode, "pregnancy", Answer.NOT_SURE, by=rowan, at=MONDAY)
    return ready


def test_a_plan_with_a_safety_question_open_is_not_approved(
    with_a_gate_open: PlanVersion, dr_osei: User
) -> None:
    is_refused(with_a_gate_open, dr_osei, "gate")


def test_without_the_look_at_safety_questions_it_is_approved(
    with_a_gate_open: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_open_gates", nothing)
    fails(lambda: is_refused(with_a_gate_open, dr_osei, "gate"))


def test_a_plan_under_a_protocol_that_nobody_accepted_is_not_approved(
    draft: PlanVersion, gates_answered: None, dr_osei: User
) -> None:
    is_refused(draft, dr_osei, "not_accepted")


def test_without_the_look_for_an_acceptance_it_is_approved(
    draft: PlanVersion, gates_answered: None, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_acceptance", nothing)
    fails(lambda: is_refused(draft, dr_osei, "not_accepted"))


@pytest.fixture
def from_above(episode: Episode, sam: User, accepted: None, gates_answered: None) -> PlanVersion:
    baseline = REQUEST["baseline"] | {"amount_mg": 5000}
    return draft_of(episode, sam, request=REQUEST | {"baseline": baseline})


def test_a_plan_that_starts_above_what_was_reported_is_not_approved(
    from_above: PlanVersion, dr_osei: User
) -> None:
    is_refused(from_above, dr_osei, "above_baseline")


def test_without_the_look_at_the_baseline_it_is_approved(
    from_above: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_baseline", nothing)
    fails(lambda: is_refused(from_above, dr_osei, "above_baseline"))


# Who gets in, and who may


def another_team_stays_out(ines: User, episode: Episode) -> None:
    with pytest.raises(access.NotFound):
        access.episode_for(ines, episode.pk)
    with pytest.raises(access.NotFound):
        episodes.log_contact(episode, how="call", note="", by=ines, at=MONDAY)


def test_another_team_stays_out(ines: User, episode: Episode) -> None:
    another_team_stays_out(ines, episode)


def test_without_the_door_another_team_gets_in(
    ines: User, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "seen_by", lambda _: Episode.objects.all())
    fails(lambda: another_team_stays_out(ines, episode))


def a_nurse_changes_nothing_prescribed(episode: Episode, sam: User) -> None:
    Episode.objects.filter(pk=episode.pk).update(supply=Supply.PRESCRIBED)
    sam.is_named_clinician = True
    for action in ("draft", "approve", "decide", "clear_gate"):
        assert not access.may(sam, action, Episode.objects.get(pk=episode.pk))


def test_with_prescribed_supply_a_named_nurse_changes_nothing(episode: Episode, sam: User) -> None:
    a_nurse_changes_nothing_prescribed(episode, sam)


def test_where_every_role_may_the_check_fails(
    episode: Episode, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "may_by_role", lambda *_: True)
    fails(lambda: a_nurse_changes_nothing_prescribed(episode, sam))


# What is told


def a_misfit_still_freezes(tell: Tell, episode: Episode) -> None:
    event = tell(DAY_ONE, times="many", flags=["seizure"])
    assert event.set_aside
    standing = reviews.standing(episode, evening(DAY_ONE))
    assert (standing.recommendation.offer, standing.shows_amount) == ("freeze", False)


def test_a_red_flag_in_what_does_not_fit_still_freezes(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode
) -> None:
    a_misfit_still_freezes(tell, episode)


def test_without_what_is_kept_beside_it_a_misfit_hides_its_red_flag(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_ins, "_keep_danger", lambda *_: None)
    fails(lambda: a_misfit_still_freezes(tell, episode))


def test_a_check_in_sent_twice_is_one(tell: Tell) -> None:
    assert tell(DAY_ONE, event_id="phone-1") == tell(DAY_ONE, event_id="phone-1")
    assert Event.objects.count() == 1


def test_without_the_look_for_an_earlier_one_the_database_refuses_the_second(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "told_before", lambda *_: None)
    tell(DAY_ONE, event_id="phone-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(DAY_ONE, event_id="phone-1")


def the_night_belongs_to_the_day_before(episode: Episode) -> None:
    night = datetime(2026, 12, 2, 3, 30, tzinfo=UTC)
    assert episodes.today(episode, night) == DAY_ONE


def test_the_night_belongs_to_the_day_before(episode: Episode) -> None:
    the_night_belongs_to_the_day_before(episode)


def test_where_the_day_is_the_servers_the_check_fails(
    episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_servers(at: datetime, *_: Any) -> date:
        return at.date()

    monkeypatch.setattr(days, "in_zone", the_servers)
    fails(lambda: the_night_belongs_to_the_day_before(episode))


# What cannot be read


def what_cannot_be_read_shows_no_amount(tell: Tell, episode: Episode) -> None:
    tell(DAY_ONE)
    standing = reviews.standing(episode, evening(DAY_ONE))
    assert (standing.recommendation.offer, standing.shows_amount) == ("freeze", False)


@pytest.fixture
def unreadable(agreed_plan: PlanVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "_plan", lambda *_: {"levels": [], "protocol": "gone"})


def test_a_record_that_cannot_be_read_freezes(
    unreadable: None, tell: Tell, episode: Episode
) -> None:
    what_cannot_be_read_shows_no_amount(tell, episode)


def test_where_a_refusal_is_not_a_freeze_the_check_fails(
    unreadable: None, tell: Tell, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_before(*given: Any) -> dict[str, Any]:
        return {**FREEZE(*given), "offer": "stay", "ceiling_mg": 2350}

    monkeypatch.setattr(reviews, "_unreadable", as_before)
    fails(lambda: what_cannot_be_read_shows_no_amount(tell, episode))


FREEZE = reviews._unreadable


# A gate that opens later


@pytest.fixture
def ready_to_step(agreed_plan: PlanVersion, tell: Tell, episode: Episode) -> Episode:
    """Seven calm days: on the eighth the next step is open."""
    for number in range(8):
        tell(DAY_ONE + timedelta(days=number))
    assert reviews.standing(episode, evening(WEEK_TWO)).recommendation.offer == "step"
    return episode


def an_open_gate_shuts_the_step(episode: Episode, rowan: User) -> None:
    episodes.answer_gate(episode, "pregnancy", Answer.YES, by=rowan, at=evening(WEEK_TWO))
    with pytest.raises(acts.NotAllowed):
        acts.take(episode, "step", on=WEEK_TWO, by=rowan, at=evening(WEEK_TWO))


def test_while_a_gate_is_open_no_step_is_taken(ready_to_step: Episode, rowan: User) -> None:
    an_open_gate_shuts_the_step(ready_to_step, rowan)


def test_without_the_gate_rule_and_the_last_gate_the_step_is_taken(
    ready_to_step: Episode, rowan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "freeze_when_a_gate_has_opened")
    without_the_gate(monkeypatch)
    fails(lambda: an_open_gate_shuts_the_step(ready_to_step, rowan))


# Two signatures on one draft: each look at it taken away in turn


@pytest.fixture
def sign_again(
    ready: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], PlanVersion]:
    """Signed once; a second hand still holds the draft, and nothing looks at it again."""
    plans.approve(ready, by=dr_osei, at=MONDAY, expected_version=1)
    monkeypatch.setattr(plans, "_fresh", lambda plan, _: plan)
    monkeypatch.setattr(plans, "_blockers", nothing)
    return lambda: plans.approve(ready, by=dr_osei, at=MONDAY, expected_version=1)


def test_a_stale_draft_is_not_signed_a_second_time(
    sign_again: Callable[[], PlanVersion],
) -> None:
    with pytest.raises(plans.Outdated):
        sign_again()


def test_without_the_compare_and_set_the_database_refuses_the_second_signature(
    sign_again: Callable[[], PlanVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    def naive(plan: PlanVersion, _: Episode, by: User, at: datetime) -> None:
        plan.approved_by, plan.approved_at, plan.approved_sequence = by, at, 999
        plan.save()

    monkeypatch.setattr(plans, "_sign", naive)
    with pytest.raises(DatabaseError), transaction.atomic():
        sign_again()


# Whose it is


def test_a_second_course_of_care_is_refused_twice_over(
    episode: Episode, rowan: User, sam: User
) -> None:
    with pytest.raises(episodes.NotAllowed, match="open course of care"):
        episodes.open(
            person=rowan, keyworker=sam, supply="non_prescribed", goal="none", by=sam, at=MONDAY
        )
    twin = Episode.objects.get(pk=episode.pk)
    twin.pk, twin._state.adding = None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_the_doctor_counts_who_has_no_keyworker(episode: Episode, sam: User) -> None:
    assert dict(health.checks())["everybody has an owner"] is None
    sam.is_active = False
    sam.save()
    assert "1 open episode" in str(dict(health.checks())["everybody has an owner"])


# What was told in another place than a check-in


def freezes_after(told: Callable[[], object], episode: Episode, at: datetime) -> None:
    told()
    assert reviews.standing(episode, at).recommendation.offer == "freeze"


def better_off_dead(episode: Episode, by: User, at: datetime) -> Callable[[], object]:
    answers = {"better_off_dead": "1"}
    return lambda: questionnaires.record(episode, "phq9", answers, sent_id="one", by=by, at=at)


def benzos(episode: Episode, by: User, at: datetime) -> Callable[[], object]:
    told: dict[str, Any] = {"routes": [], "mixed": ["benzos"], "new_bag": None, "note": ""}
    return lambda: details.add(episode, on=DAY_ONE, **told, sent_id="one", by=by, at=at)


@pytest.mark.parametrize("told", [better_off_dead, benzos])
def test_danger_told_beside_a_check_in_freezes_the_plan(
    agreed_plan: PlanVersion, rowan: User, told: Callable[..., Callable[[], object]]
) -> None:
    at = evening(DAY_ONE)
    freezes_after(told(agreed_plan.episode, rowan, at), agreed_plan.episode, at)


@pytest.mark.parametrize("told", [better_off_dead, benzos])
def test_without_the_flags_of_other_places_the_plan_goes_on(
    agreed_plan: PlanVersion,
    rowan: User,
    told: Callable[..., Callable[[], object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check_ins, "tell_flags", nothing)
    at = evening(DAY_ONE)
    fails(lambda: freezes_after(told(agreed_plan.episode, rowan, at), agreed_plan.episode, at))


# A letter


def is_kept_back(episode: Episode, by: User) -> None:
    with pytest.raises(letters.NotShared):
        letters.write(episode, "gp", to="", note="", reason="", by=by, at=MONDAY)


def test_a_letter_without_the_persons_yes_is_refused(episode: Episode, sam: User) -> None:
    is_kept_back(episode, sam)


def test_without_the_look_for_a_yes_it_is_written(
    episode: Episode, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "refusal", lambda *_: "")
    with pytest.raises(pytest.fail.Exception):
        is_kept_back(episode, sam)


# A restricted note


def stays_sealed(episode: Episode, author: User, other: User) -> None:
    told = {"concerns": ["other"], "seen": "x", "done": "x", "who_told": "x", "why_not": ""}
    by = {"person_told": "first", "sent_id": "x", "by": author, "at": MONDAY}
    safeguarding.write(episode, **told, **by)  # type: ignore[arg-type]
    assert not safeguarding.read(episode, by=other, at=MONDAY).notes


def test_a_restricted_note_is_closed_to_another_clinician(
    episode: Episode, sam: User, dr_osei: User
) -> None:
    stays_sealed(episode, sam, dr_osei)


def test_without_the_look_at_who_reads_it_is_open(
    episode: Episode, sam: User, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes = safeguarding._about
    monkeypatch.setattr(
        safeguarding,
        "_standing",
        lambda told, *_: safeguarding.Standing(
            safeguarding._written(notes(told)), sealed=False, until=None
        ),
    )
    fails(lambda: stays_sealed(episode, sam, dr_osei))


# The clock of a safety signal


@pytest.fixture
def two_who_can_be_told(sam: User, dr_osei: User) -> None:
    reachable(sam)
    reachable(dr_osei)


def reaches_somebody_else(tell: Tell) -> None:
    """Sam owns the record and does nothing: ten minutes later others are told."""
    tell(DAY_ONE, at=NOON, flags=["seizure"])
    alerts.climb(NOON + timedelta(minutes=10))
    told = set(Notice.objects.values_list("to__display_name", flat=True))
    assert told == {"Sam", "Dr Osei"}


def test_a_signal_that_its_owner_does_not_take_reaches_the_next(
    agreed_plan: PlanVersion, two_who_can_be_told: None, tell: Tell
) -> None:
    reaches_somebody_else(tell)


def test_without_the_clock_nobody_else_is_told(
    agreed_plan: PlanVersion,
    two_who_can_be_told: None,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alerts, "climb", lambda _: 0)
    fails(lambda: reaches_somebody_else(tell))


# Guessing a password


def takes_too_long(sam: User) -> None:
    """The sixth guess is the right one, and it is not looked at."""
    sam.set_password("a-long-enough-password-7")
    sam.save()
    client = Client()
    for guess in [f"wrong-password-{number}" for number in range(5)] + ["a-long-enough-password-7"]:
        client.post(reverse("sign-in"), {"username": "sam", "password": guess})
    assert "_auth_user_id" not in client.session


def test_a_password_cannot_be_guessed_quickly(sam: User, now: Stopped) -> None:
    takes_too_long(sam)


def test_without_the_wait_the_right_password_comes_up(
    sam: User, now: Stopped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lockout, "waits_until", lambda *_: None)
    fails(lambda: takes_too_long(sam))
