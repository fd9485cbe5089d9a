"""From a request to levels, or to a refusal with every reason."""

from dataclasses import replace
from datetime import date
from decimal import localcontext
from itertools import pairwise
from typing import Any

import pytest

from stepwell.engine import decide, wire
from stepwell.engine.errors import InputError
from stepwell.engine.plan import Level, Plan, Supply
from stepwell.engine.planner import Draft, Refusal, Request, Shape
from tests.engine.cases import LIMITS, PROTOCOL, Document, day, draft

AUTHORISED = {"by": "Dr Osei", "reason": "Agreed with Rowan"}


def ceilings(**request: Any) -> list[int]:
    return [level["ceiling_mg"] for level in draft(**request)["levels"]]


def warnings(answer: Document) -> set[str]:
    return {one["rule"] for one in answer["warnings"]}


def refusals(**request: Any) -> dict[str, str]:
    answer = draft(**request)
    assert answer["accepted"] is False
    return {one["rule"]: one["path"] for one in answer["refusals"]}


def refused(request: Request) -> tuple[Refusal, ...]:
    answer = decide.draft(request)
    assert not isinstance(answer, Draft)
    return answer


# --- shapes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [one.value for one in Shape if one is not Shape.CUSTOM])
def test_every_shape_ends_at_the_goal_and_says_that_the_evidence_is_low(shape: str) -> None:
    answer = draft(shape=shape, baseline={"amount_mg": 2650, "days_per_week": 4})
    assert answer["levels"][-1]["ceiling_mg"] == 0
    assert "evidence_is_low" in warnings(answer)


def test_the_dates_follow_the_time_on_each_level() -> None:
    answer = draft(percent=25, days_per_level=10, baseline={"amount_mg": 600})
    assert [level["from"] for level in answer["levels"]] == [
        None,
        *(str(day(1 + 10 * n)) for n in range(len(answer["levels"]) - 1)),
    ]
    assert answer["finish"]["earliest"] == answer["levels"][-1]["from"]


def test_the_usual_finish_adds_the_usual_number_of_holds() -> None:
    finish = draft(baseline={"amount_mg": 600}, percent=25)["finish"]
    levels_below = len(ceilings(baseline={"amount_mg": 600}, percent=25)) - 2
    holds = levels_below * LIMITS.usual_holds_percent.value // 100
    gap = date.fromisoformat(finish["usual"]) - date.fromisoformat(finish["earliest"])
    assert (gap.days, holds) == (7 * holds, 1)


def test_spacing_to_none_takes_the_days_first_and_then_stops() -> None:
    answer = draft(shape="spacing", baseline={"amount_mg": 300, "days_per_week": 3})
    assert [(one["ceiling_mg"], one["days_per_week"]) for one in answer["levels"]] == [
        (300, 3),
        (300, 2),
        (300, 1),
        (0, 1),
    ]


def test_fewer_days_at_the_same_amount_is_a_goal_of_its_own() -> None:
    answer = draft(
        baseline={"amount_mg": 300, "days_per_week": 3}, goal_mg=300, goal_days_per_week=2
    )
    assert [one["days_per_week"] for one in answer["levels"]] == [3, 2]


@pytest.mark.parametrize("shape", ["spacing", "proportional"])
def test_a_plan_in_which_nothing_falls_is_refused(shape: str) -> None:
    same: Document = {"baseline": {"amount_mg": 300, "times_per_day": 2, "days_per_week": 3}}
    goals = {"goal_mg": 300, "goal_times_per_day": 2, "goal_days_per_week": 3}
    assert refusals(**same, **goals, shape=shape) == {"goal_is_not_lower": "goal_mg"}


def test_what_is_not_said_is_drawn_by_percent_for_use_without_a_prescription() -> None:
    bare = Request(protocol=PROTOCOL, start=day(1), baseline=Level(2650))
    said = replace(bare, shape=Shape.PROPORTIONAL, supply=Supply.NON_PRESCRIBED)
    assert bare == said


