"""Plan versions: drafted by the team, approved by a named clinician, agreed by the person."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from stepwell import catalogue
from stepwell.clinic.accounts import acceptance, consents
from stepwell.clinic.accounts.models import ConsentKind, Service, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, acts, episodes, plans, queries, reviews
from stepwell.clinic.care.models import (
    Answer,
    Episode,
    PlanStatus,
    PlanVersion,
    Supply,
)
from tests.conftest import MONDAY, REQUEST, Tell, days, draft_of, evening

DAY_ONE = date(2026, 12, 1)
HALVING = REQUEST | {"shape": "halving"}


def keys(plan: PlanVersion, by: User | None = None) -> set[str]:
    return {blocker.key for blocker in plans.blockers(plan, by, MONDAY)}


def approve(plan: PlanVersion, by: User) -> PlanVersion:
    return plans.approve(plan, by=by, at=MONDAY, expected_version=plan.version)


@pytest.fixture
def ready(draft: PlanVersion, accepted: None, gates_answered: None) -> PlanVersion:
    """A draft that nothing stands in the way of."""
    return draft


# --- drafting -----------------------------------------------------------------------------------


def test_a_preview_stores_nothing(episode: Episode) -> None:
    answer = plans.preview(REQUEST)
    assert answer["status"] == "draft"
    assert not PlanVersion.objects.exists()


def test_a_request_that_does_not_fit_is_refused_with_the_path_of_each_fault() -> None:
    answer = plans.preview({"start": "tomorrow", "baseline": {"amount_mg": 2.65}})
    assert {refusal["path"] for refusal in answer["refusals"]} == {"start", "baseline.amount_mg"}


def test_a_draft_keeps_exactly_what_the_planner_answered(draft: PlanVersion) -> None:
    answer = plans.preview(draft.request)
    assert draft.levels == answer["levels"]
    assert draft.finish == answer["finish"]
    assert (draft.version, draft.status) == (1, PlanStatus.DRAFT)


@pytest.mark.parametrize(
    ("other", "path"),
    [
        ({"request": REQUEST | {"percent": 0}}, "percent"),
        ({"request": REQUEST | {"supply": "prescribed"}}, "supply"),
        ({"rationale": " "}, "rationale"),
        ({"person_may": ["raise"]}, "person_may"),
        ({"usual_score": 11}, "usual_score"),
        ({"review_by": MONDAY.date()}, "review_by"),
    ],
)
def test_what_does_not_fit_is_refused_by_field_and_nothing_is_stored(
    other: dict[str, Any], path: str, episode: Episode, sam: User
) -> None:
    with pytest.raises(plans.Refused) as refused:
        draft_of(episode, sam, **other)
    assert path in {refusal["path"] for refusal in refused.value.refusals}
    assert not PlanVersion.objects.exists()


def test_a_newer_draft_takes_the_place_of_one_that_waited(
    draft: PlanVersion, episode: Episode, sam: User
) -> None:
    second = draft_of(episode, sam)
    assert second.version == 2
    assert PlanVersion.objects.get(pk=draft.pk).status == PlanStatus.SUPERSEDED
    assert plans.latest_draft(episode) == second


def test_a_draft_can_be_taken_back_once(draft: PlanVersion, sam: User) -> None:
    assert plans.withdraw(draft, by=sam, at=MONDAY).status == PlanStatus.WITHDRAWN
    with pytest.raises(plans.Outdated, match="withdrawn"):
        plans.withdraw(draft, by=sam, at=MONDAY)


def test_a_draft_shows_the_person_nothing(draft: PlanVersion, episode: Episode) -> None:
    page = queries.plan_for_person(episode, MONDAY)
    assert (page.plan, page.to_agree, page.rungs, page.ceiling_mg) == (None, None, (), None)


# --- what stands in the way of approval ---------------------------------------------------------


def test_nothing_stands_in_the_way_of_a_draft_that_is_ready(
    ready: PlanVersion, dr_osei: User
) -> None:
    assert plans.blockers(ready, dr_osei, MONDAY) == []


def test_a_real_service_cannot_approve_before_the_protocol_is_accepted(
    draft: PlanVersion, gates_answered: None, dr_osei: User
) -> None:
    assert keys(draft, dr_osei) == {"not_accepted"}
    with pytest.raises(plans.Blocked, match="safety officer"):
        approve(draft, dr_osei)


def test_an_acceptance_of_another_file_does_not_count(
    ready: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "sha256", lambda _: "f" * 64)
    assert keys(ready, dr_osei) == {"not_accepted"}


@pytest.mark.parametrize("told", [Answer.YES, Answer.NOT_SURE, Answer.RATHER_NOT_SAY])
def test_approval_is_impossible_while_any_gate_is_open(
    told: Answer, ready: PlanVersion, rowan: User, dr_osei: User
) -> None:
    for gate in episodes.catalogue_of_gates():
        episodes.answer_gate(ready.episode, gate.name, told, by=rowan, at=MONDAY)
        found = plans.blockers(ready, dr_osei, MONDAY)
        assert [blocker.gate for blocker in found] == [gate.name]
        with pytest.raises(plans.Blocked):
            approve(ready, dr_osei)
        episodes.answer_gate(ready.episode, gate.name, Answer.NO, by=rowan, at=MONDAY)


def test_approval_is_impossible_while_any_gate_is_unanswered(
    draft: PlanVersion, accepted: None, dr_osei: User
) -> None:
    found = plans.blockers(draft, dr_osei, MONDAY)
    assert {blocker.gate for blocker in found} == {g.name for g in episodes.catalogue_of_gates()}


def test_a_keyworker_cannot_approve(ready: PlanVersion, sam: User) -> None:
    assert keys(ready, sam) == {"not_a_clinician"}
    with pytest.raises(plans.Blocked, match="Only a prescriber or a named nurse"):
        approve(ready, sam)


def test_a_named_nurse_can_approve(ready: PlanVersion, sam: User) -> None:
    sam.is_named_clinician = True
    assert approve(ready, sam).status == PlanStatus.APPROVED


def test_a_clinician_of_another_service_cannot_even_find_it(ready: PlanVersion, ines: User) -> None:
    with pytest.raises(access.NotFound):
        approve(ready, ines)


@pytest.mark.parametrize("kind", [ConsentKind.STORE, ConsentKind.SHARE_PRESCRIBER])
def test_without_consent_there_is_no_approval(
    kind: ConsentKind, ready: PlanVersion, rowan: User, dr_osei: User
) -> None:
    consents.set(rowan, kind, given=False, by=rowan, at=MONDAY)
    assert "no_consent" in keys(ready, dr_osei)


def test_a_plan_without_a_recorded_baseline_is_not_approved(
    rowan: User, sam: User, dr_osei: User, service: Service
) -> None:
    for kind in (ConsentKind.STORE, ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER):
        consents.set(rowan, kind, given=True, by=rowan, at=MONDAY)
    bare = episodes.open(
        person=rowan, keyworker=sam, supply="non_prescribed", goal="none", by=sam, at=MONDAY
    )
    assert "no_baseline" in keys(draft_of(bare, sam), dr_osei)


def test_a_plan_that_starts_above_what_was_reported_is_not_approved(
    episode: Episode, sam: User, dr_osei: User, accepted: None, gates_answered: None
) -> None:
    high = REQUEST | {"baseline": REQUEST["baseline"] | {"amount_mg": 26500}}
    high |= {"confirmed": {"by": "Dr Osei", "reason": "Typed twice."}}
    assert keys(draft_of(episode, sam, request=high), dr_osei) == {"above_baseline"}


def test_a_large_step_needs_authorisation_by_the_one_who_signs(
    episode: Episode, sam: User, dr_osei: User, accepted: None, gates_answered: None
) -> None:
    assert keys(draft_of(episode, sam, request=HALVING), dr_osei) == {"authorisation"}
    by_ines = HALVING | {"authorised": {"by": "Ines", "reason": "Short."}}
    assert keys(draft_of(episode, sam, request=by_ines), dr_osei) == {"authorised_by_another"}
    by_osei = HALVING | {"authorised": {"by": "Dr Osei", "reason": "Inpatient, seen daily."}}
    plan = approve(draft_of(episode, sam, request=by_osei), dr_osei)
    assert (plan.authorised_by, plan.authorised_reason) == ("Dr Osei", "Inpatient, seen daily.")


def test_an_amount_above_the_mark_needs_to_be_confirmed(
    episode: Episode, sam: User, dr_osei: User, accepted: None, gates_answered: None
) -> None:
    episodes.record_baseline(
        episode,
        amount_low_mg=12000,
        amount_high_mg=14000,
        times_per_day=10,
        days_per_week=7,
        smallest_unit_mg=50,
        by=sam,
        at=MONDAY,
    )
    high = REQUEST | {"baseline": {"amount_mg": 14000, "times_per_day": 10, "days_per_week": 7}}
    assert keys(draft_of(episode, sam, request=high), dr_osei) == {"confirmation"}


def test_a_baseline_recorded_after_the_draft_makes_it_stale(
    ready: PlanVersion, sam: User, dr_osei: User
) -> None:
    episodes.record_baseline(
        ready.episode,
        amount_low_mg=2650,
        amount_high_mg=2700,
        times_per_day=6,
        days_per_week=7,
        smallest_unit_mg=50,
        by=sam,
        at=MONDAY,
    )
    assert keys(ready, dr_osei) == {"stale"}


def test_a_protocol_that_changed_since_makes_it_stale(
    ready: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = plans.preview(ready.request)
    newer = answer | {"protocol": {"name": "ketamine", "version": "9.0.0"}}
    monkeypatch.setattr(plans, "preview", lambda _: newer)
    assert "stale" in keys(ready, dr_osei)


def test_a_review_date_that_has_passed_makes_it_stale(ready: PlanVersion, dr_osei: User) -> None:
    late = MONDAY + timedelta(days=62)
    assert {b.key for b in plans.blockers(ready, dr_osei, late)} == {"stale"}


def test_what_the_planner_would_now_refuse_is_not_approved(
    ready: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    no = {"accepted": False, "refusals": [{"rule": "x", "path": "x", "text": "Too fast."}]}
    monkeypatch.setattr(plans, "preview", lambda _: no)
    assert keys(ready, dr_osei) == {"refused"}


def test_a_closed_course_of_care_gets_no_plan(
    ready: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    episodes.close(episode, outcome="Moved away.", by=dr_osei, at=MONDAY)
    fresh = PlanVersion.objects.get(pk=ready.pk)
    assert "closed" in keys(fresh, dr_osei)


def test_for_prescribed_supply_the_prescriber_alone(
    episode: Episode, sam: User, dr_osei: User, accepted: None, gates_answered: None
) -> None:
    episode.supply = Supply.PRESCRIBED
    episode.save()
    sam.is_named_clinician = True
    sam.save()
    with pytest.raises(access.NotFound):
        draft_of(episode, sam, person_may=["hold"])
    with pytest.raises(plans.Refused, match="only the prescriber"):
        draft_of(episode, dr_osei)
    plan = draft_of(episode, dr_osei, person_may=["hold"])
    assert plan.supply == Supply.PRESCRIBED
    assert keys(plan, sam) == {"not_a_clinician"}
    assert approve(plan, dr_osei).approved_by == dr_osei


def test_a_demo_may_approve_without_acceptance_but_is_never_approved_for_use(
    draft: PlanVersion, gates_answered: None, dr_osei: User, service: Service
) -> None:
    service.is_demo = True
    service.save()
    assert keys(PlanVersion.objects.get(pk=draft.pk), dr_osei) == set()
    assert not acceptance.approved_for_clinical_use(service)


# --- approval -----------------------------------------------------------------------------------


def test_an_approval_names_who_and_when(approved_plan: PlanVersion, dr_osei: User) -> None:
    assert approved_plan.status == PlanStatus.APPROVED
    assert approved_plan.approved_by == dr_osei
    assert approved_plan.approved_on == MONDAY.date()
    assert Entry.objects.filter(action="plans.approve", actor_name="Dr Osei").count() == 1


def test_the_second_approval_is_told_who_was_first(
    approved_plan: PlanVersion, dr_osei: User
) -> None:
    with pytest.raises(plans.Outdated, match="Dr Osei has approved version 1"):
        approve(approved_plan, dr_osei)


def test_an_approval_of_another_version_than_was_read_is_refused(
    ready: PlanVersion, dr_osei: User
) -> None:
    with pytest.raises(plans.Outdated):
        plans.approve(ready, by=dr_osei, at=MONDAY, expected_version=2)


def test_a_replaced_draft_cannot_be_approved(
    ready: PlanVersion, episode: Episode, sam: User, dr_osei: User
) -> None:
    draft_of(episode, sam)
    with pytest.raises(plans.Outdated, match="replaced"):
        approve(ready, dr_osei)


def test_an_approved_version_shows_no_amount_before_the_person_agrees(
    approved_plan: PlanVersion, episode: Episode
) -> None:
    page = queries.today_for_person(episode, evening(DAY_ONE))
    assert (page.stage, page.ceiling_mg) == (queries.Stage.TO_AGREE, None)
    to_agree = queries.plan_for_person(episode, evening(DAY_ONE)).to_agree
    assert to_agree is not None
    assert to_agree.rungs[1].ceiling_mg == 2350


def test_the_database_keeps_one_row_for_a_version(draft: PlanVersion) -> None:
    twin = PlanVersion.objects.get(pk=draft.pk)
    twin.pk = None
    twin._state.adding = True
    with pytest.raises((IntegrityError, ValidationError)), transaction.atomic():
        twin.save()


# --- agreement ----------------------------------------------------------------------------------


def agree(plan: PlanVersion, by: User, **other: Any) -> PlanVersion:
    given: dict[str, Any] = {"start": DAY_ONE, "teach_back": ["Less is fine."], "at": MONDAY}
    return plans.agree(plan, by=by, **(given | other))


def test_the_person_agrees_and_chooses_the_day(approved_plan: PlanVersion, rowan: User) -> None:
    plan = agree(approved_plan, rowan)
    assert (plan.status, plan.start, plan.agreed_on) == (
        PlanStatus.AGREED,
        DAY_ONE,
        MONDAY.date(),
    )


def test_nobody_else_agrees_for_them(
    approved_plan: PlanVersion, sam: User, dr_osei: User, ines: User
) -> None:
    for other in (sam, dr_osei, ines):
        with pytest.raises(access.NotFound):
            agree(approved_plan, other)


def test_a_draft_cannot_be_agreed(draft: PlanVersion, rowan: User) -> None:
    with pytest.raises(access.NotFound):
        agree(draft, rowan)


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"start": date(2026, 11, 29)}, "before today"),
        ({"start": date(2027, 2, 1)}, "review date"),
        ({"teach_back": [" "]}, "own words"),
    ],
)
def test_the_person_is_told_why_they_cannot_agree_yet(
    other: dict[str, Any], reason: str, approved_plan: PlanVersion, rowan: User
) -> None:
    with pytest.raises(plans.NotReady, match=reason):
        agree(approved_plan, rowan, **other)


def test_an_agreement_is_given_once(agreed_plan: PlanVersion, rowan: User) -> None:
    with pytest.raises(plans.NotReady, match="not waiting"):
        agree(agreed_plan, rowan)


def test_nothing_is_agreed_while_a_safety_question_is_open(
    approved_plan: PlanVersion, rowan: User
) -> None:
    episodes.answer_gate(approved_plan.episode, "heart", Answer.YES, by=rowan, at=MONDAY)
    with pytest.raises(plans.NotReady, match="safety question"):
        agree(approved_plan, rowan)


def test_nothing_is_agreed_while_a_red_flag_is_open(
    approved_plan: PlanVersion, rowan: User, tell: Tell
) -> None:
    tell(MONDAY.date(), at=MONDAY, flags=["seizure"])
    with pytest.raises(plans.NotReady, match="paused"):
        agree(approved_plan, rowan)


# --- the next version ---------------------------------------------------------------------------

WEEK_TWO = date(2026, 12, 10)
NEXT = REQUEST | {"start": "2026-12-14", "percent": 5}


@pytest.fixture
def second(
    agreed_plan: PlanVersion, episode: Episode, sam: User, dr_osei: User, tell: Tell
) -> PlanVersion:
    """Version 2, signed in the second week, while version 1 is in force."""
    for day in days(DAY_ONE, 10):
        tell(day)
    at = evening(WEEK_TWO)
    drafted = draft_of(episode, sam, at, request=NEXT)
    return plans.approve(drafted, by=dr_osei, at=at, expected_version=2)


def test_the_version_before_stays_in_force_until_the_new_one_is_agreed(
    second: PlanVersion, episode: Episode
) -> None:
    standing = reviews.standing(episode, evening(WEEK_TWO))
    assert standing.plan is not None
    assert (standing.plan.version, standing.recommendation.ceiling_mg) == (1, 2350)


def test_it_stays_in_force_until_the_day_the_person_chose(
    second: PlanVersion, episode: Episode, rowan: User
) -> None:
    chosen = date(2026, 12, 14)
    agree(second, rowan, start=chosen, at=evening(WEEK_TWO))
    before = reviews.standing(episode, evening(date(2026, 12, 13)))
    after = reviews.standing(episode, evening(chosen))
    assert before.plan is not None
    assert after.plan is not None
    assert (before.plan.version, before.recommendation.ceiling_mg) == (1, 2350)
    assert (after.plan.version, after.recommendation.ceiling_mg) == (2, 2500)


def test_steps_under_the_version_before_do_not_move_the_new_one(
    second: PlanVersion, episode: Episode, rowan: User, dr_osei: User, tell: Tell
) -> None:
    at = evening(date(2026, 12, 11))
    tell(date(2026, 12, 11))
    acts.take(
        episode, "set_level", level=20, on=at.date(), by=dr_osei, at=at, reason="Nearly there."
    )
    agree(second, rowan, start=date(2026, 12, 14), at=at)
    told = reviews.standing(episode, evening(date(2026, 12, 14))).recommendation
    assert (told.level, told.offer) == (1, "stay")
    assert not told.spoke(reviews.UNREADABLE)


def test_a_new_version_answers_what_a_clinician_had_found(
    agreed_plan: PlanVersion, episode: Episode, sam: User, dr_osei: User, rowan: User, tell: Tell
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE)
    acts.take(episode, "finding", organ="bladder", worse=True, on=DAY_ONE, by=dr_osei, at=at)
    assert reviews.standing(episode, at).recommendation.offer == "review"
    drafted = draft_of(episode, sam, at, request=REQUEST | {"start": "2026-12-02"})
    plan = plans.approve(drafted, by=dr_osei, at=at, expected_version=2)
    agree(plan, rowan, start=date(2026, 12, 2), at=at)
    assert reviews.standing(episode, evening(date(2026, 12, 2))).recommendation.offer == "stay"


def test_every_protocol_a_plan_can_name_ships_with_the_program(draft: PlanVersion) -> None:
    assert draft.protocol_name in catalogue.protocols()
