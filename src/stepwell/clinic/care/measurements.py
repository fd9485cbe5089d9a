"""Tests: which fall due, what they showed, and a typing slip caught before it is kept."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, ledger
from stepwell.clinic.care.days import today
from stepwell.clinic.care.models import Episode, Measurement


class Refused(Exception):
    """A value that cannot be kept. `name` says which; `may_confirm` that a tick would keep it."""

    def __init__(self, name: str, text: str, *, may_confirm: bool = False) -> None:
        super().__init__(text)
        self.name = name
        self.may_confirm = may_confirm


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of a test, with its unit and the bounds that catch a slip."""

    name: str
    label: str
    unit: str
    low: Decimal
    high: Decimal
    jump_percent: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """What is taken together and falls due together."""

    name: str
    label: str
    plain: str
    why: str
    due_days: int
    measures: tuple[Measure, ...]
    flag: str
    at_least: Mapping[str, Decimal]

    def flags(self, values: Mapping[str, Decimal]) -> set[str]:
        told = self.at_least.items()
        return (
            {self.flag}
            if any(values.get(name, least - 1) >= least for name, least in told)
            else set()
        )


@dataclass(frozen=True, slots=True)
class Result:
    """One value as it stands for its day; `change` since the one before it, None for the first."""

    measure: Measure
    value: Decimal
    on: date
    by: str
    change: Decimal | None

    @property
    def shown(self) -> str:
        """The value with its unit, without empty decimals."""
        return f"{self.value.normalize():f} {self.measure.unit}"

    @property
    def changed(self) -> str:
        return "" if self.change is None else f"{self.change.normalize():+f}"


@dataclass(frozen=True, slots=True)
class Standing:
    """One group: its values, the newest first, and the day on which it falls due."""

    group: Group
    results: tuple[Result, ...]
    due_on: date

    @property
    def newest(self) -> list[Result]:
        last = {one.measure.name: one for one in reversed(self.results)}
        return [last[one.name] for one in self.group.measures if one.name in last]


@cache
def groups() -> Mapping[str, Group]:
    told = catalogue.document("measurements.json")["groups"]
    return {name: _group(name, one) for name, one in told.items()}


def _group(name: str, told: Mapping[str, Any]) -> Group:
    danger = told["danger"] or {"flag": "", "at_least": {}}
    return Group(
        name=name,
        **{key: told[key] for key in ("label", "plain", "why", "due_days")},
        measures=tuple(_measure(key, one) for key, one in told["measures"].items()),
        flag=danger["flag"],
        at_least={key: Decimal(str(least)) for key, least in danger["at_least"].items()},
    )


def _measure(name: str, told: Mapping[str, Any]) -> Measure:
    low, high = (Decimal(str(told[key])) for key in ("low", "high"))
    return Measure(name, told["label"], told["unit"], low, high, told["jump_percent"])


# --- what was typed -----------------------------------------------------------------------------


def parse(measure: Measure, typed: str) -> Decimal:
    """A number with or without its unit. Raises Refused for a comma, another unit or no number."""
    said = typed.strip().removesuffix(measure.unit).strip()
    if "," in said:
        raise Refused(measure.name, f"{measure.label}: a comma can mean two things. Use a point.")
    try:
        value = Decimal(said)
    except InvalidOperation as error:
        text = f"{measure.label}: write a number in {measure.unit}, without another unit."
        raise Refused(measure.name, text) from error
    if not value.is_finite() or abs(value) >= 10**6 or -value.as_tuple().exponent > 3:  # type: ignore[operator]
        raise Refused(measure.name, f"{measure.label}: write a number with three decimals at most.")
    return value


