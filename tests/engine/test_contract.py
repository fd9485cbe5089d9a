"""The checker agrees with the published schemas, and names the path of every fault."""

import copy
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


# --- every edge -------------------------------------------------------------------------------

_MOST_MG = 1_000_000
Path = tuple[str | int, ...]
Edge = tuple[Document, Path, int, int | None]


def of_plan(low: int, high: int, *paths: str) -> list[Edge]:
    return [(REQUEST, tuple(path.split(".")), low, high) for path in paths]


def of_case(low: int, high: int | None, *paths: Path) -> list[Edge]:
    return [(CASE, path, low, high) for path in paths]


NUMBERS: list[Edge] = [
    *of_plan(0, _MOST_MG, "baseline.amount_mg", "goal_mg"),
    *of_plan(1, _MOST_MG, "smallest_unit_mg", "jump_off_mg", "d50_mg"),
    *of_plan(1, 200, "baseline.times_per_day", "goal_times_per_day"),
    *of_plan(1, 7, "baseline.days_per_week", "goal_days_per_week"),
    *of_plan(1, 99, "percent"),
    *of_plan(1, 400, "steps"),
    *of_plan(1, 366, "days_per_level"),
    *of_case(1, None, ("plan", "version")),
    *of_case(0, None, ("plan", "levels", 1, "level")),
    *of_case(0, _MOST_MG, ("plan", "levels", 1, "ceiling_mg"), ("plan", "goal_mg")),
    *of_case(0, 200, ("plan", "levels", 1, "times_per_day"), ("events", 0, "times")),
    *of_case(0, 7, ("plan", "levels", 1, "days_per_week")),
    *of_case(0, 366, ("plan", "levels", 1, "days"), ("events", 1, "days")),
    *of_case(0, 10, ("plan", "usual_score"), ("events", 0, "answers", "sleep")),
    *of_case(1, 366, ("plan", "days_per_level")),
    *of_case(1, _MOST_MG, ("plan", "smallest_unit_mg")),
    *of_case(0, _MOST_MG, ("events", 0, "amount_mg"), ("events", 0, "amount_mg", 0)),
    *of_case(0, 500, ("events", 3, "level")),
]
TEXTS_OF: list[Edge] = [
    *of_plan(1, 2000, "protocol", "authorised.by", "authorised.reason", "confirmed.reason"),
    *of_case(1, 2000, ("plan", "approved", "by"), ("plan", "protocol"), ("plan", "gates", 0)),
    *of_case(1, 200, ("events", 0, "id")),
    *of_case(1, 2000, ("events", 0, "flags", 0)),
]
LISTS: list[Edge] = [
    *of_plan(1, 400, "levels_mg"),
    *of_case(2, 500, ("plan", "levels")),
    *of_case(0, 100, ("plan", "gates"), ("events", 0, "flags")),
    *of_case(0, None, ("plan", "person_may"), ("plan", "approved", "usual_items")),
    *of_case(2, 2, ("events", 0, "amount_mg")),
]


def changed(document: Document, path: Path, value: Any) -> Document:
    """A copy with something else, or with `...` nothing, in one place."""
    found: Any = copy.deepcopy(document)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(found)


def named(path: Path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)[1:]


def is_open_to(document: Document, path: Path, value: Any) -> bool:
    """Whether a value fits there; the checker and a stranger's validator have to say the same."""
    schema = contract.PLAN if document is REQUEST else contract.DECIDE
    new = changed(document, path, value)
    found = paths(new, schema)
    assert published(new, schema) is not bool(found)
    assert found in ([], [named(path)])
    return not found


@pytest.mark.parametrize(("document", "path", "low", "high"), NUMBERS, ids=str)
def test_a_number_fits_from_its_lowest_to_its_highest(
    document: Document, path: Path, low: int, high: int | None
) -> None:
    assert is_open_to(document, path, low)
    assert not is_open_to(document, path, low - 1)
    assert is_open_to(document, path, 10**9 if high is None else high)
    assert high is None or not is_open_to(document, path, high + 1)


@pytest.mark.parametrize(("document", "path", "low", "high"), TEXTS_OF, ids=str)
def test_a_text_fits_up_to_its_length(document: Document, path: Path, low: int, high: int) -> None:
    assert is_open_to(document, path, "x" * low)
    assert not is_open_to(document, path, "")
    assert is_open_to(document, path, "x" * high)
    assert not is_open_to(document, path, "x" * (high + 1))


def test_who_told_it_fits_up_to_three_hundred_characters() -> None:
    name = "clinician:"
    assert is_open_to(CASE, ("events", 1, "by"), name + "x" * (300 - len(name)))
    assert not is_open_to(CASE, ("events", 1, "by"), name + "x" * (301 - len(name)))


