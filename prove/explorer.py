"""Every reachable state of small plans, walked with the engine's own public names.

From the first morning every event that can follow is tried, breadth-first, until nothing new
appears. At every step what must hold is checked; at every state the decision table is asked too,
and at some of them the whole door (fold, rules and last gate) on all events in any order.
Then each two ways that one day made different are compared, and from every state somebody goes
on living until they reach the goal or a person.

`python -m prove.explorer NAME [STATES]` walks one world and prints what it finds.
"""

import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from random import Random

from prove import graph as graphs
from prove import oracle, runs, states
from prove.graph import Graph
from prove.invariants import EVERY_STEP
from prove.measures import Measure
from prove.runs import Person
from prove.states import Moment
from prove.worlds import NIGHT, SHORT, START, World, plan
from stepwell.engine import decide as door
from stepwell.engine.case import Case
from stepwell.engine.plan import Level, Plan, Supply

STATES = 10_000_000
SMALLEST = 20_000
_PROCESSES = 2
_ASKED_AT_THE_DOOR = 997  # one state in so many
_NIGHTS = 60  # in a small world every way must have ended by then

TO_NONE = plan(2000, 1000, 500, 0)
TO_NOTHING = plan(1000, 0)
TO_SOME = plan(2000, 1000, 500)
FEW = plan(1000, 500)


@dataclass(frozen=True, slots=True)
class Task:
    """A world, about how many states it has (at most twice as many are walked), who lives there."""

    world: World
    size: int
    persons: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Walked:
    """What came out of one world."""

    name: str
    states: int
    transitions: int
    ended: bool
    last_day: int
    pairs: int
    lives: int
    compared: int
    asked: int
    broken: dict[str, list[str]]


def run(budget: float = 1.0) -> list[Measure]:
    """Walk every world to its end; a smaller budget walks the smaller worlds only."""
    done: list[Walked] = []
    with get_context("fork").Pool(_PROCESSES, gc.disable, maxtasksperchild=1) as pool:
        for one in pool.imap_unordered(walk, tasks(budget), chunksize=1):
            sys.stderr.write(f"{_line(one)}\n")
            done.append(one)
    return measures(done, budget)


def tasks(budget: float) -> list[Task]:
    """The worlds whose known size fits the budget, the largest first."""
    fitting = [task for task in TASKS if task.size <= max(STATES * budget, SMALLEST)]
    return sorted(fitting, key=lambda task: -task.size)


def walk(task: Task, until: str | None = None) -> Walked:
    """Walk one world to its end, or until the named breach, and check everything in it."""
    compared, asked = _Compared(), _Asked()
    graph = graphs.walked(task.world, task.size * 2, visits=(compared, asked), until=until)
    worse, less = runs.worse_is_never_faster(graph), runs.less_is_never_more(graph)
    _note(graph, runs.worse_is_never_faster.__name__, worse.broken)
    _note(graph, runs.less_is_never_more.__name__, less.broken)
    persons = (*task.persons, *runs.willing(graph)) if graph.ended else ()
    for person in persons:
        found = list(runs.stranded(graph, person, _NIGHTS))
        ways = (f"{person.name}: {' · '.join(graph.way_to(one))}" for one in found[:2])
        _note(graph, STRANDED, tuple(ways))
    return Walked(
        name=task.world.name,
        states=graph.size,
        transitions=graph.transitions,
        ended=graph.ended,
        last_day=graph.last_day,
        pairs=worse.pairs + less.pairs,
        lives=graph.size * len(persons),
        compared=compared.number,
        asked=asked.number,
        broken=graph.broken,
    )


def _note(graph: Graph, what: str, ways: tuple[str, ...]) -> None:
    for way in ways:
        graph.report(what, [way])


# --- what is asked of each new state ----------------------------------------------------------

DIFFERS = "the_decision_table_differs"
STRANDED = "a_state_leads_nowhere"
AT_THE_DOOR = "the_door_answers_otherwise"


class _Compared:
    """The decision table beside the rules, once for every day that looks different to them."""

    def __init__(self) -> None:
        self.seen: set[int] = set()

    @property
    def number(self) -> int:
        return len(self.seen)

    def __call__(self, moment: Moment, _: int) -> Iterator[str]:
        fact = hash(states.as_read(moment.today.snapshot))
        if fact not in self.seen:
            self.seen.add(fact)
            if oracle.compare(moment.today.snapshot, moment.answer):
                yield DIFFERS


