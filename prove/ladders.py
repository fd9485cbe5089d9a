"""Every ladder and every protocol within bounds: the one-step safety rules, by an SMT solver.

Proved: each theorem of `theorems_of_steps` and `theorems_of_days`, for a ladder of any length (so
of 64 levels), for every protocol whose limits are within `bounds.json` and do not contradict each
other, and for every amount, date and count. No formula is written by hand: the engine's own
functions run on values that stand for all values at once (`prove.symbols`), every way through
them (`prove.paths`). What a loop does with each level is proved of any one of them.

That rests on those values behaving as Python's own do. So one point of every way is run again on
the engine as it is, and must answer the same; and a million points more are drawn at random, each
a try to refute a theorem with nothing standing in. Every theorem has faults planted in the engine
under which it must be refuted, by values that the faulty engine itself confirms.

Not proved here: what many days in a row lead to, and in which order the rules speak (the
explorer's); that what comes in is within the wire's bounds (`inputs`); which curve a planner's
shape follows (`tests/engine/test_planner.py`); dates at the end of the calendar.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from typing import Any

from prove import paths, symbols, theorems, theorems_of_days, theorems_of_steps, values
from prove.measures import Measure
from prove.paths import NotMeant, Path, Proof, Walk
from prove.theorems import Fault, Theorem
from prove.values import AnyValues, SomeValues, Values

ALL = theorems.of(theorems_of_steps, theorems_of_days)
POINTS = 1_000_000
FEWEST = 50  # of one theorem
_TRIES = 80_000  # for each theorem; about four in ten are values that it is about
_TRIES_IN_A_WORLD = 20
_SIZES = (3, 2, 1)
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one theorem. Points are values that it is about; tries are all drawn."""

    theorem: str
    verdict: str
    ways: int
    rerun: int
    points: int
    different: int
    missed: tuple[str, ...]
    faults: int
    seconds: float


def run(budget: float = 1.0) -> list[Measure]:
    """Prove, run again and break every theorem; a smaller budget draws fewer points."""
    asked = [(name, budget) for name in ALL]
    reports = []
    with get_context("fork").Pool(_PROCESSES) as pool:
        for one in pool.imap_unordered(_reported, asked, chunksize=1):
            sys.stderr.write(f"{_line(one)}\n")
            reports.append(one)
    return measures(reports, budget)


def _reported(asked: tuple[str, float]) -> Report:
    name, budget = asked
    return report(ALL[name], budget)


def report(theorem: Theorem, budget: float) -> Report:
    """All that is asked of one theorem."""
    begun = time.monotonic()
    proof = proved(theorem)
    again, different = rerun(theorem)
    points, wrong = drawn(theorem, round(_TRIES * budget))
    missed = tuple(str(fault) for fault in theorem.faults if not is_caught(theorem, fault))
    return Report(
        theorem.name,
        proof.verdict,
        proof.claimed,
        again,
        points,
        different + wrong,
        missed,
        len(theorem.faults),
        time.monotonic() - begun,
    )


def _line(one: Report) -> str:
    missed = "".join(f"; not caught: {fault}" for fault in one.missed)
    answer = f"{one.verdict} on {one.ways} ways, {one.rerun} run again, {one.points} points"
    return f"{one.theorem}: {answer}, {one.different} different, {one.seconds:.0f} s{missed}"


def measures(reports: Sequence[Report], budget: float = 1.0) -> list[Measure]:
    """A line each for what was proved, how it agrees with the engine, and what was caught."""
    return [*_proved(reports), *_agreed(reports, budget), _caught(reports)]


def _proved(reports: Sequence[Report]) -> Iterator[Measure]:
    proved, every = sum(1 for one in reports if one.verdict == "proved"), len(ALL)
    ways = sum(one.ways for one in reports)
    name = "ladders: theorems proved, of any length and every protocol"
    yield Measure(name, f"{proved} of {every}, {ways} ways", "all", proved == every > 0)


