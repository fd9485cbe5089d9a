"""What holds of a plan, of each step on it and each step back, whatever the ladder and amounts.

Proved here: a plan falls level by level to its goal; every move of the engine leads from a place
that can be to one that can be, by one rung at most, and half steps are halves that can be
measured; the last gate lets exactly such places by; and what the planner draws falls by no more
than the protocol's percent unless that is said and needs a name.

By induction: a place is sound at the start, and every move leads from a sound place to a sound
one; a level falls below the one before, so every level is at or under every earlier one.

Not proved here: which curve a planner's shape follows.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from prove import scenes
from prove.scenes import ceiling, is_sound
from prove.theorems import Fault, unless
from prove.values import Values
from stepwell.engine import case as cases
from stepwell.engine import guard, place, plan, planner
from stepwell.engine.errors import InputError
from stepwell.engine.events import Kind
from stepwell.engine.place import Place, Rung
from stepwell.engine.plan import Level, Plan
from stepwell.engine.planner import Shape

# --- plans ------------------------------------------------------------------------------------


def _is_accepted(levels: Any, goal_mg: Any) -> bool:
    known: Any = {"protocol": None, "days_per_level": 1, "smallest_unit_mg": 1, "usual_score": 0}
    try:
        Plan(version=1, levels=levels, goal_mg=goal_mg, **known)
    except InputError:
        return False
    return True


@unless(
    Fault(plan, "_rises", "any(", "all("),
    Fault(plan, "_rises", "elif before == here", "elif here is None"),
)
def a_plan_falls_level_by_level(v: Values) -> bool:
    """A plan that is accepted rises in nothing, and falls in something, at every level."""
    levels = v.levels()
    v.assume(_is_accepted(levels, levels[-1].ceiling_mg))
    number = v.whole("any_one", 1, plan_size(levels) - 1)
    return bool(scenes.each_falls(levels, number))


@unless(
    Fault(Plan, "__post_init__", "if self.goal_mg != self.levels[-1].ceiling_mg", "if False"),
    Fault(Plan, "__post_init__", "len(self.levels) < 2", "len(self.levels) < 1"),
)
def a_plan_ends_at_its_goal(v: Values) -> bool:
    """A plan that is accepted has a level below the baseline, and its last level is the goal."""
    levels = v.levels()
    goal_mg = v.whole("goal_mg", 0, hint=lambda _: levels[-1].ceiling_mg)
    v.assume(_is_accepted(levels, goal_mg))
    return bool(plan_size(levels) >= 2 and levels[-1].ceiling_mg == goal_mg)


@unless(Fault(plan, "_rises", "_levers(levels[number - 1])", "_levers(levels[0])"))
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


@unless(Fault(place, "start", "_moved(place, Rung(1), day)", "_moved(place, Rung(2), day)"))
def day_1_is_one_step_from_the_baseline(v: Values) -> bool:
    """The start leads from the baseline to level 1, and no higher than the baseline."""
    on = v.plan()
    moved = place.start(Place(), v.day("today"))
    v.saw(moved.rung, moved.left)
    under = ceiling(moved.rung, on) <= on.levels[0].ceiling_mg
    return bool(moved.rung == Rung(1) and moved.left == Rung(0) and under and is_sound(moved, on))


@unless(
    Fault(place, "next_rung", "Rung(place.rung.level + 1)", "Rung(place.rung.level + 2)"),
    Fault(place, "step", "left=place.rung", "left=place.left"),
    Fault(plan.Plan, "between_mg", "if self.prescribed", "if False"),
)
def a_step_keeps_the_place_sound(v: Values) -> bool:
    """A step from any level but the last leads to a place that can be, one rung below.

    That includes that an amount which was prescribed is never split.
    """
    on = v.plan()
    there = scenes.place(v, on)
    v.assume(there.rung.level < on.last_level)
    moved = place.step(there, on, v.day("today"))
    v.saw(moved.rung, moved.left, moved.halve_to, moved.served)
    return moved.left == there.rung and is_sound(moved, on)


@unless(
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


@unless(
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


@unless(
    Fault(plan.Plan, "between_mg", "(down, up)", "(down,)"),
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


@unless(
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


@unless(
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


@unless(
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
    there = scenes.after_a_step(v, on)
    moved = place.step_back(there, on, v.day("today"))
    v.saw(moved.rung, moved.halve_to, moved.step_backs)
    up = there.rung.level - 1 <= moved.rung.level <= there.rung.level
    least, most = ceiling(there.rung, on), on.levels[0].ceiling_mg
    within = least <= ceiling(moved.rung, on) <= most
    return moved.rung == there.left and up and within and is_sound(moved, on)


@unless(
    Fault(place, "_moved", "left=None", "left=place.left"),
    Fault(place, "_moved", "stepped_on=None", "stepped_on=place.stepped_on"),
)
def a_step_is_taken_back_once(v: Values) -> bool:
    """After a step back, or a level that was set, no step is there to be taken back."""
    on = v.plan()
    there = replace(scenes.after_a_step(v, on), stepped_on=v.day("stepped_on"))
    back = place.step_back(there, on, v.day("today"))
    level = place.set_level(there, on, v.whole("level", 0, on.last_level), v.day("today"))
    return all(moved.left is None and moved.stepped_on is None for moved in (back, level))


@unless(
    Fault(place, "step_back", "halve_to=place.rung.on(plan).ceiling_mg", "halve_to=None"),
    Fault(place, "days_needed", "days * 2 if doubled", "days if doubled"),
)
def after_a_step_back_the_next_step_is_half_as_large(v: Values) -> bool:
    """From there the step is half of the one taken back, to a unit; or has twice the time."""
    on = v.plan()
    there = scenes.after_a_step(v, on)
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


# --- what else moves a place ------------------------------------------------------------------


@unless(
    Fault(place, "set_level", "Rung(level)", "Rung(level + 1)"),
    Fault(cases, "_impossible_levels", "level > case.plan.last_level", "level is None"),
)
def a_level_is_set_only_within_the_plan(v: Values) -> bool:
    """A clinician's level is the one that was named, of this plan, at most the baseline."""
    on, number, today = v.plan(), v.whole("level", 0), v.day("today")
    case: Any = SimpleNamespace(plan=on, events=(scenes.act(Kind.SET_LEVEL, level=number),))
    v.assume(not list(cases._impossible_levels(case)))
    moved = place.set_level(scenes.place(v, on), on, number, today)
    v.saw(moved.rung, moved.step_backs)
    under = ceiling(moved.rung, on) <= on.levels[0].ceiling_mg
    return moved.rung == Rung(number) and under and is_sound(moved, on)


@unless(
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
    others += [place.hold(there, scenes.act(Kind.HOLD, days=days), today)]
    return all(_stands_alike(there, other) for other in others)


def _stands_alike(one: Place, other: Place) -> bool:
    same = one.rung == other.rung and one.left == other.left
    return bool(same and one.halve_to == other.halve_to and one.step_backs == other.step_backs)


@unless(
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


# --- the last gate ----------------------------------------------------------------------------


def _breaches(v: Values, on: Plan, level: Any, between: bool, mg: Any) -> list[str]:
    """What the last gate finds wrong with a ceiling on a day."""
    first, today = v.day("first_day") if v.yes("agreed") else None, v.day("today")
    known = SimpleNamespace(levels=on.levels, prescribed=on.prescribed, first_day=first)
    case: Any = SimpleNamespace(plan=known, today=today)
    shown: Any = SimpleNamespace(level=level, between=between)
    return list(guard._ceiling_breaches(case, shown, mg))


@unless(
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


@unless(
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


@unless(
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


@unless(
    Fault(planner, "_amounts", "level < before_mg", "level <= before_mg"),
    Fault(planner, "_amounts", "goal_mg)\n        if level", "0)\n        if level"),
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


@unless(
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


@unless(
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
