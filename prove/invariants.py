"""What must hold at every step of every way. Each check looks at the two moments and at the way
that was walked, as labels, and not at what the engine remembers of it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from prove.states import Moment, Way
from prove.worlds import BY_A_CLINICIAN, LATE, NIGHT, STEPS, STEPS_BACK, Told, told
from stepwell.engine.events import Safety
from stepwell.engine.recommendation import Offer

Check = Callable[[Moment, str, Moment], bool]
_DAY = timedelta(days=1)
_STANDS = frozenset(
    {
        "freeze_on_red_flag",
        "freeze_when_a_clinician_froze",
        "pause_when_silent_for_long",
        "review_after_two_step_backs",
        "review_when_bladder_liver_or_weight_is_worse",
        "review_when_a_routine_flag_repeats",
        "review_when_held_for_long",
    }
)
_LAPSE = frozenset({"finish_when_ketamine_free", "review_when_tolerance_has_fallen"})
_COUNTS = (Offer.STAY, Offer.STEP)


def the_ceiling_never_exceeds_the_plan(_: Moment, __: str, after: Moment) -> bool:
    """1 · What is shown is a level of the approved plan, or between two, and below the baseline."""
    plan, answer, here = after.world.plan, after.answer, after.today.snapshot.level_mg
    levels = [level.ceiling_mg for level in plan.levels]
    if here > levels[0] or answer.ceiling_mg not in (None, here):
        return False
    if answer.between:
        return levels[answer.level + 1] < here < levels[answer.level]
    return here == levels[answer.level]


def the_ceiling_rises_only_by_a_step_back_or_a_clinician(
    before: Moment, label: str, after: Moment
) -> bool:
    """2 · Once a step, to the level just left."""
    was, now = before.today.snapshot.level_mg, after.today.snapshot.level_mg
    if now <= was or label == "level one":
        return True
    return label in STEPS_BACK and now == _left_mg(before)


def _left_mg(moment: Moment) -> int | None:
    """The amount before the last step, when no other change of level came after it."""
    for way in moment.way.back():
        if way.label in STEPS_BACK or way.label == "level one":
            return None
        if way.label in STEPS:
            return way.from_mg
    return moment.world.plan.levels[0].ceiling_mg


def no_step_back_where_it_must_not_be(_: Moment, __: str, after: Moment) -> bool:
    """3 · Not after ketamine-free days, a red flag, a lapse, too late, or too often."""
    if after.answer.offer is not Offer.STEP_BACK:
        return True
    limits, ways = after.world.plan.protocol.limits, list(after.way.back())
    taken = sum(way.label in STEPS_BACK for way in ways)
    return (
        _left_mg(after) is not None
        and (after.day - _last_step(after)).days <= limits.step_back_within_days.value
        and _free_run(after) < limits.step_back_free_days.value
        and taken < limits.step_back_limit.value
        and after.answer.ceiling_mg is not None
        and not _stopped(after)
    )


def _last_step(moment: Moment) -> date:
    steps = [way.day for way in moment.way.back() if way.label in STEPS or way.label == "start"]
    return steps[0]


def _free_run(moment: Moment) -> int:
    """Days from the first to the last told "none", with no use told in between or after."""
    days = _days(moment)
    run: list[date] = []
    for on in sorted(days, reverse=True):
        if days[on].used:
            break
        if days[on].used is False:
            run.append(on)
    return (run[0] - run[-1]).days + 1 if run else 0


def _days(moment: Moment) -> dict[date, Told]:
    """What was told of each day, the last word on it."""
    days: dict[date, Told] = {}
    for about, day in _told_days(moment.way):
        days.setdefault(about, day)
    return days


def _told_days(way: Way) -> Iterator[tuple[date, Told]]:
    for one in way.back():
        if (day := told(one.label)) is not None:
            yield one.day - _DAY if one.label.endswith(LATE) else one.day, day


def _stopped(moment: Moment) -> bool:
    """A red flag or a freeze that no clinician has resumed since."""
    for way in moment.way.back():
        if way.label == "resume":
            return False
        if way.label == "freeze" or _is_red(way.label):
            return True
    return False


def _is_red(label: str) -> bool:
    day = told(label)
    return day is not None and day.red


def no_step_from_what_is_not_known(_: Moment, __: str, after: Moment) -> bool:
    """4 · The last days told are all complete, sure and new; nobody holds; safety is answered."""
    if after.answer.offer is not Offer.STEP:
        return True
    limits, days = after.world.plan.protocol.limits, _days(after)
    newest = sorted(days, reverse=True)[: limits.calm_days.value]
    return (
        len(newest) == limits.calm_days.value
        and (after.day - newest[-1]).days <= limits.window_days.value
        and all(_is_sure(days[on]) for on in newest)
        and _is_safe(after, days)
        and not _is_held(after)
        and not _stopped(after)
        and set(after.answer.findings) <= {"step_when_settled", "act_was_not_open"}
    )


def _is_sure(day: Told) -> bool:
    return day.complete and (day.amount is None or day.amount[0] == day.amount[1])


def _is_safe(moment: Moment, days: Mapping[date, Told]) -> bool:
    """The safety question was answered "no" in time, once it is due."""
    limits, first_day = moment.world.plan.protocol.limits, moment.world.plan.first_day
    said = [on for on, day in days.items() if day.safety is Safety.NO]
    since = max(said, default=date.min)
    due = first_day is not None and (moment.day - first_day).days >= limits.safety_days.value
    return not due or (since - moment.day).days >= -limits.safety_days.value


def _is_held(moment: Moment) -> bool:
    """A hold that somebody took has neither run out nor been ended by them."""
    ended: set[str] = set()
    for way in moment.way.back():
        if way.label not in _HOLDS:
            continue
        whose, length = _HOLDS[way.label]
        stands = length is None or (moment.day - way.day).days < length
        if whose not in ended and stands and length != 0:
            return True
        ended.add(whose)
    return False


_HOLDS: Mapping[str, tuple[str, int | None]] = {
    "hold": ("person", None),
    "hold two days": ("person", 2),
    "end hold": ("person", 0),
    "hold by a clinician": ("clinician", 1),
}


def a_red_flag_freezes_on_the_day_it_is_told(_: Moment, label: str, after: Moment) -> bool:
    """6 · Whatever else is true, also when it is about a past day; and somebody is told."""
    if not _is_red(label):
        return True
    told_now = any(one.since == after.day for one in after.answer.escalations)
    known = bool(after.answer.escalations)
    frozen = after.answer.offer is Offer.FREEZE and after.answer.ceiling_mg is None
    return frozen and (told_now or known)


def no_level_is_ever_skipped(before: Moment, label: str, after: Moment) -> bool:
    """8 · One level at a time, and only by a step, a step back, or a clinician's level."""
    was, now = before.answer, after.answer
    moved = (was.level, was.between) != (now.level, now.between)
    if label == "level one" or not moved:
        return True
    if label in STEPS:
        return now.level - was.level == (0 if now.between else 1)
    return label in STEPS_BACK


