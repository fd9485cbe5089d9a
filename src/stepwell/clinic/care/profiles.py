"""The Treatment Outcomes Profile: drafted from check-ins, finished and confirmed with the person.

Use in each of the last four weeks comes from check-ins, with how many days were told; a week that
is not wholly told is "at least". What check-ins do not know is asked by the worker or left empty,
and an empty answer says so. Nothing is sent anywhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, history, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.history import Coverage, Day, DayStatus
from stepwell.clinic.care.letters import Line, Part
from stepwell.clinic.care.models import Episode, Profile

WEEKS = 4


class NotAnswered(Exception):
    """An answer that does not fit; `field` says which."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `value` is None where nothing is known; `at_least` where days are missing."""

    name: str
    value: float | None
    unit: str
    at_least: bool
    rests_on: str

    @property
    def said(self) -> str:
        if self.value is None:
            return f"{self.name}: not known"
        return (
            f"{self.name}: {'at least ' if self.at_least else ''}{self.value:g} {self.unit}".strip()
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What check-ins say of ketamine in the last four weeks."""

    on: date
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask: a number from 0 to `high`."""

    field: str
    said: str
    high: int
    unit: str
    whole: bool = True

    @property
    def label(self) -> str:
        return f"{self.said}, 0 to {self.high}" if self.unit else self.said


@cache
def rules() -> Mapping[str, Any]:
    told: Mapping[str, Any] = catalogue.document("outcomes_profile.json")
    return told


def asked(episode: Episode) -> bool:
    """Whether this profile is used where the service is."""
    return episode.service.country in rules()["countries"]


# --- from check-ins -----------------------------------------------------------------------------


def draft(episode: Episode, at: datetime) -> Draft:
    """Days of use of each of the last four weeks, in all, and the amount on a day of use."""
    on = today(episode, at)
    days = history.strip(reviews.record(episode), on, {})
    weeks = [days[n : n + history.WEEK_DAYS] for n in range(0, len(days), history.WEEK_DAYS)]
    told = [_used(f"Ketamine, week {WEEKS - n}", week) for n, week in enumerate(weeks)]
    return Draft(on, (_amount(days), *told, _used("Ketamine, in 28 days", days)))


def _used(name: str, days: Sequence[Day]) -> Row:
    """A day that was told without saying whether there was use is not known."""
    used = sum(day.status == DayStatus.USED for day in days)
    known = used + sum(day.status == DayStatus.NONE for day in days)
    rests_on = f"{known} of {len(days)} days told"
    if Coverage(known, len(days)).low:
        rests_on += ", less than half: read with care"
    return Row(name, used if known else None, "days", known < len(days), rests_on)


def _amount(days: Sequence[Day]) -> Row:
    """The mean of the middles of what was told, in grams; other days of use say nothing to it."""
    used = [day for day in days if day.status == DayStatus.USED]
    told = [
        (day.low_mg + day.high_mg) / 2
        for day in used
        if day.low_mg is not None and day.high_mg is not None
    ]
    mean = round(sum(told) / len(told) / 1000, 1) if told else None
    rests_on = f"{len(told)} of {len(used)} days of use with an amount"
    return Row("Ketamine, on a day of use", mean, "g", at_least=False, rests_on=rests_on)


# --- when ---------------------------------------------------------------------------------------


def due_on(episode: Episode) -> date:
    """At the start, and so long after the last one that was confirmed."""
    return due_of([episode])[episode.pk]


def due_of(episodes: Iterable[Episode]) -> dict[UUID, date]:
    """The same of many people, with one question."""
    all_ = list(episodes)
    found = Profile.objects.filter(episode__in=all_).order_by("at").values_list("episode", "on")
    last: dict[UUID, date] = dict(found)
    after = timedelta(days=rules()["due_days"])
    return {
        one.pk: last[one.pk] + after if one.pk in last else today(one, one.opened_at)
        for one in all_
    }


def of(episode: Episode) -> list[Profile]:
    """Every profile that was confirmed, the newest first."""
    return list(Profile.objects.filter(episode=episode).select_related("by").order_by("-at"))


def one(episode: Episode, profile_id: UUID) -> Profile:
    """One of them, or `access.NotFound`."""
    found = Profile.objects.filter(episode=episode, pk=profile_id).select_related("by", "episode")
    if (profile := found.first()) is None:
        raise access.NotFound
    return profile


# --- with the person ----------------------------------------------------------------------------


def confirm(
    episode: Episode,
    *,
    stage: str,
    answers: Mapping[str, str],
    sent_id: str,
    by: User,
    at: datetime,
) -> Profile:
    """Keep the draft of today with what was asked, as confirmed with the person by this worker.

    Raises NotAnswered, `check_ins.NoConsent` or `access.NotFound`. The same `sent_id` is one.
    """
    if stage not in rules()["stages"]:
        raise NotAnswered("stage", "Choose the stage.")
    told = tuple(_answers(answers))
    with transaction.atomic():
        locked = check_ins.let_in(episode, by)
        if by.role == Role.PERSON:
            raise access.NotFound
        if first := Profile.objects.filter(episode=locked, sent_id=sent_id).first():
            return first
        made = draft(locked, at)
        kept: Profile = Profile.objects.create(
            service_id=locked.service_id,
            episode=locked,
            stage=stage,
            on=made.on,
            parts=[asdict(part) for part in (_part(made), _part_asked(told))],
            rows=[asdict(row) for row in (*made.rows, *told)],
            sent_id=sent_id,
            by=by,
            at=at,
        )
        trail.record("profiles.confirm", by=by, at=at, episode=locked, subject=stage)
    return kept


def _part(made: Draft) -> Part:
    lines = tuple(Line(row.said, row.rests_on) for row in made.rows)
    return Part("Use of ketamine, from check-ins", lines)


def _part_asked(told: tuple[Row, ...]) -> Part:
    return Part("Asked, and confirmed together", tuple(Line(r.said, r.rests_on) for r in told))


def _answers(answers: Mapping[str, str]) -> Iterator[Row]:
    for question in questions():
        typed = str(answers.get(question.field) or "").strip()
        value = _number(question, typed) if typed else None
        rests_on = "asked by their worker" if typed else "not asked or not answered"
        yield Row(question.said, value, question.unit, at_least=False, rests_on=rests_on)


def _number(question: Question, typed: str) -> float:
    try:
        value = float(typed)
    except ValueError as error:
        text = "Write a number, with a point and without a unit."
        raise NotAnswered(question.field, text) from error
    if not 0 <= value <= question.high or (question.whole and value != int(value)):
        raise NotAnswered(question.field, f"Write a number from 0 to {question.high}.")
    return value


@cache
def questions() -> tuple[Question, ...]:
    """Everything that check-ins do not know, in the order in which it is asked."""
    told = rules()
    found: list[Question] = []
    for name, one_ in told["substances"].items():
        label, unit = one_["label"], one_["unit"]
        found += [
            Question(f"{name}_days", f"{label}, days in 28", WEEKS * history.WEEK_DAYS, ""),
            Question(
                f"{name}_amount", f"{label}, {unit} on such a day", one_["high"], "", whole=False
            ),
        ]
    found.append(Question("injected", told["injected"]["label"], told["injected"]["high"], ""))
    for name, one_ in told["scales"].items():
        found.append(Question(name, one_["label"], one_["high"], f"of {one_['high']}"))
    return tuple(found)
