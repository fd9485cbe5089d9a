"""The engine against the decision table on random days: any difference is a fault in one of them.

`run` is a part of `make prove`; `python -m prove.agreement NUMBER` prints what it finds.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import Pool
from random import Random

from prove import days, oracle, planted
from prove.measures import Measure
from prove.oracle import Table
from prove.planted import Pair
from stepwell.engine import rules
from stepwell.engine.recommendation import Recommendation
from stepwell.engine.snapshot import Snapshot

DAYS = 10_000_000
_BATCH = 10_000
_PROCESSES = 2
_SHOWN = 10
_RAREST = 1_000


@dataclass(slots=True)
class Tally:
    """What was compared, how often each rule spoke, and what differed."""

    compared: int = 0
    spoke: Counter[str] = field(default_factory=Counter)
    differed: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.compared += other.compared
        self.spoke += other.spoke
        self.differed += other.differed
        self.shown = (self.shown + other.shown)[:_SHOWN]


def run(budget: float = 1.0) -> list[Measure]:
    """Compare on ten million random days, or on the share of them that the budget names."""
    number = int(DAYS * min(budget, 1.0))
    tally = compared(number)
    for difference in tally.shown:
        sys.stderr.write(f"{difference}\n")
    return [
        *_agreement(tally, number),
        _rarest(tally),
        _planted(),
    ]


def _agreement(tally: Tally, number: int) -> list[Measure]:
    compared, differed = f"{tally.compared:,}", f"{tally.differed:,}"
    enough = tally.compared >= number > 0
    return [
        Measure("oracle: random days compared", compared, f"{number:,}", enough),
        Measure("oracle: days on which it differs", differed, "0", tally.differed == 0),
    ]


def _rarest(tally: Tally) -> Measure:
    """Agreement says little of a rule that spoke on no day."""
    names = [row.name for row in oracle.table().rules]
    rarest = min(names, key=lambda name: tally.spoke[name])
    one_in = tally.compared // max(tally.spoke[rarest], 1)
    measured = f"speaks on 1 day in {one_in:,} ({rarest})"
    met = tally.spoke[rarest] > 0 and one_in <= _RAREST
    return Measure("oracle: rarest rule", measured, f"1 in {_RAREST:,}", met)


def _planted() -> Measure:
    """Every fault planted in the table must show on a few of the same days."""
    faults = list(planted.faults(oracle.lines_of(oracle.text())))
    missed = planted.unseen(faults, pairs(range(20), 2_000))
    for fault in missed:
        sys.stderr.write(f"not seen: {fault.now}\n")
    caught = f"{len(faults) - len(missed)} of {len(faults)}"
    return Measure("oracle: planted faults caught", caught, "all", not missed)


def pairs(seeds: Iterable[int], size: int) -> list[Pair]:
    """Days of several batches with the engine's answers, the batches mixed evenly."""
    batches = [list(random_days(seed, size)) for seed in seeds]
    mixed = (snapshot for together in zip(*batches, strict=True) for snapshot in together)
    return [(snapshot, recommended(snapshot)) for snapshot in mixed]


def compared(number: int) -> Tally:
    """The tally of at least so many random days, in two processes; seeds are 0, 1, 2 …"""
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
    chance = Random(seed)
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
    tally.spoke.update(list(given.findings))
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
