"""Controls switched off one at a time: the explorer must see each, and name what it breaks."""

import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from unittest.mock import patch

from prove import explorer, invariants, runs, states
from prove.explorer import Task
from prove.measures import Measure
from prove.runs import Person
from prove.worlds import NIGHT, SHORT, World, plan
from stepwell.engine import history, place, rules
from stepwell.engine.events import Event
from stepwell.engine.place import Place, Rung
from stepwell.engine.plan import Level, Plan
from stepwell.engine.recommendation import Finding, Offer, Recommendation
from stepwell.engine.snapshot import Snapshot

Off = AbstractContextManager[Any]
Rule = Callable[[Snapshot], Finding | None]
SHORT_WAY = plan(1000, 500)
TO_NONE = plan(1000, 0)
THREE = plan(1500, 1000, 500)
WITH_DAYS_OFF = plan(levels=(Level(1000, days_per_week=4), Level(500, days_per_week=4)))
QUICK = plan(1000, 500, 250, spans={**SHORT, "step_back_limit": 1}, days_per_level=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """A control taken away, the world in which that shows, and the check that must break."""

    name: str
    off: Callable[[], Off]
    breaks: str
    world: World
    persons: tuple[Person, ...] = ()
    within: int = 5_000  # states

    def is_caught(self) -> bool:
        """Walk with the control off. A world where the check breaks anyway proves nothing."""
        with self.off():
            return self.breaks in self._walked()

    def breaks_anyway(self) -> bool:
        return self.breaks in self._walked()

    def _walked(self) -> dict[str, list[str]]:
        until = self.breaks if self.breaks in _AT_ONCE else None
        return explorer.walk(Task(self.world, self.within // 2, self.persons), until).broken


def run(budget: float = 1.0) -> list[Measure]:
    """Take every control away in turn: all of them whatever the budget, in half a minute."""
    del budget
    found, of = missed(FAULTS), len(FAULTS)
    measured, met = f"{of - len(found)} of {of}", not found and of > 0
    caught = Measure("explorer: planted faults caught", measured, "all", met)
    bare = _EVERY_CHECK - {fault.breaks for fault in FAULTS}
    return [caught, Measure("explorer: checks without one", f"{len(bare)}", "0", not bare)]


def missed(faults: Iterable[Fault]) -> list[str]:
    """The faults that nobody sees, and those whose check breaks without them."""
    found = []
    for fault in faults:
        if not fault.is_caught() or fault.breaks_anyway():
            sys.stderr.write(f"not caught: {fault.name}\n")
            found.append(fault.name)
    return found


# --- how a control is switched off ------------------------------------------------------------


def _rule(name: str, change: Callable[[Rule], Rule]) -> Callable[[], Off]:
    """One rule changed, in its place in the order."""
    known = getattr(rules, name)
    other = wraps(known)(change(known))
    alone = rules.ONLY_ALONE | {other} if known in rules.ONLY_ALONE else rules.ONLY_ALONE
    changed = tuple(other if rule is known else rule for rule in rules.RULES)
    return lambda: patch.multiple(rules, RULES=changed, ONLY_ALONE=alone)


def _silent(name: str) -> Callable[[], Off]:
    return _rule(name, lambda _: _says_nothing)


def _says_nothing(_: Snapshot) -> Finding | None:
    return None


def _believing(name: str, **facts: Any) -> Callable[[], Off]:
    """A rule that takes these facts for granted."""
    return _rule(name, lambda rule: lambda s: rule(replace(s, **facts)))


def _put(where: Any, name: str, new: Any) -> Callable[[], Off]:
    return lambda: patch.object(where, name, new)


def _a_little_more(rung: Rung, plan: Plan) -> Level:
    return replace(plan.levels[rung.level], ceiling_mg=plan.levels[rung.level].ceiling_mg + 50)


_hold, _recommend = place.hold, rules.recommend


def _up_again(at: Place, **how: Any) -> Place:
    return replace(_hold(at, **how), rung=Rung(0))


def _two_levels_on(at: Place, plan: Plan) -> Rung:
    return Rung(min(at.rung.level + 2, plan.last_level))


def _steps_when_served(s: Snapshot) -> Finding | None:
    ready = s.served >= s.days_needed and not s.is_last_level
    return Finding(Offer.STEP, None, None, "") if ready else None


def _steps_when_very_hard(known: Rule) -> Rule:
    def rule(s: Snapshot) -> Finding | None:
        worst = max((day.score or 0 for day in s.recent), default=0)
        hard = worst >= s.protocol.limits.severe_score.value and not s.is_last_level
        return Finding(Offer.STEP, None, None, "") if hard and s.served >= 1 else known(s)

    return rule


def _less_after_more(s: Snapshot, *how: Any) -> Recommendation:
    answer = _recommend(s, *how)
    shown = answer.ceiling_mg
    return replace(answer, ceiling_mg=shown and shown // 2) if s.over_days else answer


def _tells_nobody(s: Snapshot, *how: Any) -> Recommendation:
    return replace(_recommend(s, *how), escalations=())


def _keeps_nothing(*given: Any) -> Place:
    return next(one for one in given if isinstance(one, Place))


def _as_they_come(events: Iterable[Event]) -> list[Any]:
    return [(event.recorded_on, event) for event in events]


# --- the faults -------------------------------------------------------------------------------


def _world(plan: Plan, days: str, acts: str = "step", *, late: bool = False) -> World:
    return World(f"{days}; {acts}", plan, tuple(days.split("; ")), tuple(acts.split("; ")), late)


def _breaks(check: Callable[..., Any]) -> str:
    return check.__name__


_STEP, _BACK = "step_when_settled", "step_back_when_distress_is_severe"
_STEPS = tuple(_breaks(check) for check in invariants.EVERY_STEP)
_SAME, _IGNORED = (
    "two_ways_to_one_state_are_offered_the_same",
    "an_act_that_is_not_open_changes_nothing",
)
_AT_ONCE = {*_STEPS, _SAME, _IGNORED, explorer.DIFFERS, explorer.AT_THE_DOOR}
_COMPARED = {_breaks(runs.worse_is_never_faster), _breaks(runs.less_is_never_more)}
_EVERY_CHECK = {*_AT_ONCE, *_COMPARED, explorer.STRANDED}
_HARD = _world(THREE, "calm; too hard", "step; step back")

FAULTS = (
    Fault(
        "1 · a ceiling a little above its level", _put(Rung, "on", _a_little_more), _STEPS[0], _HARD
    ),
    Fault(
        "2 · a hold that goes up again",
        _put(place, "hold", _up_again),
        _STEPS[1],
        _world(THREE, "calm", "hold"),
    ),
    Fault(
        "3 · a step back after days without",
        _believing(_BACK, free_days=0),
        _STEPS[2],
        _world(WITH_DAYS_OFF, "too hard; too hard, none", "step back"),
    ),
    Fault(
        "3 · a step back long after the step",
        _believing(_BACK, days_since_step=1),
        _STEPS[2],
        _world(SHORT_WAY, "calm; too hard", "step back"),
    ),
    Fault(
        "3 · any number of steps back",
        _believing(_BACK, step_backs=0),
        _STEPS[2],
        _world(QUICK, "too hard; calm", "step; step back; reviewed"),
        within=60_000,
    ),
    Fault(
        "4 · a step from days that do not count",
        _rule(_STEP, lambda _: _steps_when_served),
        _STEPS[3],
        _world(THREE, "calm; an item left out"),
    ),
    Fault(
        "4 · a step with the safety question open",
        _silent("hold_when_safety_question_is_open"),
        _STEPS[3],
        _world(THREE, "calm; not asked"),
    ),
    Fault(
        "4 · a step during a hold",
        _silent("hold_when_somebody_took_a_hold"),
        _STEPS[3],
        _world(THREE, "calm", "step; hold"),
    ),
    Fault(
        "5 · very hard days open a step",
        _rule(_STEP, _steps_when_very_hard),
        _breaks(runs.worse_is_never_faster),
        _world(THREE, "hard; too hard", "step"),
    ),
    Fault(
        "6 · a red flag that does not freeze",
        _silent("freeze_on_red_flag"),
        _STEPS[4],
        _world(THREE, "calm; same day", "step; resume"),
    ),
    Fault(
        "7 · less shown after using more",
        _put(rules, "recommend", _less_after_more),
        _breaks(runs.less_is_never_more),
        _world(SHORT_WAY, "calm; over"),
    ),
    Fault(
        "8 · a level skipped",
        _put(place, "next_rung", _two_levels_on),
        _STEPS[5],
        _world(plan(2000, 1500, 1000, 500), "calm"),
    ),
    Fault(
        "8 · a held day that counts as served",
        _put(history, "_SERVED", (Offer.STAY, Offer.HOLD)),
        _STEPS[6],
        _world(THREE, "calm; over"),
    ),
    Fault(
        "9 · events taken as they come",
        _put(history, "arrivals", _as_they_come),
        explorer.AT_THE_DOOR,
        _world(THREE, "calm; hard"),
    ),
    Fault(
        "15 · always hold",
        _silent(_STEP),
        explorer.STRANDED,
        _world(THREE, "calm", "step; resume; reviewed"),
    ),
    Fault(
        "15 · nobody is told",
        _put(rules, "recommend", _tells_nobody),
        explorer.STRANDED,
        _world(SHORT_WAY, "calm"),
        (Person("silent", (NIGHT,), with_a_clinician=False),),
    ),
    Fault(
        "16 · a pause that ends by itself",
        _put(history.Ledger, "_keep", _keeps_nothing),
        _STEPS[7],
        _world(THREE, "calm"),
    ),
    Fault(
        "an act that is taken although it is not open",
        _put(history, "_is_open", lambda *_: True),
        _IGNORED,
        _world(THREE, "calm"),
    ),
    Fault(
        "a fact left out of what makes a state",
        _put(states, "_told", lambda *_: ()),
        _SAME,
        _world(THREE, "calm; too hard"),
    ),
    Fault(
        "a rule that the table has and the engine lacks",
        _silent("review_when_held_for_long"),
        explorer.DIFFERS,
        _world(THREE, "calm; over"),
    ),
)
