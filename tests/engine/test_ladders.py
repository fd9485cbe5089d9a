"""The one-step rules for every ladder: proved, alike on the engine as it is, refuted by a fault."""

from dataclasses import replace

import pytest

from prove import ladders
from prove.ladders import Report
from prove.measures import Measure
from prove.theorems import Fault, Theorem
from prove.values import Values

NAMED = ladders.ALL
SOON = (  # a fifth of a second each; the others are proved by the whole part in small
    "a_clinicians_act_never_lengthens_a_run",
    "a_lapse_comes_after_the_days_off_and_no_later_than_that",
    "a_step_above_the_percent_needs_a_name",
    "a_step_back_is_offered_only_soon_after_a_step",
    "a_step_back_leads_to_the_rung_just_left",
    "a_step_is_halved_once",
    "a_step_is_taken_back_once",
    "a_step_keeps_the_place_sound",
    "at_the_limit_of_steps_back_a_clinician_looks",
    "calm_is_below_high_and_high_at_most_severe",
    "day_1_is_one_step_from_the_baseline",
    "drawn_levels_fall_to_the_goal",
    "no_amount_is_shown_after_days_without",
    "no_score_is_both_calm_and_high",
    "no_step_is_above_the_percent_unless_it_is_said",
    "rounding_is_down_unless_that_step_is_too_large",
    "the_next_step_is_never_before_its_time",
    "worse_days_never_open_a_step",
)
FAULTS = [(theorem, fault) for theorem in NAMED.values() for fault in theorem.faults]


def short(measures: list[Measure]) -> list[str]:
    return [measure.name for measure in measures if not measure.met]


@pytest.mark.parametrize("name", SOON)
def test_a_rule_holds_for_every_ladder_and_protocol(name: str) -> None:
    assert ladders.proved(NAMED[name]).verdict == "proved"


@pytest.mark.parametrize(
    "name", ["no_score_is_both_calm_and_high", "day_1_is_one_step_from_the_baseline"]
)
def test_one_point_of_every_way_answers_the_same_on_the_engine_as_it_is(name: str) -> None:
    again, different = ladders.rerun(NAMED[name])
    assert again >= 2
    assert different == 0


@pytest.mark.parametrize("name", NAMED)
def test_no_values_drawn_refute_a_rule(name: str) -> None:
    _, wrong = ladders.drawn(NAMED[name], 100)
    assert wrong == 0


@pytest.mark.slow
def test_the_whole_part_in_small() -> None:
    assert short(ladders.run(0.02)) == []


# With a fault in the engine


@pytest.mark.parametrize("name", NAMED)
def test_a_rule_is_refuted_with_a_fault_in_the_engine(name: str) -> None:
    assert ladders.is_caught(NAMED[name], NAMED[name].faults[0])


@pytest.mark.slow
@pytest.mark.parametrize(("theorem", "fault"), FAULTS, ids=[f"{t.name}-{f}" for t, f in FAULTS])
def test_every_fault_is_seen(theorem: Theorem, fault: Fault) -> None:
    assert ladders.is_caught(theorem, fault)


def test_a_fault_that_no_longer_fits_the_engine_is_not_caught() -> None:
    theorem = NAMED["a_step_keeps_the_place_sound"]
    assert not ladders.is_caught(theorem, replace(theorem.faults[0], stands="not in the engine"))


def test_points_drawn_see_a_fault_too() -> None:
    theorem = NAMED["a_step_keeps_the_place_sound"]
    with theorem.faults[0].planted():
        _, wrong = ladders.drawn(theorem, 400)
    assert wrong > 0


# What is not proved is not met


def false(v: Values) -> bool:
    return bool(v.whole("any", 0) < 7)


def about_nothing(v: Values) -> bool:
    v.assume(v.whole("any", 1) < 1)
    return True


def test_what_does_not_hold_is_refuted_and_what_is_about_nothing_proves_nothing() -> None:
    assert ladders.proved(Theorem("false", "", false, ())).verdict == "refuted"
    assert ladders.proved(Theorem("nothing", "", about_nothing, ())).verdict == "unknown"


DONE = [
    Report(
        name, "proved", ways=2, rerun=2, points=40_000, different=0, missed=(), faults=1, seconds=1
    )
    for name in NAMED
]


def test_all_that_was_asked_is_met() -> None:
    assert short(ladders.measures(DONE)) == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"verdict": "unknown"}, "theorems proved"),
        ({"rerun": 0, "ways": 200}, "ways run again"),
        ({"points": 49}, "points drawn"),
        ({"different": 1}, "differences"),
        ({"missed": ("one",)}, "planted faults"),
        ({"faults": 0}, "planted faults"),
    ],
)
def test_one_theorem_that_falls_short_is_short(change: dict[str, object], line: str) -> None:
    other = replace(DONE[0], **change)  # type: ignore[arg-type]
    assert any(line in name for name in short(ladders.measures([other, *DONE[1:]])))


def test_a_theorem_that_was_not_asked_is_short() -> None:
    assert any("theorems proved" in name for name in short(ladders.measures(DONE[1:])))
    assert len(short(ladders.measures([]))) == 5
