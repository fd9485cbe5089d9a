"""Every scenario file is true; together they show every rule, gate and flag."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from stepwell import catalogue
from stepwell.engine import rules, wire
from stepwell.engine.errors import InputError
from tests.engine.cases import (
    LIMITS,
    PROTOCOL,
    Document,
    act,
    ask,
    ask_on,
    calm,
    check_in,
    day,
    replay,
)

FOLDER = Path(__file__).parents[2] / "scenarios"
FILES = sorted(FOLDER.glob("*.json"))


@cache
def scenario(path: Path) -> Document:
    read: Document = json.loads(path.read_text(encoding="utf-8"))
    return read


def decisions() -> list[Document]:
    return [one for one in map(scenario, FILES) if "case" in one]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_scenario_is_true(path: Path) -> None:
    told = scenario(path)
    expected = told["expect"]
    if "faults" in expected:
        assert faults(told) == expected["faults"]
    elif "request" in told:
        check_plan(wire.plan(told["request"], catalogue.protocols()), expected)
    else:
        check_case(told["case"], expected)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_scenario_shows_the_rules_it_names(path: Path) -> None:
    told = scenario(path)
    spoke = set() if "faults" in told["expect"] else speaking(told)
    assert set(told["rules"]) <= spoke


def test_a_scenario_is_named_for_its_behaviour() -> None:
    for path in FILES:
        told = scenario(path)
        assert set(told) in ({"behaviour", "rules", part, "expect"} for part in ("case", "request"))
        assert told["behaviour"].endswith(".")
        assert path.stem == path.stem.lower().replace("_", "-")


def test_every_rule_decides_a_scenario() -> None:
    shown = {rule for one in decisions() for rule in one["rules"]}
    assert {rule.__name__ for rule in rules.RULES} <= shown


def test_every_gate_and_every_flag_stands_in_a_scenario() -> None:
    gates = {gate for one in decisions() for gate in one["case"]["plan"].get("gates", ())}
    flags = {f for one in decisions() for e in one["case"]["events"] for f in e.get("flags", ())}
    assert set(PROTOCOL.gates) <= gates
    assert set(PROTOCOL.flags) <= flags


@pytest.mark.parametrize("flag", sorted(PROTOCOL.flags))
def test_every_flag_is_told_at_its_urgency_and_freezes_unless_it_is_routine(flag: str) -> None:
    answer = ask_on(8, [*calm(1, 7), check_in(8, flags=[flag])])
    told = {"key": flag, "urgency": PROTOCOL.flags[flag], "since": str(day(8))}
    assert told in answer["escalations"]
    assert (answer["offer"] == "freeze") is PROTOCOL.freezes(flag)
    assert (answer["ceiling_mg"] is None) is PROTOCOL.freezes(flag)


@pytest.mark.parametrize("gate", sorted({*PROTOCOL.gates, *PROTOCOL.flags}))
def test_every_gate_freezes_whatever_else_is_true(gate: str) -> None:
    answer = ask_on(8, [*calm(1, 8), act("step", 8)], gates=[gate])
    assert (answer["offer"], answer["ceiling_mg"], answer["level"]) == ("freeze", None, 1)
    assert "same_day" in {told["urgency"] for told in answer["escalations"]}


@pytest.mark.parametrize("flag", sorted(PROTOCOL.flags))
def test_three_check_ins_with_the_same_flag_are_a_review_only_when_it_is_routine(flag: str) -> None:
    told = [check_in(number, flags=[flag]) for number in range(1, 4)]
    resumed = act("resume", 3, "23:00", "clinician:Dr Osei")
    assert LIMITS.routine_flags_in_a_row.value == 3
    assert (ask_on(3, [*told, resumed])["offer"] == "review") is not PROTOCOL.freezes(flag)


def check_case(case: Document, expected: Mapping[str, Any]) -> None:
    agrees(ask(case), expected)
    for today, wanted in expected.get("days", {}).items():
        agrees(replay(case)[today], wanted)
    if "outlook" in expected:
        way = wire.outlook(case, catalogue.protocols())
        assert [[o["level"], o["ceiling_mg"], o["from"]] for o in way] == expected["outlook"]


def agrees(answer: Document, expected: Mapping[str, Any]) -> None:
    """Hold an answer against the part of it that a scenario states."""
    found = {one["rule"]: one for one in answer["findings"]}
    for name in PLAIN & expected.keys():
        assert answer.get(name, False) == expected[name], name
    if "decided_by" in expected:
        assert next(iter(found)) == expected["decided_by"]
    for rule, facts in expected.get("findings", {}).items():
        assert facts.items() <= found[rule].items(), rule
    assert not set(expected.get("quiet", ())) & set(found)


PLAIN = {"offer", "also", "level", "between", "ceiling_mg", "next_step_on", "escalations"}


def check_plan(answer: Document, expected: Mapping[str, Any]) -> None:
    assert answer["accepted"] is expected["accepted"]
    refused = {one["rule"]: one["path"] for one in answer.get("refusals", ())}
    assert expected.get("refusals", {}) == refused
    for name in {"status", "needs", "protocol"} & expected.keys():
        assert answer[name] == expected[name], name
    assert expected.get("finish", {}).items() <= answer.get("finish", {}).items()
    warned = {one["rule"] for one in answer.get("warnings", ())}
    assert set(expected.get("warnings", ())) <= warned
    assert not set(expected.get("quiet", ())) & warned
    check_levels(answer, expected)


def check_levels(answer: Document, expected: Mapping[str, Any]) -> None:
    if "levels" in expected:
        assert answer["levels"][: len(expected["levels"])] == expected["levels"]
    if "ceilings" in expected:
        assert [level["ceiling_mg"] for level in answer["levels"]] == expected["ceilings"]
    if "levers" in expected:
        names = ("ceiling_mg", "times_per_day", "days_per_week")
        assert [[one[name] for name in names] for one in answer["levels"]] == expected["levers"]


def speaking(told: Document) -> set[str]:
    if "request" in told:
        answer = wire.plan(told["request"], catalogue.protocols())
        parts = [*answer.get("refusals", ()), *answer.get("warnings", ())]
    else:
        parts = ask(told["case"])["findings"]
        for today, answer in replay(told["case"]).items():
            parts += answer["findings"] if today in told["expect"].get("days", ()) else []
    return {one["rule"] for one in parts}


def faults(told: Document) -> list[str]:
    answer = wire.plan if "request" in told else wire.decide
    with pytest.raises(InputError) as refused:
        answer(told.get("request") or told["case"], catalogue.protocols())
    return [fault.path for fault in refused.value.faults]
