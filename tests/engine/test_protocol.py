"""A protocol is refused at birth when anything in it is out of bounds, and the path is named."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell import catalogue
from stepwell.engine import protocol
from stepwell.engine.errors import ProtocolError
from tests.engine.histories import QUICK

BOUNDS = catalogue.document("protocols", "bounds.json")["bounds"]
FILE = catalogue.document("protocols", "ketamine.json")
NAMES = sorted(BOUNDS)


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    document: dict[str, Any] = copy.deepcopy(FILE)
    change(document)
    return document


def refused(document: dict[str, Any], bounds: dict[str, Any] = BOUNDS) -> list[str]:
    """The paths of the faults; a protocol that loads fails the test."""
    with pytest.raises(ProtocolError) as error:
        protocol.read(document, bounds)
    return [fault.path for fault in error.value.faults]


def with_value(name: str, value: Any) -> dict[str, Any]:
    return changed(lambda d: d["limits"][name].update(value=value))


def test_the_protocol_that_ships_loads_and_every_number_has_a_source_and_a_grade() -> None:
    read = protocol.read(FILE, BOUNDS)
    for name in NAMES:
        limit = getattr(read.limits, name)
        assert limit.source.strip()
        assert limit.grade.strip()
        assert limit.unit.strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_number_out_of_its_bounds_is_refused(name: str) -> None:
    low, high = BOUNDS[name]["lowest"], BOUNDS[name]["highest"]
    assert refused(with_value(name, low - 1)) == [f"limits.{name}.value"]
    assert refused(with_value(name, high + 1)) == [f"limits.{name}.value"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "7", 7.0, None, True, [7]])
def test_a_value_that_is_no_whole_number_is_refused(value: Any) -> None:
    assert refused(with_value("silent_days", value)) == ["limits.silent_days.value"]


def test_a_missing_number_is_refused() -> None:
    assert refused(changed(lambda d: d["limits"].pop("held_days"))) == ["limits.held_days"]


def test_numbers_that_no_rule_reads_are_refused_in_order() -> None:
    extra = changed(lambda d: d["limits"].update({name: {"value": 1} for name in "fbdace"}))
    assert refused(extra) == [f"limits.{name}" for name in "abcdef"]


@pytest.mark.parametrize(
    ("value", "words"),
    [(float("nan"), "is not a number"), (7.5, "must be a whole number, got 7.5")],
)
def test_what_is_wrong_with_a_number_is_said(value: float, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        protocol.read(with_value("silent_days", value), BOUNDS)


def test_a_number_without_bounds_is_refused() -> None:
    without = {name: bound for name, bound in BOUNDS.items() if name != "held_days"}
    assert refused(FILE, without) == ["limits.held_days"]


@pytest.mark.parametrize("key", ["unit", "source", "grade"])
@pytest.mark.parametrize("value", [None, "", "  ", 5])
def test_a_number_without_unit_source_or_grade_is_refused(key: str, value: Any) -> None:
    document = changed(lambda d: d["limits"]["over_days"].update({key: value}))
    assert refused(document) == ["limits.over_days"]
    assert refused(changed(lambda d: d["limits"]["over_days"].pop(key))) == ["limits.over_days"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"amount_min_mg": 500, "amount_confirm_mg": 1000, "amount_max_mg": 1000}, None),
        ({"amount_confirm_mg": 20000, "amount_max_mg": 10000}, "amount_confirm_mg"),
        ({"step_percent": 25, "largest_step_percent": 20}, "step_percent"),
        ({"shortest_level_days": 14, "level_days": 7}, "shortest_level_days"),
        ({"calm_score": 4, "calm_at_most": 3}, "calm_score"),
        ({"high_score": 9, "severe_score": 8}, "high_score"),
        ({"high_score": 6}, "calm_at_most"),
        ({"silent_days": 7, "pause_days": 7}, None),
        ({"high_days": 3, "high_of_days": 2}, "high_days"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(
    values: dict[str, int], path: str | None
) -> None:
    document = changed(lambda d: [d["limits"][n].update(value=v) for n, v in values.items()])
    if path is None:
        protocol.read(document, BOUNDS)
    else:
        assert refused(document) == [f"limits.{path}.value"]


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("amount_min_mg", "amount_confirm_mg"),
        ("silent_days", "pause_days"),
        ("answered_days", "window_days"),
    ],
)
def test_a_contradiction_is_refused_whatever_the_bounds_allow(low: str, high: str) -> None:
    read = protocol.read(FILE, BOUNDS)
    above = getattr(read.limits, high).value + 1
    limits = replace(read.limits, **{low: replace(getattr(read.limits, low), value=above)})
    with pytest.raises(ProtocolError) as error:
        replace(read, limits=limits)
    assert f"limits.{low}.value" in [fault.path for fault in error.value.faults]


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        (lambda d: d.update(name=""), ["name"]),
        (lambda d: d.pop("version"), ["version"]),
        (lambda d: d.update(next_review="soon"), ["next_review"]),
        (lambda d: d.pop("next_review"), ["next_review"]),
        (lambda d: d.update(next_review=5), ["next_review"]),
        (lambda d: d.pop("gates"), ["gates"]),
        (lambda d: d.update(flags=[]), ["flags"]),
        (lambda d: d["flags"]["cramps"].update(urgency="soon"), ["flags.cramps"]),
        (lambda d: d["flags"]["cramps"].pop("source"), ["flags.cramps"]),
        (lambda d: d["flags"].update(cramps="routine"), ["flags.cramps"]),
        (lambda d: d["notices"].update(draft="Draft"), ["notices.draft"]),
        (lambda d: d["notices"]["draft"].update(text=" "), ["notices.draft"]),
        (lambda d: d.pop("sources"), ["sources"]),
        (lambda d: (d.pop("limits"), d.pop("name")), None),
    ],
)
def test_a_malformed_part_is_named(
    change: Callable[[dict[str, Any]], Any], paths: list[str] | None
) -> None:
    found = refused(changed(change))
    if paths is None:
        assert found[0] == "limits"
        assert {"name", "limits.held_days"} <= set(found)
    else:
        assert found == paths


def test_every_fault_is_named_not_only_the_first() -> None:
    document = with_value("silent_days", 99)
    document["limits"]["held_days"]["value"] = 2.5
    document["name"] = None
    assert sorted(refused(document)) == [
        "limits.held_days.value",
        "limits.silent_days.value",
        "name",
    ]


def test_a_limit_cannot_be_built_without_a_whole_number() -> None:
    with pytest.raises(ProtocolError) as error:
        protocol.Limit("silent_days", 3.5, "days", "a source", "a grade")  # type: ignore[arg-type]
    assert [fault.path for fault in error.value.faults] == ["limits.silent_days.value"]


def test_a_notice_is_read_with_its_words_and_its_source() -> None:
    document = changed(lambda d: d["notices"]["draft"].pop("source"))
    for name, notice in protocol.read(FILE, BOUNDS).notices.items():
        assert notice.text == FILE["notices"][name]["text"]
        assert notice.source == FILE["notices"][name]["source"]
    assert protocol.read(document, BOUNDS).notices["draft"].source == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@QUICK
@given(JSON, st.sampled_from(NAMES), st.sampled_from(["value", "unit", "source", "grade", None]))
def test_whatever_stands_in_a_limit_is_read_or_refused(
    value: Any, name: str, key: str | None
) -> None:
    document = json.loads(json.dumps(FILE))
    if key is None:
        document["limits"][name] = value
    else:
        document["limits"][name][key] = value
    try:
        read = protocol.read(document, BOUNDS)
    except ProtocolError as error:
        found = error.faults
    else:
        found = ()
        bound = BOUNDS[name]
        assert bound["lowest"] <= getattr(read.limits, name).value <= bound["highest"]
    assert all(fault.path.startswith("limits.") for fault in found)
