"""Events folded day by day into a snapshot, asking the rules what each day's offer was.

Events count in the order in which they were recorded. An act is judged on what had been
recorded before it; a later fact changes today, never an act already taken. What only a
clinician may end (a lapse, a pause, a review) stands from the moment it was first known.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, lru_cache, partial

from stepwell.engine import place as places
from stepwell.engine import rules
from stepwell.engine.events import (
    BY_CLINICIAN_ONLY,
    Act,
    CheckIn,
    Event,
    Kind,
    Safety,
)
from stepwell.engine.place import Place, Told
from stepwell.engine.plan import Plan
from stepwell.engine.protocol import CORE_ITEMS, Limits
from stepwell.engine.recommendation import Finding, Offer
from stepwell.engine.snapshot import Flag, RecentDay, Snapshot

_DAY = timedelta(days=1)

Move = Callable[[Place], Place]


@dataclass(frozen=True, slots=True)
class Today:
    """One day looked at: the facts, what every rule said, and since when each says so."""

    snapshot: Snapshot
    spoke: Mapping[str, Finding]
    since: Mapping[str, date]
    place: Place

    @property
    def offer(self) -> Offer:
        return next(iter(self.spoke.values())).offer


@dataclass(frozen=True, slots=True)
class _ToldDay:
    """A day's check-in, held against the level in force on that day."""

    check_in: CheckIn
    recent: RecentDay
    over: bool
    unsure: bool


@dataclass(frozen=True, slots=True)
class _Lately:
    """Counts of the days told in the windows that end on one day, and the newest of them."""

    end: date
    answered: int
    over: int
    unsure: int
    sure: int
    safety_known: bool
    safety_declined: date | None
    scores_running: tuple[Fraction, ...]
    recent: tuple[RecentDay, ...]


def look(plan: Plan, events: Iterable[Event], today: date) -> Today:
    """Fold every event into the facts of one day. Order and repeats of `events` do not matter."""
    arrived = arrivals(events)
    ledger = Ledger(plan, _first_day(plan, arrived, today), today)
    for day, event in arrived:
        ledger.take(event, day)
    return ledger.read(today)


def each_day(plan: Plan, events: Iterable[Event], today: date) -> Iterator[tuple[date, Today]]:
    """Each day up to today, as it was known at its end."""
    arrived = arrivals(events)
    day = _first_day(plan, arrived, today)
    ledger = Ledger(plan, day, today)
    while day <= today:
        while arrived and arrived[0][0] == day:
            ledger.take(arrived.pop(0)[1], day)
        yield day, ledger.read(day)
        day += _DAY


def arrivals(events: Iterable[Event]) -> list[tuple[date, Event]]:
    """Each event once, in the order recorded, with the day it counts from: never an earlier one."""
    arrived: list[tuple[date, Event]] = []
    latest = date.min
    for event in sorted({one.id: one for one in events}.values(), key=lambda one: one.arrival):
        latest = max(latest, event.recorded_on)
        arrived.append((latest, event))
    return arrived


def _first_day(plan: Plan, arrived: list[tuple[date, Event]], today: date) -> date:
    """Days before the plan matter only from the first act or told flag on."""
    started = [plan.first_day] if plan.first_day else []
    return min([today, *started, *(event.recorded_on for _, event in arrived)])