class _Asked:
    """The whole door, guard and all, given every event of the way twice and in any order."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self, moment: Moment, number: int) -> Iterator[str]:
        if number % _ASKED_AT_THE_DOOR:
            return
        self.number += 1
        events = moment.way.events() * 2
        Random(number).shuffle(events)
        given = door.recommend(Case(moment.world.plan, tuple(events), moment.day))
        if given != moment.answer:
            yield AT_THE_DOOR


# --- the lines of `make prove` ----------------------------------------------------------------


def measures(done: list[Walked], budget: float = 1.0) -> list[Measure]:
    """What all the worlds together came to."""
    wanted = int(STATES * min(budget, 1.0)) or 1
    number, ended = sum(one.states for one in done), sum(one.ended for one in done)
    broken = [what for one in done for what in one.broken]
    others = [what for what in broken if what not in (STRANDED, DIFFERS)]
    return [
        Measure("explorer: states", f"{number:,}", f"{wanted:,}", number >= wanted),
        _counted("explorer: transitions", sum(one.transitions for one in done)),
        _all("explorer: worlds walked until nothing new appears", ended, len(done)),
        _none(f"explorer: breaches of {len(EVERY_STEP) + 5} invariants", others),
        _counted("explorer: pairs of ways compared", sum(one.pairs for one in done)),
        _counted("explorer: lives followed", sum(one.lives for one in done)),
        _none("explorer: states from which no goal and no person is reached", broken, STRANDED),
        _counted("oracle: reachable days compared", sum(one.compared for one in done)),
        _none("oracle: reachable days on which it differs", broken, DIFFERS),
        _counted("explorer: states asked at the whole door", sum(one.asked for one in done)),
    ]


def _counted(name: str, number: int) -> Measure:
    return Measure(name, f"{number:,}", "more than 0", number > 0)


def _all(name: str, number: int, of: int) -> Measure:
    return Measure(name, f"{number} of {of}", "all", number == of > 0)


def _none(name: str, broken: list[str], what: str | None = None) -> Measure:
    number = len(broken) if what is None else broken.count(what)
    return Measure(name, f"{number} kinds", "0", number == 0)


def _line(one: Walked) -> str:
    end = "to the end" if one.ended else "NOT to the end"
    broken = "".join(f"\n  {what}: {ways[0]}" for what, ways in one.broken.items())
    return f"{one.name}: {one.states:,} states, {one.transitions:,} transitions, {end}{broken}"


# --- the worlds -------------------------------------------------------------------------------

_DECLINES = Person("declines the safety question", ("declined",), with_a_clinician=False)
_TWO_OF_THREE = Person("checks in on two days of three", ("calm", "calm", NIGHT))
_AT_WEEKENDS = Person("uses at weekends only", ("calm", "calm", *["none"] * 5))
_SILENT = Person("tells nothing", (NIGHT,), with_a_clinician=False)
_NEVER_CALM = Person("is never calm", ("hard",), with_a_clinician=False)


_GAPS = "calm; an item left out; few answers; use not said; not asked; declined"
_BY_THE_PRESCRIBER = "step by a clinician; step back by a clinician; hold by a clinician"
_PRESCRIBED = plan(1000, 500, supply=Supply.PRESCRIBED)
_USUALLY_SIX = plan(1000, 500, usual_score=6)
_DAYS_OFF = plan(levels=(Level(1000, days_per_week=4), Level(500, days_per_week=4)))
_REVIEW_DUE = plan(2000, 1000, 500, review_by=START + timedelta(days=7))
_ONE_STEP = plan(1000, 500, 0)
_ON_THREE = plan(2000, 1000, 500, supply=Supply.PRESCRIBED)
_DAYS_OFF_ON_THREE = plan(levels=tuple(Level(mg, days_per_week=4) for mg in (2000, 1000, 500)))
_FOUR_LEVELS = plan(4000, 2000, 1000, 500)
_FIVE_LEVELS = plan(4000, 3000, 2000, 1000, 500)
_LONGER = SHORT | {
    "window_days": 4,
    "answered_days": 3,
    "severe_days": 3,
    "high_of_days": 3,
    "held_days": 5,
}
_LONGER_ON_FOUR = plan(4000, 2000, 1000, 500, spans=_LONGER)
_LONGER_ON_FIVE = plan(4000, 3000, 2000, 1000, 500, spans=_LONGER)
_LONGER_TO_NONE = plan(2000, 1000, 500, 0, spans=_LONGER)

_AMOUNTS = "none; calm; over; unsure"
_DISTRESS = "calm; hard; too hard"
_FOUR_KINDS = "calm; hard; high; too hard"
_DOWN_AND_BACK = "step; step back"
_LOOKED_AT = "step; resume; reviewed"
_HOLDS = "step; hold; hold two days; end hold"
_RESUMED = f"{_DOWN_AND_BACK}; resume"


def _task(name: str, size: int, plan: Plan, days: str, acts: str, *persons: Person) -> Task:
    late, told = name.startswith("late"), tuple(days.split("; "))
    return Task(World(name, plan, told, tuple(acts.split("; ")), late), size, persons)


# About how many states each has.
TASKS: tuple[Task, ...] = (
    _task("one step back", 7_000, FEW, "calm; too hard", _DOWN_AND_BACK),
    _task("usual score six", 7_000, _USUALLY_SIX, "calm; hard; too hard; sharp", "step"),
    _task("late none", 2_000, TO_NOTHING, "none", "step"),
    _task(
        "ended by a clinician",
        4_000,
        TO_SOME,
        "calm",
        "step; resume by the person; resume; reviewed",
    ),
    _task("holds", 5_000, TO_SOME, "calm", _HOLDS),
    _task("unsettled", 6_000, TO_SOME, "calm; hard", "step"),
    _task("prescribed", 14_000, _PRESCRIBED, "calm; too hard", _BY_THE_PRESCRIBER),
    _task("a routine flag", 11_000, FEW, "calm; routine", _LOOKED_AT, _TWO_OF_THREE),
    _task("a review date", 14_000, _REVIEW_DUE, "calm; hard", "step", _NEVER_CALM),
    _task("a lapse", 15_000, TO_NOTHING, "none; calm", _LOOKED_AT),
    _task("days off", 17_000, _DAYS_OFF, "calm; none", _LOOKED_AT, _AT_WEEKENDS),
    _task("gaps", 23_000, TO_SOME, _GAPS, "step", _DECLINES, _SILENT),
    _task("amounts", 41_000, TO_NONE, "none; calm; over; unsure", "step"),
    _task("a lapse and a step", 41_000, _ONE_STEP, "none; calm", _LOOKED_AT),
    _task("distress", 81_000, TO_SOME, "calm; hard; too hard", _DOWN_AND_BACK),
    _task("red flags", 44_000, FEW, "calm; same day", "step; freeze; resume"),
    _task("an emergency", 37_000, FEW, "calm; too hard; emergency", "resume"),
    _task("said to be unsafe", 66_000, FEW, "calm; thoughts", "step; talk; resume; close"),
    _task("levels set", 38_000, FEW, "calm; hard", "step; level one; worse; reviewed"),
    _task("late distress", 79_000, FEW, "calm; too hard", _DOWN_AND_BACK),
    _task("prescribed in distress", 84_000, _ON_THREE, _DISTRESS, _BY_THE_PRESCRIBER),
    _task("looked at", 100_000, FEW, "calm; too hard", "step; step back; resume; reviewed"),
    _task("holds in distress", 163_000, TO_SOME, "calm; too hard", f"step back; {_HOLDS}"),
    _task("red flags in distress", 180_000, FEW, "calm; too hard; same day", _RESUMED),
    _task("gaps and distress", 209_000, _FOUR_LEVELS, f"{_GAPS}; hard", "step"),
    _task("five levels", 228_000, _FIVE_LEVELS, _DISTRESS, _DOWN_AND_BACK),
    _task("amounts and distress", 282_000, TO_NONE, f"{_AMOUNTS}; too hard", "step"),
    _task("distress in four kinds", 321_000, _FOUR_LEVELS, _FOUR_KINDS, _DOWN_AND_BACK),
    _task(
        "days off on three levels", 355_000, _DAYS_OFF_ON_THREE, "calm; none; too hard", _LOOKED_AT
    ),
    _task("late distress on three levels", 390_000, TO_SOME, "calm; too hard", _DOWN_AND_BACK),
    _task("five levels in four kinds", 472_000, _FIVE_LEVELS, _FOUR_KINDS, _DOWN_AND_BACK),
    _task("amounts and all distress", 498_000, TO_NONE, f"{_AMOUNTS}; hard; too hard", "step"),
    _task("longer spans on five levels", 2_890_000, _LONGER_ON_FIVE, _FOUR_KINDS, _DOWN_AND_BACK),
    _task("longer gaps", 1_570_000, _LONGER_ON_FOUR, f"{_GAPS}; hard", "step"),
    _task("longer amounts", 1_300_000, _LONGER_TO_NONE, f"{_AMOUNTS}; too hard", "step"),
    _task("longer spans", 723_000, _LONGER_ON_FOUR, _DISTRESS, _DOWN_AND_BACK),
)

if __name__ == "__main__":
    for task in TASKS:
        if task.world.name in sys.argv[1:]:
            sys.stdout.write(f"{_line(walk(task))}\n")
