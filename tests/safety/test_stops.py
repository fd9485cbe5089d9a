"""What stops a plan, each time with the control on and then with it switched off."""

import pytest

from stepwell import catalogue
from stepwell.engine import history, rules, wire
from tests.safety.cases import (
    DOCTOR,
    Document,
    days,
    decide,
    document,
    event,
    fails,
    protocols_with,
    rules_of,
    tell,
    without,
    without_the_gate,
)

KETAMINE = catalogue.protocols()["ketamine"]
RED_FLAGS = sorted(flag for flag in KETAMINE.flags if KETAMINE.freezes(flag))


def is_frozen(answer: Document) -> bool:
    return answer["offer"] == "freeze" and answer["ceiling_mg"] is None and answer["also"] == []


# Red flags


def the_red_flag_freezes(flag: str = "cannot_pass_urine") -> None:
    answer = decide([*days(1, 7), tell(8, flags=[flag])], 8)
    assert is_frozen(answer)
    assert flag in {one["key"] for one in answer["escalations"]}


@pytest.mark.parametrize("flag", RED_FLAGS)
def test_every_red_flag_freezes_on_the_day_it_is_told(flag: str) -> None:
    the_red_flag_freezes(flag)


def test_a_red_flag_about_a_past_day_freezes_today() -> None:
    assert is_frozen(decide([*days(1, 8), tell(4, told=8, hour=13, flags=["seizure"])], 8))


def test_a_danger_answer_to_the_safety_question_freezes() -> None:
    for answer in ("thoughts", "plan"):
        assert is_frozen(decide([*days(1, 7), tell(8, safety=answer)], 8))


def test_the_gate_freezes_where_the_red_flag_rule_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "freeze_on_red_flag")
    the_red_flag_freezes()
    assert "guard_stopped_this" in rules_of(decide([*days(1, 7), tell(8, flags=["seizure"])], 8))


def test_without_the_red_flag_rule_and_the_gate_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "freeze_on_red_flag")
    without_the_gate(monkeypatch)
    fails(the_red_flag_freezes)


def only_a_clinician_ends_the_freeze() -> None:
    told = [*days(1, 7), tell(8, flags=["seizure"])]
    assert is_frozen(decide([*told, event("resume", 8, hour=13)], 9))
    assert is_frozen(decide([*told, *days(9, 30)], 30))
    assert not is_frozen(decide([*told, event("resume", 8, hour=13, by=DOCTOR)], 9))


def test_only_a_clinician_ends_a_freeze_and_no_later_day_does() -> None:
    only_a_clinician_ends_the_freeze()


def test_where_anybody_may_resume_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_is_open", lambda *_: True)
    without_the_gate(monkeypatch)
    fails(only_a_clinician_ends_the_freeze)


def a_freeze_by_hand_stands() -> None:
    assert is_frozen(decide([*days(1, 7), event("freeze", 7, hour=13, by=DOCTOR)], 8))


def test_a_freeze_by_hand_stands() -> None:
    a_freeze_by_hand_stands()


def test_without_the_rule_for_a_freeze_by_hand_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "freeze_when_a_clinician_froze")
    without_the_gate(monkeypatch)
    fails(a_freeze_by_hand_stands)


# Gates


def the_open_gate_freezes(gate: str = "alcohol_dependence") -> None:
    answer = decide(days(1, 7), 8, gates=[gate])
    assert is_frozen(answer)
    assert answer["escalations"][0]["urgency"] == "same_day"


@pytest.mark.parametrize("gate", [*KETAMINE.gates, "pregnancy", "psychosis"])
def test_every_gate_that_opens_after_approval_freezes(gate: str) -> None:
    the_open_gate_freezes(gate)


def test_without_the_gate_rule_and_the_last_gate_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "freeze_when_a_gate_has_opened")
    without_the_gate(monkeypatch)
    fails(the_open_gate_freezes)


# The safety question


def the_unanswered_safety_question_holds() -> None:
    for unsaid in ({"safety": "declined"}, {"safety": None}):
        told = [{**one, **unsaid} for one in days(1, 7)]
        told = [{key: value for key, value in one.items() if value is not None} for one in told]
        assert decide(told, 8)["offer"] == "hold"


def test_a_safety_question_that_was_not_answered_no_holds_the_plan() -> None:
    the_unanswered_safety_question_holds()


def test_without_the_safety_rule_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "hold_when_safety_question_is_open")
    fails(the_unanswered_safety_question_holds)


def the_team_hears_of_a_declined_answer() -> None:
    told = decide(days(1, 7, safety="declined"), 7)["escalations"]
    assert ("safety_declined", "same_day") in {(one["key"], one["urgency"]) for one in told}


def test_the_team_hears_the_same_day_that_the_safety_question_was_declined() -> None:
    the_team_hears_of_a_declined_answer()


