"""A case: the whole input of a decision. What cannot be true of any day cannot be built."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from stepwell.engine.errors import Fault, InputError
from stepwell.engine.events import Act, Event
from stepwell.engine.plan import Plan

_LONGEST_DAYS = 3653  # ten years: a guard on work, not a clinical limit


@dataclass(frozen=True, slots=True)
class Case:
    """The plan, everything told and done in any order, and the day that is asked about."""

    plan: Plan
    events: tuple[Event, ...]
    today: date

    def __post_init__(self) -> None:
        faults = [*_impossible_dates(self), *_impossible_ids(self), *_impossible_levels(self)]
        if faults:
            raise InputError(faults)


def _impossible_dates(case: Case) -> Iterator[Fault]:
    for number, event in enumerate(case.events):
        path = f"events[{number}]"
        if event.on > case.today:
            yield Fault(f"{path}.on", f"{event.on} is after today, {case.today}")
        elif event.recorded_on > case.today:
            yield Fault(f"{path}.recorded_on", f"{event.recorded_on} is after today, {case.today}")
        elif event.recorded_on < event.on:
            yield Fault(f"{path}.recorded_on", "was told before the day it is about")
        elif (case.today - event.on).days > _LONGEST_DAYS:
            yield Fault(f"{path}.on", f"{event.on} is more than ten years ago")
    start = case.plan.first_day
    if start is not None and (case.today - start).days > _LONGEST_DAYS:
        yield Fault("plan.start", f"{start} is more than ten years ago")


def _impossible_ids(case: Case) -> Iterator[Fault]:
    seen: dict[str, Event] = {}
    for number, event in enumerate(case.events):
        if seen.setdefault(event.id, event) != event:
            path = f"events[{number}].id"
            yield Fault(path, f"two different events have the id {event.id!r}")


def _impossible_levels(case: Case) -> Iterator[Fault]:
    for number, event in enumerate(case.events):
        level = event.level if isinstance(event, Act) else None
        if level is not None and level > case.plan.last_level:
            yield Fault(f"events[{number}].level", f"the plan ends at level {case.plan.last_level}")
