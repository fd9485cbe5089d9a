"""One episode's rows as the screens need them: days, acts and plan versions, as values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Decision, Event, PlanStatus, PlanVersion
from stepwell.clinic.care.reviews import Recommendation, Record, Rung

STRIP_DAYS = 28
WEEK_DAYS = 7
CHECK_IN = "check_in"
LAST = 2**31
_DAY = timedelta(days=1)


class DayStatus(StrEnum):
    NONE = "none"
    USED = "used"
    UNSURE = "unsure"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Who:
    """A named human and the role they had."""

    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the strip. Missing is never zero; amounts in whole milligrams as a range.

    `unsure` is a check-in that did not say whether it was a day of use. `level`, `ceiling_mg` and
    `offer` are what stood at the end of that day. `source` is "paper" for a day of a sheet.
    """

    on: date
    status: DayStatus
    low_mg: int | None = None
    high_mg: int | None = None
    times: int | None = None
    score: float | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    safety: str | None = None
    flags: tuple[str, ...] = ()
    level: int | None = None
    ceiling_mg: int | None = None
    offer: str | None = None
    note: str = ""
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the days in question anything is known about; said beside every figure."""

    told: int
    of: int

    @property
    def low(self) -> bool:
        """True below half: every figure then says so."""
        return self.told * 2 < self.of


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the history: what was done, on which day, by whom, and why if it was said.

    `kind` is an act of engine.md, or `drafted`, `approved`, `agreed`, or what a decision left as
    it was: `stays`, `stays_frozen`, `stays_on_hold`.
    """

    kind: str
    on: date
    at: datetime
    by: Who
    by_person: bool
    reason: str = ""
    level: int | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan version as the screens need it; `plan` is the row itself, to pass to a service."""

    plan: PlanVersion
    version: int
    status: PlanStatus
    supply: str
    shape: str
    rungs: tuple[Rung, ...]
    drafted_by: Who
    drafted_at: datetime
    rationale: str
    stop_now_discussed: bool
    review_by: date
    person_may: tuple[str, ...]
    usual_score: int
    warnings: tuple[Mapping[str, str], ...]
    needs: tuple[str, ...]
    finish_earliest: date | None
    finish_usual: date | None
    protocol: str
    authorised_by: str
    authorised_reason: str
    approved_by: Who | None
    approved_on: date | None
    agreed_on: date | None
    start: date | None


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days in numbers; amounts are sums of what was told, in whole milligrams."""

    start: date
    coverage: Coverage
    days_off: int
    days_used: int
    days_unsure: int
    low_mg: int
    high_mg: int
    score: float | None


# --- days -------------------------------------------------------------------------------------


def told_days(found: Record) -> dict[date, Event]:
    """The check-in that counts for each date: the one recorded last; their flags add up."""
    return {event.on: event for event in check_ins(found)}


def check_ins(found: Record) -> list[Event]:
    return [one for one in found.events if one.kind == CHECK_IN and not one.set_aside]


def strip_begins(on: date) -> date:
    """The first of the days that a strip up to this day shows."""
    return on - _DAY * (STRIP_DAYS - 1)


def strip(
    found: Record, on: date, stood: Mapping[date, Recommendation], days: int = STRIP_DAYS
) -> tuple[Day, ...]:
    """The last days up to this one, oldest first, with what stood on each."""
    told = told_days(found)
    flags: dict[date, set[str]] = {}
    for event in check_ins(found):
        flags.setdefault(event.on, set()).update(event.body.get("flags", ()))
    window = [on - _DAY * n for n in reversed(range(days))]
    return tuple(_day(d, told.get(d), flags.get(d, set()), stood.get(d)) for d in window)


def _day(on: date, told: Event | None, flags: set[str], stood: Recommendation | None) -> Day:
    body: Mapping[str, Any] = told.body if told else {}
    low, high = _range(body)
    answers = {k: v for k, v in body.get("answers", {}).items() if v is not None}
    return Day(
        on=on,
        status=_status(told),
        low_mg=low,
        high_mg=high,
        times=body.get("times"),
        score=mean(answers.values()),
        answers=answers,
        safety=body.get("safety"),
        flags=tuple(sorted(flags)),
        level=stood.level if stood else None,
        ceiling_mg=stood.ceiling_mg if stood else None,
        offer=stood.offer if stood else None,
        note=told.reason if told else "",
        source=told.source if told else None,
    )


def _status(told: Event | None) -> DayStatus:
    if told is None:
        return DayStatus.MISSING
    used = told.body.get("used")
    if used is None:
        return DayStatus.UNSURE
    return DayStatus.USED if used else DayStatus.NONE


def _range(body: Mapping[str, Any]) -> tuple[int | None, int | None]:
    amount = body.get("amount_mg")
    if body.get("used") is False:
        return 0, 0
    if isinstance(amount, list):
        return amount[0], amount[1]
    return amount, amount


def mean(values: Iterable[float]) -> float | None:
    """The mean to one decimal, or None of nothing."""
    listed = list(values)
    return round(sum(listed) / len(listed), 1) if listed else None