class Ledger:
    """The fold. Ends of days are kept, and redone from the first day a late fact touches.

    `told` and `flags_told` hold what was told by the day it is about, `days` the same judged,
    `moves` what was done and kept by the day it counts from, `ends` what each day left behind.
    """

    def __init__(self, plan: Plan, dawn: date, today: date) -> None:
        self.plan = plan
        self.today = today
        self.limits: Limits = plan.protocol.limits
        self.dawn = dawn
        self.first_day = plan.first_day
        self.told: dict[date, CheckIn] = {}
        self.flags_told: dict[date, frozenset[str]] = {}
        self.days: dict[date, _ToldDay] = {}
        self.moves: dict[date, list[Move]] = {}
        self.ends: dict[date, Place] = {}
        self.lately: _Lately | None = None
        self.looked: Today | None = None  # the last look, while nothing has changed

    # --- events, in the order they arrived ----------------------------------------------------

    def take(self, event: Event, day: date) -> None:
        """Take in the next event, which counts from `day`, on what was known before it."""
        if isinstance(event, CheckIn):
            self._look_for_stops(day)
            self._tell(event, day)
        else:
            assert isinstance(event, Act)  # an event is one or the other
            self._act(event, day, self.read(day))
        self.looked = None

    def _look_for_stops(self, day: date) -> None:
        """What stood before this event, stands."""
        if not self._has_looked(day):
            place, snapshot = self._facts(day)
            self._keep(day, place, rules.standing(snapshot))

    def _tell(self, check_in: CheckIn, day: date) -> None:
        on, flags = check_in.on, check_in.told_flags
        self.told[on] = check_in
        self.flags_told[on] = self.flags_told.get(on, frozenset()) | flags
        for name in sorted(flags):
            flag = Flag(name, self.plan.protocol.flags[name], day)
            self._move(day, partial(_tell_flag, flag=flag))
        self._forget_from(on)

    def _act(self, act: Act, day: date, today: Today) -> None:
        move = _taken(act, day, today, self.plan) if _is_open(act, today, self.plan) else None
        self._move(day, move or partial(_ignore, event_id=act.id))
        self._forget_from(day)

    def _move(self, day: date, move: Move) -> None:
        self.moves.setdefault(day, []).append(move)

    def _forget_from(self, day: date) -> None:
        while self.ends and next(reversed(self.ends)) >= day:
            self.ends.popitem()

    # --- days ---------------------------------------------------------------------------------

    def read(self, day: date) -> Today:
        """Look at a day as it is known so far; what may only be ended by a clinician is kept."""
        if self.looked is None or not self._has_looked(day):
            self.looked = self._look(day)
        return self.looked

    def _has_looked(self, day: date) -> bool:
        return self.looked is not None and self.looked.snapshot.today == day

    def _look(self, day: date) -> Today:
        place, snapshot = self._facts(day)
        spoke = rules.findings(snapshot)
        return Today(snapshot, spoke, self._since(day, place), self._keep(day, place, spoke))

    def _facts(self, day: date) -> tuple[Place, Snapshot]:
        place = self._start_of(day)
        for move in self.moves.get(day, ()):
            place = move(place)
        self._judge(day, place)
        return place, self._snapshot(day, place)

    def _since(self, day: date, place: Place) -> Mapping[str, date]:
        """The first day of each spell; of an open gate the plan's, so that it is told once."""
        gate = rules.freeze_when_a_gate_has_opened.__name__
        return {**place.spells, gate: min(self.first_day or day, day)}

    def _keep(self, day: date, place: Place, spoke: Collection[str]) -> Place:
        stopped = rules.STOPPED_UNTIL_AN_ACT.intersection(spoke) - place.stopped
        reviews = rules.STANDS_UNTIL_REVIEWED.intersection(spoke) - place.reviews
        if not stopped and not reviews:
            return place
        stand = partial(_stand, stopped=stopped, reviews=reviews)
        self._move(day, stand)
        return stand(place)

    def _start_of(self, day: date) -> Place:
        place = self._end_of(day - _DAY) if day > self.dawn else self._before()
        if day == self.first_day and not place.closed:
            return places.start(place, day)
        return place

    def _end_of(self, day: date) -> Place:
        """The state a day leaves behind. Walks forward from the last one that is known."""
        last = next(reversed(self.ends), self.dawn - _DAY)  # days are kept in order
        while last < day:
            last += _DAY
            self.ends[last] = self._close(last)
        return self.ends[day]

    def _close(self, day: date) -> Place:
        today = self.read(day)
        place, offer = today.place, today.offer
        started = today.snapshot.started
        held = offer in _HELD  # never before the start
        ended = replace(
            place,
            told=self._told_by(day, place.told),
            spells=_spells(today.spoke, place.spells, day),
            served=place.served + (started and offer in _SERVED),
            held=place.held + held,
            held_running=place.held_running + 1 if held else 0,
        )
        if started and rules.hold_when_distress_is_high.__name__ in today.spoke:
            return places.halve_next_step(ended, self.plan)
        return ended

    def _before(self) -> Place:
        """The state that history leaves before the first day walked."""
        told = Told()
        for day in sorted(d for d in self.told if d < self.dawn):
            self._judge(day, Place())
            told = self._told_by(day, told)
        return Place(told=told)

    # --- what one day told --------------------------------------------------------------------

    def _judge(self, day: date, place: Place) -> None:
        """Hold what was told of a day against the level in force on it."""
        check_in = self.told.get(day)
        if check_in is None:
            return
        score, unsure = _score(check_in, self.limits), self._is_unsure(check_in, place)
        answers = check_in.answers
        core = {item: answers[item] for item in CORE_ITEMS if item in answers}
        complete = score is not None and len(core) == len(CORE_ITEMS)
        counted = complete and check_in.used is not None and not unsure
        recent = RecentDay(counted, score, core)
        self.lately = None
        self.days[day] = _ToldDay(check_in, recent, self._is_over(check_in, place), unsure)

    def _is_unsure(self, check_in: CheckIn, place: Place) -> bool:
        if check_in.amount is None:
            return check_in.used is True
        level = place.rung.on(self.plan)
        return place.since is not None and check_in.amount.is_split_by(level.ceiling_mg)

    def _is_over(self, check_in: CheckIn, place: Place) -> bool:
        if place.since is None:
            return False
        level = place.rung.on(self.plan)
        amount, times = check_in.amount, check_in.times
        return (
            (amount is not None and amount.low_mg > level.ceiling_mg)
            or _above(times, level.times_per_day)
            or self._uses_too_often(check_in, place.since, level.days_per_week)
        )

    def _uses_too_often(self, check_in: CheckIn, since: date, most: int | None) -> bool:
        """True when the using days of the last seven that lie on the present level are too many."""
        if most is None or not check_in.used:
            return False
        window = _back_from(check_in.on, self.limits.window_days.value)
        return sum(1 for d in window if d >= since and d in self.told and self.told[d].used) > most

    def _told_by(self, day: date, told: Told) -> Told:
        """Carry what was told of a day: the ketamine-free run, the last scores and flags."""
        here = self.days.get(day)
        if here is None:
            return told
        since, until = _free_run(told, here.check_in)
        score = here.recent.score
        scores = told.scores if score is None else (score, *told.scores)
        tail = (self.flags_told[day], *told.flag_tail)
        return Told(
            last_day=day,
            free_since=since,
            free_until=until,
            scores=scores[: self.limits.high_of_days.value],
            flag_tail=tail[: self.limits.routine_flags_in_a_row.value],
        )

    # --- facts --------------------------------------------------------------------------------

    def _snapshot(self, day: date, place: Place) -> Snapshot:
        plan, limits, first_day = self.plan, self.limits, self.first_day
        end = day if day in self.told else day - _DAY
        told = self._told_by(day, place.told)
        lately = self._told_lately(end)
        free, silent = _free_days(told, None), _silent_days(told, end, first_day)
        free_since, silent_since = free, silent
        if place.reopened_on is not None and first_day is not None:
            reopened = place.reopened_on + _DAY
            free_since = _free_days(told, reopened)
            silent_since = _silent_days(told, end, max(first_day, reopened))
        return Snapshot(
            protocol=plan.protocol,
            today=day,
            approved=plan.approved is not None,
            review_by=plan.review_by,
            first_day=first_day,
            # Since when a gate is open is not known: it shuts the day asked about, and undoes
            # no step taken before.
            open_gates=plan.gates if day == self.today else (),
            goal_is_none=plan.goal_mg == 0,
            usual_score=plan.usual_score,
            usual_items=plan.approved.usual_items if plan.approved else frozenset(),
            closed=place.closed,
            level=place.rung.level,
            is_last_level=place.rung.level == plan.last_level,
            level_mg=place.rung.on(plan).ceiling_mg,
            between=place.rung.between_mg is not None,
            days_off=plan.days_off(place.rung.level),
            days_needed=places.days_needed(place, plan),
            served=place.served,
            held=place.held,
            held_running=place.held_running,
            step_backs=place.step_backs,
            step_backs_reviewed=place.step_backs_reviewed,
            days_since_step=(day - place.stepped_on).days if place.stepped_on else None,
            standing=place.stopped | place.reviews,
            frozen_since=place.frozen_since,
            hold=place.hold_on(day),
            steadying_until=place.steadying_until,
            asked_to_talk=place.asked_to_talk,
            ignored=place.ignored,
            flags=place.flags,
            repeated_flags=self._repeated(told),
            worse=place.worse,
            free_days=free,
            free_days_since_act=free_since,
            silent_days=silent,
            silent_days_since_act=silent_since,
            days_in_window=_days_in(end, first_day, limits.window_days.value),
            answered_days=lately.answered,
            safety_known=lately.safety_known,
            safety_declined=lately.safety_declined,
            days_in_plan=(day - first_day).days if first_day else -1,
            over_days=lately.over,
            unsure_days=lately.unsure,
            sure_days=lately.sure,
            last_scores=told.scores,
            scores_running=lately.scores_running,
            recent=lately.recent,
        )

    def _told_lately(self, end: date) -> _Lately:
        """What the windows that end on a day hold; the same on its evening and the next morning."""
        if self.lately is None or self.lately.end != end:
            self.lately = self._look_back(end)
        return self.lately

    def _look_back(self, end: date) -> _Lately:
        limits = self.limits
        week = self._back_from(end, limits.window_days.value)
        asked = [one.check_in for one in self._back_from(end, limits.safety_days.value)]
        return _Lately(
            end=end,
            answered=len([one for one in week if one.recent.score is not None]),
            over=sum([one.over for one in week]),
            unsure=sum([one.unsure for one in week]),
            sure=sum([one.recent.counted for one in week]),
            safety_known=Safety.NO in [one.safety for one in asked],
            safety_declined=_declined(asked),
            scores_running=self._running(end),
            recent=tuple([one.recent for one in week[: limits.calm_days.value]]),
        )

    def _back_from(self, end: date, days: int) -> list[_ToldDay]:
        """What was told of that many days, newest first."""
        judged = self.days
        return [judged[d] for d in _back_from(end, days) if d in judged]

    def _running(self, end: date) -> tuple[Fraction, ...]:
        """Scores of answered days without a gap, newest first, as many as the rule asks for."""
        scores: list[Fraction] = []
        for day in _back_from(end, self.limits.severe_days.value):
            told = self.days.get(day)
            if told is None or told.recent.score is None:
                break
            scores.append(told.recent.score)
        return tuple(scores)

    def _repeated(self, told: Told) -> tuple[str, ...]:
        """The routine flags that each of the last few check-ins told."""
        if len(told.flag_tail) < self.limits.routine_flags_in_a_row.value:
            return ()
        in_each = frozenset.intersection(*told.flag_tail)
        return tuple(sorted(f for f in in_each if not self.plan.protocol.freezes(f)))


