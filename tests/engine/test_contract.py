"""The checker agrees with the published schemas, and names the path of every fault."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from stepwell.engine import contract, wire
from stepwell.engine.errors import Fault
from stepwell.engine.events import Kind
from stepwell.engine.protocol import ITEMS
from tests.engine.cases import Document, act, by_prescriber, case, check_in, day
from tests.engine.histories import QUICK, THOROUGH

FORMATS = jsonschema.FormatChecker(["date"])
REQUEST: Document = {
    "protocol": "ketamine",
    "supply": "non_prescribed",
    "start": "2026-12-01",
    "baseline": {"amount_mg": 2650, "times_per_day": 6, "days_per_week": 7},
    "goal_mg": 0,
    "goal_times_per_day": 3,
    "goal_days_per_week": 4,
    "shape": "proportional",
    "percent": 10,
    "steps": 5,
    "days_per_level": 7,
    "end_by": "2027-06-01",
    "smallest_unit_mg": 50,
    "jump_off_mg": 250,
    "d50_mg": 1140,
    "levels_mg": [2000, 0],
    "authorised": {"by": "Dr Osei", "reason": "agreed"},
    "confirmed": {"by": "Dr Osei", "reason": "agreed"},
}
CASE: Document = case(
    3,
    [
        check_in(1, flags=["cramps"], times=3, amount_mg=[100, 200]),
        act("hold", 2, days=3),
        act("talk", 2),
        by_prescriber("set_level", 2, level=1),
        by_prescriber("finding", 2, organ="liver", worse=True),
    ],
    version=2,
    supply="prescribed",
    usual_score=3,
    review_by="2027-01-01",
    days_per_level=7,
    smallest_unit_mg=50,
    goal_mg=0,
    protocol="ketamine",
    approved={"by": "Dr Osei", "on": "2026-11-30", "usual_items": ["sleep"]},
    gates=["pregnancy"],
)


def fits(document: Any, schema: contract.Schema) -> bool:
    return not contract.faults(document, schema)


def published(document: Any, schema: contract.Schema) -> bool:
    """What a stranger's validator says, who has nothing but the printed schema."""
    printed = json.loads(wire.dumps(schema))
    return bool(jsonschema.Draft202012Validator(printed, format_checker=FORMATS).is_valid(document))


def paths(document: Any, schema: contract.Schema = contract.DECIDE) -> list[str]:
    return [fault.path for fault in contract.faults(document, schema)]


# --- agreement --------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["", " ", "x", "person", "person\n", "clinician:", "clinician: ", "clinician:Dr Osei",
     "Clinician:Dr Osei", "2026-12-01", "2026-12-01\n", "2026-13-01", "2026-W48-2", "20261201",
     "0026-12-01", "9026-12-01", "2026-12-01T10:00:00Z", "2026-12-01T10:00:00",
     "2026-12-01 10:00:00Z", "2026-12-01T10:00:00+01:00", "step", "check_in", "ketamine",
     "x" * 201, "x" * 301, "x" * 2001]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 12)
    | st.integers(10**5, 10**7)
    | st.sampled_from([0.5, 1e9 + 0.5])
    | TEXTS
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["by", "on", "kind", "level", *ITEMS]), inner, max_size=3)
    ),
    max_leaves=4,
)


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    keyed: Any = ()
    if isinstance(document, dict):
        keyed = document.items()
    elif isinstance(document, list):
        keyed = enumerate(document)
    for key, inner in keyed:
        yield from places(inner, (*path, key))


@st.composite
def damaged(draw: st.DrawFn, whole: Document) -> Any:
    """A document that fits, changed, emptied or added to in up to three places."""
    document = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(list(places(document))))
        if not path:
            return draw(ANYTHING)
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            parent[path[-1]] = draw(ANYTHING)
        elif change == "remove":
            del parent[path[-1]]
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(["extra", "level", "days", "used"]))] = draw(ANYTHING)
        if not isinstance(document, dict) or not document:
            break
    return document


def agrees(document: Any, schema: contract.Schema) -> None:
    assert fits(document, schema) is published(document, schema), paths(document, schema)


@QUICK
@given(damaged(REQUEST))
def test_the_checker_agrees_with_the_schema_of_plan(document: Any) -> None:
    agrees(document, contract.PLAN)


@QUICK
@given(damaged(CASE))
def test_the_checker_agrees_with_the_schema_of_decide(document: Any) -> None:
    agrees(document, contract.DECIDE)


def both_strategies() -> SearchStrategy[tuple[Any, contract.Schema]]:
    return st.one_of(
        st.tuples(damaged(REQUEST), st.just(contract.PLAN)),
        st.tuples(damaged(CASE), st.just(contract.DECIDE)),
    )


