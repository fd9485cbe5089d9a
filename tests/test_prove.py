"""The frame of the proof: whatever a part does, it is met or short, and never left out."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from prove import __main__ as frame
from prove import branches, faults, page
from prove.measures import Measure

Run = Callable[[float], list[Measure]]
GOOD = Measure("states", "12", "10", met=True)
POOR = Measure("states", "9", "10", met=False)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put these parts in the place of the real ones, in this order."""

    def put(**runs: Run) -> None:
        monkeypatch.setattr(frame, "PARTS", dict.fromkeys(runs, "a part made up for a test"))
        for name, run in runs.items():
            module = ModuleType(f"prove.{name}")
            module.__dict__["run"] = run
            monkeypatch.setitem(sys.modules, f"prove.{name}", module)

    return put


def good(budget: float) -> list[Measure]:
    return [GOOD]


def poor(budget: float) -> list[Measure]:
    return [GOOD, POOR]


def raising(budget: float) -> list[Measure]:
    raise KeyError("no such state\nat all")


def dying(budget: float) -> list[Measure]:
    os._exit(0)


def silent(budget: float) -> list[Measure]:
    return []


def spending(budget: float) -> list[Measure]:
    return [Measure("spent", str(budget), "any", met=True)]


def verdicts(said: str) -> list[str]:
    """The last word of every line but the last."""
    return [line.split()[-1] for line in said.splitlines()[:-1]]


# What makes it met or short


def test_every_measure_met_exits_0(
    parts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    parts(first=good, second=good)
    assert frame.main([]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["states: 12 (target 10) met"] * 2
    assert said[2:] == ["prove: minutes: 0.0 (target < 60) met", "3 met, 0 short"]


def test_one_short_measure_exits_1(
    parts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    parts(first=poor, second=good)
    assert frame.main([]) == 1
    said = capsys.readouterr().out
    assert "states: 9 (target 10) short\n" in said
    assert said.endswith("3 met, 1 short\n")


@pytest.mark.parametrize("run", [raising, dying, silent])
def test_a_part_that_stops_half_way_or_measures_nothing_is_short(
    run: Run, parts: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    parts(broken=run, after=good)
    assert frame.main([]) == 1
    said, wrong = capfd.readouterr()
    assert said.startswith("broken: measured: ")
    assert verdicts(said) == ["short", "met", "met"]
    assert ("Traceback" in wrong) == (run is raising)


def test_a_part_that_is_not_there_is_short(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frame, "PARTS", {"nowhere": "a part that nobody wrote"})
    assert frame.main([]) == 1
    assert "No module named 'prove.nowhere'" in capfd.readouterr().out


def test_an_hour_is_too_long() -> None:
    assert frame.minutes(3599).met
    assert not frame.minutes(3600).met


# What is run


def test_the_budget_reaches_every_part(
    parts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    parts(first=spending, second=spending)
    frame.main(["--budget", "0.25"])
    assert capsys.readouterr().out.splitlines()[:2] == ["spent: 0.25 (target any) met"] * 2


@pytest.mark.parametrize("typed", [["first"], ["--budget", "0.5"]])
def test_less_than_the_whole_is_not_called_the_proof(
    typed: list[str], parts: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    parts(first=good, second=good)
    frame.main(typed)
    said = capsys.readouterr().out
    assert len(said.splitlines()) == (3 if typed == ["first"] else 4)
    assert said.endswith("(a reduced run: this is not the proof)\n")


@pytest.mark.parametrize(
    "typed",
    [["frist"], ["--budget", "0"], ["--budget", "1.1"], ["--budget", "nan"], ["--budget", "all"]],
)
def test_a_part_or_a_budget_that_cannot_be_is_refused(typed: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        frame.main(typed)
    assert left.value.code == 2


# The page

BLANK = "Before.\n<!-- measured: begin -->\nolder\n<!-- measured: end -->\nAfter.\n"


def test_a_whole_run_fills_in_the_page(parts: Callable[..., None], tmp_path: Path) -> None:
    parts(first=poor)
    written = tmp_path / "proof.md"
    written.write_text(BLANK)
    assert frame.main(["--write", str(written)]) == 1
    said = written.read_text()
    assert said.startswith("Before.\n<!-- measured: begin -->\nEngine source `")
    assert "| states | 12 | 10 | met |\n| states | 9 | 10 | **short** |\n" in said
    assert said.endswith("<!-- measured: end -->\nAfter.\n")
    assert "older" not in said


@pytest.mark.parametrize(
    ("typed", "there"),
    [(["first"], BLANK), (["--budget", "0.5"], BLANK), ([], "no marks"), ([], None)],
)
def test_a_page_that_cannot_be_written_whole_is_refused_before_the_run(
    typed: list[str], there: str | None, parts: Callable[..., None], tmp_path: Path
) -> None:
    parts(first=good, second=good)
    written = tmp_path / "proof.md"
    if there is not None:
        written.write_text(there)
    with pytest.raises(SystemExit) as left:
        frame.main([*typed, "--write", str(written)])
    assert left.value.code == 2
    assert not there or written.read_text() == there


def test_another_engine_has_another_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = page.source()
    (tmp_path / "rules.py").write_text("RULES = ()\n")
    monkeypatch.setattr(page, "ENGINE", tmp_path)
    assert page.source() != ours


# The planted faults of the explorer


@pytest.mark.slow
def test_a_check_that_no_planted_fault_breaks_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(measure.met for measure in without_faults(monkeypatch, ()))
    caught, bare = without_faults(monkeypatch, faults.FAULTS[:1])
    assert (caught.met, caught.measured) == (True, "1 of 1")
    assert not bare.met


def without_faults(
    monkeypatch: pytest.MonkeyPatch, some: tuple[faults.Fault, ...]
) -> list[Measure]:
    with monkeypatch.context() as patched:
        patched.setattr(faults, "FAULTS", some)
        return faults.run()


# Branch coverage


@pytest.mark.slow
def test_a_failing_test_and_a_branch_that_none_takes_are_short(tmp_path: Path) -> None:
    failing = tmp_path / "test_failing.py"
    failing.write_text(
        "from stepwell.engine import rules\n\ndef test_it():\n    assert not rules\n"
    )
    tested, taken, lines, left_out = branches.run(tests=[str(failing)])
    assert not any(measure.met for measure in (tested, taken, lines))
    assert taken.measured.startswith("0.00 % (0 of ")
    assert (left_out.measured, left_out.met) == ("0", True)
