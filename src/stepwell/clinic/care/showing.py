"""The card that a person shows at A&E or to a GP: only what they told, each with its day."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, check_ins, gates, history, ledger, reviews
from stepwell.clinic.care.days import today
from stepwell.clinic.care.gates import GateState
from stepwell.clinic.care.history import Coverage, Day, DayStatus
from stepwell.clinic.care.models import Baseline, CardNote, Episode
from stepwell.clinic.care.reviews import Record

WROTE = "showing.write"
BODY = ("kidney_bladder", "liver", "heart", "seizures", "pregnancy", "injecting")
OTHERS = ("alcohol_dependence", "benzodiazepine_dependence", "ghb_dependence", "opioid_dependence")
MIXED = ("alcohol", "sedative_co_use", "sedative_withdrawal")
SIGNS = (
    *("cannot_pass_urine", "urinary_fever", "blood_in_urine", "hourly_voiding", "leakage"),
    *("bladder_pain", "cramps", "severe_abdominal_pain", "jaundice", "vomiting_blood"),
    *(
        "cannot_keep_fluids",
        "fainting",
        "chest_pain",
        "seizure",
        "confusion",
        "high_blood_pressure",
    ),
    *("weight_loss", "nosebleeds"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A flag and the last day it was told of."""

    flag: str
    on: date


@dataclass(frozen=True, slots=True)
class Card:
    """What was told, as ranges in whole milligrams; None and empty where nothing was.

    `last_use` is the last day of use that was told, however long ago. The rest is of the last 28
    days, of which `coverage` says how many are known. `unsure` counts days told without saying.
    """

    name: str
    word: str
    supply: str
    today: date
    last_told: date | None
    last_use: Day | None
    low_mg: int | None
    high_mg: int | None
    days_used: int
    unsure: int
    coverage: Coverage
    baseline: Baseline | None
    mixed: tuple[Told, ...]
    signs: tuple[Told, ...]
    body: tuple[GateState, ...]
    others: tuple[GateState, ...]
    note: CardNote | None


def write(
    episode: Episode, *, medicines: str, allergies: str, contact: str, by: User, at: datetime
) -> CardNote:
    """Keep what the person typed for their card. `access.NotFound`, `check_ins.NoConsent`."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        if by.role != Role.PERSON:
            raise access.NotFound
        access.enter(by, locked)
        if not consents.given(by, ConsentKind.STORE):
            raise check_ins.NoConsent("You have not agreed that we keep it, so nothing was saved.")
        note: CardNote = CardNote.objects.create(
            service_id=locked.service_id,
            episode=locked,
            medicines=medicines.strip(),
            allergies=allergies.strip(),
            contact=contact.strip(),
            by=by,
            at=at,
        )
        trail.record(WROTE, by=by, at=at, episode=locked)
    return note


def note(episode: Episode) -> CardNote | None:
    """What this person typed last, in whichever course of care, if anything."""
    found = CardNote.objects.filter(episode__person=episode.person_id)
    return found.order_by("-at").first()


def card(episode: Episode, at: datetime) -> Card:
    """Everything for the card at this instant."""
    found, now = reviews.record(episode), today(episode, at)
    days = history.strip(found, now, {})
    used = [day for day in days if day.status == DayStatus.USED]
    states = {state.name: state for state in gates.fold(found.answers, found.clearances)}
    told = history.told_days(found)
    return Card(
        name=episode.person.display_name,
        word=episode.word,
        supply=episode.supply,
        today=now,
        last_told=max(told, default=None),
        last_use=_last_use(found),
        low_mg=min((day.low_mg for day in used if day.low_mg is not None), default=None),
        high_mg=max((day.high_mg for day in used if day.high_mg is not None), default=None),
        days_used=len(used),
        unsure=sum(day.status == DayStatus.UNSURE for day in days),
        coverage=history.coverage(days),
        baseline=found.baselines[-1] if found.baselines else None,
        mixed=_told(days, MIXED),
        signs=_told(days, SIGNS),
        body=tuple(states[name] for name in BODY),
        others=tuple(states[name] for name in OTHERS),
        note=note(episode),
    )


def _last_use(found: Record) -> Day | None:
    """The last day of use that was told, with its range."""
    used = [on for on, event in history.told_days(found).items() if event.body.get("used")]
    return history.strip(found, max(used), {}, days=1)[0] if used else None


def _told(days: tuple[Day, ...], flags: tuple[str, ...]) -> tuple[Told, ...]:
    last = {flag: day.on for day in days for flag in day.flags}
    return tuple(Told(flag, last[flag]) for flag in flags if flag in last)
