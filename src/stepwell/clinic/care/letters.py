"""Letters: drafted from what was told, refused without consent, and seen by the person first.

Every line says what it rests on: of how many days, from when to when, or who measured it on which
day. A letter is kept as it was written; it is handed over only after the person has seen it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import transaction

from stepwell import catalogue
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import (
    access,
    bladder,
    history,
    ledger,
    measurements,
    questionnaires,
    reviews,
    showing,
    words,
)
from stepwell.clinic.care.models import Episode, Letter, LetterSeen

_AGREES_TO = {
    ConsentKind.SHARE_GP: "letters to their GP",
    ConsentKind.SHARE_UROLOGY: "letters to a bladder specialist",
    ConsentKind.SHARE_PRESCRIBER: "their prescriber seeing it",
}


class NotShared(Exception):
    """The person has not agreed to this letter; the text says to what, and what would help."""


class NotSeen(Exception):
    """The person has not seen this letter yet, and only letters they have seen go out."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter, from data; `consent` is None where a reason stands in its place."""

    name: str
    label: str
    to: str
    consent: ConsentKind | None
    needs_reason: bool
    parts: tuple[str, ...]
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said, and what it rests on."""

    said: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    lines: tuple[Line, ...]


@cache
def kinds() -> Mapping[str, Kind]:
    told = catalogue.document("letters.json")["kinds"]
    return {name: _kind(name, one) for name, one in told.items()}


def _kind(name: str, told: Mapping[str, Any]) -> Kind:
    same = ("label", "to", "needs_reason", "opening", "closing")
    return Kind(
        name=name,
        **{key: told[key] for key in same},
        consent=ConsentKind(told["consent"]) if told["consent"] else None,
        parts=tuple(told["parts"]),
    )


# --- writing one --------------------------------------------------------------------------------


def refusal(episode: Episode, kind: Kind) -> str:
    """Why this letter cannot be written now, in plain words; empty where it can."""
    if kind.consent is None or consents.given(episode.person, kind.consent):
        return ""
    who = episode.person.display_name
    return f"{who} has not agreed to {_AGREES_TO[kind.consent]}. Ask, or write nothing."


def write(
    episode: Episode, kind_name: str, *, to: str, note: str, reason: str, by: User, at: datetime
) -> Letter:
    """Keep a letter as it stands now, with its trail row. Raises NotShared, `access.NotFound`."""
    kind = kinds()[kind_name]
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.enter(by, locked)
        if by.role == Role.PERSON:
            raise access.NotFound
        if why := refusal(locked, kind):
            raise NotShared(why)
        if kind.needs_reason and not reason.strip():
            raise NotShared("Without their yes, a letter needs the reason why it cannot wait.")
        written: Letter = Letter.objects.create(
            service_id=locked.service_id,
            episode=locked,
            kind=kind.name,
            to=to.strip() or kind.to,
            parts=[asdict(part) for part in compose(locked, kind, at)],
            note=note.strip(),
            reason=reason.strip(),
            by=by,
            at=at,
        )
        trail.record("letters.write", by=by, at=at, episode=locked, subject=kind.name)
    return written


def see(letter: Letter, *, by: User, at: datetime) -> None:
    """The person opened it, or somebody of the team says that they read it together."""
    with transaction.atomic():
        locked = ledger.lock(letter.episode)
        access.enter(by, locked)
        _, is_new = LetterSeen.objects.get_or_create(
            letter=letter,
            defaults={"service_id": locked.service_id, "episode": locked, "by": by, "at": at},
        )
        if is_new:
            trail.record("letters.see", by=by, at=at, episode=locked, subject=letter.kind)


def hand_over(letter: Letter, *, by: User, at: datetime) -> Letter:
    """Let the letter out, with its trail row. Raises NotSeen, NotShared, `access.NotFound`."""
    kind = kinds()[letter.kind]
    with transaction.atomic():
        locked = ledger.lock_to_look(letter.episode)
        access.enter(by, locked)
        if why := refusal(locked, kind):
            raise NotShared(why)
        if not kind.needs_reason and not seen(letter):
            raise NotSeen(
                "They see each letter before it goes. Ask them to open it, or read it together."
            )
        trail.record("letters.hand_over", by=by, at=at, episode=locked, subject=letter.kind)
    return letter


def seen(letter: Letter) -> LetterSeen | None:
    return LetterSeen.objects.filter(letter=letter).select_related("by").first()


def of(episode: Episode) -> list[Letter]:
    """Every letter about this person, the newest first."""
    return list(Letter.objects.filter(episode=episode).select_related("by").order_by("-at"))


def one(episode: Episode, letter_id: UUID) -> Letter:
    """One of them, or `access.NotFound`."""
    found = Letter.objects.filter(episode=episode, pk=letter_id).select_related("by", "episode")
    if (letter := found.first()) is None:
        raise access.NotFound
    return letter


# --- what it says -------------------------------------------------------------------------------


def compose(episode: Episode, kind: Kind, at: datetime) -> list[Part]:
    """The parts of this kind of letter, each with at least one line: also that nothing is known."""
    told = _Told(episode, at)
    return [_PARTS[name](told) for name in kind.parts]


class _Told:
    """What the parts draw from, read once."""

    def __init__(self, episode: Episode, at: datetime) -> None:
        self.episode, self.at = episode, at
        self.card = showing.card(episode, at)
        self.days = history.strip(reviews.record(episode), self.card.today, {})

    @property
    def rests_on(self) -> str:
        """The check-ins behind a figure of the last 28 days, and how many days they cover."""
        told = [day.on for day in self.days if day.status != history.DayStatus.MISSING]
        of = f"{len(told)} of {len(self.days)} days told"
        low = ", less than half: read with care" if self.card.coverage.low else ""
        return f"{of}, {_day(min(told))} to {_day(max(told))}{low}" if told else f"{of}"


def _use(told: _Told) -> Part:
    return Part("Use of ketamine, as told", tuple(_use_lines(told)))


def _use_lines(told: _Told) -> Iterator[Line]:
    card, start = told.card, told.card.baseline
    yield Line(f"Days of use in the last 28: {card.days_used}", told.rests_on)
    if card.low_mg is not None and card.high_mg is not None:
        yield Line(f"On those days: {_mg(card.low_mg, card.high_mg)}", told.rests_on)
    if card.last_use:
        yield Line(f"Last use told: {_day(card.last_use.on)}", "the check-in about that day")
    if start:
        amount = _mg(start.amount_low_mg, start.amount_high_mg)
        often = f"{start.times_per_day} times a day, {start.days_per_week} days a week"
        yield Line(f"At the start: {amount} a day, {often}", f"told on {_day(start.at.date())}")


def _mixed(told: _Told) -> Part:
    return _flags("Also taken, as told", told, told.card.mixed)


def _body(told: _Told) -> Part:
    return _flags("Signs of the body, as told", told, told.card.signs)


def _flags(title: str, told: _Told, found: tuple[showing.Told, ...]) -> Part:
    lines = [Line(words.flag(one.flag).team, f"told on {_day(one.on)}") for one in found]
    return Part(
        title, tuple(lines) or (Line("Nothing was told. That is not a no.", told.rests_on),)
    )


def _plan(told: _Told) -> Part:
    standing = reviews.standing(told.episode, told.at)
    plan = standing.plan
    if plan is None or plan.approved_by is None:
        return Part("Plan", (Line("No plan has been approved.", "the record"),))
    by = f"version {plan.version}, signed by {plan.approved_by.display_name}"
    level = f"Step {standing.recommendation.level} of {len(plan.levels) - 1}"
    return Part("Plan", (Line(level, by),))


def _mood(told: _Told) -> Part:
    newest = questionnaires.newest(questionnaires.history(told.episode))
    lines = [
        Line(
            f"{one.total.name}: {one.total.value} of {one.total.most}, {one.total.band}",
            f"answered on {_day(one.on)}, {one.unanswered} left out",
        )
        for one in newest
        if one.total
    ]
    return Part("Questionnaires", tuple(lines) or (Line("None was answered.", "the record"),))


def _tests(told: _Told) -> Part:
    found = [result for one in measurements.every(told.episode) for result in one.newest]
    lines = [
        Line(f"{one.measure.label}: {one.shown}", f"{_day(one.on)}, written down by {one.by}")
        for one in found
    ]
    return Part("Tests", tuple(lines) or (Line("None is on record here.", "the record"),))


def _bladder(told: _Told) -> Part:
    days = [day for day in bladder.days(told.episode) if day.total is not None]
    if not days:
        return Part("Bladder diary", (Line("No whole day was kept.", "the record"),))
    return Part("Bladder diary", tuple(line for day in days for line in _bladder_lines(day)))


def _bladder_lines(day: Any) -> Iterator[Line]:
    rests = f"from {_day(day.up.date())}, {day.total.measured} of {day.total.of} voids measured"
    least = "" if day.total.is_whole else "at least "
    yield Line(f"In 24 hours: {least}{day.total.ml} ml", rests)
    if day.night_percent is not None:
        yield Line(f"Of it at night: {day.night_percent} %", rests)
    yield Line(f"Voids by day: {day.day_voids}", rests)
    if day.night_voids is not None:
        yield Line(f"Voids at night: {day.night_voids}", rests)


_PARTS: Mapping[str, Callable[[_Told], Part]] = {
    "use": _use,
    "mixed": _mixed,
    "plan": _plan,
    "body": _body,
    "mood": _mood,
    "tests": _tests,
    "bladder": _bladder,
}


def _mg(low: int, high: int) -> str:
    return f"{low} mg" if low == high else f"{low} to {high} mg"


def _day(on: date) -> str:
    return f"{on:%-d %B %Y}"