def coverage(days: Sequence[Day]) -> Coverage:
    """How many of these days were told."""
    return Coverage(sum(day.status != DayStatus.MISSING for day in days), len(days))


def weeks(days: Sequence[Day]) -> tuple[Week, ...]:
    """The same days in sevens, oldest first."""
    return tuple(_week(days[n : n + WEEK_DAYS]) for n in range(0, len(days), WEEK_DAYS))


def _week(days: Sequence[Day]) -> Week:
    def count(status: DayStatus) -> int:
        return sum(day.status == status for day in days)

    return Week(
        start=days[0].on,
        coverage=coverage(days),
        days_off=count(DayStatus.NONE),
        days_used=count(DayStatus.USED),
        days_unsure=count(DayStatus.UNSURE),
        low_mg=sum(day.low_mg or 0 for day in days),
        high_mg=sum(day.high_mg or 0 for day in days),
        score=mean(day.score for day in days if day.score is not None),
    )


def days_off_running(found: Record) -> int:
    """Told days without use in a row up to the last one; silence neither makes nor ends it."""
    running = 0
    for _, event in sorted(told_days(found).items(), reverse=True):
        if event.body.get("used"):
            break
        running += event.body.get("used") is False
    return running


# --- acts -------------------------------------------------------------------------------------


def acts(
    found: Record, decisions: Iterable[Decision] = (), stood: Mapping[date, Recommendation] = {}
) -> tuple[Act, ...]:
    """Everything that was decided and done, newest first, each with who and why."""
    done = [(e.sequence, _act(e, stood)) for e in found.events if e.kind != CHECK_IN]
    signed = [numbered for plan in found.plans for numbered in _plan_acts(plan)]
    kept = [(LAST, _kept(found, decision)) for decision in decisions if decision.event_id is None]
    # Within one instant the numbers of the history say what came first.
    ordered = sorted([*done, *signed, *kept], key=lambda one: (one[1].at, one[0]), reverse=True)
    return tuple(act for _, act in ordered)


def _act(event: Event, stood: Mapping[date, Recommendation]) -> Act:
    moved = event.kind in ("step", "step_back") and event.recorded_on in stood
    reached = stood[event.recorded_on].level if moved else None
    return Act(
        kind=event.kind,
        on=event.on,
        at=event.recorded,
        by=who(event.by_user),
        by_person=event.by_user.role == Role.PERSON,
        reason=event.reason,
        level=event.body.get("level", reached),
        days=event.body.get("days"),
    )


def _plan_acts(plan: PlanVersion) -> Iterable[tuple[int, Act]]:
    if plan.approved_by and plan.approved_at and plan.approved_on:
        by, why = who(plan.approved_by), plan.rationale
        act = Act("approved", plan.approved_on, plan.approved_at, by, by_person=False, reason=why)
        yield plan.approved_sequence or 0, act
    if plan.agreed_by and plan.agreed_at and plan.agreed_on:
        by = who(plan.agreed_by)
        act = Act("agreed", plan.agreed_on, plan.agreed_at, by, by_person=True)
        yield plan.agreed_sequence or 0, act


def _kept(found: Record, decision: Decision) -> Act:
    stays = {"freeze": "stays_frozen", "hold": "stays_on_hold"}
    return Act(
        kind=stays.get(decision.review.recommendation["offer"], "stays"),
        on=today(found.episode, decision.at),
        at=decision.at,
        by=who(decision.by),
        by_person=False,
        reason=decision.reason,
    )


def who(user: User) -> Who:
    return Who(user.display_name, user.role)


# --- plans ------------------------------------------------------------------------------------


def plan_view(plan: PlanVersion, *, amounts: bool = True) -> PlanView:
    """A plan version with everything that is said of it; without `amounts` no rung has one."""
    return PlanView(
        plan=plan,
        version=plan.version,
        status=plan.status,
        supply=plan.supply,
        shape=plan.request.get("shape", "proportional"),
        rungs=tuple(_rung(level, amounts=amounts) for level in plan.levels),
        drafted_by=who(plan.drafted_by),
        drafted_at=plan.drafted_at,
        rationale=plan.rationale,
        stop_now_discussed=plan.stop_now_discussed,
        review_by=plan.review_by,
        person_may=tuple(plan.person_may),
        usual_score=plan.usual_score,
        warnings=tuple(plan.warnings),
        needs=tuple(plan.needs),
        finish_earliest=_date(plan.finish.get("earliest")),
        finish_usual=_date(plan.finish.get("usual")),
        protocol=f"{plan.protocol_name} {plan.protocol_version}",
        authorised_by=plan.authorised_by,
        authorised_reason=plan.authorised_reason,
        approved_by=who(plan.approved_by) if plan.approved_by else None,
        approved_on=plan.approved_on,
        agreed_on=plan.agreed_on,
        start=plan.start,
    )


def _rung(level: Mapping[str, Any], *, amounts: bool) -> Rung:
    return Rung(
        level=level["level"],
        between=False,
        ceiling_mg=level["ceiling_mg"] if amounts else None,
        times_per_day=level["times_per_day"],
        days_per_week=level["days_per_week"],
        starts=_date(level["from"]) if amounts else None,
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
