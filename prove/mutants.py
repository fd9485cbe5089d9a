"""Mutation: every small fault in the engine's source must be noticed by a test.

What is proved is the tests: a fault that none of them notices could stand in the engine today.
The faults are in `prove.operators`; one that no test can notice, because the engine then still
does the same, is listed in `equivalent.json` with the reason.

A runner of its own, because neither library for it can do this in the time there is. Measured on
`guard.py` with the same tests: cosmic-ray 8.7 takes 1.3 s a mutant, over an hour for all of them;
mutmut 3.8 takes 0.4 s, but changes nothing outside functions nor in decorated ones, and the
contract, the order of the rules and the limits' order are such code. Here a process that has
loaded everything but the engine forks once a mutant; the child plants the fault while it imports
the engine, and runs what may kill it from quickest to slowest up to the first that does.

One file by hand, with each survivor: `python -m prove.mutants guard.py`.
"""

import contextlib
import gc
import importlib
import io
import json
import lzma
import os
import resource
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

from prove import operators
from prove.measures import Measure
from prove.operators import Mutant, Source

ROOT = Path(__file__).parents[1]
LIST = ROOT / "prove" / "equivalent.json"
FEWEST = 3_000
MOST_LISTED = 0.03
_PROCESSES = 2
_MEMORY = 2 << 30  # bytes: a child that wants more has gone astray
_PATIENCE = 10  # times what the engine itself takes
_LEAST_SECONDS = 3

