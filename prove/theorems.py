"""What holds of one step of the engine, whatever the ladder, the protocol and the amounts.

Each theorem calls the engine's own functions on the values it is given, and says whether what it
claims came out. `about` leaves out values that are not meant. Beside each stands what to take
from the engine's source so that it must fail. `prove.ladders` proves, tries and breaks them.

By induction: a place is sound at the start, and every move leads from a sound place to a sound
one; a level falls below the one before, so every level is at or under every earlier one.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from textwrap import dedent
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from prove import scenes
from prove.scenes import ceiling, is_sound
from prove.values import BOUNDS, Values
from stepwell.engine import case as cases
from stepwell.engine import guard, history, place, plan, planner, protocol, rules
from stepwell.engine.amounts import AmountRange
from stepwell.engine.errors import InputError
from stepwell.engine.events import Act, Kind
from stepwell.engine.history import Ledger, Today
from stepwell.engine.place import Place, Rung
from stepwell.engine.plan import Level, Plan
from stepwell.engine.planner import Shape
from stepwell.engine.recommendation import Finding, Offer


@dataclass(frozen=True, slots=True)
class Fault:
    """A change to one function of the engine: what stands in it, and what is put there."""

    home: Any
    function: str
    stands: str
    instead: str

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While this lasts, the engine has the fault."""
        with patch.object(self.home, self.function, self._changed()):
            yield

    def _changed(self) -> Any:
        text = dedent(inspect.getsource(getattr(self.home, self.function)))
        if text.count(self.stands) != 1:
            raise LookupError(f"{self} stands {text.count(self.stands)} times")
        module = sys.modules[getattr(self.home, "__module__", self.home.__name__)]
        made: dict[str, Any] = {}
        exec(text.replace(self.stands, self.instead), vars(module), made)  # noqa: S102
        return made[self.function]

    def __str__(self) -> str:
        return f"{self.home.__name__}.{self.function}: {self.stands!r} → {self.instead!r}"


Claim = Callable[[Values], bool]


@dataclass(frozen=True, slots=True)
class Theorem:
    """A claim, in words and as a function, and the faults under which it must not hold."""

    name: str
    says: str
    claim: Claim
    faults: tuple[Fault, ...]


ALL: list[Theorem] = []


def _unless(*faults: Fault) -> Callable[[Claim], Claim]:
    """Add a theorem that does not hold under any of these faults."""

    def add(claim: Claim) -> Claim:
        says = (claim.__doc__ or "").strip()
        ALL.append(Theorem(claim.__name__, says, claim, faults))
        return claim

    return add


# --- plans ------------------------------------------------------------------------------------


def _is_accepted(levels: Any, goal_mg: Any) -> bool:
    known: Any = {"protocol": None, "days_per_level": 1, "smallest_unit_mg": 1, "usual_score": 0}
    try:
        Plan(version=1, levels=levels, goal_mg=goal_mg, **known)
    except InputError:
        return False
    return True


@_unless(
    Fault(plan, "_rises", "any(", "all("),
    Fault(plan, "_rises", "elif before == here", "elif here is None"),
)
def a_plan_falls_level_by_level(v: Values) -> bool:
    """A plan that is accepted rises in nothing, and falls in something, at every level."""
    levels = v.levels()
    v.assume(_is_accepted(levels, levels[-1].ceiling_mg))
    number = v.whole("any_one", 1, plan_size(levels) - 1)
    return bool(scenes.each_falls(levels, number))


@_unless(
    Fault(Plan, "__post_init__", "len(self.levels) < 2", "len(self.levels) < 1"),
    Fault(Plan, "__post_init__", "if self.goal_mg != self.levels[-1].ceiling_mg", "if False"),
)
def a_plan_ends_at_its_goal(v: Values) -> bool:
    """A plan that is accepted has a level below the baseline, and its last level is the goal."""
    levels = v.levels()
    goal_mg = v.whole("goal_mg", 0, hint=lambda _: levels[-1].ceiling_mg)
    v.assume(_is_accepted(levels, goal_mg))
    return bool(plan_size(levels) >= 2 and levels[-1].ceiling_mg == goal_mg)


@_unless(Fault(plan, "_rises", "_levers(levels[number - 1])", "_levers(levels[0])"))
def no_level_is_above_an_earlier_one(v: Values) -> bool:
    """By induction: a level that is not above an earlier one is followed by none that is."""
    levels = v.levels()
    v.assume(_is_accepted(levels, levels[-1].ceiling_mg))
    number = v.whole("any_one", 1, plan_size(levels) - 1)
    earlier = v.whole("earlier", 0)
    v.assume(earlier < number)
    v.assume(scenes.stays_under(levels, earlier, number - 1))
    return bool(scenes.stays_under(levels, earlier, number))


def plan_size(levels: Any) -> Any:
    """How many levels: with the plan module's own `len`, which may be standing in."""
    return vars(plan).get("len", len)(levels)


# --- steps ------------------------------------------------------------------------------------