# --- what a day adds --------------------------------------------------------------------------


@lru_cache
def _back_from(day: date, days: int) -> tuple[date, ...]:
    """That many days, newest first."""
    newest = day.toordinal()
    return tuple(date.fromordinal(newest - n) for n in range(days))


def _free_run(told: Told, check_in: CheckIn) -> tuple[date | None, date | None]:
    """First and last day told "none"; use ends the run, silence neither makes nor ends it."""
    if check_in.used is None:
        return told.free_since, told.free_until
    if check_in.used:
        return None, None
    return told.free_since or check_in.on, check_in.on


def _declined(asked: list[CheckIn]) -> date | None:
    """The first day on which "declined" was told and no later "no" has followed."""
    declined = [one for one in asked if one.safety is Safety.DECLINED]
    return min([one.recorded_on for one in declined if _is_last(one, asked)], default=None)


def _is_last(declined: CheckIn, asked: list[CheckIn]) -> bool:
    said_no = [one for one in asked if one.safety is Safety.NO]
    return not any(n.on > declined.on and n.arrival > declined.arrival for n in said_no)


# A day is served when its offer was stay or step; a held day moves every later date.
_SERVED = (Offer.STAY, Offer.STEP)
_HELD = (Offer.HOLD, Offer.STEP_BACK)


