"""From a request to a draft whose levels keep every limit after rounding, or a refusal.

A plan is never made faster to fit a date. What is above a limit needs a named clinician.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise

from stepwell.engine.plan import DAYS_IN_A_WEEK, Level, Supply
from stepwell.engine.protocol import Notice, Protocol

_PRECISION = 50  # decimal digits, so that every machine rounds a level the same way
_BILLIONTH = Decimal("1e-9")  # of a milligram: a third that comes out as 499.99… is 500
_MOST_STEPS = 400  # guards on work, as in the contract
_MOST_LEVELS = 500


class Shape(StrEnum):
    PROPORTIONAL = "proportional"
    LINEAR = "linear"
    EQUAL_OCCUPANCY = "equal_occupancy"
    HALVING = "halving"
    SPACING = "spacing"
    STOP_NOW = "stop_now"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Signed:
    """A named clinician's authorisation or confirmation, with the reason."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is drafted from. Amounts in whole milligrams; None is the protocol's default."""

    protocol: Protocol
    start: date
    baseline: Level
    supply: Supply = Supply.NON_PRESCRIBED
    shape: Shape = Shape.PROPORTIONAL
    goal_mg: int | None = None
    goal_times_per_day: int | None = None
    goal_days_per_week: int | None = None
    percent: int | None = None
    steps: int | None = None
    days_per_level: int | None = None
    end_by: date | None = None
    smallest_unit_mg: int | None = None
    jump_off_mg: int | None = None
    d50_mg: int | None = None
    levels_mg: tuple[int, ...] = ()
    authorised: Signed | None = None
    confirmed: Signed | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no plan: the rule, the field, and the reason in plain words."""

    rule: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan to review. `needs` names what is missing before it can be approved."""

    request: Request
    levels: tuple[Level, ...]
    dates: tuple[date | None, ...]
    earliest: date
    usual: date
    warnings: tuple[tuple[str, Notice], ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Pace:
    """A request with every default filled in."""

    request: Request
    from_mg: int
    goal_mg: int
    percent: int
    largest_percent: int
    steps: int | None
    days: int
    unit_mg: int
    jump_off_mg: int
    d50_mg: int


def draft(request: Request) -> Draft | tuple[Refusal, ...]:
    """Draft a plan, or refuse it with every reason that was found."""
    pace = _pace(request)
    refusals = tuple(_refusals(request, pace))
    if refusals:
        return refusals
    with localcontext() as context:
        context.prec = _PRECISION
        pace, levels, longer = _drawn(pace)
    if not levels:
        return (_no_such_plan(pace),)
    if len(levels) > _MOST_LEVELS:
        return (_too_many(levels),)
    return _finished(pace, levels, longer)


def _pace(request: Request) -> _Pace:
    limits = request.protocol.limits
    halving = request.shape is Shape.HALVING
    unit = request.smallest_unit_mg or limits.smallest_unit_mg.value
    percent = limits.halving_percent if halving else limits.step_percent
    days = limits.halving_level_days if halving else limits.level_days
    default_jump = max(limits.jump_off_mg.value // unit * unit, unit)
    return _Pace(
        request=request,
        from_mg=request.baseline.ceiling_mg,
        goal_mg=_goal(request),
        percent=percent.value if halving else request.percent or percent.value,
        largest_percent=limits.largest_step_percent.value,
        steps=request.steps,
        days=request.days_per_level or days.value,
        unit_mg=unit,
        jump_off_mg=default_jump if request.jump_off_mg is None else request.jump_off_mg,
        d50_mg=request.d50_mg or limits.d50_mg.value,
    )


def _goal(request: Request) -> int:
    if request.goal_mg is not None:
        return request.goal_mg
    if request.levels_mg:
        return request.levels_mg[-1]
    # Fewer days at the same amount is a goal of its own.
    fewer_days = request.shape is Shape.SPACING and request.goal_days_per_week
    return request.baseline.ceiling_mg if fewer_days else 0


# --- refusals ---------------------------------------------------------------------------------


def _refusals(request: Request, pace: _Pace) -> Iterator[Refusal]:
    yield from _unbelievable_amounts(request, pace)
    yield from _unmeasurable_amounts(request, pace)
    yield from _contradictions(request, pace)
    yield from _lever_refusals(request, pace)


def _unbelievable_amounts(request: Request, pace: _Pace) -> Iterator[Refusal]:
    limits, amount = request.protocol.limits, pace.from_mg
    low, high = limits.amount_min_mg.value, limits.amount_max_mg.value
    if not low <= amount <= high:
        text = f"the starting amount must be {low} to {high} mg a day, not {amount}"
        yield Refusal("amount_out_of_range", "baseline.amount_mg", text)
    if pace.goal_mg > amount or (pace.goal_mg == amount and not _has_another_lever(request)):
        text = f"the goal ({pace.goal_mg} mg) must be below the starting amount ({amount} mg)"
        yield Refusal("goal_is_not_lower", "goal_mg", text)


def _has_another_lever(request: Request) -> bool:
    base = request.baseline
    return _falls(request.goal_times_per_day, base.times_per_day) or _falls(
        request.goal_days_per_week, base.days_per_week
    )


def _falls(goal: int | None, now: int | None) -> bool:
    return goal is not None and now is not None and goal < now


def _unmeasurable_amounts(request: Request, pace: _Pace) -> Iterator[Refusal]:
    named = [("goal_mg", pace.goal_mg), ("jump_off_mg", pace.jump_off_mg)]
    named += [(f"levels_mg[{n}]", mg) for n, mg in enumerate(request.levels_mg)]
    for path, mg in named:
        if mg % pace.unit_mg and mg != pace.from_mg:
            text = f"{mg} mg cannot be measured in units of {pace.unit_mg} mg"
            yield Refusal("cannot_be_measured", path, text)
    if pace.unit_mg > pace.from_mg:
        text = f"the smallest unit ({pace.unit_mg} mg) is larger than the starting amount"
        yield Refusal("cannot_be_measured", "smallest_unit_mg", text)


def _contradictions(request: Request, pace: _Pace) -> Iterator[Refusal]:
    paces = [n for n in ("percent", "steps", "end_by") if getattr(request, n) is not None]
    if len(paces) > 1:
        text = f"give the pace once: {' or '.join(paces)}, not together"
        yield Refusal("pace_is_given_twice", paces[1], text)
    if request.end_by is not None and request.end_by <= request.start:
        yield Refusal("ends_before_it_starts", "end_by", "the end must be after the start")
    if request.shape is Shape.CUSTOM and not request.levels_mg:
        yield Refusal("levels_are_missing", "levels_mg", "a custom plan needs its levels")
    if request.levels_mg and request.shape is not Shape.CUSTOM:
        yield Refusal("levels_without_custom", "levels_mg", "only a custom plan takes levels")
    yield from _custom_refusals(request, pace)


def _custom_refusals(request: Request, pace: _Pace) -> Iterator[Refusal]:
    amounts = (pace.from_mg, *request.levels_mg)
    for number in range(1, len(amounts)):
        if amounts[number] >= amounts[number - 1]:
            path, text = f"levels_mg[{number - 1}]", "each level must be lower than the one before"
            yield Refusal("levels_must_fall", path, text)
    if request.levels_mg and request.levels_mg[-1] != pace.goal_mg:
        yield Refusal("goal_is_not_the_last_level", "goal_mg", "the last level must be the goal")


def _lever_refusals(request: Request, pace: _Pace) -> Iterator[Refusal]:
    for name, now in (
        ("times_per_day", request.baseline.times_per_day),
        ("days_per_week", request.baseline.days_per_week),
    ):
        goal = getattr(request, f"goal_{name}")
        if goal is None:
            continue
        if now is None or goal > now:
            text = f"the goal must not be above the baseline's {name.replace('_', ' ')}"
            yield Refusal("goal_is_not_lower", f"goal_{name}", text)
        if pace.goal_mg == 0:
            text = "with a goal of none there are no times or days left to agree"
            yield Refusal("goal_of_none_has_no_levers", f"goal_{name}", text)
    if request.shape is Shape.SPACING and not _falls(1, request.baseline.days_per_week):
        text = "spacing needs at least two using days a week to start from"
        yield Refusal("nothing_to_space", "baseline.days_per_week", text)


def _no_such_plan(pace: _Pace) -> Refusal:
    text = (
        f"no {pace.request.shape.value} plan to this goal keeps every step within"
        f" {pace.largest_percent} % of the current amount, however long; choose another shape,"
        " or have it authorised"
    )
    return Refusal("no_plan_keeps_the_limits", "shape", text)


def _too_many(levels: tuple[Level, ...]) -> Refusal:
    text = f"{len(levels)} levels are more than {_MOST_LEVELS}; choose larger steps"
    return Refusal("too_many_levels", "percent", text)


# --- shapes -----------------------------------------------------------------------------------


def _drawn(pace: _Pace) -> tuple[_Pace, tuple[Level, ...], bool]:
    """The levels, and whether they had to be more than the end date leaves room for."""
    end_by = pace.request.end_by
    if end_by is None or pace.request.shape not in _LADDERS:
        return pace, _levels(pace), False
    room = (end_by - pace.request.start).days // pace.days + 1
    solved, below = _solved(pace, room)
    return solved, _levels(solved) if below else (), below > room


def _solved(pace: _Pace, room: int) -> tuple[_Pace, int]:
    """The pace that uses the room best, and its levels below the baseline; 0 where none fits."""
    levers = [pace.goal_mg] * _lever_levels(pace.request)
    every = len(range(pace.goal_mg, pace.from_mg, pace.unit_mg)) + len(levers)
    solved, below = pace, 0
    fewest = min(max(room - len(levers), 1), _MOST_STEPS)
    for steps in range(fewest, _MOST_STEPS + 1):
        tried = replace(pace, steps=steps)
        amounts = [pace.from_mg, *_amounts(tried), *levers]
        taken = len(amounts) - 1  # rounding merges levels, so there may be fewer than steps
        may_be_followed = pace.request.authorised or not _too_large(tried, amounts)
        if may_be_followed and (taken <= room or not below):
            solved, below = tried, taken
        if taken >= (room if below else every):  # with every amount a level, nothing is finer
            break
    return solved, below


def _levels(pace: _Pace) -> tuple[Level, ...]:
    request, days = pace.request, pace.days
    baseline = replace(request.baseline, days=0)
    levels = [baseline]
    if request.shape is Shape.SPACING:
        levels += _fewer(baseline, "days_per_week", request.goal_days_per_week or 1, days)
    using = levels[-1]
    levels += [replace(using, ceiling_mg=mg, days=days) for mg in _amounts(pace)]
    for lever in ("times_per_day", "days_per_week"):
        goal = getattr(request, f"goal_{lever}")
        levels += _fewer(levels[-1], lever, goal, days) if goal else []
    return tuple(levels)


def _lever_levels(request: Request) -> int:
    """How many levels times a day and using days a week will take."""
    base = request.baseline
    pairs = (
        (base.times_per_day, request.goal_times_per_day),
        (base.days_per_week, request.goal_days_per_week),
    )
    return sum(now - goal for now, goal in pairs if now and goal)


def _fewer(level: Level, lever: str, goal: int, days: int) -> list[Level]:
    """Levels on which times a day or using days a week fall one by one."""
    now: int = getattr(level, lever)
    return [replace(level, days=days, **{lever: left}) for left in range(now - 1, goal - 1, -1)]


def _amounts(pace: _Pace) -> Iterator[int]:
    """The levels' amounts below the baseline: rounded, each lower than the last, the goal last."""
    before_mg, goal_mg = pace.from_mg, pace.goal_mg
    for exact in _LADDERS.get(pace.request.shape, _given)(pace):
        if before_mg - pace.unit_mg <= goal_mg:
            break
        level = max(_rounded(pace, exact.quantize(_BILLIONTH), before_mg), goal_mg)
        if level < before_mg:
            yield level
            before_mg = level
    if goal_mg < before_mg:
        yield goal_mg