@_unless(Fault(place, "start", "_moved(place, Rung(1), day)", "_moved(place, Rung(2), day)"))
def day_1_is_one_step_from_the_baseline(v: Values) -> bool:
    """The start leads from the baseline to level 1, and no higher than the baseline."""
    on = v.plan()
    moved = place.start(Place(), v.day("today"))
    v.saw(moved.rung, moved.left)
    under = ceiling(moved.rung, on) <= on.levels[0].ceiling_mg
    return bool(moved.rung == Rung(1) and moved.left == Rung(0) and under and is_sound(moved, on))


@_unless(
    Fault(place, "next_rung", "Rung(place.rung.level + 1)", "Rung(place.rung.level + 2)"),
    Fault(place, "step", "left=place.rung", "left=place.left"),
)
def a_step_keeps_the_place_sound(v: Values) -> bool:
    """A step from any level but the last leads to a place that can be, one rung below."""
    on = v.plan()
    there = scenes.place(v, on)
    v.assume(there.rung.level < on.last_level)
    moved = place.step(there, on, v.day("today"))
    v.saw(moved.rung, moved.left, moved.halve_to, moved.served)
    return moved.left == there.rung and is_sound(moved, on)


@_unless(
    Fault(place, "next_rung", "Rung(place.rung.level + 1)", "Rung(place.rung.level + 2)"),
    Fault(place, "next_rung", "half is not None else", "place.rung.level > 0 else"),
    Fault(place.Rung, "on", "ceiling_mg=self.between_mg", "ceiling_mg=self.between_mg + 1"),
)
def a_step_goes_down_by_one_level_at_most(v: Values) -> bool:
    """A step lowers something, raises nothing, and skips no level of the plan."""
    on = v.plan("times_per_day", "days_per_week")
    there = scenes.place(v, on, left=None)
    v.assume(there.rung.level < on.last_level)
    moved = place.step(there, on, v.day("today"))
    before, after = there.rung.on(on), moved.rung.on(on)
    v.saw(moved.rung, before.ceiling_mg, after.ceiling_mg)
    one_level = there.rung.level <= moved.rung.level <= there.rung.level + 1
    return one_level and scenes.not_above(after, before) and not scenes.same(after, before)


@_unless(
    Fault(plan.Plan, "between_mg", "below_mg < mg < above_mg", "below_mg <= mg < above_mg"),
    Fault(plan.Plan, "between_mg", "below_mg < mg < above_mg", "below_mg < mg <= above_mg"),
    Fault(plan.Plan, "between_mg", "units * self.smallest_unit_mg", "units"),
    Fault(plan.Plan, "between_mg", "(down, up)", "(up + self.smallest_unit_mg, down, up)"),
)
def a_half_step_is_half_and_can_be_measured(v: Values) -> bool:
    """Half a step lies strictly between, is a multiple of the unit, and less than one off half."""
    on = v.plan()
    there = scenes.place(v, on, left=None)
    half, unit = place.half_mg(there, on), on.smallest_unit_mg
    v.saw(half)
    v.assume(half is not None)
    assert half is not None
    assert there.halve_to is not None
    above, below = ceiling(there.rung, on), there.halve_to
    off = half * 2 - (above + below)
    return below < half < above and half % unit == 0 and -2 * unit < off < 2 * unit