@pytest.mark.parametrize(("document", "path", "low", "high"), LISTS, ids=str)
def test_a_list_fits_from_its_shortest_to_its_longest(
    document: Document, path: Path, low: int, high: int | None
) -> None:
    entry = at(document, path)[0]
    assert is_open_to(document, path, [entry] * low)
    assert low == 0 or not is_open_to(document, path, [entry] * (low - 1))
    assert is_open_to(document, path, [entry] * (300 if high is None else high))
    assert high is None or not is_open_to(document, path, [entry] * (high + 1))


def at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def test_a_case_holds_a_hundred_thousand_events_and_no_more() -> None:
    assert paths({**CASE, "events": [5] * 100_001}) == ["events"]
    assert "events" not in paths({**CASE, "events": [5] * 100_000})


@pytest.mark.parametrize(
    ("document", "path", "needed"),
    [
        (REQUEST, (), {"start", "baseline"}),
        (REQUEST, ("baseline",), {"amount_mg"}),
        (REQUEST, ("authorised",), {"by", "reason"}),
        (REQUEST, ("confirmed",), {"by", "reason"}),
        (CASE, (), {"plan", "events", "today"}),
        (CASE, ("plan",), {"levels"}),
        (CASE, ("plan", "levels", 1), {"ceiling_mg"}),
        (CASE, ("plan", "approved"), {"by", "on"}),
        (CASE, ("events", 0), {"id", "kind", "on", "recorded", "by"}),
        (CASE, ("events", 3), {"id", "kind", "on", "recorded", "by", "level"}),
        (CASE, ("events", 4), {"id", "kind", "on", "recorded", "by", "organ", "worse"}),
    ],
)
def test_what_is_needed_is_missed(document: Document, path: Path, needed: set[str]) -> None:
    for key in at(document, path):
        assert is_open_to(document, (*path, key), ...) is (key not in needed)


@pytest.mark.parametrize("path", [("today",), ("plan", "start"), ("events", 0, "recorded")])
def test_the_pattern_of_a_date_leaves_nothing_before_or_after_it(path: Path) -> None:
    """For a validator that knows no formats."""
    validator = jsonschema.Draft202012Validator(json.loads(wire.dumps(contract.DECIDE)))
    assert validator.is_valid(CASE)
    for text in ("x{}", "{}\n", "{}x"):
        assert not validator.is_valid(changed(CASE, path, text.format(at(CASE, path))))


def test_a_schema_says_what_it_is() -> None:
    for schema, title in ((contract.PLAN, "stepwell plan"), (contract.DECIDE, "stepwell decide")):
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert title in schema["title"]


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
        (case(1, [{"kind": ["step"]}]), "events[0].kind", "not ['step']"),
        (case(1, [], gates=5), "plan.gates", "must be a list, not 5"),
        (case(1, [], protocol=5), "plan.protocol", "must be text that is not empty, not 5"),
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


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("x" * 38, repr("x" * 38)),
        ("x" * 39, f"'{'x' * 36}..."),
        ("x" * 500, f"'{'x' * 36}..."),
        (["x" * 500], f"['{'x' * 35}..."),
        (2**128 - 1, str(2**128 - 1)),
        (2**128, "a number that is far too long"),
        ([2**128], "[a number that is far too long]"),
        ({"a": -(10**9999)}, "{'a': a number that is far too long}"),
    ],
)
def test_a_fault_shows_no_more_than_forty_characters_of_what_was_given(
    given: Any, shown: str
) -> None:
    (fault,) = contract.faults(case(1, [], usual_score=given), contract.DECIDE)
    assert fault.text.endswith(f", not {shown}")


def test_a_list_of_the_wrong_length_is_one_fault() -> None:
    assert paths(with_event(amount_mg=[1, 2, "3"])) == ["events[0].amount_mg"]


def test_faults_are_found_in_every_event() -> None:
    wrong = [check_in(n, answers={"sleep": 99}) for n in (1, 2, 3)]
    assert paths(case(3, wrong)) == [f"events[{n}].answers.sleep" for n in (0, 1, 2)]


def test_the_years_a_date_may_have_leave_room_for_a_plan() -> None:
    for year in ("0999", "3000", "9999"):
        assert paths({**CASE, "today": f"{year}-12-01"}) == ["today"]
    assert isinstance(contract.faults({**CASE, "today": "x"}, contract.DECIDE)[0], Fault)
    assert str(day(1)) == "2026-12-01"
