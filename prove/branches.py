"""Branch coverage: every statement and every branch of the engine is taken by some test.

What is proved is that nothing of the engine is unreached, and that nothing is left out of the
count. It is not proved that a test would notice a fault there: that is what mutants are for.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from prove.measures import Measure

ROOT = Path(__file__).parents[1]
TESTS = ("-n", "2", "--dist", "worksteal", "-m", "not slow", "tests/engine", "tests/safety")
_TOO_LONG = 900  # seconds


def run(budget: float = 1.0, tests: Sequence[str] = TESTS) -> list[Measure]:
    """Run the engine's own tests, all of them whatever the budget, and count what they take."""
    del budget  # half of the tests would take half of the branches
    with TemporaryDirectory() as folder:
        passed = _tested(tests, Path(folder))
        counted = _counted(Path(folder))
    return [
        Measure("coverage: tests", "passed" if passed else "failed", "passed", passed),
        _all("branches", counted["covered_branches"], counted["num_branches"]),
        _all("statements", counted["covered_lines"], counted["num_statements"]),
        _left_out(counted["excluded_lines"]),
    ]


def _all(what: str, taken: int, there: int) -> Measure:
    percent = 100 * taken / there if there else 0
    measured = f"{percent:.2f} % ({taken:,} of {there:,})"
    return Measure(f"coverage: {what} of the engine", measured, "100 %", 0 < there == taken)


def _left_out(lines: int) -> Measure:
    return Measure("coverage: lines left out of the count", str(lines), "0", lines == 0)


def _tested(tests: Sequence[str], folder: Path) -> bool:
    """True when the tests pass; what they say goes to standard error."""
    return _coverage(folder, "run", "-m", "pytest", "-q", *tests) == 0


def _counted(folder: Path) -> dict[str, Any]:
    _coverage(folder, "combine", "-q")
    _coverage(folder, "json", "-q", "-o", str(folder / "counted.json"))
    _coverage(folder, "report")
    whole = json.loads((folder / "counted.json").read_text(encoding="utf-8"))
    totals: dict[str, Any] = whole["totals"]
    return totals


def _coverage(folder: Path, *asked: str) -> int:
    """Run coverage with its data in this folder; one that counts us already is left out of it."""
    where = {name: value for name, value in os.environ.items() if "COVERAGE_PROCESS" not in name}
    where["COVERAGE_FILE"] = str(folder / "data")
    command = [sys.executable, "-m", "coverage", *asked]
    done = subprocess.run(  # noqa: S603 - its own words
        command, cwd=ROOT, env=where, stdout=sys.stderr, timeout=_TOO_LONG, check=False
    )
    return done.returncode