def test_a_refusal_says_why_in_plain_words() -> None:
    answer = draft(shape="custom", levels_mg=[2000, 2000, 0])
    assert [one["text"] for one in answer["refusals"]] == [
        "each level must be lower than the one before"
    ]


def test_custom_levels_without_a_goal_end_at_the_last_of_them() -> None:
    assert ceilings(shape="custom", levels_mg=[2400, 2200]) == [2650, 2400, 2200]


def test_custom_levels_end_at_the_goal_they_were_given() -> None:
    assert ceilings(shape="custom", levels_mg=[2400, 2200], goal_mg=2200) == [2650, 2400, 2200]
    assert refusals(shape="custom", levels_mg=[2400, 2200], goal_mg=0) == {
        "goal_is_not_the_last_level": "goal_mg"
    }


def test_from_at_or_below_the_jump_off_the_goal_is_the_next_level() -> None:
    assert ceilings(baseline={"amount_mg": 250}) == [250, 0]
    assert ceilings(baseline={"amount_mg": 250}, steps=6) == [250, 0]


def test_one_step_is_one_step() -> None:
    assert ceilings(steps=1) == [2650, 0]
    assert ceilings(steps=1, goal_mg=1000) == [2650, 1000]
    assert ceilings(shape="linear", steps=1) == [2650, 0]


def test_a_step_that_comes_out_whole_is_not_rounded_down_twice() -> None:
    assert ceilings(baseline={"amount_mg": 1000}, steps=7)[3] == 500
    third = ceilings(baseline={"amount_mg": 3000}, shape="linear", steps=7, goal_mg=1600)
    assert third == [3000, 2800, 2600, 2400, 2200, 2000, 1800, 1600]


def test_levels_are_never_closer_than_the_smallest_unit() -> None:
    base = {"amount_mg": 2600}
    amounts = ceilings(baseline=base, percent=1, smallest_unit_mg=100, jump_off_mg=200)
    assert all(above - below >= 100 for above, below in pairwise(amounts))


def test_the_smallest_unit_sets_the_jump_off_where_it_is_larger() -> None:
    assert ceilings(baseline={"amount_mg": 1200}, smallest_unit_mg=300)[-2:] == [300, 0]
    assert ceilings(baseline={"amount_mg": 1200}, smallest_unit_mg=100)[-2:] == [200, 0]


def test_from_at_a_jump_off_that_is_no_multiple_the_goal_is_the_next_level() -> None:
    at = {"baseline": {"amount_mg": 284}, "jump_off_mg": 284, "smallest_unit_mg": 5}
    assert ceilings(**at) == [284, 0]


def test_a_plan_without_a_jump_off_goes_down_to_the_smallest_unit_and_ends() -> None:
    """The contract asks for a jump-off of 1 or more; what draws for a program ends all the same."""
    none: dict[str, Any] = {"protocol": PROTOCOL, "start": day(1), "jump_off_mg": 0}
    drafted = decide.draft(Request(**none, baseline=Level(100), percent=26))
    assert isinstance(drafted, Draft)
    assert [level.ceiling_mg for level in drafted.levels] == [100, 50, 0]


def test_a_level_is_rounded_up_only_where_that_is_still_a_level_lower() -> None:
    levels = ceilings(shape="linear", baseline={"amount_mg": 285}, smallest_unit_mg=25)
    assert levels == [285, 250, 225, 175, 150, 125, 100, 75, 50, 25, 0]
    # 570 to 427 would be 25.1 %, to 428 it is 24.9 %.
    fourths = ceilings(shape="linear", baseline={"amount_mg": 570}, smallest_unit_mg=1, percent=30)
    assert fourths == [570, 428, 285, 143, 0]


