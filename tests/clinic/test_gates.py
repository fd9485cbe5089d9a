"""The safety questions: each answered, and cleared by the role that its data names."""

from datetime import date, timedelta

import pytest

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care import episodes, plans, queries, reviews
from stepwell.clinic.care.models import Answer, Episode, Escalation, PlanVersion
from tests.conftest import MONDAY, Tell, days, evening

DAY_ONE = date(2026, 12, 1)
GATES = {gate.name: gate for gate in episodes.catalogue_of_gates()}
CLEARABLE = sorted(name for name, gate in GATES.items() if gate.clearing_role != "nobody")
ANSWERS = (Answer.YES, Answer.NOT_SURE, Answer.RATHER_NOT_SAY)


def state(episode: Episode, name: str) -> episodes.GateState:
    return next(one for one in episodes.gates(episode) if one.name == name)


def answer(episode: Episode, name: str, told: str, by: User, **later: float) -> None:
    episodes.answer_gate(episode, name, told, by=by, at=MONDAY + timedelta(**later))


def test_a_question_nobody_has_answered_is_open(episode: Episode) -> None:
    assert all(one.is_open for one in episodes.gates(episode))


def test_no_closes_a_gate(episode: Episode, rowan: User) -> None:
    answer(episode, "heart", Answer.NO, rowan)
    assert not state(episode, "heart").is_open


@pytest.mark.parametrize("told", ANSWERS)
def test_anything_but_no_leaves_it_open(told: Answer, episode: Episode, rowan: User) -> None:
    for name in GATES:
        answer(episode, name, told, rowan)
    assert all(one.is_open and one.answer == told for one in episodes.gates(episode))


def test_a_prescriber_clears_each_that_can_be_cleared_with_a_reason(
    episode: Episode, rowan: User, dr_osei: User
) -> None:
    for name in CLEARABLE:
        answer(episode, name, Answer.YES, rowan)
        episodes.clear_gate(episode, name, reason="Reviewed today.", by=dr_osei, at=MONDAY)
        cleared = state(episode, name)
        assert not cleared.is_open
        assert (cleared.cleared_by, cleared.reason) == ("Dr Osei", "Reviewed today.")


def test_a_named_nurse_clears_only_what_a_nurse_may(
    episode: Episode, rowan: User, sam: User
) -> None:
    sam.is_named_clinician = True
    sam.save()
    for name in CLEARABLE:
        answer(episode, name, Answer.YES, rowan)
        for_a_prescriber = GATES[name].clearing_role == Role.PRESCRIBER
        if for_a_prescriber:
            with pytest.raises(episodes.NotAllowed, match="somebody else"):
                episodes.clear_gate(episode, name, reason="Seen.", by=sam, at=MONDAY)
        else:
            episodes.clear_gate(episode, name, reason="Seen.", by=sam, at=MONDAY)
        assert state(episode, name).is_open == for_a_prescriber


def test_a_keyworker_clears_nothing(episode: Episode, rowan: User, sam: User) -> None:
    for name in GATES:
        answer(episode, name, Answer.YES, rowan)
        with pytest.raises(episodes.NotAllowed):
            episodes.clear_gate(episode, name, reason="Seen.", by=sam, at=MONDAY)


def test_under_18_is_cleared_by_nobody(episode: Episode, rowan: User, dr_osei: User) -> None:
    answer(episode, "under_18", Answer.NOT_SURE, rowan)
    with pytest.raises(episodes.NotAllowed, match="young people"):
        episodes.clear_gate(episode, "under_18", reason="Looks older.", by=dr_osei, at=MONDAY)


def test_a_clearance_needs_an_answer_and_a_reason(
    episode: Episode, rowan: User, dr_osei: User
) -> None:
    with pytest.raises(episodes.NotAllowed, match="not been answered"):
        episodes.clear_gate(episode, "heart", reason="Fine.", by=dr_osei, at=MONDAY)
    answer(episode, "heart", Answer.YES, rowan)
    with pytest.raises(episodes.NotAllowed, match="why"):
        episodes.clear_gate(episode, "heart", reason="  ", by=dr_osei, at=MONDAY)


