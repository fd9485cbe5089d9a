"""Prove the engine: `python -m prove [PART ...] [--budget SHARE] [--write FILE]`.

Each part is a module of this folder with `run(budget) -> list[Measure]`, and gets a process of
its own. A part that is not there, that stops half-way or that measures nothing is short, never
left out. Prints a line for each measure as it arrives, then how many were met and in what time;
exits 1 when any is short. Only a run of every part on the whole budget is the proof.
"""

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from prove import page
from prove.measures import Measure

# What may fall short soonest comes first.
PARTS = {
    "replays": "ten thousand stored decisions, byte for byte",
    "zones": "every time zone over every clock change: one decision a day",
    "ladders": "every ladder and every protocol within bounds, by an SMT solver",
    "inputs": "a million malformed calls, and every short text of an amount",
    "branches": "every branch of the engine is taken by a test",
    "agreement": "the rules and the decision table on ten million random days",
    "faults": "every control switched off in turn is seen by the explorer",
    "mutants": "every small fault in the engine's source is noticed by a test",
    "explorer": "every reachable state of small plans",
}
MOST_MINUTES = 60.0


def main(typed: Sequence[str] | None = None) -> int:
    """Run the parts named (all of them, when none is) and say whether every measure is met."""
    asked = _arguments().parse_args(typed)
    _check(asked)
    begun = time.monotonic()
    found = list(_said(measured(asked.parts or PARTS, asked.budget)))
    found += _said([minutes(time.monotonic() - begun)])
    short = sum(1 for measure in found if not measure.met)
    _say(f"{len(found) - short} met, {short} short{_reduced(asked)}")
    if asked.write:
        page.write(asked.write, found)
    return 1 if short else 0


def measured(parts: Iterable[str], budget: float) -> Iterator[Measure]:
    """What each part measures, in turn."""
    for part in parts:
        yield from _part(part, budget)


def _part(part: str, budget: float) -> Sequence[Measure]:
    with ProcessPoolExecutor(1) as process:
        asked = process.submit(_run, part, budget)
    wrong = asked.exception()
    if wrong is not None:
        traceback.print_exception(wrong)
        return [_short(part, f"{type(wrong).__name__}: {wrong}")]
    return asked.result() or [_short(part, "nothing")]


def _short(part: str, instead: str) -> Measure:
    return Measure(f"{part}: measured", instead.splitlines()[0], "all of it", met=False)


def _run(part: str, budget: float) -> list[Measure]:
    run: Callable[[float], list[Measure]] = importlib.import_module(f"prove.{part}").run
    return run(budget)


def minutes(seconds: float) -> Measure:
    """The time that the whole of it took, on the machine it ran on."""
    took = seconds / 60
    return Measure("prove: minutes", f"{took:.1f}", f"< {MOST_MINUTES:.0f}", took < MOST_MINUTES)


# --- what was typed and what is said ----------------------------------------------------------


def _arguments() -> argparse.ArgumentParser:
    known = "\n".join(f"  {part:10} {what}" for part, what in PARTS.items())
    parser = argparse.ArgumentParser(
        "python -m prove",
        description=f"Prove the engine, or the parts named:\n{known}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--budget", type=_share, default=1.0, help="the share of it: 0.01 … 1")
    parser.add_argument("--write", type=Path, metavar="FILE", help="fill in this page, if whole")
    return parser


def _share(typed: str) -> float:
    share = float(typed)
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError("must be above 0 and at most 1")
    return share


def _check(asked: argparse.Namespace) -> None:
    """A name that is no part, or a page that could not be written, ends here with exit code 2."""
    unknown = [part for part in asked.parts if part not in PARTS]
    if unknown:
        _arguments().error(f"no such part: {', '.join(unknown)}")
    if asked.write and _reduced(asked):
        _arguments().error("a page is written from every part on the whole budget, never less")
    try:
        page.check(asked.write) if asked.write else None
    except (OSError, ValueError) as error:
        _arguments().error(str(error))


def _reduced(asked: argparse.Namespace) -> str:
    less = asked.budget < 1 or (asked.parts and set(asked.parts) != set(PARTS))
    return " (a reduced run: this is not the proof)" if less else ""


def _said(measures: Iterable[Measure]) -> Iterator[Measure]:
    for measure in measures:
        _say(str(measure))
        yield measure


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