@pytest.mark.parametrize(
    ("request_", "near"),
    [
        ({"baseline": {"amount_mg": 285}}, True),
        ({"baseline": {"amount_mg": 286}}, False),
        ({"baseline": {"amount_mg": 285}, "d50_mg": 1136}, False),
        ({"baseline": {"amount_mg": 285}, "shape": "linear"}, False),
    ],
)
def test_below_a_quarter_of_d50_equal_occupancy_is_said_to_be_nearly_a_straight_line(
    request_: Document, near: bool
) -> None:
    assert LIMITS.d50_mg.value // 4 == 285
    answer = draft(**{"shape": "equal_occupancy", "smallest_unit_mg": 5, **request_})
    assert ("nearly_linear" in warnings(answer)) is near


# --- dates ------------------------------------------------------------------------------------


def test_an_end_date_is_used_in_full_where_rounding_merges_levels() -> None:
    for week in range(12, 30):
        answer = draft(end_by=str(day(1 + 7 * week)))
        assert answer["finish"]["earliest"] == str(day(1 + 7 * week))
        assert "made_longer" not in warnings(answer)


def test_an_end_date_that_is_too_early_gives_the_shortest_plan_within_the_limits() -> None:
    soon, later = draft(end_by=str(day(8))), draft(end_by=str(day(40)))
    assert soon["levels"] == later["levels"]
    assert "made_longer" in warnings(soon)
    assert soon["needs"] == []


def test_the_levels_of_times_and_days_have_their_place_before_the_end_date() -> None:
    base = {"amount_mg": 1000, "times_per_day": 4, "days_per_week": 5}
    goals = {"goal_mg": 500, "goal_times_per_day": 2, "goal_days_per_week": 4}
    answer = draft(baseline=base, **goals, end_by=str(day(1 + 7 * 9)))
    assert answer["finish"]["earliest"] == str(day(1 + 7 * 9))
    assert "made_longer" not in warnings(answer)


def test_an_authorised_plan_may_meet_a_date_with_larger_steps() -> None:
    answer = draft(end_by=str(day(15)), authorised=AUTHORISED)
    assert answer["finish"]["earliest"] == str(day(15))
    assert "step_above_limit" in warnings(answer)


def test_a_date_far_away_gives_the_slowest_plan_that_can_be_measured() -> None:
    answer = draft(end_by="2999-01-01")
    assert answer["accepted"]
    assert len(answer["levels"]) < 60


def dated(days: int, **request: Any) -> list[int]:
    return ceilings(end_by=str(day(1 + days)), **request)


def test_an_end_date_leaves_room_for_one_step_at_the_least() -> None:
    soon: Document = {"authorised": AUTHORISED, "baseline": {"amount_mg": 1200}}
    assert dated(1, **soon, shape="linear", goal_mg=200) == [1200, 200]
    assert dated(1, **soon, shape="halving", goal_mg=200, days_per_level=7) == [1200, 200]
    soon["baseline"] |= {"days_per_week": 4}
    for days in (3, 2):
        levels = dated(1, **soon, shape="linear", goal_mg=200, goal_days_per_week=days)
        assert levels == [1200, *[200] * (5 - days)]


def test_a_lever_that_leaves_no_room_makes_the_plan_longer_and_no_step_too_large() -> None:
    base = {"amount_mg": 285, "days_per_week": 7}
    assert dated(13, baseline=base, goal_mg=200, goal_days_per_week=6) == [285, 250, 200, 200]


def test_an_end_date_is_filled_with_the_first_number_of_steps_that_fills_it() -> None:
    even: Document = {"shape": "equal_occupancy", "smallest_unit_mg": 100, "days_per_level": 1}
    levels = dated(6, **even, baseline={"amount_mg": 2000}, goal_mg=900)
    assert levels == [2000, 1700, 1500, 1400, 1200, 1100, 1000, 900]


def test_the_room_before_an_end_date_is_used_down_to_the_smallest_unit() -> None:
    assert dated(7, shape="equal_occupancy", baseline={"amount_mg": 260}, goal_mg=200) == [
        260,
        250,
        200,
    ]