def _agreed(reports: Sequence[Report], budget: float) -> Iterator[Measure]:
    ways, again = (sum(getattr(one, n) for one in reports) for n in ("ways", "rerun"))
    most = ways * 9 // 10
    yield Measure("ladders: ways run again", f"{again}", f"≥ {most}", again >= most > 0)
    points, least = sum(one.points for one in reports), round(POINTS * budget)
    fewest = min((one.points for one in reports), default=0)
    enough = points >= least > 0 and fewest >= FEWEST * budget
    yield Measure("ladders: points drawn", f"{points}", f"≥ {least}", enough)
    wrong = sum(one.different for one in reports)
    yield Measure("ladders: differences", f"{wrong}", "0", enough and wrong == 0)


def _caught(reports: Sequence[Report]) -> Measure:
    faults = sum(one.faults for one in reports)
    caught = faults - sum(len(one.missed) for one in reports)
    met = caught == faults and all(one.faults for one in reports) and bool(reports)
    return Measure("ladders: planted faults caught", f"{caught} of {faults}", "all", met)


# --- proved -----------------------------------------------------------------------------------


def proved(theorem: Theorem) -> Proof:
    """Every way through a theorem, and so through what it calls of the engine."""
    return Proof(_ways(theorem))


def _ways(theorem: Theorem, size: int | None = None) -> list[Path]:
    with symbols.standing_in():
        return list(paths.every(_body(theorem, size)))


def _body(theorem: Theorem, size: int | None) -> paths.Body:
    def body(walk: Walk) -> tuple[bool, tuple[Any, ...]]:
        every = AnyValues(walk, size)
        return bool(theorem.claim(every)), tuple(every.seen)

    return body


# --- run again on the engine as it is ---------------------------------------------------------


def rerun(theorem: Theorem) -> tuple[int, int]:
    """One point of every way: how many were run again, and how many answered otherwise."""
    size = _SIZES[0]
    models = [(path, paths.model(path)) for path in _ways(theorem, size) if path.claim]
    known = [(path, model, values.modelled(model, size)) for path, model in models if model]
    different = sum(1 for path, model, v in known if not _is_alike(theorem, path, model, v))
    return len(known), different


def _is_alike(theorem: Theorem, path: Path, model: Any, v: SomeValues) -> bool:
    said = values.of(model, path.seen)
    if _holds(theorem, v) and said == values.of(model, v.seen):
        return True
    return _said(theorem, f"{v.known}: {said} became {v.seen}")


def drawn(theorem: Theorem, tries: int) -> tuple[int, int]:
    """Values drawn at random: how many the theorem is about, and on how many it does not hold."""
    chance, points, wrong = Random(theorem.name), 0, 0
    for v in _worlds(chance, tries):
        held = _holds(theorem, v)
        points += held is not None
        if held is False:
            wrong += 1
            _said(theorem, f"{v.known}")
    return points, wrong


def _worlds(chance: Random, tries: int) -> Iterator[SomeValues]:
    for number in range(tries):
        if number % _TRIES_IN_A_WORLD == 0:
            world = values.drawn_world(chance)
        yield SomeValues(world, chance)


def _holds(theorem: Theorem, v: Values) -> bool | None:
    """Whether it holds; None for values that it is not about. Code that breaks holds nothing."""
    try:
        return bool(theorem.claim(v))
    except NotMeant:
        return None
    except Exception as error:  # noqa: BLE001 - a finding, and it is said
        return _said(theorem, f"{type(error).__name__}: {error}")


def _said(theorem: Theorem, what: str) -> bool:
    sys.stderr.write(f"{theorem.name} does not hold: {what[:500]}\n")
    return False


# --- with a fault in the engine ---------------------------------------------------------------


def is_caught(theorem: Theorem, fault: Fault) -> bool:
    """Whether a planted fault refutes it: by values that the faulty engine confirms."""
    if not fault.fits:
        return False
    with fault.planted():
        return any(_is_confirmed(theorem, size) for size in _SIZES)


def _is_confirmed(theorem: Theorem, size: int) -> bool:
    with symbols.standing_in():
        ways = (path for path in paths.every(_body(theorem, size)) if path.claim is False)
        model = next((found for path in ways if (found := paths.model(path))), None)
    return model is not None and _fails(theorem, values.modelled(model, size))


def _fails(theorem: Theorem, v: Values) -> bool:
    try:
        return not theorem.claim(v)
    except IndexError:  # it reads a level that there is not
        return True
