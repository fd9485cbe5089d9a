"""The hazard log is true, complete and no older than the pages made from it."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from docs import generate, state_diagram
from prove.__main__ import PARTS
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
    named = {case.APART, case.LEFT_ON, *(one for tests in case.PROOF.values() for one in tests)}
    assert [one for one in named if one and not log.is_run(one)] == []


def test_the_argument_names_every_part_of_the_proof() -> None:
    assert set(case.PROOF) <= set(PARTS)


def test_what_the_explorer_checks_stands_in_the_log() -> None:
    named = {name for hazard in HAZARDS for one in hazard.controls for name in one.every_state}
    assert named == log.seen_to_break()


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

RUN = "tests/safety/test_hazard_log.py::test_everything_the_log_names_is_there"
CONTROL = Control("H01-C1", "design", "is planted", (), (RUN,), None, "planted")
PLANTED = {
    "a symbol that is gone": replace(CONTROL, code=("src/stepwell/engine/rules.py::no_rule",)),
    "a file that is gone": replace(CONTROL, code=("src/stepwell/engine/none.py",)),
    "a test that is gone": replace(CONTROL, tests=("tests/test_house.py::test_of_nothing",)),
    "a scenario that is gone": replace(CONTROL, tests=("scenarios/none.json",)),
    "an off test that is gone": replace(CONTROL, control_off="tests/none.py::test_none"),
    "a control out of number": replace(CONTROL, id="H01-C9"),
    "a control without a test": replace(CONTROL, tests=()),
    "a test in a file that is no test": replace(CONTROL, tests=("safety/log.py::load",)),
    "a state that is not checked": replace(CONTROL, every_state=("it_never_rains",)),
}


@pytest.mark.parametrize("control", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("status", ["open", "controlled"])
def test_a_planted_untruth_is_noticed(status: str, control: Control) -> None:
    assert len(list(log.faults([replace(HAZARDS[0], status=status, controls=(control,))]))) == 1


def test_nothing_is_noticed_where_all_is_true() -> None:
    assert list(log.faults([replace(HAZARDS[0], controls=(CONTROL,))])) == []


SKIPS = [
    "@pytest.mark.skip\ndef test_one(): ...",
    "@pytest.mark.xfail(strict=True)\ndef test_one(): ...",
    "@pytest.mark.parametrize('n', [pytest.param(1, marks=pytest.mark.skip)])\ndef test_one(n): 1",
    "def test_one():\n    pytest.skip('not today')",
    "pytestmark = [pytest.mark.skipif(True)]\n\ndef test_one(): ...",
]


@pytest.mark.parametrize("skipped", SKIPS)
def test_a_test_that_is_skipped_proves_nothing(
    skipped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "ROOT", tmp_path)
    (tmp_path / "test_it.py").write_text(f"import pytest\n\n{skipped}\n")
    (tmp_path / "test_other.py").write_text("def test_two(): ...\n")
    assert not log.is_run("test_it.py::test_one")
    assert log.is_run("test_other.py::test_two")


# Runs of the tests themselves


def pytest_run(*asked: str, cwd: Path) -> str:
    """What a run of its own prints, the last line first to be read."""
    env = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    env |= {"PYTHONPATH": str(log.ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *asked]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.slow
def test_a_skip_nobody_foresaw_fails_where_a_control_rests_on_it(tmp_path: Path) -> None:
    file, _, name = HAZARDS[0].controls[0].tests[0].partition("::")
    skipping = f"import unittest\n\ndef {name}():\n    raise unittest.SkipTest\n"
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"{skipping}\n{skipping.replace(name, 'test_of_no_control')}")
    (tmp_path / "pytest.ini").touch()
    said = pytest_run("-p", "safety.watch", file, cwd=tmp_path)
    assert "1 failed, 1 skipped" in said
    assert f"a control of the hazard log rests on it: {file}::{name}" in said


@pytest.mark.slow
def test_with_its_control_left_on_every_control_off_test_fails() -> None:
    off = {one.control_off for hazard in HAZARDS for one in hazard.controls if one.control_off}
    inside = [one for one in sorted(off) if "test_house" not in one]  # holes in a copy of the house
    said = pytest_run("-p", "safety.left_on", "-rpsx", "--tb=no", *inside, cwd=log.ROOT)
    assert len(inside) > 50
    assert [line for line in said.splitlines() if line.startswith(("PASSED", "SKIPPED"))] == []
    assert re.fullmatch(r"\d+ failed in .*", said.splitlines()[-1])


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