def test_a_date_far_away_gives_no_more_than_400_steps() -> None:
    far = dated(
        9999, shape="linear", goal_mg=29000, baseline={"amount_mg": 30000}, smallest_unit_mg=1
    )
    assert len(far) == 1 + 400


@pytest.mark.parametrize("unit_mg", [100, 141])
def test_a_date_changes_nothing_from_at_or_below_the_jump_off(unit_mg: int) -> None:
    base = {"amount_mg": 141}
    assert dated(20, baseline=base, smallest_unit_mg=unit_mg, jump_off_mg=141) == [141, 0]
    assert dated(20, baseline=base, smallest_unit_mg=unit_mg, jump_off_mg=2 * unit_mg) == [141, 0]


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "rule", "path"),
    [
        ({"baseline": {"amount_mg": 49}}, "amount_out_of_range", "baseline.amount_mg"),
        ({"baseline": {"amount_mg": 30001}}, "amount_out_of_range", "baseline.amount_mg"),
        ({"goal_mg": 2700}, "goal_is_not_lower", "goal_mg"),
        ({"jump_off_mg": 275}, "cannot_be_measured", "jump_off_mg"),
        ({"shape": "custom", "levels_mg": [2001, 0]}, "cannot_be_measured", "levels_mg[0]"),
        ({"smallest_unit_mg": 3000}, "cannot_be_measured", "smallest_unit_mg"),
        ({"steps": 4, "end_by": "2027-06-01"}, "pace_is_given_twice", "end_by"),
        ({"end_by": "2026-11-01"}, "ends_before_it_starts", "end_by"),
        ({"goal_days_per_week": 2, "goal_mg": 500}, "goal_is_not_lower", "goal_days_per_week"),
        ({"shape": "spacing"}, "nothing_to_space", "baseline.days_per_week"),
        (
            {"shape": "spacing", "baseline": {"amount_mg": 300, "days_per_week": 1}},
            "nothing_to_space",
            "baseline.days_per_week",
        ),
        ({"shape": "custom", "levels_mg": [2650, 0]}, "levels_must_fall", "levels_mg[0]"),
        ({"shape": "custom", "levels_mg": [2000, 2000, 0]}, "levels_must_fall", "levels_mg[1]"),
    ],
)
def test_a_refusal_names_its_rule_and_its_place(request_: Document, rule: str, path: str) -> None:
    assert refusals(**request_)[rule] == path


def test_what_is_exactly_at_a_limit_is_within_it() -> None:
    least, most = LIMITS.amount_min_mg.value, LIMITS.amount_max_mg.value
    assert ceilings(baseline={"amount_mg": least}, smallest_unit_mg=least) == [least, 0]
    assert ceilings(baseline={"amount_mg": most})[0] == most
    usual = {"amount_mg": LIMITS.amount_confirm_mg.value}
    assert "amount_is_unusual" not in warnings(draft(baseline=usual))
    assert ceilings(shape="spacing", baseline={"amount_mg": 300, "days_per_week": 2})[-1] == 0


def test_a_plan_has_at_most_500_levels() -> None:
    """The contract lets none ask for as many: what draws for a program of its own is held too."""
    whole: dict[str, Any] = {"protocol": PROTOCOL, "start": day(1), "smallest_unit_mg": 1}
    given = tuple(range(499, -1, -1))
    request = Request(**whole, baseline=Level(500), shape=Shape.CUSTOM, levels_mg=given[1:])
    drafted = decide.draft(request)
    assert isinstance(drafted, Draft)
    assert len(drafted.levels) == 500
    assert [one.rule for one in refused(replace(request, levels_mg=given))] == ["too_many_levels"]


def test_a_plan_is_drawn_as_exactly_whatever_a_program_has_set_for_its_own_sums() -> None:
    usual = draft(steps=17)
    with localcontext(prec=3):
        assert draft(steps=17) == usual