def test_an_answer_after_a_clearance_opens_it_again(
    episode: Episode, rowan: User, dr_osei: User
) -> None:
    answer(episode, "heart", Answer.YES, rowan)
    episodes.clear_gate(episode, "heart", reason="Seen.", by=dr_osei, at=MONDAY)
    answer(episode, "heart", Answer.YES, rowan)
    assert state(episode, "heart").is_open
    assert state(episode, "heart").reason is None


def test_a_question_that_does_not_exist_is_refused(episode: Episode, rowan: User) -> None:
    with pytest.raises(episodes.NotAllowed, match="not one of the safety questions"):
        answer(episode, "star_sign", Answer.NO, rowan)


# --- before and after approval ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told", "urgency"),
    [
        ("suicide_plan", Answer.YES, "emergency"),
        ("suicidal_thoughts", Answer.YES, "same_day"),
        ("suicidal_thoughts", Answer.RATHER_NOT_SAY, "same_day"),
        ("suicide_plan", Answer.NOT_SURE, "same_day"),
    ],
)
def test_a_danger_answer_reaches_the_team_before_there_is_any_plan(
    name: str, told: Answer, urgency: str, episode: Episode, rowan: User
) -> None:
    answer(episode, name, told, rowan)
    signal = Escalation.objects.get()
    assert (signal.key, signal.urgency, signal.closed_at) == (name, urgency, None)


def test_a_harmless_answer_alerts_nobody(episode: Episode, rowan: User) -> None:
    answer(episode, "suicide_plan", Answer.NO, rowan)
    answer(episode, "heart", Answer.YES, rowan)
    assert not Escalation.objects.exists()


def test_each_gate_that_opens_after_approval_freezes_and_hides_the_amount(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, tell: Tell
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE)
    for name in GATES:
        assert queries.today_for_person(episode, at).shows_amount
        episodes.answer_gate(episode, name, Answer.NOT_SURE, by=rowan, at=at)
        after = queries.today_for_person(episode, at)
        assert after.stage == queries.Stage.PAUSED, name
        assert not after.shows_amount
        episodes.answer_gate(episode, name, Answer.NO, by=rowan, at=at)
    assert Escalation.objects.filter(closed_at=None, urgency="same_day").exists()


def test_a_cleared_gate_lets_the_plan_go_on_where_it_was(
    agreed_plan: PlanVersion, episode: Episode, rowan: User, dr_osei: User, tell: Tell
) -> None:
    for day in days(DAY_ONE, 3):
        tell(day)
    at = evening(DAY_ONE + timedelta(days=2))
    before = reviews.standing(episode, at).recommendation
    episodes.answer_gate(episode, "pregnancy", Answer.NOT_SURE, by=rowan, at=at)
    assert reviews.standing(episode, at).recommendation.offer == "freeze"
    episodes.clear_gate(episode, "pregnancy", reason="Test negative.", by=dr_osei, at=at)
    after = reviews.standing(episode, at).recommendation
    assert (after.level, after.ceiling_mg) == (before.level, before.ceiling_mg)
    assert Escalation.objects.filter(closed_at=None).exists()


def test_what_was_cleared_before_approval_freezes_nothing_later(
    draft: PlanVersion,
    gates_answered: None,
    accepted: None,
    episode: Episode,
    rowan: User,
    dr_osei: User,
) -> None:
    answer(episode, "heart", Answer.YES, rowan)
    episodes.clear_gate(episode, "heart", reason="Seen.", by=dr_osei, at=MONDAY)
    plan = plans.approve(draft, by=dr_osei, at=MONDAY, expected_version=1)
    plans.agree(plan, start=DAY_ONE, teach_back=["I can hold."], by=rowan, at=MONDAY)
    assert reviews.standing(episode, evening(DAY_ONE)).shows_amount