@pytest.mark.slow
@THOROUGH
@given(both_strategies())
def test_the_checker_agrees_with_the_schemas_on_many_documents(
    found: tuple[Any, contract.Schema],
) -> None:
    agrees(*found)


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
@pytest.mark.parametrize("field", ["id", "kind", "on", "recorded", "by"])
def test_every_event_has_its_five_fields(kind: str, field: str) -> None:
    event = {key: value for key, value in act(kind, 1).items() if key != field}
    document = case(1, [event])
    assert f"events[0].{field}" in paths(document)
    assert not published(document, contract.DECIDE)


@pytest.mark.parametrize("name", ["plan", "decide"])
def test_the_published_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(wire.dumps(wire.SCHEMAS[name])))


def test_the_whole_documents_fit() -> None:
    assert fits(CASE, contract.DECIDE)
    assert fits(REQUEST, contract.PLAN)
    assert published(CASE, contract.DECIDE)
    assert published(REQUEST, contract.PLAN)


# --- faults -----------------------------------------------------------------------------------


def with_event(**changes: Any) -> Document:
    return case(1, [check_in(1, **changes)])


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        (None, "", "must be an object, not None"),
        ([], "", "must be an object, not []"),
        ({}, "plan", "is missing"),
        (case(1, [5]), "events[0]", "must be an object, not 5"),
        (case(1, [{}]), "events[0].kind", "must be one of check_in, step"),
        (case(1, [act("jump", 1)]), "events[0].kind", "not 'jump'"),
        (case(1, [act("step", 1, days=3)]), "events[0].days", "is not known here"),
        (case(1, [act("set_level", 1)]), "events[0].level", "is missing"),
        (with_event(used="yes"), "events[0].used", "true or false or null, not 'yes'"),
        (with_event(amount_mg=0.5), "events[0].amount_mg", "in milligrams, so 2.65 g is 2650"),
        (with_event(amount_mg=True), "events[0].amount_mg", "a whole number"),
        (with_event(amount_mg=-1), "events[0].amount_mg", "must be 0 to 1000000, not -1"),
        (with_event(amount_mg=[1]), "events[0].amount_mg", "must have 2 to 2 entries, not 1"),
        (with_event(amount_mg=[1, "2"]), "events[0].amount_mg[1]", "a whole number"),
        (with_event(answers={"sleep": 11}), "events[0].answers.sleep", "must be 0 to 10, not 11"),
        (with_event(answers={"dream": 1}), "events[0].answers.dream", "is not known here"),
        (with_event(safety="maybe"), "events[0].safety", "must be one of no, thoughts, plan"),
        (with_event(by="Rowan"), "events[0].by", 'that is "person" or "clinician:NAME"'),
        (with_event(by="person\n"), "events[0].by", "person"),
        (with_event(id=" "), "events[0].id", "that is not empty"),
        (with_event(id="x" * 201), "events[0].id", "not be longer than 200"),
        (with_event(id="\ud800"), "events[0].id", "cannot be written"),
        (with_event(on="1 Dec"), "events[0].on", "a date such as 2026-12-01, not '1 Dec'"),
        (with_event(on="2026-02-30"), "events[0].on", "a date"),
        (with_event(recorded="2026-12-01T99:00:00Z"), "events[0].recorded", "an instant"),
        (case(1, [], version=0), "plan.version", "must be 1 or more, not 0"),
        (case(1, [], levels=[{"ceiling_mg": 5}]), "plan.levels", "must have 2 to 500 entries"),
        (case(1, [], person_may=["rise"]), "plan.person_may[0]", "must be one of hold, step"),
        (case(1, [], usual_score="2" * 90), "plan.usual_score", "..."),
    ],
)
def test_a_fault_names_its_path_and_what_would_fit(document: Any, path: str, words: str) -> None:
    found = {fault.path: fault.text for fault in contract.faults(document, contract.DECIDE)}
    assert words in found[path]


def test_a_fault_shows_no_more_than_forty_characters_of_what_was_given() -> None:
    (fault,) = contract.faults(case(1, [], protocol=["x" * 500]), contract.DECIDE)
    assert len(fault.text) < 80


def test_faults_are_found_in_every_event() -> None:
    wrong = [check_in(n, answers={"sleep": 99}) for n in (1, 2, 3)]
    assert paths(case(3, wrong)) == [f"events[{n}].answers.sleep" for n in (0, 1, 2)]


def test_the_years_a_date_may_have_leave_room_for_a_plan() -> None:
    for year in ("0999", "3000", "9999"):
        assert paths({**CASE, "today": f"{year}-12-01"}) == ["today"]
    assert isinstance(contract.faults({**CASE, "today": "x"}, contract.DECIDE)[0], Fault)
    assert str(day(1)) == "2026-12-01"
