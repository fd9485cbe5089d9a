"""One moment of a person's way in a small world, and what makes two moments the same state.

Two moments are the same state when no fact that any rule reads, today or later, differs between
them: dates count by their distance from today, spans only up to the longest that any rule asks
for, and of the days told only those that still lie in a window. That this leaves nothing out is
checked wherever two ways meet: both must be offered the same.
"""

import marshal
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any

from prove.worlds import LATE, NIGHT, World, event, told
from stepwell.engine import rules
from stepwell.engine.events import Act, Event
from stepwell.engine.history import Ledger, Today
from stepwell.engine.place import Place, Rung
from stepwell.engine.protocol import Limits
from stepwell.engine.recommendation import Recommendation
from stepwell.engine.snapshot import Hold, Snapshot

_DAY = timedelta(days=1)
_FAR = 99


class Way:
    """The events that led to a moment, newest first; shared between the ways that branch off."""

    __slots__ = ("before", "day", "event", "from_mg", "label")

    def __init__(
        self, before: "Way | None", label: str, day: date, from_mg: int, one: Event | None = None
    ) -> None:
        self.before, self.label, self.day = before, label, day
        self.from_mg, self.event = from_mg, one

    def back(self) -> Iterable["Way"]:
        way: Way | None = self
        while way is not None:
            yield way
            way = way.before

    def labels(self) -> list[str]:
        return [way.label for way in self.back()][::-1]

    def events(self) -> list[Event]:
        return [way.event for way in self.back() if way.event is not None][::-1]


@dataclass(slots=True)
class Moment:
    """A ledger looked at on one day: the facts, the answer, how it came about and how often."""

    world: World
    ledger: Ledger
    day: date
    number: int
    way: Way
    today: Today
    answer: Recommendation

    def after(self, label: str) -> "Moment":
        """The next moment: one event later, or on the next morning."""
        ledger, day = fork(self.ledger), self.day
        one = None if label == NIGHT else event(label, day, self.number)
        if one is None:
            day += _DAY
        else:
            ledger.take(one, day)
        way = Way(self.way, label, day, self.today.snapshot.level_mg, one)
        moment = _read(self.world, ledger, day, 0 if one is None else self.number + 1, way)
        if one is None:
            forget(ledger, day, late=self.world.late)
        return moment

    def can(self, label: str) -> bool:
        """Whether a label can follow: a day is told once, and once more late where that may be."""
        if told(label) is None:
            return True
        about = self.day - _DAY if label.endswith(LATE) else self.day
        begun = about >= (self.ledger.first_day or about)
        return begun and (about not in self.ledger.told or self._may_tell_anew(label, about))

    def _may_tell_anew(self, label: str, about: date) -> bool:
        """Yesterday may be told a second time where the world has late days, otherwise never."""
        before = self.ledger.told[about]
        return label.endswith(LATE) and before.recorded_on == about


def first(world: World) -> Moment:
    """The morning of day 1."""
    start = world.plan.first_day
    assert start is not None
    ledger = Ledger(world.plan, start, start)
    return _read(
        world, ledger, start, 0, Way(None, "start", start, world.plan.levels[0].ceiling_mg)
    )


def _read(world: World, ledger: Ledger, day: date, number: int, way: Way) -> Moment:
    ledger.today = day
    today = ledger.read(day)
    answer = rules.recommend(today.snapshot, today.spoke, today.since)
    return Moment(world, ledger, day, number, way, today, answer)


def fork(ledger: Ledger) -> Ledger:
    """A second ledger with the same past."""
    copy = Ledger(ledger.plan, ledger.dawn, ledger.today)
    copy.told, copy.flags_told = ledger.told.copy(), ledger.flags_told.copy()
    copy.days, copy.ends = ledger.days.copy(), ledger.ends.copy()
    copy.moves = {day: moves.copy() for day, moves in ledger.moves.items()}
    copy.lately, copy.looked = ledger.lately, ledger.looked
    return copy


