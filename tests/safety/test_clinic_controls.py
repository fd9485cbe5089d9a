"""Controls of the clinic taken away: the clinic's own checks must then fail."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, acts, check_ins, days, episodes, health, plans, reviews
from stepwell.clinic.care.models import Answer, Episode, Escalation, PlanVersion, Review
from tests.clinic import test_access, test_check_ins, test_days, test_plans, test_reviews
from tests.conftest import MONDAY, Tell
from tests.safety.cases import fails


def nothing(*_: Any, **__: Any) -> Iterator[Any]:
    return iter(())


@pytest.fixture
def ready(draft: PlanVersion, accepted: None, gates_answered: None) -> PlanVersion:
    return draft


def test_without_the_safety_questions_a_plan_is_approved_with_a_gate_open(
    ready: PlanVersion, rowan: User, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_open_gates", nothing)
    check = test_plans.test_approval_is_impossible_while_any_gate_is_open
    fails(lambda: check("pregnancy", Answer.YES, ready, rowan, dr_osei))


def test_without_the_safety_officer_a_plan_is_approved_unaccepted(
    draft: PlanVersion, gates_answered: None, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plans, "_acceptance", nothing)
    check = test_plans.test_a_real_service_cannot_approve_before_the_protocol_is_accepted
    fails(lambda: check(draft, None, dr_osei))


def test_without_the_look_at_the_baseline_a_plan_starts_above_it(
    episode: Episode,
    sam: User,
    dr_osei: User,
    accepted: None,
    gates_answered: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plans, "_baseline", nothing)
    check = test_plans.test_a_plan_that_starts_above_what_was_reported_is_not_approved
    fails(lambda: check(episode, sam, dr_osei, None, None))


def test_without_the_door_another_team_gets_in(
    agreed_plan: PlanVersion, tell: Tell, ines: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(date(2026, 12, 1), flags=["seizure"])
    monkeypatch.setattr(access, "seen_by", lambda _: Episode.objects.all())
    check = test_access.test_nobody_but_the_own_team_gets_through_any_door
    fails(lambda: check("ines", {"ines": ines}, Escalation.objects.get(), agreed_plan))


def test_where_every_role_may_a_nurse_drafts_for_prescribed_supply(
    episode: Episode,
    sam: User,
    dr_osei: User,
    accepted: None,
    gates_answered: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "may_by_role", lambda *_: True)
    check = test_plans.test_for_prescribed_supply_the_prescriber_alone
    fails(lambda: check(episode, sam, dr_osei, None, None))


def test_without_what_is_kept_beside_it_a_misfit_hides_its_red_flag(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_ins, "_keep_danger", lambda *_: None)
    name = next(name for name in test_check_ins.MISFITS if "flag" not in name)
    check = test_check_ins.test_its_flags_still_freeze
    fails(lambda: check(name, agreed_plan, episode, rowan))


def test_without_the_look_for_an_earlier_one_the_database_refuses_the_second(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "told_before", lambda *_: None)
    with pytest.raises(IntegrityError), transaction.atomic():
        test_check_ins.test_the_same_check_in_twice_is_one(agreed_plan, episode, rowan)


def test_where_the_day_is_the_servers_the_check_fails(
    episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_servers(at: datetime, *_: Any) -> date:
        return at.date()

    monkeypatch.setattr(days, "in_zone", the_servers)
    fails(lambda: test_days.test_a_day_runs_from_sleep_to_sleep(episode))


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


# What no other test of the clinic asks


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


def test_where_a_refusal_is_not_a_freeze_the_check_fails(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def the_last_answer(*_: Any) -> dict[str, Any]:
        return {**Review.objects.latest("number").recommendation, "ceiling_mg": 2350}

    monkeypatch.setattr(reviews, "_unreadable", the_last_answer)
    check = test_reviews.test_a_record_the_engine_cannot_read_freezes_and_calls
    fails(lambda: check(agreed_plan, episode, tell, monkeypatch))
