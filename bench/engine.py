"""How fast the engine is, against its targets; beside it two public planners' formulas.

`make bench-engine` prints a line for each target and exits 1 when one is short. One core, one
process, the middle of nine runs. The targets are for an idle machine: read a short line again on
one before believing it.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from bench import lives, peers, timing
from bench.peers import Asked, Peer
from prove.measures import Measure
from stepwell.engine import decide, rules, wire
from stepwell.engine.history import Today
from stepwell.engine.planner import Draft, Request

RECOMMENDATIONS = 100_000  # a second
YEAR_MS = 20
PLANS = 5_000  # a second


def main() -> int:
    """Print every line as it is measured; 1 when a target was missed, else 0."""
    short = 0
    for line in lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        short += isinstance(line, Measure) and not line.met
    return 1 if short else 0


def lines() -> Iterator[Measure | str]:
    """A measure for each target, and what stands beside it."""
    yield recommendations(lives.days())
    yield from year("a calm year", lives.calm_year())
    yield from year("an uneven year", lives.uneven_year())
    yield from plans()
    yield from beside("Meditrax's formulas", peers.meditrax, peers.IN_STEPS)
    yield from beside("pielab's formula", peers.pielab, peers.BY_PERCENT)


# --- recommendations --------------------------------------------------------------------------


def recommendations(days: Sequence[Today]) -> Measure:
    """Findings and recommendation from each of these days' facts."""

    def each() -> None:
        for day in days:
            rules.recommend(day.snapshot, rules.findings(day.snapshot), day.since)

    took = timing.timed(each)
    return Measure(
        f"recommendations a second, one core, over {len(days):,} days of real histories",
        took.rate(len(days)),
        f"{RECOMMENDATIONS:,} or more",
        len(days) / took.middle >= RECOMMENDATIONS,
    )


# --- a year -----------------------------------------------------------------------------------


def year(name: str, document: lives.Document) -> Iterator[Measure | str]:
    """A year of days folded and decided from a case that was read; reading it is beside."""
    case = wire.read_case(document, lives.PROTOCOLS)
    took = timing.timed(lambda: decide.recommend(case))
    yield Measure(
        f"{name}, {len(case.events)} events folded and decided",
        took.milliseconds(),
        f"{YEAR_MS} ms or less",
        took.middle * 1000 <= YEAR_MS,
    )
    reading = timing.timed(lambda: wire.read_case(document, lives.PROTOCOLS))
    yield f"  beside it: reading it from JSON values and checking it, {reading.milliseconds()}"


# --- plans ------------------------------------------------------------------------------------


def plans() -> Iterator[Measure | str]:
    """Plans of every shape from requests that were read; the slowest and the whole way beside."""
    requests, documents = lives.requests(), lives.asked_plans()
    took = timing.timed(lambda: [decide.draft(request) for request in requests])
    yield Measure(
        f"plans a second, one core, over {len(requests)} requests of every shape",
        took.rate(len(requests)),
        f"{PLANS:,} or more",
        len(requests) / took.middle >= PLANS,
    )
    yield f"  beside it: the slowest of them, {slowest(requests)}"
    whole = timing.timed(lambda: [wire.plan(asked, lives.PROTOCOLS) for asked in documents])
    yield f"  beside it: from JSON values to JSON values, {whole.rate(len(documents))}"


def slowest(requests: Iterable[Request]) -> str:
    """The request that takes longest, with its rate."""
    timings = [(timing.timed(partial(decide.draft, one)), one) for one in requests]
    took, request = max(timings, key=lambda pair: pair[0].middle)
    solved = " to an end date" if request.end_by else ""
    return f"{request.shape.value}{solved}, {took.rate(1)}"


# --- others -----------------------------------------------------------------------------------


def beside(name: str, peer: Peer, asked: Sequence[Asked]) -> Iterator[str]:
    """Another planner's formulas on plans that both can draw, and what they leave undone."""
    requests = [lives.like(one) for one in asked]
    ours = timing.timed(lambda: [decide.draft(request) for request in requests])
    theirs = timing.timed(lambda: [peer(one) for one in asked])
    ratio = ours.middle / theirs.middle
    yield f"  beside it: {name}, {len(asked)} plans both can draw, {theirs.rate(len(asked))}"
    yield f"    {peers.undone(peer, asked, lives.LARGEST_PERCENT)}, nobody is asked"
    yield f"    ours of the same, {ours.rate(len(asked))}: takes {ratio:.1f} times as long"
    asking = sum("authorisation" in drafted(request).needs for request in requests)
    said = peers.undone(_ours, asked, lives.LARGEST_PERCENT)
    yield f"    {said}; {asking} plans ask to be authorised"


def _ours(asked: Asked) -> list[peers.Level]:
    plan = drafted(lives.like(asked))
    days = [day for day in plan.dates if day is not None]
    return [(level.ceiling_mg, day) for level, day in zip(plan.levels[1:], days, strict=True)]


def drafted(request: Request) -> Draft:
    """A draft; raises TypeError for a refusal, which would be quick and worth nothing here."""
    answer = decide.draft(request)
    if not isinstance(answer, Draft):
        raise TypeError(f"refused: {answer}")
    return answer


if __name__ == "__main__":
    sys.exit(main())
