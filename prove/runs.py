"""What compares two ways, or follows one to its end: done on a walked world, where each event is
one look-up. Worse is never faster, silence is never faster, less is never more, and nobody is
left in a state that leads nowhere.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from prove.graph import NOWHERE, Graph
from prove.worlds import ACTS, NIGHT, STEPS
from stepwell.engine.recommendation import Offer

# The same day told better and worse; and what stands for silence after the best day there is.
WORSE = (
    ("best", "calm"),
    ("best", "hard"),
    ("best", "too hard"),
    ("calm", "hard"),
    ("calm", "high"),
    ("calm", "too hard"),
    ("hard", "high"),
    ("hard", "too hard"),
    ("calm", "sharp"),
    ("none", "too hard, none"),
    ("calm", "an item left out"),
    ("calm", "few answers"),
    ("calm", "use not said"),
    ("calm", "not asked"),
    ("calm", "declined"),
    ("calm", "thoughts"),
    ("calm", "routine"),
    ("calm", "same day"),
    ("calm", "emergency"),
    ("best", NIGHT),
)
LESS = (("none", "over"), ("calm", "over"), ("none", "calm"))
_MOST_PAIRS = 400_000
Pair = tuple[int, int]
Came = dict[Pair, tuple[Pair | int, str]]  # from which pair, or which state, and by what


@dataclass(frozen=True, slots=True)
class Compared:
    """How many pairs of states were met, and which of them break the comparison."""

    pairs: int
    broken: tuple[str, ...]


def worse_is_never_faster(graph: Graph) -> Compared:
    """5 · While the levels and the time on them are the same: no step after the worse day alone."""
    return _compared(graph, WORSE, graph.world.labels, _opens_a_step, _levels_part)


def less_is_never_more(graph: Graph) -> Compared:
    """7 · After using less, no higher amount is shown, whatever else is told and stepped."""
    labels = tuple(one for one in graph.world.labels if one not in ACTS or one in STEPS)
    return _compared(graph, LESS, labels, _shows_more, lambda *_: False)


def _compared(
    graph: Graph,
    kinds: Sequence[tuple[str, str]],
    labels: Sequence[str],
    breaks: Callable[[Graph, int, int], bool],
    ends: Callable[[Graph, int, int], bool],
) -> Compared:
    """Follow each two states that one day made different, as long as they can be compared."""
    came: Came = {}
    for pair, number, how in _parted(graph, kinds):
        came.setdefault(pair, (number, how))
    waiting, broken = deque(came), []
    while waiting and len(came) < _MOST_PAIRS:
        pair = waiting.popleft()
        if ends(graph, *pair):
            continue
        if breaks(graph, *pair):
            broken.append(_way(graph, came, pair))
            continue
        for label, after in _followed(graph, labels, *pair):
            if after not in came:
                came[after] = pair, label
                waiting.append(after)
    return Compared(len(came), tuple(broken[:3]))


def _way(graph: Graph, came: Came, pair: Pair) -> str:
    before, how = came[pair]
    way = [how]
    while not isinstance(before, int):
        before, how = came[before]
        way.append(how)
    return " · ".join([*graph.way_to(before), *reversed(way)])


def _parted(graph: Graph, kinds: Sequence[tuple[str, str]]) -> Iterator[tuple[Pair, int, str]]:
    """The states after the better and after the worse of two days, and the state before them."""
    for better, worse in kinds:
        if better not in graph.follows or worse not in graph.follows:
            continue
        after, instead = graph.follows[better], graph.follows[worse]
        for number in range(graph.size):
            one, other = after[number], number if worse == NIGHT else instead[number]
            if one != NOWHERE and other not in (NOWHERE, one):
                yield (one, other), number, f"{better} or {worse}"


def _followed(
    graph: Graph, labels: Sequence[str], one: int, other: int
) -> Iterator[tuple[str, Pair]]:
    for label in labels:
        follows = graph.follows[label]
        pair = follows[one], follows[other]
        if NOWHERE not in pair and pair[0] != pair[1]:
            yield label, pair


def _opens_a_step(graph: Graph, better: int, worse: int) -> bool:
    return graph.offers[worse] is Offer.STEP and graph.offers[better] is not Offer.STEP


def _levels_part(graph: Graph, one: int, other: int) -> bool:
    return graph.rungs[one] != graph.rungs[other] or _LOOKED_AT in graph.rules_at(one)


# Held days are counted from the last review. The better way, served earlier, can be held for
# longer since then and so come before a clinician first: that is a person's hands, not a loss.
_LOOKED_AT = "review_when_held_for_long"


def _shows_more(graph: Graph, less: int, more: int) -> bool:
    return graph.shown[more] != NOWHERE and graph.shown[less] > graph.shown[more]


# --- from every state to an end ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who goes on the same way for ever: what is told on each day of a round of days.

    With a clinician who looks again whenever asked, the way must end; without one, it must end
    or reach somebody of the team.
    """

    name: str
    round_of_days: tuple[str, ...]
    with_a_clinician: bool = True


def willing(graph: Graph) -> list[Person]:
    """Calm days within the ceiling, every step taken, and every review answered if anybody can."""
    days = {"calm"} if graph.world.plan.goal_mg > 0 else {"none"}
    told = sorted(days & set(graph.follows))
    return [Person("calm and willing", (day,), _has_a_clinician(graph)) for day in told]


def _has_a_clinician(graph: Graph) -> bool:
    return {"resume", "reviewed"} <= set(graph.follows)


def stranded(graph: Graph, person: Person, within: int) -> Iterator[int]:
    """The states from which this person reaches neither an end nor somebody of the team.

    `within` is the most nights that may pass; a way that comes round to itself never ends.
    """
    rounds = len(person.round_of_days)
    known: dict[int, int] = {}  # nights to the end, from a state on a day of the round
    for number in range(graph.size):
        for phase in range(rounds):
            if _nights(graph, person, number * rounds + phase, known, within) > within:
                yield number
                break


def _nights(graph: Graph, person: Person, start: int, known: dict[int, int], within: int) -> int:
    """Nights until the end of one way, remembered for every state that it passes."""
    rounds, passed, at, on_the_way = len(person.round_of_days), [], start, set()
    while at not in known:
        if at in on_the_way:
            known[at] = within + 1  # round and round
            break
        on_the_way.add(at)
        number, phase = divmod(at, rounds)
        if _has_ended(graph, person, number):
            known[at] = 0
            break
        label = _does(graph, person, number, phase)
        passed.append((at, label == NIGHT))
        at = graph.follows[label][number] * rounds + (phase + (label == NIGHT)) % rounds
    nights = known[at]
    for one, is_night in reversed(passed):
        nights = min(nights + is_night, within + 1)
        known[one] = nights
    return known[start]


def _has_ended(graph: Graph, person: Person, number: int) -> bool:
    if graph.offers[number] is Offer.FINISH:
        return True
    frozen_by_somebody = "freeze_when_a_clinician_froze" in graph.rules_at(number)
    return not person.with_a_clinician and (bool(graph.called[number]) or frozen_by_somebody)


def _does(graph: Graph, person: Person, number: int, phase: int) -> str:
    """The first of: tell the day, take what is offered, let a clinician look, go to bed."""
    day = person.round_of_days[phase]
    options = [day] if day != NIGHT else []
    if graph.offers[number] is Offer.STEP:
        options += sorted(STEPS & set(graph.follows))
    if person.with_a_clinician:
        options += ["resume", "reviewed"]
    for label in options:
        follows = graph.follows[label][number]
        if follows not in (NOWHERE, number):
            return label
    return NIGHT
