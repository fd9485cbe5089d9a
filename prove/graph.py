"""A world walked to its end: every state, what it is offered, and where each event leads.

States are numbered in the order in which they were first reached, so a way to the first state
that breaks anything is a shortest one.
"""

from array import array
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from prove import states
from prove.invariants import EVERY_STEP, Check
from prove.states import Moment
from prove.worlds import STEPS, STEPS_BACK, World
from stepwell.engine.recommendation import Offer

NOWHERE = -1
_CHANGES = {**dict.fromkeys(STEPS, Offer.STEP), **dict.fromkeys(STEPS_BACK, Offer.STEP_BACK)}
_SHOWN = 5

Visit = Callable[[Moment, int], Iterable[str]]


@dataclass(slots=True)
class Graph:
    """Everything that can happen in one world. `follows` maps each label to the next state."""

    world: World
    ended: bool = False  # nothing new appears: the fixed point is reached
    transitions: int = 0
    last_day: int = 0
    follows: "Mapping[str, array[int]]" = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    rungs: "array[int]" = field(default_factory=lambda: array("i"))
    shown: "array[int]" = field(default_factory=lambda: array("i"))
    called: bytearray = field(default_factory=bytearray)
    offered: "array[int]" = field(default_factory=lambda: array("i"))
    came_from: "array[int]" = field(default_factory=lambda: array("i"))
    came_by: bytearray = field(default_factory=bytearray)
    broken: dict[str, list[str]] = field(default_factory=dict)
    spoken: list[frozenset[str]] = field(default_factory=list)  # the rules in each kind of answer

    @property
    def size(self) -> int:
        return len(self.rungs)

    def rules_at(self, number: int) -> frozenset[str]:
        """The rules that speak in a state."""
        return self.spoken[self.offered[number]]

    def way_to(self, number: int) -> list[str]:
        """The labels of a shortest way to a state."""
        labels: list[str] = []
        while number != 0:
            labels.append(self.world.labels[self.came_by[number]])
            number = self.came_from[number]
        return labels[::-1]

    def report(self, what: str, way: Iterable[str]) -> None:
        """Note that something does not hold, and the way there."""
        shown = self.broken.setdefault(what, [])
        if len(shown) < _SHOWN:
            shown.append(" · ".join(way))


def walked(
    world: World,
    most: int,
    checks: tuple[Check, ...] = EVERY_STEP,
    visits: tuple[Visit, ...] = (),
    until: str | None = None,
) -> Graph:
    """Walk a world breadth-first, at most so many states; `visits` look at each new one.

    With `until`, no further than the first breach of that name.
    """
    return _Walk(world, most, checks, visits).run(until)


class _Walk:
    def __init__(
        self, world: World, most: int, checks: tuple[Check, ...], visits: tuple[Visit, ...]
    ) -> None:
        self.world, self.most, self.checks, self.visits = world, most, checks, visits
        self.graph = Graph(world, follows={label: array("i") for label in world.labels})
        self.numbers: dict[bytes, int] = {}
        self.answers: dict[Hashable, int] = {}
        self.rungs: dict[tuple[int, int, int], int] = {}
        self.waiting: deque[tuple[int, Moment]] = deque()

    def run(self, until: str | None) -> Graph:
        self._number(states.first(self.world), 0, 0)
        while self.waiting and self.graph.size < self.most and until not in self.graph.broken:
            number, moment = self.waiting.popleft()
            self._follow(number, moment)
        self.graph.ended = not self.waiting
        return self.graph

    def _follow(self, number: int, moment: Moment) -> None:
        """Take every label that can come next."""
        for place, label in enumerate(self.world.labels):
            follows = self.graph.follows[label]
            if not moment.can(label):
                follows[number] = NOWHERE
            elif _CHANGES.get(label, moment.answer.offer) is not moment.answer.offer:
                follows[number] = number if self._is_ignored(number, label, moment) else NOWHERE
            else:
                follows[number] = self._next(label, moment, number, place)

    def _next(self, label: str, moment: Moment, number: int, place: int) -> int:
        after = moment.after(label)
        self.graph.transitions += 1
        for check in self.checks:
            if not check(moment, label, after):
                self.graph.report(check.__name__, after.way.labels())
        return self._number(after, number, place)

    def _is_ignored(self, number: int, label: str, moment: Moment) -> bool:
        """A step that is not open changes nothing: tried on a few states, known on the others."""
        if number % _TRIED == 0:
            self.graph.transitions += 1
            after = moment.after(label)
            if (
                states.key(after) != states.key(moment)
                or "act_was_not_open" not in after.answer.findings
            ):
                self.graph.report("an_act_that_is_not_open_changes_nothing", after.way.labels())
        return True

    def _number(self, moment: Moment, came_from: int, came_by: int) -> int:
        """The number of a state; where two ways meet, both must be offered the same."""
        known = self.numbers.setdefault(states.key(moment), len(self.numbers))
        offered = self._answer(moment)
        if known == self.graph.size:
            self.graph.came_from.append(came_from)
            self.graph.came_by.append(came_by)
            self._add(known, moment, offered)
        elif self.graph.offered[known] != offered:
            self.graph.report("two_ways_to_one_state_are_offered_the_same", moment.way.labels())
        return known

    def _add(self, number: int, moment: Moment, offered: int) -> None:
        graph, answer, snapshot = self.graph, moment.answer, moment.today.snapshot
        graph.offers.append(answer.offer)
        rung = snapshot.level, snapshot.level_mg, snapshot.days_needed
        graph.rungs.append(self.rungs.setdefault(rung, len(self.rungs)))
        graph.shown.append(NOWHERE if answer.ceiling_mg is None else answer.ceiling_mg)
        graph.called.append(bool(answer.escalations))
        graph.offered.append(offered)
        graph.last_day = max(graph.last_day, (moment.day - self.world.start).days)
        for follows in graph.follows.values():
            follows.append(NOWHERE)
        for visit in self.visits:
            for fault in visit(moment, number):
                graph.report(fault, moment.way.labels())
        self.waiting.append((number, moment))

    def _answer(self, moment: Moment) -> int:
        """The answer with dates as distances, numbered."""
        answer = moment.answer
        when = answer.next_step_on
        named: Hashable = (
            answer.offer,
            answer.also,
            answer.level,
            answer.between,
            answer.ceiling_mg,
            None if when is None else (when - moment.day).days,
            *sorted(one.key for one in answer.escalations),
            *(rule for rule in answer.findings if rule != "act_was_not_open"),
        )
        number = self.answers.setdefault(named, len(self.answers))
        if number == len(self.graph.spoken):
            self.graph.spoken.append(frozenset(answer.findings))
        return number


_TRIED = 64