def forget(ledger: Ledger, day: date, *, late: bool) -> None:
    """Drop what no rule reads any more, given how late a day can still be told."""
    longest = max(ledger.limits.window_days.value, ledger.limits.safety_days.value)
    kept = day - _DAY * (longest + 1)
    for days in (ledger.told, ledger.flags_told, ledger.days):
        for old in [one for one in days if one < kept]:
            del days[old]
    base = day - _DAY * (2 if late else 1)
    for old in [one for one in ledger.ends if one < base]:
        del ledger.ends[old]
    for old in [one for one in ledger.moves if one <= base]:
        del ledger.moves[old]


# --- what makes two moments the same ----------------------------------------------------------


def key(moment: Moment) -> bytes:
    """Sixteen bytes that two moments share exactly when they are the same state."""
    return blake2b(marshal.dumps(facts(moment), 2), digest_size=16).digest()


def facts(moment: Moment) -> tuple[Any, ...]:
    """Everything that a rule reads today or may read later."""
    ledger, day, limits = moment.ledger, moment.day, moment.ledger.limits
    if moment.world.late:
        yesterday = day - _DAY
        base = ledger.ends.get(yesterday - _DAY)
        return (
            None if base is None else _place(base, day, moment),
            *(_moves(ledger, one, day, moment) for one in (yesterday, day)),
            _days(moment, day, limits),
            (day - moment.world.plan.start).days if base is None and moment.world.plan.start else 0,
            _begun(moment),
        )
    return (_place(moment.today.place, day, moment), _days(moment, day, limits), _begun(moment))


def _begun(moment: Moment) -> tuple[int, int]:
    """How long the plan has run, as far as that is asked, and how long it may still."""
    limits, plan = moment.ledger.limits, moment.world.plan
    most = max(limits.window_days.value, limits.safety_days.value)
    begun = min((moment.day - (plan.first_day or moment.day)).days, most)
    return begun, _ahead(plan.review_by, moment.day) if plan.review_by else -1


def _place(place: Place, day: date, moment: Moment) -> tuple[Any, ...]:
    limits, plan = moment.ledger.limits, moment.world.plan
    most_served = max(2 * plan.days_on(place.rung.level), limits.aftercare_days.value)
    return (
        _rung(place.rung),
        _on_rung_for(place, day, moment),
        min(place.served, most_served),
        min(place.held, limits.held_days.value),
        min(place.held_running, limits.hold_before_step_back_days.value),
        _ago(place.stepped_on, day, limits.step_back_within_days.value + 1),
        _rung(place.left),
        place.halve_to,
        min(place.step_backs, limits.step_back_limit.value),
        place.step_backs > place.step_backs_reviewed,
        _ahead(place.steadying_until, day),
        tuple(sorted(_hold(hold, day) for hold in place.holds if _stands(hold, day))),
        place.frozen_since is not None,
        place.closed,
        place.asked_to_talk is not None,
        tuple(sorted(place.stopped | place.reviews)),
        tuple(sorted(flag.name for flag in place.flags)),
        tuple(sorted(organ.value for organ in place.worse)),
        _told(place, day, moment, limits),
    )


def _on_rung_for(place: Place, day: date, moment: Moment) -> int:
    """Days on this rung: asked for only where using days in a week are counted."""
    if place.since is None or all(one.days_per_week is None for one in moment.world.plan.levels):
        return -1
    return min((day - place.since).days, moment.ledger.limits.window_days.value)


def _told(place: Place, day: date, moment: Moment, limits: Limits) -> tuple[Any, ...]:
    """The ketamine-free run, the silence, the last scores and flags; and what a clinician saw."""
    told, reopened = place.told, place.reopened_on
    off = max(map(moment.world.plan.days_off, range(moment.world.plan.last_level + 1)))
    longest_free = max(limits.lapse_free_days.value + off, limits.step_back_free_days.value)
    free = 0
    if told.free_since and told.free_until:
        free = min((told.free_until - told.free_since).days + 1, longest_free)
    first_day = moment.world.plan.first_day
    heard = max(
        (one for one in (told.last_day, first_day and first_day - _DAY) if one), default=None
    )
    seen_free = told.free_since is not None and reopened is not None and reopened >= told.free_since
    seen_silence = reopened is not None and (heard is None or reopened > heard)
    longest = max(longest_free, limits.pause_days.value) + 1
    return (
        free,
        _ago(told.free_since, day, longest_free),
        _ago(heard, day, limits.pause_days.value + 1),
        _ago(reopened, day, longest) if seen_free or seen_silence else -1,
        tuple([float(score) for score in told.scores]),
        tuple([tuple(sorted(flags)) for flags in told.flag_tail]),
    )