Key = tuple[str, str, str]
Job = tuple[str, int]  # the file, and the number of the mutant in it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mutant: the killer, or None; a time-out kills, and is told apart."""

    mutant: Mutant
    killer: str | None
    timed_out: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A survivor that is not a fault: the engine does the same with it, for the reason given."""

    file: str
    function: str
    change: str
    reason: str

    @property
    def key(self) -> Key:
        return self.file, self.function, self.change


# --- what may kill ----------------------------------------------------------------------------

LOADING, SCENARIOS = "loading the engine", "scenarios"
TABLE, STORED = "the decision table", "stored decisions"
_ENGINE, _SAFETY = "tests/engine/test_", "tests/safety/test_"
_QUICK = (
    f"{_ENGINE}amounts.py",
    f"{_ENGINE}plan.py",
    f"{_ENGINE}rules.py",
    f"{_ENGINE}wire.py",
    f"{_ENGINE}history.py",
    f"{_ENGINE}planner.py",
    f"{_ENGINE}protocol.py",
    f"{_ENGINE}contract.py",
    f"{_ENGINE}guard.py",
    f"{_ENGINE}scenarios.py",
    f"{_SAFETY}levels.py",
    f"{_SAFETY}stops.py",
    f"{_SAFETY}inputs.py",
)
_SLOW = (STORED, f"{_ENGINE}properties.py")
EVERY = (LOADING, SCENARIOS, TABLE, *_QUICK, *_SLOW)
_BY_THE_TABLE = ("rules.py", "snapshot.py", "recommendation.py")
# Where a file's own faults are noticed soonest.
_FIRST = {"case.py": "wire", "decide.py": "wire", "place.py": "history"}


def killers(file: str, of: Collection[str] = EVERY) -> list[str]:
    """What may kill a mutant of this file, the likeliest first and the slowest last."""
    own = f"{_ENGINE}{_FIRST.get(file, file.removesuffix('.py'))}.py"
    likely = [LOADING, *([own] if own in EVERY else []), SCENARIOS]
    fit = set(of) - (set() if file in _BY_THE_TABLE else {TABLE})
    return [one for one in dict.fromkeys([*likely, *EVERY]) if one in fit]


def _kills(killer: str, file: str) -> bool:
    """True when this killer notices that something is wrong with the engine as it is loaded."""
    try:
        if killer in _IN_PROCESS:
            return _IN_PROCESS[killer](file)
        return _test_fails(killer)
    except BaseException:  # noqa: BLE001 - whatever is raised, it was noticed
        return True


def _loading_differs(_: str) -> bool:
    for name in ("stepwell.engine.wire", "stepwell.catalogue"):
        importlib.import_module(name)
    sys.modules["stepwell.catalogue"].protocols()
    return False


def _a_scenario_fails(_: str) -> bool:
    tests = importlib.import_module("tests.engine.test_scenarios")
    for path in tests.FILES:
        tests.test_the_scenario_is_true(path)
    return False


def _the_table_differs(_: str) -> bool:
    """On random days, under the protocol that ships and under drawn ones."""
    agreement = importlib.import_module("prove.agreement")
    return any(agreement.batch(seed, size).differed for seed, size in enumerate(_DAYS))


_DAYS = (100, 400, *[1_000] * 11)  # most faults are seen in the first hundred


def _a_stored_answer_differs(file: str) -> bool:
    corpus, catalogue = map(importlib.import_module, ("prove.corpus", "stepwell.catalogue"))
    protocols = catalogue.protocols()
    for line in _stored()[file == "planner.py"]:
        stored = corpus.read(line)
        if corpus.answered(stored.asks, stored.given, protocols).bytes != stored.bytes:
            return True
    return False


_IN_PROCESS: dict[str, Callable[[str], bool]] = {
    LOADING: _loading_differs,
    SCENARIOS: _a_scenario_fails,
    TABLE: _the_table_differs,
    STORED: _a_stored_answer_differs,
}


@cache
def _stored() -> tuple[list[bytes], list[bytes]]:
    """Every 25th stored question of any kind, and every stored plan."""
    with lzma.open(ROOT / "prove" / "corpus" / "decisions.jsonl.xz") as file:
        lines = list(file)[1:]
    return lines[::25], [line for line in lines if line.startswith(b'{"asks":"plan"')]


def _test_fails(path: str) -> bool:
    pytest = importlib.import_module("pytest")
    return bool(pytest.main([path, *_PYTEST]) != 0)


_PYTEST = [
    "-x", "-q", "--noconftest", "--disable-warnings", "-m", "not slow",
    *("-p", "no:cacheprovider", "-p", "no:faulthandler"),
]  # fmt: skip


# --- one mutant in one process ----------------------------------------------------------------


def _plant(job: Job) -> None:
    """From now on the engine's file is imported from a changed tree; a negative number is none."""
    file, number = job
    if number < 0:
        return
    name, found = f"stepwell.engine.{file.removesuffix('.py')}", SourceFileLoader.get_code
    planted = compile(_source(file).planted(number), str(operators.ENGINE / file), "exec")

    def get_code(self: SourceFileLoader, fullname: str) -> CodeType | None:
        return planted if fullname == name else found(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


@cache
def _source(file: str) -> Source:
    return Source(file)


def _child(job: Job, order: Sequence[str], limits: Sequence[float], write: int) -> None:
    """Plant, then try each killer; what is written last is the one that was being tried."""
    _confine()
    try:
        _plant(job)
    except SyntaxError:
        os._exit(1)
    for number, killer in enumerate(order):
        os.write(write, bytes([number]))
        _allow(limits[number])
        if _kills(killer, job[0]):
            os._exit(1)
    os._exit(0)


def _confine() -> None:
    """A child says nothing, leaves no core file, and cannot fill the memory."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def _allow(seconds: float) -> None:
    """Processor time, so that a busy machine kills nothing; the clock only as the last resort."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = int(used.ru_utime + used.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (spent + int(seconds) + 1, resource.RLIM_INFINITY))
    signal.alarm(60 + 10 * int(seconds))


def _tried(job: Job, order: Sequence[str], limits: Sequence[float]) -> dict[str, Any]:
    """Fork, and say what became of the mutant."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        _child(job, order, limits, write)
    os.close(write)
    _, status, used = os.wait4(child, 0)
    last = os.read(read, len(order))
    os.close(read)
    survived = status == 0 and len(last) == len(order)
    return {
        "killer": None if survived else order[last[-1]] if last else LOADING,
        "timed_out": os.WIFSIGNALED(status) and os.WTERMSIG(status) in _TIME_IS_UP,
        "seconds": used.ru_utime + used.ru_stime,
    }


_TIME_IS_UP = (signal.SIGXCPU, signal.SIGALRM)
_WARM = ("hypothesis.strategies", "jsonschema", "yaml", "zoneinfo", "multiprocessing.pool")


def _work() -> None:
    """A worker: everything but the engine loaded, one line in and one line out for each mutant."""
    for line in sys.stdin:
        job, order, limits = json.loads(line)
        if not set(order) <= set(_IN_PROCESS):
            _warm_up()
        _source(job[0])  # read here, once for all the children
        if STORED in order:
            _stored()
        sys.stdout.write(json.dumps(_tried(tuple(job), order, limits)) + "\n")
        sys.stdout.flush()


@cache
def _warm_up() -> None:
    for name in _WARM:
        importlib.import_module(name)
    with contextlib.redirect_stdout(io.StringIO()):  # all of pytest, by a run without a test
        importlib.import_module("pytest").main(["prove/__init__.py", "-s", *_PYTEST])
    hypothesis = importlib.import_module("hypothesis")
    phases = [hypothesis.Phase.explicit, hypothesis.Phase.generate]  # one failing example will do
    hypothesis.settings.register_profile("mutants", phases=phases, report_multiple_bugs=False)
    hypothesis.settings.load_profile("mutants")
    assert not any(name.startswith("stepwell") for name in sys.modules)
    gc.freeze()


# --- many mutants in a few processes ----------------------------------------------------------


_ALONE = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # plugins are slow to load


class _Worker:
    """A process to ask about one mutant at a time."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "prove.mutants", "--work"]
        self.process = subprocess.Popen(  # noqa: S603 - ourselves
            command, cwd=ROOT, env=_ALONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, job: Job, order: Sequence[str], limits: Sequence[float]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([job, order, limits]) + "\n")
        self.process.stdin.flush()
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def __enter__(self) -> "_Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


def normal(of: Collection[str] = EVERY) -> dict[str, float]:
    """Processor seconds of each killer on the engine as it is. RuntimeError when one kills that."""
    with _Worker() as worker:
        found = {one: worker.ask(("wire.py", -1), [one], [600]) for one in of}
    wrong = [one for one, answer in found.items() if answer["killer"]]
    if wrong:
        raise RuntimeError(f"fails on the engine as it is: {', '.join(wrong)}")
    return {one: answer["seconds"] for one, answer in found.items()}


def tried(
    jobs: Sequence[tuple[Job, Mutant]], usual: dict[str, float], skip: Collection[Key] = ()
) -> list[Outcome]:
    """The outcome of each mutant; those whose key is in `skip` are spared the slow killers."""
    left = deque(jobs)
    with ThreadPoolExecutor(_PROCESSES) as pool:
        parts = [pool.submit(_share, left, usual, skip) for _ in range(_PROCESSES)]
        return [outcome for part in parts for outcome in part.result()]


def _share(
    left: deque[tuple[Job, Mutant]], usual: dict[str, float], skip: Collection[Key]
) -> list[Outcome]:
    outcomes = []
    with _Worker() as worker:
        while left:
            try:
                job, mutant = left.popleft()
            except IndexError:
                break
            of = set(usual) - set(_SLOW) if mutant.key in skip else usual
            outcomes.append(_outcome(worker, job, mutant, killers(job[0], of), usual))
    return outcomes


def _outcome(
    worker: _Worker, job: Job, mutant: Mutant, order: list[str], usual: dict[str, float]
) -> Outcome:
    limits = [max(_LEAST_SECONDS, _PATIENCE * usual[one]) for one in order]
    answer = worker.ask(job, order, limits)
    return Outcome(mutant, answer["killer"], answer["timed_out"], answer["seconds"])


def jobs(files: Collection[str] | None = None) -> list[tuple[Job, Mutant]]:
    """Every mutant of these files, or of all of them."""
    chosen = operators.files() if files is None else files
    return [
        ((file, number), mutant)
        for file in chosen
        for number, mutant in enumerate(_source(file).mutants)
    ]


# --- the list of equivalents ------------------------------------------------------------------


def listed(path: Path = LIST) -> list[Equivalent]:
    return [Equivalent(**one) for one in json.loads(path.read_text(encoding="utf-8"))]


# --- the measures -----------------------------------------------------------------------------


def run(budget: float = 1.0, of: Collection[str] = EVERY) -> list[Measure]:
    """Try every mutant, or every so many-th; with no killers all survive, and that is short."""
    made = jobs()
    picked = made if budget >= 1 else made[:: max(round(1 / budget), 1)]
    known = listed()
    try:
        outcomes = tried(picked, normal(of), {one.key for one in known})
    except RuntimeError as error:
        sys.stderr.write(f"mutants: {error}\n")
        outcomes = []
    return measures(made, picked, outcomes, known)


def measures(
    made: Sequence[tuple[Job, Mutant]],
    picked: Sequence[tuple[Job, Mutant]],
    outcomes: Sequence[Outcome],
    known: Sequence[Equivalent],
) -> list[Measure]:
    """The five lines, with what fell short on standard error."""
    keys = {one.key for one in known}
    survivors = [one.mutant for one in outcomes if one.killer is None]
    unlisted = [one for one in survivors if one.key not in keys]
    stale = list(_stale(made, outcomes, known))
    _show("survived", map(str, unlisted))
    _show("stale in equivalent.json", stale)
    _show("killed by time-out", (str(one.mutant) for one in outcomes if one.timed_out))
    return [
        _tried_enough(made, picked, outcomes),
        _killed(outcomes, unlisted),
        _listed(made, known),
        Measure("mutants: survivors not listed", *_none(unlisted, outcomes)),
        Measure("mutants: stale entries in the list", *_none(stale, outcomes)),
    ]


def _show(what: str, lines: Any) -> None:
    for line in lines:
        sys.stderr.write(f"mutants: {what}: {line}\n")


def _stale(
    made: Sequence[tuple[Job, Mutant]], outcomes: Sequence[Outcome], known: Sequence[Equivalent]
) -> Iterator[str]:
    """Entries for a mutant that is no longer made, that is killed, or that gives no reason."""
    there = {mutant.key for _, mutant in made}
    killed = {one.mutant.key for one in outcomes if one.killer is not None}
    for one in known:
        if one.key not in there or one.key in killed or not one.reason.strip():
            yield " ".join(one.key)


def _tried_enough(
    made: Sequence[tuple[Job, Mutant]],
    picked: Sequence[tuple[Job, Mutant]],
    outcomes: Sequence[Outcome],
) -> Measure:
    files = len({mutant.file for _, mutant in made})
    enough = len(outcomes) == len(picked) > 0 and len(made) >= FEWEST
    enough = enough and files == len(operators.files())
    measured = f"{len(outcomes):,} tried of {len(made):,} in {files} files"
    return Measure("mutants: made", measured, f"all of {len(picked):,}", enough)


def _killed(outcomes: Sequence[Outcome], unlisted: Sequence[Mutant]) -> Measure:
    killed = sum(one.killer is not None for one in outcomes)
    late = sum(one.timed_out for one in outcomes)
    measured = f"{killed:,} of {len(outcomes):,} ({late} by time-out)"
    met = bool(outcomes) and not unlisted
    return Measure("mutants: killed", measured, "all but the listed", met)


def _listed(made: Sequence[tuple[Job, Mutant]], known: Sequence[Equivalent]) -> Measure:
    share = len(known) / max(len(made), 1)
    measured = f"{len(known)} ({share:.1%})"
    wanted = f"at most {MOST_LISTED:.0%}"
    return Measure("mutants: listed as equivalent", measured, wanted, share <= MOST_LISTED)


def _none(found: Sequence[object], outcomes: Sequence[Outcome]) -> tuple[str, str, bool]:
    return f"{len(found)}", "0", bool(outcomes) and not found


# --- by hand ----------------------------------------------------------------------------------


def _by_hand(files: list[str], of: Sequence[str]) -> None:
    """Try the mutants of some files; print each survivor as it would stand in the list."""
    known = {one.key for one in listed()}
    began = time.monotonic()
    outcomes = tried(jobs(files), normal(of), known)
    for one in outcomes:
        if one.killer is None and one.mutant.key not in known:
            shown = {k: v for k, v in asdict(one.mutant).items() if k != "line"}
            print(one.mutant.line, json.dumps(shown, ensure_ascii=False))  # noqa: T201
    alive = sum(one.killer is None for one in outcomes)
    spent, took = sum(one.seconds for one in outcomes), time.monotonic() - began
    print(f"{len(outcomes)} tried, {alive} alive, {spent:.0f} s in {took:.0f} s")  # noqa: T201


def _main(words: list[str]) -> None:
    if words == ["--work"]:
        _work()
    elif "--quick" in words:
        _by_hand([one for one in words if one != "--quick"], [LOADING, SCENARIOS, TABLE, *_QUICK])
    else:
        _by_hand(words, EVERY)


if __name__ == "__main__":
    _main(sys.argv[1:])
