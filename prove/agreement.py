"""The engine against the decision table on random days: any difference is a fault in one of them.

`run` is a part of `make prove`; `python -m prove.agreement NUMBER` prints what it finds.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import Pool
from random import Random

from prove import days, oracle
from prove.measures import Measure
from prove.oracle import Table
from stepwell.engine import rules
from stepwell.engine.recommendation import Recommendation
from stepwell.engine.snapshot import Snapshot

DAYS = 10_000_000
_BATCH = 20_000
_PROCESSES = 2
_SHOWN = 10


@dataclass(slots=True)
class Tally:
    """What was compared, how often each rule spoke and decided, and what differed."""

    compared: int = 0
    spoke: Counter[str] = field(default_factory=Counter)
    decided: Counter[str] = field(default_factory=Counter)
    differed: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.compared += other.compared
        self.spoke += other.spoke
        self.decided += other.decided
        self.differed += other.differed
        self.shown = (self.shown + other.shown)[:_SHOWN]


def run(budget: float = 1.0) -> list[Measure]:
    """Compare on ten million random days times the budget (a share of the whole, 0 to 1)."""
    tally = compared(int(DAYS * budget))
    for difference in tally.shown:
        sys.stderr.write(difference + "\n")
    rarest = min((row.name for row in oracle.table().rules), key=lambda name: tally.decided[name])
    return [
        Measure(
            "days compared with the decision table",
            f"{tally.compared:,}",
            f"at least {int(DAYS * budget):,}",
            tally.compared >= int(DAYS * budget),
        ),
        Measure("days on which they differ", f"{tally.differed:,}", "0", tally.differed == 0),
        Measure(
            "days decided by the rarest rule",
            f"{tally.decided[rarest]:,} by {rarest}",
            "at least 1 in 10,000",
            tally.decided[rarest] * 10_000 >= tally.compared,
        ),
    ]


def compared(number: int) -> Tally:
    """The tally of so many random days, in two processes; seeds are 0, 1, 2 …"""
    tally = Tally()
    with Pool(_PROCESSES) as pool:
        for part in pool.imap_unordered(batch, range(-(-number // _BATCH))):
            tally.add(part)
    return tally


def batch(seed: int, size: int = _BATCH, by: Table | None = None) -> Tally:
    """The tally of one batch: even seeds under the protocol that ships, odd ones under another."""
    return tallied(random_days(seed, size), by or oracle.table())


def random_days(seed: int, size: int) -> Iterator[Snapshot]:
    """So many random days under one protocol, always the same for a seed."""
    chance = Random(seed)  # noqa: S311 — nothing here is a secret
    world = days.drawn_world(chance) if seed % 2 else days.known_world(chance)
    return (world.day(chance) for _ in range(size))


def tallied(snapshots: Iterable[Snapshot], by: Table) -> Tally:
    """Ask the engine and the table about each day."""
    tally = Tally()
    for snapshot in snapshots:
        given = recommended(snapshot)
        _note(tally, snapshot, given, oracle.compare(snapshot, given, by))
    return tally


def recommended(snapshot: Snapshot) -> Recommendation:
    """What the engine's rules say of a day, every signal taken as new today."""
    spoke = rules.findings(snapshot)
    return rules.recommend(snapshot, spoke, dict.fromkeys(spoke, snapshot.today))


def _note(tally: Tally, snapshot: Snapshot, given: Recommendation, found: list[str]) -> None:
    tally.compared += 1
    tally.spoke.update(given.findings)
    tally.decided[next(iter(given.findings), "nobody")] += 1
    if found:
        tally.differed += 1
        tally.shown = [*tally.shown, "\n  ".join([*found, shown(snapshot)])][:_SHOWN]


def shown(snapshot: Snapshot) -> str:
    """A day in one line: its facts, and the numbers it was judged by."""
    facts = {name: getattr(snapshot, name) for name in oracle.FACTS if name != "protocol"}
    return f"{facts} under {dict(oracle.values(snapshot.protocol))}"


if __name__ == "__main__":
    for measure in run(int(sys.argv[1]) / DAYS if len(sys.argv) > 1 else 1.0):
        sys.stdout.write(f"{measure}\n")