def a_held_night_moves_the_next_date_and_a_served_one_does_not(
    before: Moment, label: str, after: Moment
) -> bool:
    """8 · Every day that is not served puts the next step off by one, and no other day does."""
    was, now = before.answer.next_step_on, after.answer.next_step_on
    if (
        label != NIGHT
        or was is None
        or now is None
        or before.day == before.today.snapshot.first_day
    ):
        return True
    if before.answer.offer is Offer.STAY:
        return now == was
    if before.answer.offer is Offer.STEP:
        return now == after.day
    return now >= was if _has_an_end(before) else now >= was + _DAY


def _has_an_end(moment: Moment) -> bool:
    """A hold whose end is known was counted on the day it began."""
    ways = [way for way in moment.way.back() if way.label in {*_HOLDS, *STEPS_BACK}]
    lasting = {"hold two days": 2, "hold by a clinician": 1}
    steadying = moment.world.plan.protocol.limits.steadying_days.value
    return any((moment.day - way.day).days < lasting.get(way.label, steadying) for way in ways)


def what_stands_ends_only_by_a_clinician(before: Moment, label: str, after: Moment) -> bool:
    """16 · A lapse, a freeze, a pause and a review."""
    return label in BY_A_CLINICIAN or _standing(before) <= _standing(after)


def _standing(moment: Moment) -> set[str]:
    found = set(moment.answer.findings)
    return (found & _STANDS) | ({"lapse"} if found & _LAPSE else set())


EVERY_STEP: tuple[Check, ...] = (
    the_ceiling_never_exceeds_the_plan,
    the_ceiling_rises_only_by_a_step_back_or_a_clinician,
    no_step_back_where_it_must_not_be,
    no_step_from_what_is_not_known,
    a_red_flag_freezes_on_the_day_it_is_told,
    no_level_is_ever_skipped,
    a_held_night_moves_the_next_date_and_a_served_one_does_not,
    what_stands_ends_only_by_a_clinician,
)