def _rounded(pace: _Pace, real: Decimal, before_mg: int) -> int:
    """Down to the unit; up where that step is too large and up is still below the level before."""
    unit_mg = pace.unit_mg
    down = int(real // unit_mg) * unit_mg
    up = down + unit_mg
    if real > down and up < before_mg and _is_too_large(before_mg, down, pace.largest_percent):
        return up
    return down


def _proportional(pace: _Pace) -> Iterator[Decimal]:
    ratio = 1 - Decimal(pace.percent) / 100
    if pace.steps is not None:
        yield from _proportional_in(pace, pace.steps)
        return
    floor = max(pace.jump_off_mg, pace.goal_mg)
    real = pace.from_mg * ratio
    while real > floor:
        yield real
        real *= ratio
    # From at or below the jump-off amount the goal is the next level.
    if pace.from_mg > pace.jump_off_mg:
        yield Decimal(pace.jump_off_mg)


def _proportional_in(pace: _Pace, steps: int) -> Iterator[Decimal]:
    """Level i = D0·rⁱ: level n is the goal; with a goal of none, level n - 1 the jump-off."""
    last = steps - 1 if pace.goal_mg == 0 else steps
    target = pace.jump_off_mg if pace.goal_mg == 0 else pace.goal_mg
    if last < 1 or target >= pace.from_mg:
        return
    ratio = (Decimal(target) / pace.from_mg) ** (Decimal(1) / last)
    yield from (pace.from_mg * ratio**i for i in range(1, last))
    yield Decimal(target)


def _linear(pace: _Pace) -> Iterator[Decimal]:
    steps = _count(pace)
    fall = Decimal(pace.from_mg - pace.goal_mg) / steps
    yield from (pace.from_mg - i * fall for i in range(1, steps))


def _equal_occupancy(pace: _Pace) -> Iterator[Decimal]:
    """Equal differences of D / (D + D50), turned back into amounts by D = D50·o / (1 − o)."""
    steps, half = _count(pace), Decimal(pace.d50_mg)
    first, last = (Decimal(mg) / (mg + half) for mg in (pace.from_mg, pace.goal_mg))
    for i in range(1, steps):
        occupied = first + (last - first) * i / steps
        yield half * occupied / (1 - occupied)


def _given(pace: _Pace) -> Iterator[Decimal]:
    yield from map(Decimal, pace.request.levels_mg)


def _count(pace: _Pace) -> int:
    return pace.steps or math.ceil(100 / pace.percent)


_LADDERS: dict[Shape, Callable[[_Pace], Iterator[Decimal]]] = {
    Shape.PROPORTIONAL: _proportional,
    Shape.HALVING: _proportional,
    Shape.LINEAR: _linear,
    Shape.EQUAL_OCCUPANCY: _equal_occupancy,
}


# --- what the draft says ----------------------------------------------------------------------


def _finished(pace: _Pace, levels: tuple[Level, ...], longer: bool) -> Draft:
    start, taken = pace.request.start, len(levels) - 2
    limits = pace.request.protocol.limits
    holds = taken * limits.usual_holds_percent.value // 100
    dates = [start + timedelta(days=pace.days * n) for n in range(len(levels) - 1)]
    breaches = tuple(_breaches(pace, levels))
    rules = (*breaches, *_remarks(pace, longer))
    return Draft(
        request=pace.request,
        levels=levels,
        dates=(None, *dates),
        earliest=dates[-1],
        usual=dates[-1] + timedelta(days=pace.days * holds),
        warnings=tuple((rule, pace.request.protocol.notices[rule]) for rule in rules),
        needs=tuple(_needs(pace, breaches)),
    )


def _too_large(pace: _Pace, amounts: list[int]) -> bool:
    """True when a step between rounded levels is above the limit and not exempt."""
    exempt = amounts[-2] <= pace.jump_off_mg  # the final step, from the jump-off amount
    steps = pairwise(amounts[:-1] if exempt else amounts)
    return any(_is_too_large(before, after, pace.largest_percent) for before, after in steps)


def _is_too_large(before_mg: int, after_mg: int, largest_percent: int) -> bool:
    return (before_mg - after_mg) * 100 > largest_percent * before_mg


def _breaches(pace: _Pace, levels: tuple[Level, ...]) -> Iterator[str]:
    """The limits this plan is above; each needs a named authorisation."""
    if pace.request.shape is Shape.STOP_NOW:
        return
    limits = pace.request.protocol.limits
    if _too_large(pace, [level.ceiling_mg for level in levels]):
        yield "step_above_limit"
    if pace.days < limits.shortest_level_days.value:
        yield "level_too_short"
    if pace.jump_off_mg > max(limits.jump_off_mg.value, pace.unit_mg):
        yield "jump_off_above_protocol"


def _needs(pace: _Pace, breaches: tuple[str, ...]) -> Iterator[str]:
    if breaches and pace.request.authorised is None:
        yield "authorisation"
    if _is_unusual(pace) and pace.request.confirmed is None:
        yield "confirmation"


def _is_unusual(pace: _Pace) -> bool:
    return pace.from_mg > pace.request.protocol.limits.amount_confirm_mg.value


def _remarks(pace: _Pace, longer: bool) -> Iterable[str]:
    request = pace.request
    daily = request.baseline.days_per_week == DAYS_IN_A_WEEK
    linear_below = pace.d50_mg // 4  # occupancy is within a fifth of a straight line down there
    said = {
        "evidence_is_low": True,
        "halving_is_fast": request.shape is Shape.HALVING,
        "spacing_for_daily_use": request.shape is Shape.SPACING and daily,
        "nearly_linear": request.shape is Shape.EQUAL_OCCUPANCY and pace.from_mg <= linear_below,
        "made_longer": longer,
        "amount_is_unusual": _is_unusual(pace),
        "prescriber_owns_the_levels": request.supply is Supply.PRESCRIBED,
    }
    return [rule for rule, speaks in said.items() if speaks]