def _days(moment: Moment, day: date, limits: Limits) -> tuple[Any, ...]:
    """The days told that still lie in a window, each with what may still be read of it."""
    days, world = moment.ledger.days, moment.world
    often = any(level.days_per_week is not None for level in world.plan.levels)
    longest = max(limits.window_days.value, limits.safety_days.value)
    still = 1 if world.late else 0  # days back that can be told anew, each with its own windows
    found: list[tuple[Hashable, ...]] = []
    for ago in range(longest + still + (still or day not in days)):
        on = day - _DAY * ago
        one = days.get(on)
        if one is None:
            continue
        told, score = one.check_in, one.recent.score
        safety = None if told.safety is None else told.safety.value
        seen: tuple[Hashable, ...] = (
            ago,
            score is not None,
            one.over,
            one.unsure,
            one.recent.counted,
            safety,
        )
        if len(found) < limits.calm_days.value + still or ago <= limits.severe_days.value + still:
            seen += (None if score is None else float(score),)
        if len(found) <= still or ago <= still:
            seen += (max(one.recent.core.values(), default=0),)
        if often or ago <= still:
            seen += (told.used,)
        if ago <= still:
            seen += (tuple(sorted(moment.ledger.flags_told[on])), told.recorded_on == on)
        found.append(seen)
    return tuple(found)


def _moves(ledger: Ledger, on: date, day: date, moment: Moment) -> tuple[Any, ...]:
    """What was done on a day, as far as it can still be done anew after a late fact."""
    done = (_move(move, day, moment) for move in ledger.moves.get(on, ()))
    return tuple(move for move in done if move[0] != "_ignore")  # changes no fact


def _move(move: Any, day: date, moment: Moment) -> tuple[Any, ...]:
    assert isinstance(move, partial)
    named = sorted(move.keywords.items())
    return (move.func.__name__, *(_value(value, day, moment) for name, value in named))


def _value(value: Any, day: date, moment: Moment) -> Any:
    if isinstance(value, date):
        return (day - value).days
    if isinstance(value, Place):
        return _place(value, day, moment)
    if isinstance(value, Act):
        return (value.kind.value, value.by, value.days, value.level)
    if isinstance(value, frozenset):
        return tuple(sorted(value))
    return value if isinstance(value, int | str | None) else getattr(value, "name", None)


def as_read(s: Snapshot) -> tuple[Any, ...]:
    """A day as the rules read it, dates as distances, to meet each such day once."""
    day = s.today
    return (
        *(s.level, s.is_last_level, s.level_mg, s.between, s.days_needed, s.served, s.held),
        *(s.held_running, s.step_backs, s.step_backs_reviewed, s.days_since_step, s.standing),
        *(s.closed, s.frozen_since is None, s.free_days, s.free_days_since_act, s.silent_days),
        *(s.silent_days_since_act, s.days_in_window, s.answered_days, s.safety_known),
        *(s.safety_declined is None, s.days_in_plan, s.over_days, s.unsure_days, s.sure_days),
        *(s.last_scores, s.scores_running, s.repeated_flags, s.worse, len(s.ignored) > 0),
        *(_ahead(s.steadying_until, day), s.hold and _hold(s.hold, day), s.asked_to_talk is None),
        tuple(flag.name for flag in s.flags),
        tuple((one.counted, one.score, *one.core.items()) for one in s.recent),
    )


def _rung(rung: Rung | None) -> tuple[int, int] | None:
    return None if rung is None else (rung.level, rung.between_mg or 0)


def _ago(then: date | None, day: date, most: int) -> int:
    return _FAR if then is None else min((day - then).days, most)


def _ahead(then: date | None, day: date) -> int:
    return 0 if then is None else max((then - day).days + 1, 0)


def _stands(hold: Hold, day: date) -> bool:
    return hold.until is None or day < hold.until


def _hold(hold: Hold, day: date) -> tuple[str, int]:
    return hold.by.partition(":")[0], _FAR if hold.until is None else (hold.until - day).days
