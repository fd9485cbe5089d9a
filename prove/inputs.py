"""A million malformed calls of the engine's JSON door, and every short text of an amount.

Each call is a valid document with something changed (`prove/mutations.py`). It has to raise
InputError, with a fault that names the changed place or one that the change contradicts; or, when
the change left a document that a second opinion (`prove/judge.py`) finds nothing wrong with, it
has to be answered. Anything else that is raised is a crash. Some of what was answered is held
against the published JSON Schema by a validator that is not ours. The texts are those of
`prove/amount_texts.py`.

What is not proved: that a document which fits and can be true is what somebody meant.
"""

import json
import reprlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from random import Random
from typing import Any

import jsonschema

from prove import amount_texts, cases, judge, mutations
from prove.measures import Measure
from prove.mutations import Base, Changed
from stepwell import catalogue
from stepwell.engine import wire
from stepwell.engine.errors import InputError

MALFORMED = 1_000_000
_SCENARIOS = Path(__file__).parents[1] / "scenarios"
_PROCESSES = 2
_BATCH = 2_000
_CALLS_FOR_ONE = 1.36  # about three calls in four are malformed
_SHOWN = 10
_MOST_EVENTS = 6
_SCHEMA_ONCE_IN = 40
_DOORS: dict[str, Callable[..., Any]] = {
    "plan": wire.plan,
    "decide": wire.decide,
    "replay": wire.replay,
    "outlook": wire.outlook,
    "read_case": wire.read_case,
}
_OFTEN = {"plan": 30, "decide": 60, "replay": 2, "outlook": 4, "read_case": 4}


