"""The hazard log is true, complete and no older than the pages made from it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs import generate, state_diagram
from safety import case, log
from safety.log import Control, Hazard
from stepwell.engine import rules

LAST = 51
KNOWN = tuple(f"H{number:02}" for number in range(1, LAST + 1))
# The design's own list of hazards, phrase by phrase.
NAMED_IN_DESIGN = {
    "Wrong unit or decimal comma",
    "A stale plan shown offline",
    "Tolerance lost after a break",
    "Step-back in a loop",
    'Doubled or "caught-up" amounts',
    "Levels that cannot be measured",
    "A reminder or a shared phone that outs the person",
    "A partner, dealer or court demanding the screen",
    "Silence read as wellness",
    'A missing safety answer read as "no"',
    "A suicidal answer at 3 a.m. that nobody sees",
    "Alert fatigue",
    "Two clinicians approving at once",
    "The wrong person's record",
    "Clock change, travel, clock skew, day boundary at night",
    "A late or doubled submission from a phone",
    "A plan that keeps someone using for longer than needed",
    "Co-use of depressants",
    "Pregnancy",
    "A service's edited threshold that disables a rule",
    "A lost database",
    "A stolen backup",
    "A leaked export",
}
HAZARDS = log.load()


def vanished(hazards: tuple[Hazard, ...]) -> set[str]:
    return set(KNOWN) - {hazard.id for hazard in hazards}


def test_no_hazard_has_vanished_and_none_is_unknown() -> None:
    assert vanished(HAZARDS) == set()
    assert {hazard.id for hazard in HAZARDS} == set(KNOWN), "raise LAST with each new row"
    assert list(log.documents()) == [hazard.id for hazard in HAZARDS]


def test_a_vanished_hazard_is_noticed() -> None:
    assert vanished(HAZARDS[:-1]) == {KNOWN[-1]}


def test_everything_the_log_names_is_there() -> None:
    assert list(log.faults(HAZARDS)) == []


def test_what_the_argument_names_is_run() -> None:
    assert log.is_run(case.APART)
    assert log.is_run(case.ORACLE)


def test_every_hazard_that_the_design_names_has_a_row() -> None:
    assert {phrase for hazard in HAZARDS for phrase in hazard.named_in_design} == NAMED_IN_DESIGN


def test_every_rule_of_the_engine_stands_in_the_log() -> None:
    named = {code.rpartition("::")[2] for one in HAZARDS for c in one.controls for code in c.code}
    assert {rule.__name__ for rule in rules.RULES} <= named


def test_scores_and_signatures_wait_for_a_clinical_safety_officer() -> None:
    for hazard in HAZARDS:
        assert hazard.likelihood_initial is None
        assert set(hazard.residual.values()) == {None}


# Planted breaches of the log itself

CONTROL = Control("H01-C1", "design", "is planted", (), (), None, "planted")
PLANTED = {
    "a symbol that is gone": replace(CONTROL, code=("src/stepwell/engine/rules.py::no_rule",)),
    "a file that is gone": replace(CONTROL, code=("src/stepwell/engine/none.py",)),
    "a test that is gone": replace(CONTROL, tests=("tests/test_house.py::test_of_nothing",)),
    "a scenario that is gone": replace(CONTROL, tests=("scenarios/none.json",)),
    "an off test that is gone": replace(CONTROL, control_off="tests/none.py::test_none"),
    "a control out of number": replace(CONTROL, id="H01-C9"),
}


@pytest.mark.parametrize("control", PLANTED.values(), ids=PLANTED)
def test_a_planted_untruth_is_noticed(control: Control) -> None:
    assert list(log.faults([replace(HAZARDS[0], status="open", controls=(control,))]))


def test_a_controlled_hazard_without_a_test_is_noticed() -> None:
    assert list(log.faults([replace(HAZARDS[0], status="controlled", controls=(CONTROL,))]))


def test_a_test_that_is_skipped_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROOT", tmp_path)
    skipped = "import pytest\n\n@pytest.mark.skip\ndef test_one(): ...\n\ndef test_two(): ...\n"
    (tmp_path / "tests.py").write_text(skipped)
    assert not log.is_run("tests.py::test_one")
    assert log.is_run("tests.py::test_two")


def broken(**other: Any) -> dict[str, Any]:
    return {**log.documents()["H03"], **other}


@pytest.mark.parametrize(
    "row",
    [
        broken(severity_initial="bad"),
        broken(status="open", missing=[]),
        broken(missing=[{"what": "something", "comes_with": "some day"}]),
        broken(status="closed"),
        broken(status="transferred"),
        broken(controls=[]),
        broken(owner="nobody"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(row, log.schema(), jsonschema.Draft202012Validator)


# The pages


@pytest.mark.parametrize("page", generate.PAGES, ids=lambda page: page.name)
def test_the_generated_pages_are_fresh(page: Path) -> None:
    assert generate.PAGES[page]() == page.read_text(encoding="utf-8"), "run: make docs"


def test_every_rule_speaks_on_a_day_of_the_state_diagram() -> None:
    assert state_diagram.silent_rules() == []