def record(
    episode: Episode,
    group: str,
    typed: Mapping[str, str],
    *,
    on: date,
    confirmed: bool,
    sent_id: str,
    by: User,
    at: datetime,
) -> list[Measurement]:
    """Keep the values of one group; what is danger becomes a flag of today, and the review is run.

    A later value for the same day takes the place of an earlier one, which stays. The same
    `sent_id` twice gives the first. Raises Refused or `access.NotFound`.
    """
    asked = groups()[group]
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        if by.role == Role.PERSON:
            raise access.NotFound
        if first := list(Measurement.objects.filter(episode=locked, sent_id=sent_id)):
            return first
        values = _checked(locked, asked, typed, on, confirmed, at)
        saved = [
            _save(locked, one, values, on, sent_id, by, at)
            for one in asked.measures
            if one.name in values
        ]
        trail.record("measurements.record", by=by, at=at, episode=locked, subject=group)
        flags = asked.flags(values)
        check_ins.tell_flags(locked, flags, event_id=f"m:{saved[0].pk}", by=by, at=at)
    return saved


def _save(
    locked: Episode,
    measure: Measure,
    values: Mapping[str, Decimal],
    on: date,
    sent_id: str,
    by: User,
    at: datetime,
) -> Measurement:
    return Measurement.objects.create(
        service_id=locked.service_id,
        episode=locked,
        name=measure.name,
        value=values[measure.name],
        unit=measure.unit,
        on=on,
        sent_id=sent_id,
        by=by,
        at=at,
    )


def _checked(
    locked: Episode,
    asked: Group,
    typed: Mapping[str, str],
    on: date,
    confirmed: bool,
    at: datetime,
) -> dict[str, Decimal]:
    if on > today(locked, at):
        raise Refused("on", "That day has not come yet.")
    told = {
        one.name: parse(one, typed[one.name])
        for one in asked.measures
        if typed.get(one.name, "").strip()
    }
    if not told:
        raise Refused(asked.measures[0].name, "Write at least one value.")
    known = {one.measure.name: one for one in reversed(standing(locked, asked).results)}
    for one in asked.measures:
        if one.name in told and not confirmed:
            _plausible(one, told[one.name], known.get(one.name))
    return told


def _plausible(measure: Measure, value: Decimal, before: Result | None) -> None:
    if not measure.low <= value <= measure.high:
        text = (
            f"{measure.label}: {value} {measure.unit} is outside {measure.low} to {measure.high}."
        )
        raise Refused(
            measure.name, f"{text} Check the unit, or tick that it is right.", may_confirm=True
        )
    if before and measure.jump_percent and _jumps(value, before.value, measure.jump_percent):
        text = f"{measure.label}: it was {before.value.normalize():f} on {before.on}."
        raise Refused(measure.name, f"{text} Check it, or tick that it is right.", may_confirm=True)


def _jumps(value: Decimal, before: Decimal, percent: int) -> bool:
    return before != 0 and abs(value - before) * 100 > percent * abs(before)


# --- what there is ------------------------------------------------------------------------------


def every(episode: Episode) -> list[Standing]:
    """Each group with its results, in the order of the data."""
    return every_of([episode])[episode.pk]


def every_of(episodes: Iterable[Episode]) -> dict[UUID, list[Standing]]:
    """The same of many people, with one question."""
    asked, rows = list(episodes), defaultdict[UUID, list[Measurement]](list)
    found = Measurement.objects.filter(episode__in=[episode.pk for episode in asked])
    for row in found.select_related("by").order_by("on", "at"):
        rows[row.episode_id].append(row)
    return {
        one.pk: [_standing(one, group, rows[one.pk]) for group in groups().values()]
        for one in asked
    }


def standing(episode: Episode, group: Group) -> Standing:
    return next(one for one in every(episode) if one.group is group)


def due(found: Iterable[Standing], on: date) -> list[Standing]:
    """Those that fall due on this day or before."""
    return [one for one in found if one.due_on <= on]


def _standing(episode: Episode, group: Group, rows: list[Measurement]) -> Standing:
    results = [result for one in group.measures for result in _results(one, rows)]
    ordered = tuple(sorted(results, key=lambda one: one.on, reverse=True))
    first = today(episode, episode.opened_at)
    last = ordered[0].on + timedelta(days=group.due_days) if ordered else first
    return Standing(group, ordered, last)


def _results(measure: Measure, rows: list[Measurement]) -> list[Result]:
    by_day = {row.on: row for row in rows if row.name == measure.name}
    found: list[Result] = []
    for row in by_day.values():
        change = row.value - found[-1].value if found else None
        found.append(Result(measure, row.value, row.on, row.by.display_name, change))
    return found