def _spells(
    spoke: Mapping[str, Finding], spells: Mapping[str, date], day: date
) -> Mapping[str, date]:
    return {rule: spells.get(rule, day) for rule, found in spoke.items() if found.tells}


def _score(check_in: CheckIn, limits: Limits) -> Fraction | None:
    """The mean of the answered items (0–10); None when fewer than the protocol asks for."""
    answers = check_in.answers
    if len(answers) < limits.answered_items.value:
        return None
    return _mean(sum(answers.values()), len(answers))


@cache
def _mean(total: int, of: int) -> Fraction:
    return Fraction(total, of)


def _free_days(told: Told, since: date | None) -> int:
    """Days without use in the run that stands, none of them before `since`."""
    if told.free_since is None or told.free_until is None:
        return 0
    first = max(told.free_since, since) if since else told.free_since
    return max((told.free_until - first).days + 1, 0)


def _silent_days(told: Told, end: date, since: date | None) -> int:
    """Days without a check-in up to `end`, none of them before `since`."""
    if since is None:
        return 0
    last = max(told.last_day, since - _DAY) if told.last_day else since - _DAY
    return max((end - last).days, 0)


def _days_in(end: date, first_day: date | None, window: int) -> int:
    """How many days of the window lie in the plan."""
    return max(min(window, (end - first_day).days + 1), 0) if first_day else 0