def test_where_a_declined_answer_is_not_told_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "_told_otherwise", lambda _: [])
    fails(the_team_hears_of_a_declined_answer)


# Silence


def silence_opens_no_step() -> None:
    answer = decide(days(1, 7), 11)
    assert answer["offer"] == "hold"
    assert answer["escalations"][0]["key"] == "hold_when_silent"


def test_three_silent_days_hold_the_plan_and_tell_the_team() -> None:
    silence_opens_no_step()


def test_without_the_silence_rule_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "hold_when_silent")
    fails(silence_opens_no_step)


def a_thin_week_opens_no_step() -> None:
    assert decide([tell(number) for number in (3, 6, 8)], 9)["offer"] == "hold"


def test_a_week_with_too_few_check_ins_holds_the_plan() -> None:
    a_thin_week_opens_no_step()


def test_without_the_rule_for_missing_check_ins_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "hold_when_check_ins_are_missing")
    fails(a_thin_week_opens_no_step)


def long_silence_shows_no_amount() -> None:
    assert decide(days(1, 7), 22)["ceiling_mg"] is None
    assert decide([*days(1, 7), *days(22, 30)], 30)["ceiling_mg"] is None


def test_after_long_silence_no_amount_is_shown_until_a_clinician_acts() -> None:
    long_silence_shows_no_amount()
    resumed = [*days(1, 7), *days(22, 23), event("resume", 23, hour=13, by=DOCTOR)]
    assert decide(resumed, 24)["ceiling_mg"] == 2350


def test_without_the_pause_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "pause_when_silent_for_long")
    fails(long_silence_shows_no_amount)


CORE = ("craving", "anxiety", "mood", "irritability")


def leaving_out_an_item_opens_no_step() -> None:
    for item in CORE:
        newest = tell(7)
        del newest["answers"][item]
        assert decide([*days(1, 6), newest], 8)["offer"] != "step"


def test_leaving_out_a_core_item_never_opens_a_step() -> None:
    leaving_out_an_item_opens_no_step()


def test_where_no_item_is_needed_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "CORE_ITEMS", ())
    fails(leaving_out_an_item_opens_no_step)


# Lost tolerance

FREE = [*days(1, 4), *days(5, 7, mg=None)]
LAPSES = ("finish_when_ketamine_free", "review_when_tolerance_has_fallen")
LESS = [{"ceiling_mg": mg} for mg in (2650, 2350, 2100, 1850, 500)]


def the_ceiling_lapses() -> None:
    for levels in (None, LESS):
        other = {} if levels is None else {"levels": levels}
        assert decide(FREE, 7, **other)["ceiling_mg"] is None
        assert decide([*FREE, *days(8, 12)], 12, **other)["ceiling_mg"] is None


def test_after_a_break_no_amount_is_shown_until_a_clinician_acts() -> None:
    the_ceiling_lapses()


def test_without_the_lapse_rules_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, *LAPSES)
    fails(the_ceiling_lapses)


def test_silence_neither_makes_nor_ends_a_break() -> None:
    assert decide([*days(1, 4), tell(5, mg=None), tell(7, mg=None)], 7)["ceiling_mg"] is None
    assert decide(days(1, 4), 7)["ceiling_mg"] == 2350


# Five using days a week: the ceiling lapses after five days without, not after three.
WEEKS = [{"ceiling_mg": mg, "days_per_week": 5} for mg in (2650, 2350, 2100, 1850, 0)]
HARD = [*days(1, 2), *days(3, 4, mg=None), *days(5, 7), tell(8, mg=None)]
HARD = [*HARD, event("step", 8, hour=13), tell(9, 9), *days(10, 12, 9, mg=None)]
NO_BREAK = protocols_with(step_back_free_days=99)


def a_break_shuts_the_step_back() -> None:
    answer = wire.decide(document(HARD, 12, levels=WEEKS), catalogue.protocols())
    assert answer["ceiling_mg"] is not None, "the lapse would hide what is being looked for"
    assert answer["offer"] == "hold"


def test_three_days_without_ketamine_shut_the_step_back() -> None:
    a_break_shuts_the_step_back()


def test_without_the_limit_on_free_days_the_step_back_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalogue, "protocols", lambda: NO_BREAK)
    fails(a_break_shuts_the_step_back)


def test_the_gate_refuses_a_step_back_after_a_break_that_a_rule_lets_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = [*days(1, 8), event("step", 8, hour=13), tell(9, 9), *days(10, 12, 9, mg=None)]
    without(monkeypatch, *LAPSES)
    monkeypatch.setattr(history, "_free_days", lambda *_: 0)
    assert rules_of(decide(told, 12))[0] == "guard_stopped_this"
    without_the_gate(monkeypatch)
    assert decide(told, 12)["offer"] == "step_back"
