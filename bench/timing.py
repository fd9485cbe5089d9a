"""How long a piece of work takes a core: the middle of several runs, in processor time.

Processor time leaves out what the machine did for others meanwhile, but not what others did to
its caches and its clock; so the slowest and the fastest run are shown beside the middle one.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time

RUNS = 9
_LEAST_SECONDS = 0.2  # a run is long enough for the clock


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of processor time for one round of the work: the middle run and the two ends."""

    middle: float
    fastest: float
    slowest: float

    def rate(self, number: int) -> str:
        """So many things a round, as things a second."""
        low, high = number / self.slowest, number / self.fastest
        return f"{number / self.middle:,.0f} ({low:,.0f} to {high:,.0f} in {RUNS} runs)"

    def milliseconds(self) -> str:
        """One round, in milliseconds."""
        low, high = self.fastest * 1000, self.slowest * 1000
        return f"{self.middle * 1000:.1f} ms ({low:.1f} to {high:.1f} in {RUNS} runs)"


def timed(work: Callable[[], object]) -> Timed:
    """Do the work over and over, after once for warmth."""
    rounds = max(round(_LEAST_SECONDS / max(_seconds(work, 1), 1e-9)), 1)
    took = [_seconds(work, rounds) / rounds for _ in range(RUNS)]
    return Timed(median(took), min(took), max(took))


def _seconds(work: Callable[[], object], rounds: int) -> float:
    gc.collect()
    begun = process_time()
    for _ in range(rounds):
        work()
    return process_time() - begun