def _above(told: int | None, most: int | None) -> bool:
    return told is not None and most is not None and told > most


# --- acts -------------------------------------------------------------------------------------


def _is_open(act: Act, today: Today, plan: Plan) -> bool:
    """Whether this act may be taken now, by whom it was taken, on what was known before it."""
    s = today.snapshot
    if not act.by_clinician and act.kind in BY_CLINICIAN_ONLY:
        return False
    if act.kind in _ALWAYS_OPEN:
        return True
    if s.closed or not s.started:
        return False
    if not act.by_clinician and not _person_may(act, plan):
        return False
    return _is_offered(act, today)


_ALWAYS_OPEN = frozenset(
    {Kind.TALK, Kind.FREEZE, Kind.RESUME, Kind.REVIEWED, Kind.CLOSE, Kind.FINDING}
)
_OFFERED_AS = {Kind.STEP: Offer.STEP, Kind.STEP_BACK: Offer.STEP_BACK}


def _person_may(act: Act, plan: Plan) -> bool:
    if plan.prescribed and act.kind is not Kind.HOLD:
        return False
    return act.kind.value in plan.person_may


def _is_offered(act: Act, today: Today) -> bool:
    """A change of level needs its offer; a hold and a clinician's level do not."""
    return _OFFERED_AS.get(act.kind, today.offer) is today.offer


def _taken(act: Act, day: date, today: Today, plan: Plan) -> Move:
    """What an open act does. A step's target is settled now and stays, whatever is told later."""
    if act.kind is Kind.STEP:
        return partial(_land, moved=places.step(today.place, plan, day))
    if act.kind is Kind.STEP_BACK:
        return partial(_land, moved=places.step_back(today.place, plan, day))
    return {
        Kind.HOLD: partial(places.hold, act=act, day=day),
        Kind.TALK: partial(_talk, act=act, day=day),
        Kind.FREEZE: partial(_freeze, day=day),
        Kind.RESUME: partial(places.resume, day=day),
        Kind.REVIEWED: partial(places.reviewed, plan=plan, day=day),
        Kind.SET_LEVEL: partial(places.set_level, plan=plan, level=act.level or 0, day=day),
        Kind.CLOSE: partial(replace, closed=True),
        Kind.FINDING: partial(_find, act=act),
    }[act.kind]


def _land(place: Place, moved: Place) -> Place:
    """The level that an act led to, on whatever else is known of the day by now."""
    return replace(
        place,
        rung=moved.rung,
        since=moved.since,
        served=0,
        held=0,
        held_running=0,
        stepped_on=moved.stepped_on,
        left=moved.left,
        halve_to=moved.halve_to,
        step_backs=moved.step_backs,
        steadying_until=moved.steadying_until,
        ignored=(),
    )


def _freeze(place: Place, day: date) -> Place:
    return replace(place, frozen_since=place.frozen_since or day)


def _talk(place: Place, act: Act, day: date) -> Place:
    return replace(place, asked_to_talk=None if act.by_clinician else place.asked_to_talk or day)


def _find(place: Place, act: Act) -> Place:
    if not act.worse or act.organ is None or act.organ in place.worse:
        return place
    return replace(place, worse=(*place.worse, act.organ))


def _ignore(place: Place, event_id: str) -> Place:
    return replace(place, ignored=(*place.ignored, event_id))


def _tell_flag(place: Place, flag: Flag) -> Place:
    if any(open_flag.name == flag.name for open_flag in place.flags):
        return place
    return replace(place, flags=(*place.flags, flag))


def _stand(place: Place, stopped: frozenset[str], reviews: frozenset[str]) -> Place:
    return replace(place, stopped=place.stopped | stopped, reviews=place.reviews | reviews)
