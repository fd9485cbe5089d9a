"""The last gate: each recommendation that must not stand is frozen, by a check of its own."""

from dataclasses import replace
from typing import Any

import pytest

from stepwell.engine import decide, guard, rules, wire
from stepwell.engine.case import Case
from stepwell.engine.recommendation import Offer, Recommendation
from tests.engine.cases import (
    PROTOCOL,
    Document,
    act,
    by_prescriber,
    calm,
    case,
    check_in,
    day,
    none_used,
    read,
)
from tests.engine.histories import Told, always, histories, plans, told_case

SETTLED = read(case(8, calm(1, 8)))


def honest(told: Case) -> Recommendation:
    return decide.recommend(told)


def breaches(told: Case, wrong: Recommendation) -> tuple[str, ...]:
    """What the guard says, having frozen the plan; () when it let everything through."""
    answer = guard.checked(told, wrong)
    if guard.STOPPED not in answer.findings:
        assert answer == wrong
        return ()
    found = answer.findings[guard.STOPPED]
    assert (answer.offer, answer.ceiling_mg, answer.next_step_on) == (Offer.FREEZE, None, None)
    assert answer.findings == {guard.STOPPED: found, **wrong.findings}
    assert next(iter(answer.findings)) == guard.STOPPED
    assert (found.offer, found.tells, found.hides_ceiling) == (Offer.FREEZE, "same_day", True)
    assert answer.also == ()
    assert answer.escalations[-1].urgency == "same_day"
    assert isinstance(found.seen, tuple)
    return found.seen


def wrongly(told: Case, **changes: Any) -> tuple[str, ...]:
    return breaches(told, replace(honest(told), **changes))


def test_what_may_stand_passes_unchanged() -> None:
    answer = honest(SETTLED)
    assert answer.offer is Offer.STEP
    assert guard.checked(SETTLED, answer) is answer


@pytest.mark.parametrize(
    ("changes", "breach"),
    [
        ({"ceiling_mg": 2700}, "a ceiling above the baseline"),
        ({"ceiling_mg": -1}, "a ceiling above the baseline"),
        ({"ceiling_mg": 2350.0}, "a ceiling above the baseline"),
        ({"ceiling_mg": 2400}, "a ceiling that no approved level covers"),
        ({"level": 5}, "a ceiling that no approved level covers"),
        ({"level": -1, "ceiling_mg": 0}, "a ceiling that no approved level covers"),
        ({"between": True}, "a ceiling that no approved level covers"),
        ({"between": True, "ceiling_mg": 2100}, "a ceiling that no approved level covers"),
        (
            {"level": 4, "between": True, "ceiling_mg": 0},
            "a ceiling that no approved level covers",
        ),
        ({"level": 4, "ceiling_mg": 0}, "a step below the goal"),
    ],
)
def test_a_wrong_ceiling_or_level_is_stopped(changes: Document, breach: str) -> None:
    assert breach in wrongly(SETTLED, **changes)


def test_an_amount_between_two_levels_passes_and_never_with_prescribed_supply() -> None:
    assert wrongly(SETTLED, between=True, ceiling_mg=2200) == ()
    prescribed = read(case(8, calm(1, 8), supply="prescribed"))
    assert wrongly(prescribed, between=True, ceiling_mg=2200) != ()


@pytest.mark.parametrize(
    "froze",
    [
        [check_in(3, flags=["jaundice"])],
        [check_in(3, safety="plan")],
        [by_prescriber("freeze", 3)],
        [by_prescriber("resume", 2), check_in(3, flags=["pregnancy"])],
        [check_in(3, flags=["jaundice"]), act("resume", 4)],
    ],
)
def test_a_freeze_that_was_not_kept_is_stopped(froze: list[Document]) -> None:
    told = read(case(8, [*calm(4, 8), *froze]))
    frozen = honest(told)
    assert breaches(told, frozen) == ()
    assert "a freeze was not kept" in wrongly(told, offer=Offer.STAY)
    assert "a freeze was not kept" in wrongly(told, ceiling_mg=2350)


def test_an_open_gate_that_was_not_kept_is_stopped() -> None:
    told = read(case(8, calm(1, 8), gates=["pregnancy"]))
    assert "a freeze was not kept" in wrongly(told, offer=Offer.STEP)


def test_a_resume_ends_the_freeze_for_the_guard_too() -> None:
    told = read(case(4, [check_in(1, flags=["jaundice"]), by_prescriber("resume", 2), *calm(3, 4)]))
    assert breaches(told, honest(told)) == ()


