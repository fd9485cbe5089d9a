"""What each rule says by itself: what it saw, whom it tells, and what it needs."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from stepwell.engine import decide, history, rules
from stepwell.engine.recommendation import Offer
from stepwell.engine.snapshot import Snapshot
from tests.engine.cases import (
    Document,
    act,
    answers,
    ask_on,
    by_prescriber,
    calm,
    case,
    check_in,
    day,
    read,
    spoke,
)


def facts(today: int, events: list[Document], **changes: Any) -> Snapshot:
    told = read(case(today, events, **changes))
    return history.look(told.plan, told.events, told.today).snapshot


def seen(rule: str, today: int, events: list[Document], **changes: Any) -> Any:
    """What the deciding rule saw, which has to be this one."""
    first = ask_on(today, events, **changes)["findings"][0]
    assert first["rule"] == rule
    return first["seen"]


# --- what was seen ----------------------------------------------------------------------------


def test_a_rule_without_a_number_says_in_words_what_it_saw() -> None:
    closed = [*calm(1, 2), by_prescriber("close", 2)]
    declined = [check_in(n, safety="declined") for n in range(1, 9)]
    assert seen("finish_when_closed", 2, closed) == "closed"
    assert seen("review_when_never_approved", 2, calm(1, 2), approved=None) == "not approved"
    assert seen("hold_when_safety_question_is_open", 8, declined) == "not answered no"


def test_the_highest_of_the_high_scores_is_shown() -> None:
    high = [check_in(2, answers=answers(7)), check_in(3, answers=answers(9))]
    assert seen("hold_when_distress_is_high", 3, [check_in(1), *high]) == 9


def test_the_lower_of_the_severe_scores_is_shown() -> None:
    severe = [check_in(n, answers=answers(9)) for n in (1, 2, 3)]
    told = [*severe, check_in(4, answers=answers(8))]
    assert seen("step_back_when_distress_is_severe", 4, told) == 8


def test_a_day_without_a_score_is_taken_as_the_worst() -> None:
    few = check_in(8, answers={"craving": 2, "anxiety": 2, "mood": 2})
    assert seen("hold_otherwise", 8, [*calm(1, 7), few]) == 4.67  # (2 + 2 + 10) / 3


# --- whom it tells ----------------------------------------------------------------------------


def told_rules(today: int, events: list[Document]) -> dict[str, str]:
    """The rule each signal to the team came from; none for what is told whatever is decided."""
    told = decide.recommend(read(case(today, events)))
    return {one.key: one.rule for one in told.escalations}


def test_a_red_flag_is_told_by_its_rule_and_a_routine_one_by_none() -> None:
    told = told_rules(1, [check_in(1, flags=["cramps", "fainting"])])
    assert told == {"cramps": "", "fainting": "freeze_on_red_flag"}


def test_declined_and_a_wish_to_talk_are_told_whatever_is_decided() -> None:
    told = told_rules(1, [check_in(1, safety="declined"), act("talk", 1)])
    assert told == {"safety_declined": "", "asked_to_talk": ""}


# --- what it needs, whatever ran before it ----------------------------------------------------


def test_a_step_needs_a_served_level_and_one_below_it() -> None:
    settled = rules.step_when_settled(facts(8, calm(1, 8)))
    assert settled is not None
    assert settled.offer is Offer.STEP
    assert rules.step_when_settled(facts(7, calm(1, 7))) is None
    at_the_goal = [*calm(1, 15), by_prescriber("set_level", 1, level=4)]
    assert facts(15, at_the_goal).is_last_level
    assert rules.step_when_settled(facts(15, at_the_goal)) is None


# --- what stands until a clinician has reviewed -----------------------------------------------


def test_a_review_of_routine_flags_stands_on_days_without_one() -> None:
    told = [check_in(n, flags=["cramps"]) for n in (1, 2, 3)]
    later = ask_on(5, [*told, *calm(4, 5)])
    assert spoke(later)[0] == "review_when_a_routine_flag_repeats"
    reviewed = ask_on(5, [*told, *calm(4, 5), by_prescriber("reviewed", 5)])
    assert "review_when_a_routine_flag_repeats" not in spoke(reviewed)


@pytest.mark.parametrize("told_on", [22, 23])
def test_a_review_of_held_days_stands_when_they_turn_out_not_to_have_been_held(
    told_on: int,
) -> None:
    held = [check_in(n, safety="declined") for n in range(1, told_on)]
    said_no = check_in(10, told_on)
    assert facts(22, [one for one in held if one["on"] < str(day(22))]).held == 14
    assert facts(told_on, [*held, said_no]).held < 14
    assert "review_when_held_for_long" in spoke(ask_on(told_on, [*held, said_no]))


def test_no_step_is_offered_below_the_last_level() -> None:
    assert rules.step_when_settled(replace(facts(8, calm(1, 8)), is_last_level=True)) is None


def test_one_day_that_was_less_hard_stops_a_step_back() -> None:
    hard = facts(3, [check_in(n, answers=answers(9)) for n in (1, 2, 3)])
    hard.held_running, ordinary = 9, Fraction(2)
    assert rules.step_back_when_distress_is_severe(hard) is not None
    mixed = replace(hard, scores_running=(*hard.scores_running, ordinary))
    assert rules.step_back_when_distress_is_severe(mixed) is None
