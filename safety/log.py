"""The hazard log: one file a hazard, read as values, and everything in it that is not true."""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from prove.faults import FAULTS

ROOT = Path(__file__).parents[1]
HAZARDS = Path(__file__).parent / "hazards"
NOT_RUN = {"skip", "skipif", "xfail", "importorskip"}


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that stands between the hazard and a person, with its code and its proof."""

    id: str
    kind: str
    what: str
    code: tuple[str, ...]
    tests: tuple[str, ...]
    control_off: str | None
    no_control_off: str | None
    every_state: tuple[str, ...] = ()

    @property
    def proofs(self) -> tuple[str, ...]:
        """Every test that this control rests on."""
        return (*self.tests, *((self.control_off,) if self.control_off else ()))


@dataclass(frozen=True, slots=True)
class Missing:
    """A control that does not exist yet, and the milestone that brings it."""

    what: str
    comes_with: str


@dataclass(frozen=True, slots=True)
class Hazard:
    """One row of the log. Scores that are None wait for a clinical safety officer."""

    id: str
    title: str
    status: str
    severity_initial: str
    likelihood_initial: str | None
    causes: tuple[str, ...]
    effect: str
    controls: tuple[Control, ...]
    missing: tuple[Missing, ...]
    residual: Mapping[str, str | None]
    incidents: tuple[str, ...]
    named_in_design: tuple[str, ...]
    closed_because: str | None


def documents(folder: Path = HAZARDS) -> dict[str, Any]:
    """Every file of the log as it is written, by the name of the file."""
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.yaml"))
    }


def schema() -> Any:
    """The JSON Schema that every row fits."""
    return json.loads((HAZARDS / "schema.json").read_text(encoding="utf-8"))


def load(folder: Path = HAZARDS) -> tuple[Hazard, ...]:
    """Every hazard in order. Raises jsonschema.ValidationError for a row that does not fit."""
    return tuple(_hazard(name, document) for name, document in documents(folder).items())


def _hazard(name: str, document: Any) -> Hazard:
    checker = jsonschema.Draft202012Validator(schema())
    for error in checker.iter_errors(document):
        error.message = f"{name}: {error.json_path}: {error.message}"
        raise error
    return Hazard(
        **{
            **document,
            "causes": tuple(document["causes"]),
            "controls": tuple(_control(one) for one in document["controls"]),
            "missing": tuple(Missing(**one) for one in document["missing"]),
            "incidents": tuple(document["incidents"]),
            "named_in_design": tuple(document.get("named_in_design", ())),
            "closed_because": document.get("closed_because"),
        }
    )


def _control(document: Any) -> Control:
    return Control(
        **{
            **document,
            "code": tuple(document["code"]),
            "tests": tuple(document["tests"]),
            "no_control_off": document.get("no_control_off"),
            "every_state": tuple(document.get("every_state", ())),
        }
    )


# What is not true


def faults(hazards: Iterable[Hazard]) -> Iterator[str]:
    """Every claim of the log that does not hold, such as a symbol or a test that is not there."""
    for hazard in hazards:
        for number, control in enumerate(hazard.controls, start=1):
            if control.id != f"{hazard.id}-C{number}":
                yield f"{control.id}: is number {number} of {hazard.id}"
            yield from _control_faults(control)


def _control_faults(control: Control) -> Iterator[str]:
    for named in control.code:
        if not exists(named):
            yield f"{control.id}: there is no {named}"
    for named in control.proofs:
        if not is_run(named):
            yield f"{control.id}: no test {named} is run"
    for named in control.every_state:
        if named not in seen_to_break():
            yield f"{control.id}: no planted fault breaks {named} in the explorer"
    if control.kind != "transfer" and not control.tests:
        yield f"{control.id}: has no test"


@cache
def seen_to_break() -> frozenset[str]:
    """What the explorer checks in every state and is seen to fail with some control off."""
    return frozenset(fault.breaks for fault in FAULTS)


def exists(named: str) -> bool:
    """True for `FILE`, `FILE.py::symbol`, `FILE.py::Class.name` and `FILE.json::key.key`."""
    file, _, symbol = named.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    if not symbol:
        return True
    return symbol in (_keys(path) if path.suffix == ".json" else _symbols(path))


def is_run(named: str) -> bool:
    """True for a scenario file, and for a test function that pytest finds and nothing skips."""
    file, _, name = named.partition("::")
    path = ROOT / file
    if not path.is_file():
        return False
    return not name or (path.name.startswith("test_") and name in _tests(path))


@cache
def relied_on() -> frozenset[str]:
    """Every test that a control rests on."""
    return frozenset(
        named for one in load() for control in one.controls for named in control.proofs
    )


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _symbols(path: Path) -> frozenset[str]:
    return frozenset(_named(_tree(path).body))


def _named(body: Iterable[ast.stmt], before: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield before + node.name
        if isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{node.name}.")
        if isinstance(node, ast.Assign):
            yield from (before + one.id for one in node.targets if isinstance(one, ast.Name))
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield before + node.target.id


@cache
def _keys(path: Path) -> frozenset[str]:
    return frozenset(_paths(json.loads(path.read_text(encoding="utf-8"))))


def _paths(document: Any, before: str = "") -> Iterator[str]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield before + key
            yield from _paths(value, f"{before}{key}.")


@cache
def _tests(path: Path) -> frozenset[str]:
    body = _tree(path).body
    if any(_assigns(node, "pytestmark") and _words(node) & NOT_RUN for node in body):
        return frozenset()
    functions = (node for node in body if isinstance(node, ast.FunctionDef))
    return frozenset(node.name for node in functions if not _words(node) & NOT_RUN)


def _assigns(node: ast.stmt, name: str) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(one, ast.Name) and one.id == name for one in targets)


def _words(node: ast.stmt) -> set[str]:
    """Every `.word` in a statement: a mark on a test, on one of its rows, or a skip within it."""
    return {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)}
