"""What may change a level or show an amount, with each control on and then switched off."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import permutations

import pytest

from stepwell.engine import decide as door
from stepwell.engine import history, rules, wire
from stepwell.engine.events import Event
from stepwell.engine.recommendation import Finding, Recommendation
from stepwell.engine.snapshot import Snapshot
from tests.safety.cases import (
    DOCTOR,
    LEVELS_MG,
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

STEPPED = [*days(1, 8), event("step", 8, hour=13)]
HARD = [*STEPPED, *days(9, 12, 9)]
BACK = [*HARD, event("step_back", 12, hour=13)]


# No amount without an approval


def nothing_is_shown_unapproved() -> None:
    case = document(days(1, 7), 8)
    del case["plan"]["approved"]
    answer = wire.decide(case, protocols_with())
    assert (answer["offer"], answer["ceiling_mg"]) == ("review", None)
    assert all(rung["ceiling_mg"] is None for rung in wire.outlook(case, protocols_with()))


def test_no_amount_is_shown_of_a_plan_that_nobody_approved() -> None:
    nothing_is_shown_unapproved()


def test_the_gate_hides_an_unapproved_amount_that_the_rules_let_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "review_when_never_approved", "stay_before_the_start")
    case = document(days(1, 7), 8)
    del case["plan"]["approved"]
    answer = wire.decide(case, protocols_with())
    assert (rules_of(answer)[0], answer["ceiling_mg"]) == ("guard_stopped_this", None)


def test_without_the_approval_rules_and_the_gate_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "review_when_never_approved", "stay_before_the_start")
    without_the_gate(monkeypatch)
    fails(nothing_is_shown_unapproved)


def nothing_opens_after_the_review_date() -> None:
    assert decide(days(1, 7), 8, review_by="2026-12-07")["offer"] == "review"
    assert decide(HARD, 12, review_by="2026-12-11")["offer"] == "review"


def test_after_the_review_date_neither_a_step_nor_a_step_back_opens() -> None:
    nothing_opens_after_the_review_date()


def test_without_the_rule_for_a_lapsed_approval_and_the_gate_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "review_when_approval_has_lapsed")
    assert rules_of(decide(days(1, 7), 8, review_by="2026-12-07"))[0] == "guard_stopped_this"
    without_the_gate(monkeypatch)
    fails(nothing_opens_after_the_review_date)


def a_closed_plan_shows_nothing() -> None:
    closed = [*days(1, 7), event("close", 7, hour=13, by=DOCTOR)]
    answer = decide(closed, 8)
    assert (answer["offer"], answer["ceiling_mg"], answer["also"]) == ("finish", None, [])
    assert decide([*closed, event("step", 8)], 8)["level"] == 1


def test_a_closed_plan_shows_no_amount() -> None:
    a_closed_plan_shows_nothing()


def test_without_the_rule_for_a_closed_plan_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "finish_when_closed")
    fails(a_closed_plan_shows_nothing)


# Only what was offered, and only by whom it was left to


def only_an_open_step_is_taken() -> None:
    assert decide([*days(1, 3), event("step", 4)], 4)["level"] == 1
    assert decide([*STEPPED, event("step", 8, hour=14)], 8)["level"] == 2
    assert decide([*days(1, 7), event("step_back", 7, hour=13)], 8)["level"] == 1


def test_a_step_that_is_not_open_is_not_taken_and_none_is_taken_twice() -> None:
    only_an_open_step_is_taken()


def test_where_every_step_is_taken_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_is_offered", lambda *_: True)
    fails(only_an_open_step_is_taken)


def the_person_never_sets_a_level() -> None:
    answer = decide([*days(1, 7), event("set_level", 7, hour=13, level=0)], 8)
    assert (answer["level"], answer["ceiling_mg"]) == (1, LEVELS_MG[1])


def test_only_a_clinician_sets_a_level() -> None:
    the_person_never_sets_a_level()
    by_doctor = event("set_level", 7, hour=13, level=0, by=DOCTOR)
    assert decide([*days(1, 7), by_doctor], 8)["level"] == 0


def test_where_the_person_may_set_a_level_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "_is_open", lambda *_: True)
    fails(the_person_never_sets_a_level)


def the_prescriber_owns_the_levels() -> None:
    answer = decide(STEPPED, 8, supply="prescribed")
    assert answer["level"] == 1
    assert "act_was_not_open" in rules_of(answer)


def test_with_prescribed_supply_the_person_changes_no_level() -> None:
    the_prescriber_owns_the_levels()


def test_where_prescribed_supply_is_the_persons_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "_person_may", lambda *_: True)
    fails(the_prescriber_owns_the_levels)


# The ceiling


def nothing_is_carried_over() -> None:
    used, unused = decide(STEPPED, 8), decide([*days(1, 8, mg=100), STEPPED[-1]], 8)
    assert used["ceiling_mg"] == unused["ceiling_mg"] == LEVELS_MG[2]


def plus_what_was_left(
    s: Snapshot, spoke: Mapping[str, Finding], since: Mapping[str, date]
) -> Recommendation:
    """A planted fault: what was not used yesterday is added today."""
    said = RECOMMEND(s, spoke, since)
    return replace(said, ceiling_mg=None if said.ceiling_mg is None else said.ceiling_mg + 50)


RECOMMEND = rules.recommend


def test_using_less_never_raises_a_later_ceiling() -> None:
    nothing_is_carried_over()


def test_the_gate_stops_a_ceiling_that_no_approved_level_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "recommend", plus_what_was_left)
    answer = decide(STEPPED, 8)
    assert (answer["offer"], answer["ceiling_mg"]) == ("freeze", None)
    assert "guard_stopped_this" in rules_of(answer)


def test_without_the_gate_a_carried_over_amount_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "recommend", plus_what_was_left)
    without_the_gate(monkeypatch)
    fails(nothing_is_carried_over)


def no_ceiling_is_above_the_baseline() -> None:
    for number in range(1, 40):
        told = [*days(1, number), *(event("step", n, hour=14) for n in range(1, number + 1))]
        shown = decide(told, number)["ceiling_mg"]
        assert shown is None or shown in LEVELS_MG[1:]


def test_no_run_of_steps_shows_an_amount_that_is_not_a_level_of_the_plan() -> None:
    no_ceiling_is_above_the_baseline()


# Step backs


def test_a_step_back_is_one_level_to_the_one_just_left_and_once() -> None:
    assert decide(HARD, 12)["offer"] == "step_back"
    again = [*BACK, event("step_back", 12, hour=14)]
    assert [decide(told, 12)["level"] for told in (HARD, BACK, again)] == [2, 1, 1]


def the_step_back_waits_for_a_hold() -> None:
    assert decide([*STEPPED, *days(9, 10, 9)], 10)["offer"] == "hold"


def test_a_step_back_opens_only_after_a_hold_of_two_whole_days() -> None:
    the_step_back_waits_for_a_hold()


def test_without_the_hold_first_the_step_back_opens_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "hold_when_distress_is_high")
    at_once = protocols_with(hold_before_step_back_days=0)
    monkeypatch.setattr("stepwell.catalogue.protocols", lambda: at_once)
    fails(the_step_back_waits_for_a_hold)


def two_step_backs_end_in_a_review() -> None:
    answer = decide(twice_back(), 40)
    assert answer["offer"] == "review"
    assert rules_of(answer)[0] == "review_after_two_step_backs"


def twice_back() -> list[Document]:
    told = [*BACK, *days(13, 33)]
    step = next(n for n in range(13, 34) if decide(upto(told, n), n)["offer"] == "step")
    told = [*upto(told, step), event("step", step, hour=13), *days(step + 1, step + 4, 9)]
    return [*told, event("step_back", step + 4, hour=13), *days(step + 5, 40)]


def upto(told: list[Document], number: int) -> list[Document]:
    last = tell(number)["on"]
    return [one for one in told if one["on"] <= last]


def test_the_second_step_back_ends_in_a_review() -> None:
    two_step_backs_end_in_a_review()


def test_without_the_limit_of_step_backs_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "review_after_two_step_backs")
    fails(two_step_backs_end_in_a_review)


def test_the_step_after_a_hard_one_is_half_as_large() -> None:
    stepped = [*BACK, *days(13, 30)]
    opened = next(n for n in range(13, 31) if decide(upto(stepped, n), n)["offer"] == "step")
    answer = decide([*upto(stepped, opened), event("step", opened, hour=13)], opened)
    assert LEVELS_MG[2] < answer["ceiling_mg"] < LEVELS_MG[1]
    assert answer["between"]


# Holds and reviews


def hard_days_open_no_step() -> None:
    assert decide([*days(1, 5), *days(6, 7, 8)], 8)["offer"] == "hold"


def test_hard_days_hold_the_plan_and_tell_the_team() -> None:
    hard_days_open_no_step()


def test_without_the_distress_rule_and_the_calm_line_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "hold_when_distress_is_high")
    monkeypatch.setattr(rules, "_settled_mean", lambda _: Fraction(0))
    fails(hard_days_open_no_step)


def days_over_the_ceiling_open_no_step() -> None:
    assert decide([*days(1, 5), *days(6, 7, mg=2500)], 8)["offer"] == "hold"


def test_days_over_the_ceiling_hold_the_plan() -> None:
    days_over_the_ceiling_open_no_step()


def test_without_the_rule_for_days_over_the_ceiling_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "hold_when_over_the_ceiling")
    fails(days_over_the_ceiling_open_no_step)


def unsure_days_open_no_step() -> None:
    unsure = [{**tell(number), "amount_mg": [2000, 2600]} for number in (5, 6, 7)]
    assert decide([*days(1, 4), *unsure], 8)["offer"] == "hold"


def test_a_day_that_may_be_above_the_ceiling_opens_no_step() -> None:
    unsure_days_open_no_step()


def test_where_unsure_days_count_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history.Ledger, "_is_unsure", lambda *_: False)
    fails(unsure_days_open_no_step)


def test_where_no_day_can_be_placed_the_review_says_so() -> None:
    unsure = [{**one, "amount_mg": [100, 2600]} for one in days(1, 25)]
    assert "review_when_every_day_is_unsure" in rules_of(decide(unsure, 25))


def days_that_are_not_calm_open_no_step() -> None:
    answer = decide(days(1, 8, 4), 8)
    assert (answer["offer"], rules_of(answer)) == ("hold", ["hold_otherwise"])
    assert decide([*days(1, 6), {**tell(7), "answers": {}}], 8)["offer"] == "hold"


def test_days_that_are_not_calm_open_no_step() -> None:
    days_that_are_not_calm_open_no_step()


def test_where_every_day_is_calm_enough_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "_settled_mean", lambda _: Fraction(0))
    fails(days_that_are_not_calm_open_no_step)


LAST = [{"ceiling_mg": mg} for mg in (2650, 500)]


def the_last_level_is_followed_by_aftercare() -> None:
    offers = [decide(days(1, n, mg=400), n, levels=LAST)["offer"] for n in (10, 84, 100)]
    assert offers == ["stay", "stay", "finish"]


def test_the_last_level_is_followed_by_aftercare() -> None:
    the_last_level_is_followed_by_aftercare()


def test_without_aftercare_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "stay_through_aftercare")
    fails(the_last_level_is_followed_by_aftercare)


def test_a_few_quiet_days_follow_a_step_back() -> None:
    answer = decide([*BACK, *days(13, 14)], 14)
    assert rules_of(answer)[0] == "hold_after_a_step_back"


def a_hold_moves_the_next_step() -> None:
    held = [*days(1, 3), event("hold", 4, days=3), *days(4, 14)]
    offers = [decide(upto(held, n), n)["offer"] for n in range(1, 15)]
    assert offers.index("step") + 1 == 8 + 3


def test_a_hold_moves_the_next_step_by_its_own_length() -> None:
    a_hold_moves_the_next_step()


def test_without_the_rule_for_a_hold_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "hold_when_somebody_took_a_hold")
    fails(a_hold_moves_the_next_step)


def holding_for_long_ends_in_a_review() -> None:
    answer = decide([*days(1, 2), event("hold", 3), *days(3, 20)], 20)
    assert answer["offer"] == "review"
    assert answer["escalations"][0]["urgency"] == "routine"


def test_fourteen_held_days_end_in_a_review() -> None:
    holding_for_long_ends_in_a_review()


def test_without_the_rule_for_long_holds_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(monkeypatch, "review_when_held_for_long")
    fails(holding_for_long_ends_in_a_review)


def organ_harm_ends_in_a_review() -> None:
    for organ in ("bladder", "liver", "weight"):
        worse = event("finding", 7, hour=13, by=DOCTOR, organ=organ, worse=True)
        assert decide([*days(1, 7), worse], 8)["offer"] == "review"
    assert decide([*days(1, 4), *days(5, 7, flags=["bladder_pain"])], 8)["offer"] == "review"


def test_bladder_liver_or_weight_found_worse_ends_in_a_review() -> None:
    organ_harm_ends_in_a_review()


def test_without_the_rules_for_organ_harm_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without(
        monkeypatch,
        "review_when_bladder_liver_or_weight_is_worse",
        "review_when_a_routine_flag_repeats",
    )
    fails(organ_harm_ends_in_a_review)


# Arrival


def order_and_repeats_do_not_matter() -> None:
    corrected = [tell(3, 9, mg=2500), tell(3, 1, hour=18)]
    told = [tell(2, 9), *corrected, event("hold", 3, hour=13, days=2)]
    answers = {wire.dumps(decide([*order, told[0]], 4)) for order in permutations(told)}
    assert len(answers) == 1


def test_the_order_and_the_number_of_arrivals_do_not_matter() -> None:
    order_and_repeats_do_not_matter()


def test_where_events_count_as_they_come_the_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "arrivals", as_they_come)
    fails(order_and_repeats_do_not_matter)


def as_they_come(events: Iterable[Event]) -> list[tuple[date, Event]]:
    """A planted fault: neither sorted nor counted once."""
    return [(event.recorded_on, event) for event in events]


def test_a_late_check_in_never_undoes_a_step_already_taken() -> None:
    late = tell(7, 9, told=9, hour=14)
    assert decide([*STEPPED, tell(9), late], 9)["level"] == 2


def the_plan_is_walked_to_its_end() -> None:
    told: list[Document] = []
    walked = []
    for number in range(1, 40):
        told += [tell(number)]
        answer = decide(told, number)
        if answer["offer"] == "step":
            told += [event("step", number, hour=13)]
        walked.append(decide(told, number)["level"])
    assert walked == sorted(walked)
    assert set(walked) == {1, 2, 3, 4}


def test_a_plan_is_walked_one_level_at_a_time_and_to_its_end() -> None:
    the_plan_is_walked_to_its_end()


def test_an_engine_that_always_holds_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "RULES", (rules.hold_otherwise,))
    fails(the_plan_is_walked_to_its_end)


def test_the_same_case_gives_the_same_bytes() -> None:
    assert wire.dumps(decide(BACK, 12)) == wire.dumps(decide(BACK, 12))
    assert door.VERSION in wire.dumps(decide(BACK, 12))
