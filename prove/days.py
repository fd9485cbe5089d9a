"""Random days for the rules: every fact near every limit it is judged by, under random protocols.

A day begins plain: calm and served, or severe after a hold, or calm at the goal. Some groups of
its facts are then drawn again. How many differs from day to day, so that the last rules are met
as well as the first.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from stepwell import catalogue
from stepwell.engine.errors import ProtocolError
from stepwell.engine.events import Organ
from stepwell.engine.protocol import CORE_ITEMS, ITEMS, Limits, Protocol
from stepwell.engine.snapshot import Flag, Hold, RecentDay, Snapshot

Facts = dict[str, Any]
Group = Sequence[Mapping[str, Any]]
_SHARES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_TODAY = date(2027, 3, 28)
_YESTERDAY, _TOMORROW = _TODAY - timedelta(days=1), _TODAY + timedelta(days=1)
_STANDING = (
    "finish_when_ketamine_free",
    "review_when_tolerance_has_fallen",
    "pause_when_silent_for_long",
    "review_after_two_step_backs",
    "review_when_bladder_liver_or_weight_is_worse",
    "review_when_a_routine_flag_repeats",
    "review_when_held_for_long",
)


@dataclass(frozen=True, slots=True)
class World:
    """One protocol, plain days under it, and for each group of facts what else it may be."""

    plain: Sequence[Facts]
    others: Sequence[Group]

    def day(self, chance: Random) -> Snapshot:
        """One random day."""
        rolled = chance.random
        facts = dict(self.plain[int(rolled() * len(self.plain))])
        share = _SHARES[int(rolled() * len(_SHARES))]
        for group in self.others:
            if rolled() < share:
                facts.update(group[int(rolled() * len(group))])
        return Snapshot(**facts)


def known_world(chance: Random) -> World:
    """A world under the protocol that ships."""
    return world(catalogue.protocols()["ketamine"], chance)


def drawn_world(chance: Random) -> World:
    """A world under a protocol whose every number is drawn within its bounds."""
    return world(_protocol_drawn(chance), chance)


def world(protocol: Protocol, chance: Random) -> World:
    """A world under one protocol."""
    usual_score = chance.randint(0, 10)
    calm = _calm(protocol, usual_score)
    plain = [calm, calm | _severe(protocol), calm | _at_the_goal(protocol)]
    others = [
        *([{name: value} for value in values] for name, values in _alone(protocol).items()),
        *_together(protocol, usual_score, chance),
    ]
    return World(plain, others)


# --- protocols --------------------------------------------------------------------------------


def _protocol_drawn(chance: Random) -> Protocol:
    known = catalogue.protocols()["ketamine"]
    bounds = catalogue.document("protocols", "bounds.json")["bounds"]
    while True:
        try:
            return replace(known, limits=_limits_drawn(known.limits, bounds, chance))
        except ProtocolError:
            continue


def _limits_drawn(known: Limits, bounds: Mapping[str, Any], chance: Random) -> Limits:
    """Every limit has a source text of its own, so that a mix-up of two shows."""
    drawn = {}
    for name in (field.name for field in fields(Limits)):
        value = chance.randint(bounds[name]["lowest"], bounds[name]["highest"])
        drawn[name] = replace(getattr(known, name), value=value, source=f"source of {name}")
    return replace(known, **drawn)


# --- facts ------------------------------------------------------------------------------------


def _calm(protocol: Protocol, usual_score: int) -> Facts:
    limits = protocol.limits
    still = RecentDay(counted=True, score=Fraction(0), core=dict.fromkeys(CORE_ITEMS, 0))
    return {
        "protocol": protocol,
        "today": _TODAY,
        **_started(60),
        "review_by": None,
        "open_gates": (),
        "goal_is_none": True,
        "usual_score": usual_score,
        "usual_items": frozenset(),
        "closed": False,
        "level": 2,
        "is_last_level": False,
        "level_mg": 2100,
        "between": False,
        "days_off": 0,
        "days_needed": limits.level_days.value,
        "served": limits.aftercare_days.value,
        "held": 0,
        "held_running": 0,
        "step_backs": 0,
        "step_backs_reviewed": 0,
        "days_since_step": limits.level_days.value,
        "standing": frozenset(),
        "frozen_since": None,
        "hold": None,
        "steadying_until": None,
        "asked_to_talk": None,
        "ignored": (),
        "flags": (),
        "repeated_flags": (),
        "worse": (),
        "free_days": 0,
        "free_days_since_act": 0,
        "silent_days": 0,
        "silent_days_since_act": 0,
        "days_in_window": limits.window_days.value,
        "answered_days": limits.window_days.value,
        "safety_known": True,
        "safety_declined": None,
        "over_days": 0,
        "unsure_days": 0,
        "sure_days": limits.window_days.value,
        "last_scores": (Fraction(0),) * limits.high_of_days.value,
        "scores_running": (Fraction(0),) * limits.severe_days.value,
        "recent": (still,) * limits.calm_days.value,
    }


def _severe(protocol: Protocol) -> Facts:
    """Very hard days soon after a step, and a hold has been tried."""
    limits = protocol.limits
    worst = Fraction(limits.severe_score.value)
    return {
        "held_running": limits.hold_before_step_back_days.value,
        "last_scores": (worst,) * limits.high_of_days.value,
        "scores_running": (worst,) * limits.severe_days.value,
    }


def _at_the_goal(protocol: Protocol) -> Facts:
    return {"is_last_level": True, "served": protocol.limits.aftercare_days.value - 1}


def _started(days: int) -> Facts:
    """Approved and begun so many days ago; a negative number is a start that is still to come."""
    first_day = _TODAY - timedelta(days=days)
    return {"approved": True, "first_day": first_day, "days_in_plan": max(days, 0)}


def _around(*limits: int) -> list[int]:
    """Numbers at, beside and well away from each limit; never below zero."""
    near = {0, 1, *(limit + away for limit in limits for away in (-2, -1, 0, 1, 2, 30))}
    return sorted(number for number in near if number >= 0)


def _alone(protocol: Protocol) -> Mapping[str, Sequence[Any]]:
    """Facts that are drawn by themselves, with what each may be."""
    limits = protocol.limits
    return {
        **_counts(limits),
        "review_by": (None, _YESTERDAY, _TODAY, _TOMORROW),
        "open_gates": ((), (), ("pregnancy",), ("heart", "liver")),
        "goal_is_none": (False, True),
        "usual_items": [frozenset(some) for some in _some(CORE_ITEMS, 2)],
        "closed": (False, False, False, True),
        "level": range(4),
        "is_last_level": (False, True),
        "level_mg": (0, 50, 2100, 30_000),
        "between": (False, True),
        "standing": [frozenset(some) for some in _some(_STANDING, 2)],
        "frozen_since": (None, None, None, _YESTERDAY, _TODAY),
        "hold": [None, *(Hold("person", until) for until in (None, *_ahead()))],
        "steadying_until": (None, _YESTERDAY, _TODAY, *_ahead()),
        "asked_to_talk": (None, _YESTERDAY, _TODAY),
        "ignored": ((), ("a1",), ("a1", "a2")),
        "flags": _flag_choices(protocol),
        "repeated_flags": ((), ("cramps",), ("cramps", "leakage")),
        "worse": list(_some(tuple(Organ), 3)),
        "safety_known": (False, True),
        "safety_declined": (None, _YESTERDAY, _TODAY),
    }


def _counts(limits: Limits) -> Mapping[str, Sequence[int | None]]:
    """Facts that are counted, near the limits that any rule could judge them by."""
    lapse, back = limits.lapse_free_days.value, limits.step_back_free_days.value
    silent = (limits.silent_days.value, limits.pause_days.value)
    waits = limits.hold_before_step_back_days.value
    within = limits.step_back_within_days.value
    return {
        "days_off": range(8),
        "days_needed": _around(limits.level_days.value),
        "served": _around(limits.level_days.value, limits.aftercare_days.value),
        "held": _around(limits.held_days.value),
        "held_running": _around(waits, limits.held_days.value),
        "days_since_step": [None, *_around(within)],
        "free_days": _around(lapse, back, lapse + 1, lapse + 7),
        "free_days_since_act": _around(lapse, back, lapse + 1, lapse + 7),
        "silent_days": _around(*silent),
        "silent_days_since_act": _around(*silent),
        "over_days": _around(limits.over_days.value),
        "unsure_days": _around(limits.window_days.value),
        "sure_days": (0, 0, *_around(limits.window_days.value)),
    }


def _together(protocol: Protocol, usual_score: int, chance: Random) -> Iterable[Group]:
    """Facts that only make sense beside each other, and lists of days."""
    limits = protocol.limits
    yield [_not_begun(), *(_started(days) for days in (-1, *_around(limits.safety_days.value)))]
    yield [_not_begun(approved=True)]
    week = limits.window_days.value
    yield [
        {"days_in_window": told, "answered_days": answered}
        for told in range(week + 1)
        for answered in range(told + 1)
    ]
    yield [
        {"step_backs": taken, "step_backs_reviewed": reviewed}
        for taken in range(limits.step_back_limit.value + 3)
        for reviewed in range(taken + 1)
    ]
    scores = _scores(limits, usual_score)
    for name, most in (
        ("last_scores", limits.high_of_days.value),
        ("scores_running", limits.severe_days.value),
    ):
        yield [{name: _row(scores, most, chance)} for _ in range(600)]
    yield [{"recent": _recent(scores, limits, chance)} for _ in range(1200)]


def _not_begun(*, approved: bool = False) -> Facts:
    return {"approved": approved, "first_day": None, "days_in_plan": 0}


def _ahead() -> Sequence[date]:
    """Ends of a hold that still stands: a hold whose end has come is no fact of the day."""
    return [_TODAY + timedelta(days=away) for away in (1, 2, 7)]


def _some(names: Sequence[Any], most: int) -> Iterable[tuple[Any, ...]]:
    """Every choice of at most so many, and all of them."""
    yield tuple(names)
    for many in range(most + 1):
        yield from itertools.combinations(names, many)


def _flag_choices(protocol: Protocol) -> Sequence[tuple[Flag, ...]]:
    """One or two flags of any urgency; as often, none or routine ones, which freeze nothing."""
    routine = [name for name, urgency in protocol.flags.items() if urgency == "routine"]
    some = [_flags(protocol, names) for names in _some(sorted(protocol.flags), 2)]
    return [*some, *[_flags(protocol, names) for names in _some(routine, 1)] * 40]


def _flags(protocol: Protocol, names: Iterable[str]) -> tuple[Flag, ...]:
    return tuple(Flag(name, protocol.flags[name], _YESTERDAY) for name in names)


# --- scores -----------------------------------------------------------------------------------


def _scores(limits: Limits, usual_score: int) -> Sequence[Fraction]:
    """Means of four to seven answers, most of them at or next to a line that a rule draws."""
    lines = {
        limits.severe_score.value,
        limits.high_score.value,
        usual_score,
        usual_score + limits.high_rise.value,
        limits.calm_score.value,
        limits.calm_at_most.value,
    }
    beside = [Fraction(line) + Fraction(away, 7) for line in lines for away in (-1, 0, 0, 1)]
    anywhere = [Fraction(total, items) for items in (4, 5, 6, 7) for total in range(10 * items + 1)]
    near = [score for score in beside if 0 <= score <= len(ITEMS) + 3]
    return [*near * 5, *anywhere]


def _row(scores: Sequence[Fraction], most: int, chance: Random) -> tuple[Fraction, ...]:
    """Some scores: often all alike, and as often as not the full number."""
    number = most if chance.random() < 0.6 else chance.randint(0, most)
    if chance.random() < 0.4:
        return (chance.choice(scores),) * number
    return tuple(chance.choice(scores) for _ in range(number))


def _recent(scores: Sequence[Fraction], limits: Limits, chance: Random) -> tuple[RecentDay, ...]:
    sharp = limits.sharp_item.value
    return tuple(
        _told(score, sharp, chance) for score in _row(scores, limits.calm_days.value, chance)
    )


def _told(score: Fraction, sharp: int, chance: Random) -> RecentDay:
    """One day told. Its items need not add up to its score: the rules read each by itself."""
    counted = chance.random() < 0.9
    told = CORE_ITEMS if counted else chance.sample(CORE_ITEMS, 2)
    near = (0, 0, sharp - 2, sharp - 1, sharp - 1, sharp, sharp + 1)
    core = {item: chance.choice(near) for item in told}
    if chance.random() < 0.5:
        core = dict.fromkeys(told, 0)
    known = counted or chance.random() < 0.5
    return RecentDay(counted, score if known else None, core)