@dataclass(slots=True)
class Tally:
    """How many calls were made, and how many went wrong in which way."""

    calls: int = 0
    malformed: int = 0
    accepted: int = 0
    crashed: int = 0
    refused: int = 0
    misnamed: int = 0
    held_to_schema: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        for name in ("calls", "malformed", "accepted", "crashed", "refused", "misnamed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.held_to_schema += other.held_to_schema
        self.shown = (self.shown + other.shown)[:_SHOWN]

    def note(self, wrong: str, door: str, what: Changed, said: object) -> None:
        setattr(self, wrong, getattr(self, wrong) + 1)
        self.shown = [*self.shown, f"{wrong} by {door}: {described(what)}: {said}"][:_SHOWN]


def run(budget: float = 1.0) -> list[Measure]:
    """A million malformed calls and twelve million texts, or the budget's share of them."""
    wanted = int(MALFORMED * min(budget, 1.0))
    tally = called(int(wanted * _CALLS_FOR_ONE))
    for wrong in tally.shown:
        sys.stderr.write(f"{wrong}\n")
    return [*_measures(tally, wanted), *amount_texts.run(budget)]


def _measures(tally: Tally, wanted: int) -> list[Measure]:
    def none(name: str, wrong: int, of: int) -> Measure:
        return Measure(f"inputs: {name}", f"{wrong:,} of {of:,}", "0", wrong == 0 < of)

    enough, valid = tally.malformed >= wanted > 0, tally.calls - tally.malformed
    return [
        Measure("inputs: malformed calls", f"{tally.malformed:,}", f"{wanted:,}", enough),
        none("malformed calls that were answered", tally.accepted, tally.malformed),
        none("calls that crashed", tally.crashed, tally.calls),
        none("refusals that name another place", tally.misnamed, tally.malformed),
        none("refusals of what is still valid", tally.refused, valid),
        Measure(
            "inputs: answers held against the published schema",
            f"{tally.held_to_schema:,}",
            "1 or more",
            tally.held_to_schema > 0,
        ),
    ]


# --- calling ----------------------------------------------------------------------------------


def called(calls: int) -> Tally:
    """The tally of so many calls; a few in this process, many in two."""
    if calls <= _BATCH * 2:
        return batch(0, calls)
    tally = Tally()
    with Pool(_PROCESSES) as pool:
        for part in pool.imap_unordered(batch, range(-(-calls // _BATCH))):
            tally.add(part)
    return tally


def batch(seed: int, calls: int = _BATCH) -> Tally:
    """The tally of the calls that a seed draws."""
    chance, tally = Random(seed), Tally()
    for _ in range(calls):
        door = chance.choices(list(_OFTEN), list(_OFTEN.values()))[0]
        bases = requests() if door == "plan" else told_cases()
        what = mutations.changed(chance, chance.choice(bases), bases)
        tell(tally, door, what, schema=chance.randrange(_SCHEMA_ONCE_IN) == 0)
    return tally


def tell(tally: Tally, door: str, what: Changed, *, schema: bool) -> None:
    """Make one call, and add what came of it to the tally."""
    document = what.document
    wrong = judge.of_request(document) if door == "plan" else judge.of_case(document)
    tally.calls += 1
    tally.malformed += bool(wrong)
    try:
        _DOORS[door](document, catalogue.protocols())
    except InputError as error:
        _refused(tally, door, what, wrong, [fault.path for fault in error.faults])
    except Exception as error:  # noqa: BLE001 - that nothing else is raised is what is proved
        tally.note("crashed", door, what, type(error).__name__)
    else:
        _answered(tally, door, what, wrong, schema=schema)


def _refused(tally: Tally, door: str, what: Changed, wrong: list[str], named: list[str]) -> None:
    if not wrong:
        tally.note("refused", door, what, named)
    elif not _names_the_change(what, wrong, named):
        tally.note("misnamed", door, what, named)


def _answered(tally: Tally, door: str, what: Changed, wrong: list[str], *, schema: bool) -> None:
    if wrong:
        tally.note("accepted", door, what, wrong)
    elif schema:
        tally.held_to_schema += 1
        if not _validator("plan" if door == "plan" else "decide").is_valid(what.document):
            tally.note("accepted", door, what, "does not fit the published schema")


def _names_the_change(what: Changed, wrong: list[str], named: list[str]) -> bool:
    """Every fault is one that the second opinion has, or lies at, in or around a changed place."""
    places = [*wrong, *what.places]
    return bool(named) and all(any(_beside(path, place) for place in places) for path in named)


def _beside(path: str, place: str) -> bool:
    """One is the other, or a part of it."""
    shorter, longer = sorted((path, place), key=len)
    return longer.startswith(shorter) and longer[len(shorter) : len(shorter) + 1] in "[."


def described(what: Changed) -> str:
    """Where the document was changed, how, and what stands there now."""
    told = zip(what.how, what.places, what.now, strict=True)
    return " and ".join(f"{how} at {place or '(all)'}: {_short(now)}" for how, place, now in told)


def _short(value: Any) -> str:
    try:
        return reprlib.repr(value)
    except (ValueError, RecursionError):
        return "something that cannot be written"


@cache
def _validator(name: str) -> Any:
    return jsonschema.Draft202012Validator(dict(wire.SCHEMAS[name]))


# --- what is changed --------------------------------------------------------------------------


@cache
def requests() -> list[Base]:
    """Requests of the scenarios, and random ones."""
    drawn = [cases.request(Random(seed)) for seed in range(100)]
    return _fit([*_of_scenarios("request"), *drawn])


@cache
def told_cases() -> list[Base]:
    """Cases of the scenarios with few events, and random ones."""
    protocol = catalogue.protocols()["ketamine"]
    drawn = [cases.drawn(Random(seed), protocol) for seed in range(400)]
    few = [one for one in [*_of_scenarios("case"), *drawn] if len(one["events"]) <= _MOST_EVENTS]
    return _fit(few)


def _of_scenarios(part: str) -> Iterable[Any]:
    for path in sorted(_SCENARIOS.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        if part in told and "faults" not in told["expect"]:
            yield told[part]


def _fit(documents: Iterable[Any]) -> list[Base]:
    return [mutations.base(document) for document in documents]


if __name__ == "__main__":
    for measure in run():
        sys.stdout.write(f"{measure}\n")