@_unless(
    Fault(plan.Plan, "between_mg", "(down, up)", "(down,)"),
    Fault(plan.Plan, "between_mg", "if rest else down", "if False else down"),
)
def a_half_step_is_left_out_only_where_none_can_be_measured(v: Values) -> bool:
    """With no half step, no multiple of the unit lies strictly between."""
    on = v.plan()
    there = scenes.place(v, on, left=None)
    v.assume(there.halve_to is not None and not on.prescribed)
    v.assume(place.half_mg(there, on) is None)
    above, below = ceiling(there.rung, on), there.halve_to
    mg = v.whole("units", 0, hint=lambda _: (above + below) // 2 // on.smallest_unit_mg)
    return not below < mg * on.smallest_unit_mg < above


@_unless(
    Fault(place, "days_needed", "days * 2 if doubled", "days if doubled"),
    Fault(Plan, "days_on", "self.levels[level].days or self.days_per_level", "self.days_per_level"),
)
def where_no_half_step_fits_the_time_is_doubled(v: Values) -> bool:
    """The time on a level is the plan's own; twice that where a half step is due and none fits."""
    on = v.plan("days")
    there = scenes.place(v, on, left=None)
    needed, own = place.days_needed(there, on), on.levels[there.rung.level].days
    v.saw(needed)
    days = own if own is not None and own > 0 else on.days_per_level
    due = there.halve_to is not None and place.next_rung(there, on).between_mg is None
    return bool(needed == days * 2 if due else needed == days) and days >= 1


@_unless(Fault(plan.Plan, "between_mg", "if self.prescribed", "if False"))
def a_prescribed_amount_is_never_split(v: Values) -> bool:
    """With prescribed supply a step leads to the next level that the prescriber set."""
    on = v.plan()
    v.assume(on.prescribed)
    there = scenes.place(v, on, left=None)
    after = place.next_rung(there, on)
    v.saw(after)
    return bool(after.between_mg is None and after.level == there.rung.level + 1)


@_unless(
    Fault(place, "halve_next_step", "place.rung.between_mg is not None", "False"),
    Fault(place, "halve_next_step", ">= plan.last_level", "> plan.last_level"),
    Fault(place, "halve_next_step", "place.rung.level + 1", "place.rung.level"),
)
def a_step_is_halved_once(v: Values) -> bool:
    """A step is halved toward the next level, once, and never a half step, nor at the end."""
    on = v.plan()
    there = scenes.place(v, on, left=None)
    after = place.halve_next_step(there, on)
    v.saw(after.halve_to)
    if there.halve_to is not None or there.rung.between_mg is not None:
        return after is there
    if there.rung.level == on.last_level:
        return after is there
    below = on.levels[there.rung.level + 1].ceiling_mg
    return bool(after.halve_to == below and after.rung == there.rung and is_sound(after, on))


# --- steps back -------------------------------------------------------------------------------


def _after_a_step(v: Values, on: Plan) -> Place:
    there = scenes.place(v, on)
    v.assume(there.left is not None)
    return there


@_unless(
    Fault(place, "step_back", "_moved(place, place.left, day)", "_moved(place, Rung(0), day)"),
    Fault(
        place,
        "step_back",
        "_moved(place, place.left, day)",
        "_moved(place, Rung(place.left.level), day)",
    ),
    Fault(place, "step_back", "halve_to=place.rung.on(plan).ceiling_mg", "halve_to=0"),
)
def a_step_back_leads_to_the_rung_just_left(v: Values) -> bool:
    """A step back goes up by one rung, the one just left, and never above the baseline."""
    on = v.plan()
    there = _after_a_step(v, on)
    moved = place.step_back(there, on, v.day("today"))
    v.saw(moved.rung, moved.halve_to, moved.step_backs)
    up = there.rung.level - 1 <= moved.rung.level <= there.rung.level
    least, most = ceiling(there.rung, on), on.levels[0].ceiling_mg
    within = least <= ceiling(moved.rung, on) <= most
    return moved.rung == there.left and up and within and is_sound(moved, on)


@_unless(
    Fault(place, "_moved", "left=None", "left=place.left"),
    Fault(place, "_moved", "stepped_on=None", "stepped_on=place.stepped_on"),
)
def a_step_is_taken_back_once(v: Values) -> bool:
    """After a step back, or a level that was set, no step is there to be taken back."""
    on = v.plan()
    there = replace(_after_a_step(v, on), stepped_on=v.day("stepped_on"))
    back = place.step_back(there, on, v.day("today"))
    level = place.set_level(there, on, v.whole("level", 0, on.last_level), v.day("today"))
    return all(moved.left is None and moved.stepped_on is None for moved in (back, level))


@_unless(
    Fault(place, "step_back", "halve_to=place.rung.on(plan).ceiling_mg", "halve_to=None"),
    Fault(place, "days_needed", "days * 2 if doubled", "days if doubled"),
)
def after_a_step_back_the_next_step_is_half_as_large(v: Values) -> bool:
    """From there the step is half of the one taken back, to a unit; or has twice the time."""
    on = v.plan()
    there = _after_a_step(v, on)
    moved = place.step_back(there, on, v.day("today"))
    after = place.next_rung(moved, on)
    v.saw(after)
    taken = ceiling(moved.rung, on) - ceiling(there.rung, on)
    if after.between_mg is None:
        return bool(place.days_needed(moved, on) == on.days_on(moved.rung.level) * 2)
    assert moved.halve_to is not None
    next_one = ceiling(moved.rung, on) - after.between_mg
    return bool(
        next_one * 2 < taken + on.smallest_unit_mg * 2 and after.between_mg > moved.halve_to
    )


def _highest(limit: str) -> int:
    return BOUNDS[limit]["highest"]


_BACK = "step_back_when_distress_is_severe"


@_unless(
    Fault(rules, _BACK, "and s.free_days < limits.step_back_free_days.value", ""),
    Fault(rules, _BACK, "and s.days_since_step <= limits.step_back_within_days.value", ""),
    Fault(rules, _BACK, "s.step_backs < limits", "s.step_backs <= limits"),
    Fault(rules, _BACK, "and s.held_running >= limits.hold_before_step_back_days.value", ""),
    Fault(rules, _BACK, "len(severe) >= limits.severe_days.value", "severe"),
)
def a_step_back_is_offered_only_soon_after_a_step(v: Values) -> bool:
    """Offered on hard days running, after a hold, soon after a step, and not once use has stopped.

    The numbers are the highest and lowest that any service may set.
    """
    s = scenes.facts(v)
    found = rules.step_back_when_distress_is_severe(s)
    v.saw(found is not None)
    v.assume(found is not None)
    assert s.days_since_step is not None
    soon = s.days_since_step <= _highest("step_back_within_days")
    used = s.free_days < _highest("step_back_free_days")
    few = s.step_backs < _highest("step_back_limit")
    held = s.held_running >= BOUNDS["hold_before_step_back_days"]["lowest"]
    hard = [n for n in s.scores_running if n >= BOUNDS["severe_score"]["lowest"]]
    return soon and used and few and held and len(hard) >= BOUNDS["severe_days"]["lowest"]


@_unless(
    Fault(rules, "review_after_two_step_backs", "s.step_backs >= limit", "s.step_backs > limit"),
    Fault(rules, _BACK, "and s.step_backs < limits.step_back_limit.value", ""),
)
def at_the_limit_of_steps_back_a_clinician_looks(v: Values) -> bool:
    """Steps back are offered up to the limit; from there on there is a review instead."""
    s = scenes.facts(v, scores_running=(10, 10, 10, 10), free_days=0)
    back = rules.step_back_when_distress_is_severe(s)
    review = rules.review_after_two_step_backs(s)
    v.saw(back is not None, review is not None)
    reached = s.step_backs >= s.protocol.limits.step_back_limit.value
    unreviewed = s.step_backs > s.step_backs_reviewed
    return not (reached and (back or unreviewed)) or (back is None and review is not None)


# --- what else moves a place ------------------------------------------------------------------


@_unless(
    Fault(place, "set_level", "Rung(level)", "Rung(level + 1)"),
    Fault(cases, "_impossible_levels", "level > case.plan.last_level", "level is None"),
)
def a_level_is_set_only_within_the_plan(v: Values) -> bool:
    """A clinician's level is the one that was named, of this plan, at most the baseline."""
    on, number, today = v.plan(), v.whole("level", 0), v.day("today")
    case: Any = SimpleNamespace(plan=on, events=(_act(Kind.SET_LEVEL, level=number),))
    v.assume(not list(cases._impossible_levels(case)))
    moved = place.set_level(scenes.place(v, on), on, number, today)
    v.saw(moved.rung, moved.step_backs)
    under = ceiling(moved.rung, on) <= on.levels[0].ceiling_mg
    return moved.rung == Rung(number) and under and is_sound(moved, on)


def _act(kind: Kind, **known: Any) -> Act:
    when: Any = None
    return Act(id="1", kind=kind, on=when, recorded_on=when, recorded=when, by="person", **known)


@_unless(
    Fault(
        place, "reviewed", "step_backs_reviewed=place", "step_backs=place.held, held_running=place"
    ),
    Fault(place, "resume", "frozen_since=None", "rung=Rung(0)"),
    Fault(place, "hold", "return replace(place, holds=others)", "return replace(place, left=None)"),
)
def other_acts_leave_the_level_alone(v: Values) -> bool:
    """A hold, a resume and a review move nothing up or down, and undo no count of steps back."""
    on, today = v.plan(), v.day("today")
    there, days = scenes.place(v, on), v.whole("days", 0, 366)
    others = [place.resume(there, today), place.reviewed(there, on, today)]
    others += [place.hold(there, _act(Kind.HOLD, days=days), today)]
    return all(_stands_alike(there, other) for other in others)


def _stands_alike(one: Place, other: Place) -> bool:
    same = one.rung == other.rung and one.left == other.left
    return bool(same and one.halve_to == other.halve_to and one.step_backs == other.step_backs)


@_unless(
    Fault(place, "next_rung", "Rung(place.rung.level + 1)", "Rung(1 + (place.served > 9))"),
    Fault(place, "half_mg", "place.halve_to)", "place.halve_to + place.held)"),
)
def the_next_amount_rests_on_the_plan_alone(v: Values) -> bool:
    """Whatever was told, served or held: from one rung, all steps lead to the same amount."""
    on, today = v.plan(), v.day("today")
    one = scenes.place(v, on)
    v.assume(one.rung.level < on.last_level)
    other = replace(one, served=v.whole("served_2", 0), held=v.whole("held_2", 0), flags=())
    same = _stands_alike(place.step(one, on, today), place.step(other, on, today))
    if one.left is None:
        return same
    return same and _stands_alike(
        place.step_back(one, on, today), place.step_back(other, on, today)
    )


# --- days -------------------------------------------------------------------------------------


@_unless(
    Fault(place, "hold", "timedelta(days=act.days)", "timedelta(days=act.days - 1)"),
    Fault(place.Place, "hold_on", "day < h.until", "day <= h.until"),
    Fault(rules, "_next_step", "s.hold.until if s.hold else None", "None"),
)
def a_hold_of_n_days_moves_the_next_step_by_n_days(v: Values) -> bool:
    """A hold stands for as many days as were said, and the next step is that much later."""
    on, days, today = v.plan(), v.whole("days", 1, 366), v.day("today")
    moved = place.hold(scenes.place(v, on, left=None), _act(Kind.HOLD, days=days), today)
    later = v.whole("later", 0, 400, hint=lambda of: days + of.choice((-1, 0)))
    stands = place.Place.hold_on(moved, today + _days(later)) is not None
    known: dict[str, Any] = {"today": today, "steadying_until": None}
    plain = rules._next_step(scenes.facts(v, hold=None, **known))
    held = rules._next_step(scenes.facts(v, hold=moved.hold_on(today), **known))
    v.saw(plain, held)
    return (held - plain).days == days and stands == bool(later < days)


def _days(number: Any) -> Any:
    """A span: with the rules' own `timedelta`, which may be standing in."""
    span: Any = vars(rules)["timedelta"]
    return span(days=number)


@_unless(
    Fault(Ledger, "_close", "(started and offer in _SERVED)", "started"),
    Fault(Ledger, "_close", "(started and offer in _SERVED)", "(offer in _SERVED)"),
)
def a_held_day_moves_the_next_step_by_a_day(v: Values) -> bool:
    """A day that is not served moves the next step by one day; one that is leaves it alone."""
    on, offer = v.plan(), list(Offer)[v.choice("offer", len(Offer))]
    there = scenes.place(v, on, left=None)
    known: dict[str, Any] = {"hold": None, "steadying_until": None, "today": v.day("today")}
    s = scenes.facts(v, served=there.served, approved=True, **known)
    after = _closed(s, there, on, offer)
    v.saw(after.served)
    first = rules._next_step(s)
    tomorrow = known | {"today": s.today + _days(1)}
    second = rules._next_step(scenes.facts(v, served=after.served, **tomorrow))
    is_served = s.started and offer in (Offer.STAY, Offer.STEP)
    still = is_served and s.served < s.days_needed
    return bool(second == first if still else second == first + _days(1))


def _closed(s: Any, there: Place, on: Plan, offer: Offer) -> Place:
    """What a day leaves behind on which the rules made this offer."""
    spoke = {"a_rule": Finding(offer, None, None, "")}
    today = Today(s, spoke, {}, there)
    ledger: Any = SimpleNamespace(plan=on, read=lambda _: today, _told_by=lambda _, told: told)
    return Ledger._close(ledger, s.today)


@_unless(
    Fault(rules, "_next_step", "max(s.days_needed - s.served, 0)", "s.days_needed - s.served"),
    Fault(rules, "_next_step", "[s.today, s.steadying_until,", "[s.today,"),
    Fault(rules, "_next_step", "max(day for day", "min(day for day"),
)
def the_next_step_is_never_before_its_time(v: Values) -> bool:
    """It is not before today, nor before a hold ends, nor before the days on the level."""
    s = scenes.facts(v)
    on = rules._next_step(s)
    v.saw(on)
    ends = [s.today, s.steadying_until, s.hold.until if s.hold else None]
    served = on >= s.today + _days(s.days_needed - s.served)
    return bool(served) and all(on >= end for end in ends if end is not None)


@_unless(
    Fault(place, "step_back", "day + steadying", "day"),
    Fault(place, "_moved", "served=0", "served=place.served"),
    Fault(rules, "hold_after_a_step_back", "s.today < s", "s.today <= s"),
)
def after_a_step_back_comes_a_hold_and_the_full_time(v: Values) -> bool:
    """The protocol's hold stands first, then all days of the level are still to be served."""
    on, today = v.plan(), v.day("today")
    moved = place.step_back(_after_a_step(v, on), on, today)
    needed, days = place.days_needed(moved, on), on.protocol.limits.steadying_days.value
    known: dict[str, Any] = {"steadying_until": moved.steadying_until, "hold": None}
    known |= {"served": moved.served, "days_needed": needed, "protocol": on.protocol}
    first = rules._next_step(scenes.facts(v, today=today, **known))
    later = v.whole("later", 0, 400, hint=lambda of: days + of.choice((-1, 0)))
    s = scenes.facts(v, today=today + _days(later), **known)
    holds = rules.hold_after_a_step_back(s) is not None
    v.saw(first, holds)
    return (first - today).days == needed + days and holds == bool(later < days)


# --- lines, lapses and what is needed ---------------------------------------------------------


@_unless(
    Fault(rules, "calm_line", "min(max(", "max(max("),
    Fault(
        protocol, "_contradictions", "calm_at_most.value >= limits", "calm_at_most.value > limits"
    ),
    Fault(protocol, "_contradictions", '("high_score", "severe_score"),', ""),
)
def calm_is_below_high_and_high_at_most_severe(v: Values) -> bool:
    """For every usual score a person may have, and every protocol."""
    s = scenes.facts(v)
    calm, limits = rules.calm_line(s), s.protocol.limits
    v.saw(calm)
    ordered = calm < limits.high_score.value <= limits.severe_score.value
    return ordered and limits.calm_score.value <= calm <= limits.calm_at_most.value


@_unless(
    Fault(rules, "_high_scores", "(n > calm and n >= well_above)", "n >= well_above"),
    Fault(rules, "_high_scores", "n >= high or", ""),
)
def no_score_is_both_calm_and_high(v: Values) -> bool:
    """A score that counts as high is above the calm line; a severe one always counts as high."""
    score = v.real("score", 0, 10)
    s = scenes.facts(v, last_scores=(score,))
    high, calm = bool(rules._high_scores(s)), bool(score <= rules.calm_line(s))
    v.saw(high)
    severe = score >= s.protocol.limits.severe_score.value
    return not (high and calm) and (high or not severe)


_COUNTED = "not all(day.counted for day in s.recent) or"


@_unless(
    Fault(rules, "step_when_settled", "s.is_last_level or", ""),
    Fault(rules, "step_when_settled", "or s.served < s.days_needed", ""),
    Fault(rules, "_settled_mean", _COUNTED, ""),
    Fault(rules, "_settled_mean", "mean <= calm_line(s)", "mean < calm_line(s) + 1"),
    Fault(rules, "_mean", "_WORST if day.score is None", "Fraction(0) if day.score is None"),
    Fault(rules, "_is_sharp", "told >= limit", "told > limit"),
)
def a_step_is_offered_only_when_served_and_calm(v: Values) -> bool:
    """Not on the last level, not before the days are served, on known calm days and no others."""
    s = scenes.facts(v)
    found = rules.step_when_settled(s)
    v.saw(found is not None)
    v.assume(found is not None)
    limits = s.protocol.limits
    known = all(day.counted for day in s.recent) and len(s.recent) == limits.calm_days.value
    worst = [10 if day.score is None else day.score for day in s.recent]
    calm = sum(worst) <= limits.calm_at_most.value * len(worst)
    sharp = [n for item, n in s.recent[0].core.items() if item not in s.usual_items]
    mild = all(n < limits.sharp_item.value for n in sharp)
    return not s.is_last_level and s.served >= s.days_needed and known and calm and mild


@_unless(Fault(rules, "_mean", "score.numerator * ", "(10 - score.numerator) * "))
def worse_days_never_open_a_step(v: Values) -> bool:
    """Days that are worse in score open no step that was shut."""
    calm_days = v.choice("calm_days", 3) + 3
    better, worse = (_scored(v, name, calm_days) for name in ("better", "worse"))
    for good, bad in zip(better, worse, strict=True):
        v.assume(good.score <= bad.score)
    step, other = (rules.step_when_settled(scenes.facts(v, recent=r)) for r in (worse, better))
    v.saw(step is not None, other is not None)
    return step is None or other is not None


def _scored(v: Values, name: str, number: int) -> list[Any]:
    scores = [v.real(f"{name}_{n}", 0, 10) for n in range(number)]
    return [SimpleNamespace(counted=True, score=score, core={}) for score in scores]


@_unless(
    Fault(rules, "_lapse_days", "+ s.days_off", "- s.days_off"),
    Fault(Plan, "days_off", "0 if using is None else DAYS_IN_A_WEEK - using", "using or 0"),
)
def a_lapse_comes_after_the_days_off_and_no_later_than_that(v: Values) -> bool:
    """A ceiling lapses after the protocol's days beyond the level's own days off."""
    on = v.plan("days_per_week")
    number = v.whole("level", 0, on.last_level)
    using = on.levels[number].days_per_week
    v.assume(using is None or using <= plan.DAYS_IN_A_WEEK)  # as the wire makes sure of
    s = scenes.facts(v, days_off=on.days_off(number))
    lapse = rules._lapse_days(s)
    v.saw(lapse)
    off = 0 if using is None else plan.DAYS_IN_A_WEEK - using
    least = BOUNDS["lapse_free_days"]["lowest"] + off
    return bool(least <= lapse <= _highest("lapse_free_days") + off)


_FREE = "s.free_days_since_act >= _lapse_days(s) and s.started"


@_unless(
    Fault(rules, "_lapse", "hides_ceiling=True", "hides_ceiling=False"),
    Fault(rules, "review_when_tolerance_has_fallen", "is None", "is not None"),
    Fault(rules, "_ceiling_has_lapsed", _FREE, "s.free_days_since_act > 99 and s.started"),
)
def no_amount_is_shown_after_days_without(v: Values) -> bool:
    """Once the ketamine-free days are reached, or the lapse stands, the ceiling is hidden.

    The rule that hides it comes before every change of level, and those speak only alone.
    """
    s = scenes.facts(v, approved=True)
    lapsed = rules.finish_when_ketamine_free(s) or rules.review_when_tolerance_has_fallen(s)
    v.saw(lapsed is not None)
    reached = s.free_days_since_act >= _highest("lapse_free_days") + s.days_off and s.started
    seen = s.level_mg == 0 and s.free_days_since_act < s.free_days  # nothing left to lapse
    due = bool(s.standing) or (reached and not seen)
    return not due or (lapsed is not None and lapsed.hides_ceiling)


@_unless(
    Fault(history, "_free_days", "+ 1, 0", "+ 2, 0"),
    Fault(history, "_free_days", "max(told.free_since, since_act + _DAY)", "since_act + _DAY"),
)
def a_clinicians_act_never_lengthens_a_run(v: Values) -> bool:
    """Ketamine-free days since an act are no more than all of the run, and none before its day."""
    since = v.day("free_since")
    told = place.Told(free_since=since, free_until=since + _days(v.whole("more", 0)))
    act = v.day("act")
    whole, after = history._free_days(told, None), history._free_days(told, act)
    v.saw(whole, after)
    assert told.free_until is not None
    last = (told.free_until - act).days
    return bool(0 <= after <= whole == (told.free_until - since).days + 1) and after <= max(last, 0)


@_unless(
    Fault(Ledger, "_is_over", "amount.low_mg > level", "amount.high_mg > level"),
    Fault(
        Ledger, "_is_unsure", "is_split_by(level.ceiling_mg)", "is_split_by(level.ceiling_mg - 1)"
    ),
)
def an_amount_is_over_unsure_or_within(v: Values) -> bool:
    """Over only from its low end, within only from its high end, and unsure in between."""
    on = v.plan()
    there = scenes.place(v, on, left=None, since=v.day("since"))
    low, more = v.whole("low_mg", 0), v.whole("more_mg", 0)
    told = _amount(low, low + more)
    check_in: Any = SimpleNamespace(amount=told, times=None, used=True)
    ledger: Any = SimpleNamespace(plan=on, _uses_too_often=lambda *_: False)
    over, unsure = (
        Ledger._is_over(ledger, check_in, there),
        Ledger._is_unsure(ledger, check_in, there),
    )
    v.saw(over, unsure)
    most = ceiling(there.rung, on)
    return bool(over) == bool(low > most) and bool(unsure) == bool(low <= most < low + more)


def _amount(low_mg: Any, high_mg: Any) -> AmountRange:
    """An amount that its own constructor would not let be other than plain numbers."""
    made = object.__new__(AmountRange)
    for name, value in (("low_mg", low_mg), ("high_mg", high_mg)):
        object.__setattr__(made, name, value)
    return made


# --- what is shown, and the last gate ---------------------------------------------------------


@_unless(
    Fault(rules, "recommend", "None if hidden else s.level_mg", "s.level_mg"),
    Fault(rules, "recommend", "any(found.hides_ceiling", "all(found.hides_ceiling"),
    Fault(rules, "recommend", "None if hidden or s.is_last_level else", "None if hidden else"),
)
def what_is_shown_is_the_level_or_nothing(v: Values) -> bool:
    """One rule that hides the ceiling is enough, and then no next step is named either."""
    s = scenes.facts(v, flags=(), ignored=())
    hides = [v.yes("first_hides"), v.yes("second_hides")]
    spoke = {f"rule_{n}": Finding(Offer.STAY, 0, 0, "", None, hide) for n, hide in enumerate(hides)}
    shown = rules.recommend(s, spoke, {})
    v.saw(shown.ceiling_mg, shown.next_step_on, shown.also)
    if any(hides):
        return shown.ceiling_mg is None and shown.next_step_on is None
    return bool(shown.ceiling_mg == s.level_mg) and s.is_last_level == (shown.next_step_on is None)


def _breaches(v: Values, on: Plan, level: Any, between: bool, mg: Any) -> list[str]:
    """What the last gate finds wrong with a ceiling on a day."""
    first, today = v.day("first_day") if v.yes("agreed") else None, v.day("today")
    known = SimpleNamespace(levels=on.levels, prescribed=on.prescribed, first_day=first)
    case: Any = SimpleNamespace(plan=known, today=today)
    shown: Any = SimpleNamespace(level=level, between=between)
    return list(guard._ceiling_breaches(case, shown, mg))


@_unless(
    Fault(guard, "_is_on_the_plan", "ceiling_mg == here", "ceiling_mg <= here"),
    Fault(guard, "_is_on_the_plan", "below < ceiling_mg < here", "below < ceiling_mg"),
    Fault(guard, "_is_on_the_plan", "and not plan.prescribed", ""),
    Fault(guard, "_ceiling_breaches", "first is None or first > case.today", "False"),
)
def the_last_gate_lets_no_other_ceiling_by(v: Values) -> bool:
    """Whatever the rules said: an approved level, or between it and the next, from the start on."""
    on, between = v.plan(), v.yes("between")
    level, mg = v.whole("level", hint=lambda of: of.randint(0, on.last_level)), v.whole("shown_mg")
    breaches = _breaches(v, on, level, between, mg)
    v.saw(*breaches)
    v.assume(not breaches)
    here = on.levels[level].ceiling_mg
    within = 0 <= level <= on.last_level and 0 <= mg <= here <= on.levels[0].ceiling_mg
    begun = v.yes("agreed") and v.day("first_day") <= v.day("today")
    if not between:
        return bool(within and begun and mg == here)
    return (
        bool(within and begun and on.levels[level + 1].ceiling_mg < mg < here) and not on.prescribed
    )


@_unless(
    Fault(guard, "_is_on_the_plan", "and not plan.prescribed", "and plan.prescribed"),
    Fault(guard, "_is_on_the_plan", "below < ceiling_mg", "below + 9 < ceiling_mg"),
    Fault(guard, "_ceiling_breaches", "ceiling_mg <= levels[0]", "ceiling_mg < levels[0]"),
)
def the_last_gate_stops_no_place_that_can_be(v: Values) -> bool:
    """Every sound place passes, so the gate and the moves agree on what a plan allows."""
    on = v.plan()
    there = scenes.place(v, on, left=None, halve_to=None).rung
    v.assume(v.yes("agreed") and v.day("first_day") <= v.day("today"))
    between = there.between_mg is not None
    return not _breaches(v, on, there.level, between, ceiling(there, on))


# --- what the planner draws -------------------------------------------------------------------


def _pace(v: Values, **known: Any) -> Any:
    """A pace as the planner works it out, with any numbers that a request may hold."""
    parts: dict[str, Any] = {"from_mg": v.whole("before_mg", 1), "days": v.whole("days", 1, 366)}
    parts |= {"unit_mg": v.whole("unit", 1, hint=lambda of: of.choice((1, 7, 50)))}
    parts |= {"goal_mg": v.whole("goal_mg", 0), "jump_off_mg": v.whole("jump_off_mg", 1)}
    request = SimpleNamespace(shape=Shape.CUSTOM, levels_mg=(), protocol=v.protocol(), **known)
    percent = request.protocol.limits.largest_step_percent.value
    return SimpleNamespace(request=request, largest_percent=percent, **parts)


@_unless(
    Fault(planner, "_rounded", "real > down and up < before_mg and", "real > down and"),
    Fault(planner, "_rounded", "int(real // unit_mg) * unit_mg", "int(real // unit_mg)"),
    Fault(planner, "_rounded", "return up", "return up + unit_mg"),
    Fault(planner, "_rounded", "_is_too_large(before_mg, down, pace.largest_percent)", "up"),
)
def rounding_is_down_unless_that_step_is_too_large(v: Values) -> bool:
    """A level is the next multiple of the unit below; above, only where it is still a fall."""
    pace, real = _pace(v), v.real("real_mg", 0, 30_000)
    before, unit = pace.from_mg, pace.unit_mg
    level = planner._rounded(pace, _decimal(real), before)
    v.saw(level)
    down = level <= real
    too_large = (before - level + unit) * 100 > pace.largest_percent * before
    near = real - unit < level < real + unit
    return near and level % unit == 0 and (down or bool(level < before and too_large))


def _decimal(number: Any) -> Any:
    """As the planner has it: a decimal number, or every number."""
    if not isinstance(number, Fraction):
        return number
    return Decimal(number.numerator) / Decimal(number.denominator)


@_unless(
    Fault(planner, "_amounts", "goal_mg < level < before_mg", "goal_mg < level"),
    Fault(planner, "_amounts", "goal_mg < level < before_mg", "level < before_mg"),
    Fault(planner, "_amounts", "if goal_mg < before_mg", "if False"),
)
def drawn_levels_fall_to_the_goal(v: Values) -> bool:
    """From any amount, whatever the shape asks for next: the levels fall, and end at the goal.

    The loop keeps nothing but the amount before, so that one turn of it stands for all.
    """
    pace, real = _pace(v), v.real("real_mg", 0, 30_000)
    v.assume(pace.goal_mg < pace.from_mg)  # the planner refuses any other goal
    pace.request.levels_mg = (_decimal(real),)
    levels = [pace.from_mg, *planner._amounts(pace)]
    v.saw(*levels)
    falls = all(below < above for above, below in pairwise(levels))
    return falls and bool(levels[-1] == pace.goal_mg)


@_unless(
    Fault(planner, "_too_large", "amounts[-2] <= pace", "amounts[-1] <= pace"),
    Fault(planner, "_is_too_large", "> largest_percent * before_mg", "> 100 * before_mg"),
)
def no_step_is_above_the_percent_unless_it_is_said(v: Values) -> bool:
    """Unless a plan is said to step too far, each step is within the percent.

    All but the last one, to the goal, when it is from the jump-off amount.
    """
    amounts, pace = v.amounts(), _pace(v)
    v.assume(not planner._too_large(pace, amounts))
    last = vars(plan).get("len", len)(amounts) - 1
    number = v.whole("any_one", 1, last)
    before, after = amounts[number - 1], amounts[number]
    jumps = number == last and amounts[-2] <= pace.jump_off_mg
    return bool(jumps or (before - after) * 100 <= pace.largest_percent * before)


@_unless(
    Fault(planner, "_breaches", "if _too_large(", "if not _too_large("),
    Fault(planner, "_breaches", "pace.days < limits", "pace.days <= limits"),
    Fault(planner, "_needs", "if breaches and", "if not breaches and"),
)
def a_step_above_the_percent_needs_a_name(v: Values) -> bool:
    """A plan that steps too far, or too soon, is not approved before somebody authorises it."""
    pace = _pace(v, authorised="a name" if v.yes("authorised") else None, confirmed=None)
    amounts = [pace.from_mg, v.whole("below_mg", 0)]
    breaches = tuple(planner._breaches(pace, tuple(map(Level, amounts))))
    needs = tuple(planner._needs(pace, breaches))
    v.saw(breaches, needs)
    soon = bool(pace.days < pace.request.protocol.limits.shortest_level_days.value)
    breaks = planner._too_large(pace, amounts) or soon
    named = pace.request.authorised or "authorisation" in needs
    return soon == ("level_too_short" in breaches) and (not breaks or bool(named))