def test_every_reason_is_given_not_only_the_first() -> None:
    assert len(refusals(goal_mg=333, percent=5, steps=3, jump_off_mg=7)) == 2
    assert set(refusals(goal_mg=333, percent=5, steps=3)) == {
        "cannot_be_measured",
        "pace_is_given_twice",
    }


def test_stop_now_needs_approval_and_never_authorisation() -> None:
    answer = draft(shape="stop_now", days_per_level=1)
    assert (answer["needs"], ceilings(shape="stop_now")) == ([], [2650, 0])


def test_the_final_step_from_the_jump_off_is_exempt_from_the_largest_step() -> None:
    assert draft(baseline={"amount_mg": 300}, shape="custom", levels_mg=[250, 0])["needs"] == []


def test_authorisation_and_confirmation_are_asked_for_until_they_are_given() -> None:
    large: Document = {"baseline": {"amount_mg": 12000}, "percent": 40}
    assert draft(**large)["needs"] == ["authorisation", "confirmation"]
    assert draft(**large, authorised=AUTHORISED)["needs"] == ["confirmation"]
    assert draft(**large, authorised=AUTHORISED, confirmed=AUTHORISED)["needs"] == []


def test_the_warnings_carry_their_words_and_their_source() -> None:
    for one in draft(shape="halving", supply="prescribed")["warnings"]:
        notice = PROTOCOL.notices[one["rule"]]
        assert (one["text"], one["source"]) == (notice.text, notice.source)


def test_levels_of_an_answer_are_the_levels_of_a_case() -> None:
    answer = draft(baseline={"amount_mg": 800, "times_per_day": 3, "days_per_week": 5})
    case = wire.read_case(
        {"plan": {"levels": answer["levels"]}, "events": [], "today": str(day(1))},
        {"ketamine": PROTOCOL},
    )
    assert [level.ceiling_mg for level in case.plan.levels] == [
        level["ceiling_mg"] for level in answer["levels"]
    ]


def test_the_engine_itself_drafts_from_values() -> None:
    request = wire.read_request(
        {"start": str(day(1)), "baseline": {"amount_mg": 1000}}, {"ketamine": PROTOCOL}
    )
    assert isinstance(decide.draft(request), Draft)


# --- a plan's own walls -----------------------------------------------------------------------


def built(*levels: Level, goal_mg: int | None = None) -> Plan:
    return Plan(
        version=1,
        levels=levels,
        protocol=PROTOCOL,
        days_per_level=7,
        smallest_unit_mg=50,
        usual_score=2,
        goal_mg=levels[-1].ceiling_mg if goal_mg is None else goal_mg,
    )


@pytest.mark.parametrize(
    ("levels", "paths"),
    [
        ([Level(100)], ["levels"]),
        ([Level(100), Level(100)], ["levels[1]"]),
        ([Level(100), Level(110)], ["levels[1]"]),
        ([Level(100, 2), Level(50, 3)], ["levels[1]"]),
        ([Level(100, 2), Level(50, None)], ["levels[1]"]),
        ([Level(100, 2, 3), Level(50, 2, 4)], ["levels[1]"]),
    ],
)
def test_levels_that_rise_or_do_not_fall_cannot_be_built(
    levels: list[Level], paths: list[str]
) -> None:
    with pytest.raises(InputError) as refused:
        built(*levels)
    assert [fault.path for fault in refused.value.faults] == paths


def test_levels_may_fall_in_times_or_days_alone() -> None:
    plan = built(Level(100), Level(100, 3), Level(100, 2), Level(100, 2, 4))
    assert [plan.days_off(n) for n in range(4)] == [0, 0, 0, 3]


def test_the_goal_is_the_last_level() -> None:
    with pytest.raises(InputError) as refused:
        built(Level(100), Level(50), goal_mg=0)
    assert [fault.path for fault in refused.value.faults] == ["goal_mg"]