@pytest.mark.parametrize("changes", [{"approved": None}, {"start": None}, {"start": str(day(9))}])
def test_an_amount_before_an_approved_start_is_stopped(changes: Document) -> None:
    told = read(case(8, calm(1, 8), **changes))
    assert "an amount before an approved start" in wrongly(told, ceiling_mg=2350, level=1)


@pytest.mark.parametrize("offer", [Offer.STEP, Offer.STEP_BACK])
@pytest.mark.parametrize(
    "changes", [{"approved": None}, {"start": str(day(9))}, {"review_by": str(day(7))}]
)
def test_a_change_of_level_outside_a_running_plan_is_stopped(
    offer: Offer, changes: Document
) -> None:
    told = read(case(8, calm(1, 8), **changes))
    outside = "a change of level outside an approved, running plan"
    assert outside in wrongly(told, offer=offer)


def test_a_plan_runs_from_its_first_day_on() -> None:
    first = read(case(1, calm(-1, 1)))
    assert wrongly(first, offer=Offer.STEP) == ()


def test_a_change_of_level_in_a_closed_plan_is_stopped() -> None:
    told = read(case(8, [*calm(1, 8), by_prescriber("close", 2)]))
    assert wrongly(told, offer=Offer.STEP) != ()
    by_the_person = read(case(8, [*calm(1, 8), act("close", 2, "22:00")]))
    assert breaches(by_the_person, honest(by_the_person)) == ()


def test_a_step_out_of_silence_is_stopped() -> None:
    few = read(case(8, [*calm(1, 2), check_in(8, answers={})]))
    assert wrongly(few, offer=Offer.STEP) == ("a step out of silence",)


def test_days_told_more_than_a_week_ago_are_silence_for_a_step() -> None:
    assert wrongly(read(case(11, calm(4, 6))), offer=Offer.STEP) == ()
    assert wrongly(read(case(12, calm(4, 6))), offer=Offer.STEP) == ("a step out of silence",)


def test_a_step_back_long_after_the_step_is_stopped() -> None:
    told = read(case(16, calm(1, 16)))
    assert wrongly(told, offer=Offer.STEP_BACK) == ("a step back long after the step",)
    stepped = read(case(16, [*calm(1, 16), act("step", 9)]))
    assert wrongly(stepped, offer=Offer.STEP_BACK) == ()
    held = read(case(16, [*calm(1, 16), act("hold", 9)]))
    assert wrongly(held, offer=Offer.STEP_BACK) == ("a step back long after the step",)


def test_a_step_back_after_days_without_ketamine_is_stopped() -> None:
    free = [none_used(n) for n in (6, 7, 8)]
    told = read(case(8, [*calm(1, 5), *free], levels_mg=(2650, 2350, 2100)))
    assert "a step back after days without ketamine" in wrongly(told, offer=Offer.STEP_BACK)
    corrected = check_in(7, 8, "21:00")
    told = read(case(8, [*calm(1, 5), *free, corrected], levels_mg=(2650, 2350, 2100)))
    assert wrongly(told, offer=Offer.STEP_BACK) == ()


def test_an_open_gate_is_stopped_on_the_last_day_of_a_replay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = [rule for rule in rules.RULES if rule is not rules.freeze_when_a_gate_has_opened]
    monkeypatch.setattr(rules, "RULES", tuple(broken))
    answers = [answer for _, answer in decide.replay(read(case(3, calm(1, 3), gates=["heart"])))]
    assert [guard.STOPPED in answer.findings for answer in answers] == [False, False, True]


@always(histories(), plans({"gates": ["heart"]}, {"approved": None}))
def test_the_guard_agrees_with_every_honest_answer(told: list[Told], plan: Document) -> None:
    whole = read(told_case(told, plan))
    for _, answer in decide.replay(whole):
        assert guard.STOPPED not in answer.findings


@always(histories(3, 7, kinds=["calm", "severe"], acts=["step", "step back"]), plans())
def test_the_guard_lets_every_honest_step_back_through(told: list[Told], plan: Document) -> None:
    whole = read(told_case(told, plan))
    for _, answer in decide.replay(whole):
        assert guard.STOPPED not in answer.findings


def test_what_the_guard_stops_is_written_like_any_other_answer() -> None:
    stopped = guard.checked(SETTLED, replace(honest(SETTLED), ceiling_mg=9999))
    written = wire.write(stopped, PROTOCOL)
    assert written["findings"][0]["rule"] == guard.STOPPED
    assert written["escalations"][-1]["since"] == str(day(8))
