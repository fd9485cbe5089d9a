"""A course of care: opened, described, its safety questions answered and cleared, closed."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, acts, days, escalations, ledger, reviews
from stepwell.clinic.care import gates as gates_
from stepwell.clinic.care.days import today
from stepwell.clinic.care.gates import Gate, GateState, catalogue_of_gates, may_clear
from stepwell.clinic.care.models import (
    DEFAULT_PROTOCOL,
    Answer,
    Baseline,
    Contact,
    ContactHow,
    ContactOutcome,
    Episode,
    GateAnswer,
    GateClearance,
    Goal,
    Lane,
    Snooze,
    Supply,
)

__all__ = ["Gate", "GateState", "catalogue_of_gates", "may_clear", "today"]


class NotAllowed(Exception):
    """This cannot be done now or by this user; the text says why in plain words."""


def open(  # noqa: A001
    *,
    person: User,
    keyworker: User | None,
    supply: str,
    goal: str,
    by: User,
    at: datetime,
    time_zone: str | None = None,
    rollover_hour: int = 5,
    word: str = "",
    what_matters: Sequence[str] = (),
) -> Episode:
    """Begin a course of care. The zone is the service's unless another is given. NotAllowed."""
    _check_opening(person, keyworker, by, time_zone)
    try:
        with transaction.atomic():
            episode = Episode.objects.create(
                service=person.service,
                person=person,
                keyworker=keyworker,
                time_zone=time_zone or person.service.time_zone,
                rollover_hour=rollover_hour,
                supply=Supply(supply),
                word=word,
                what_matters=list(what_matters),
                goal=Goal(goal),
                opened_at=at,
            )
            trail.record("episodes.open", by=by, at=at, episode=episode)
    except IntegrityError as error:
        raise NotAllowed(f"{person.display_name} has an open course of care already.") from error
    return episode


def _check_opening(person: User, keyworker: User | None, by: User, time_zone: str | None) -> None:
    if person.role != Role.PERSON:
        raise NotAllowed(f"{person.display_name} is not a person who is easing off.")
    if by.service_id != person.service_id or by.role not in access.CLINICAL:
        raise NotAllowed("Only this person's own team opens a course of care.")
    if keyworker and (keyworker.service_id, keyworker.role) != (person.service_id, Role.KEYWORKER):
        raise NotAllowed(f"{keyworker.display_name} is not a keyworker of this service.")
    if time_zone is not None and time_zone not in clock.time_zones():
        raise NotAllowed(f"{time_zone!r} is not a time zone such as Europe/London.")


def describe(
    episode: Episode,
    *,
    by: User,
    at: datetime,
    word: str | None = None,
    what_matters: Sequence[str] | None = None,
    goal: str | None = None,
) -> Episode:
    """Keep the person's own words: what they call it, what matters to them, their goal."""
    with transaction.atomic():
        found = _locked(episode, by)
        found.word = found.word if word is None else word
        found.what_matters = found.what_matters if what_matters is None else list(what_matters)
        found.goal = found.goal if goal is None else Goal(goal)
        found.save(update_fields=["word", "what_matters", "goal"])
        trail.record("episodes.describe", by=by, at=at, episode=found)
    return found


def record_baseline(
    episode: Episode,
    *,
    amount_low_mg: int,
    amount_high_mg: int,
    times_per_day: int,
    days_per_week: int,
    smallest_unit_mg: int,
    by: User,
    at: datetime,
    routes: Sequence[str] = (),
    unit_words: str = "",
) -> Baseline:
    """Keep the picture of use before day 1, in whole milligrams. NotAllowed says what is wrong."""
    _check_baseline(amount_low_mg, amount_high_mg, times_per_day, days_per_week, smallest_unit_mg)
    with transaction.atomic():
        found = _locked(episode, by)
        baseline: Baseline = Baseline.objects.create(
            service_id=found.service_id,
            episode=found,
            amount_low_mg=amount_low_mg,
            amount_high_mg=amount_high_mg,
            times_per_day=times_per_day,
            days_per_week=days_per_week,
            routes=list(routes),
            unit_words=unit_words,
            smallest_unit_mg=smallest_unit_mg,
            recorded_by=by,
            at=at,
            sequence=ledger.number(found),
        )
        trail.record("episodes.record_baseline", by=by, at=at, episode=found)
    return baseline


def _check_baseline(low: int, high: int, times: int, days_: int, unit: int) -> None:
    limits = catalogue.protocols()[DEFAULT_PROTOCOL].limits
    lowest, highest = limits.amount_min_mg.value, limits.amount_max_mg.value
    if not lowest <= low <= high <= highest:
        raise NotAllowed(f"The amount must be {lowest} to {highest} mg, the lower end first.")
    if times < 1:
        raise NotAllowed("Times a day must be 1 or more.")
    if not 1 <= days_ <= 7:
        raise NotAllowed("Days a week must be 1 to 7.")
    if not 1 <= unit <= high:
        raise NotAllowed("The smallest unit must be at least 1 mg and no more than the amount.")


def answer_gate(episode: Episode, gate: str, answer: str, *, by: User, at: datetime) -> GateAnswer:
    """Keep an answer to one safety question; one that opens a gate freezes a plan in force."""
    asked = _known(gate)
    with transaction.atomic():
        found = _locked(episode, by)
        given: GateAnswer = GateAnswer.objects.create(
            service_id=found.service_id,
            episode=found,
            gate=gate,
            answer=Answer(answer),
            by=by,
            at=at,
            sequence=ledger.number(found),
        )
        detail = {"gate": gate, "answer": answer}
        trail.record("episodes.answer_gate", by=by, at=at, episode=found, detail=detail)
        _tell_team(found, asked, Answer(answer), at)
        _review_a_plan(found, at)
    return given


def _review_a_plan(episode: Episode, at: datetime) -> None:
    """Before there is a plan there is nothing that an answer could freeze or let go on."""
    if episode.plan_versions.filter(approved_at__isnull=False).exists():
        reviews.run(episode, on=days.today(episode, at), at=at)


def _known(name: str) -> Gate:
    try:
        return gates_.gate(name)
    except KeyError as error:
        raise NotAllowed(f"{name!r} is not one of the safety questions.") from error


def _tell_team(episode: Episode, asked: Gate, answer: Answer, at: datetime) -> None:
    """A danger answer reaches a human before there is any plan to freeze."""
    if answer == Answer.NO or not asked.shows_help:
        return
    flags = catalogue.protocols()[DEFAULT_PROTOCOL].flags
    urgency = flags.get(asked.name, "same_day") if answer == Answer.YES else "same_day"
    escalations.raise_one(
        episode,
        key=asked.name,
        urgency=urgency,
        since=days.today(episode, at),
        rule="a_safety_question_was_not_answered_no",
        at=at,
    )


def clear_gate(
    episode: Episode, gate: str, *, reason: str, by: User, at: datetime
) -> GateClearance:
    """The named role writes why an answered gate does not stand in the way. NotAllowed."""
    asked = _known(gate)
    if not reason.strip():
        raise NotAllowed("Write what was reviewed and why this does not stand in the way.")
    with transaction.atomic():
        found = _locked(episode, by)
        _check_clearing(found, asked, by)
        clearance: GateClearance = GateClearance.objects.create(
            service_id=found.service_id,
            episode=found,
            gate=gate,
            by=by,
            role=by.role,
            reason=reason.strip(),
            at=at,
            sequence=ledger.number(found),
        )
        detail = {"gate": gate, "reason": reason.strip()}
        trail.record("episodes.clear_gate", by=by, at=at, episode=found, detail=detail)
        _review_a_plan(found, at)
    return clearance


def _check_clearing(episode: Episode, asked: Gate, by: User) -> None:
    state = next(s for s in gates(episode) if s.name == asked.name)
    if asked.clearing_role == gates_.NOBODY:
        raise NotAllowed(asked.clearing_needs)
    if state.answer is None:
        raise NotAllowed("This has not been answered yet.")
    if not state.is_open:
        raise NotAllowed("This does not stand in the way.")
    if not (may_clear(by, asked.name) and access.may_by_role(by, "clear_gate", episode)):
        raise NotAllowed(f"This needs somebody else. {asked.clearing_needs}")


def gates(episode: Episode) -> list[GateState]:
    """Every gate and where it stands, in the order in which they are asked."""
    return gates_.states(episode)


def close(episode: Episode, *, outcome: str, by: User, at: datetime) -> Episode:
    """End the course of care with what became of it. `acts.NotAllowed`."""
    acts.take(episode, "close", on=today(episode, at), by=by, at=at, reason=outcome)
    return Episode.objects.get(pk=episode.pk)


def log_contact(
    episode: Episode,
    *,
    how: str,
    note: str,
    by: User,
    at: datetime,
    outcome: str = ContactOutcome.REACHED,
) -> Contact:
    """Keep that somebody reached out, and whether they were reached."""
    with transaction.atomic():
        found = _locked(episode, by)
        _team_only(by)
        contact: Contact = Contact.objects.create(
            service_id=found.service_id,
            episode=found,
            by=by,
            at=at,
            how=ContactHow(how),
            note=note.strip(),
            outcome=ContactOutcome(outcome),
        )
        detail = {"how": how, "outcome": contact.outcome}
        trail.record("episodes.log_contact", by=by, at=at, episode=found, detail=detail)
    return contact


def log_look(episode: Episode, *, by: User, at: datetime) -> None:
    """Keep that somebody of the team read this person's page: the person sees who looked.

    Where time alone has made a call (a review date has passed), it is stored now, so that whoever
    looks has something to decide on.
    """
    with transaction.atomic():
        locked = ledger.lock_to_look(episode)
        access.enter(by, locked)
        _team_only(by)
        trail.record("episodes.log_look", by=by, at=at, episode=locked)
        standing = reviews.standing(locked, at)
        if standing.calls and standing.open_review is None:
            reviews.run(ledger.lock(locked), on=standing.on, at=at)


def snooze(
    episode: Episode, *, lane: str, until: date, reason: str, by: User, at: datetime
) -> Snooze:
    """Put a card off with a reason. The safety lane cannot be put off. NotAllowed."""
    if lane == Lane.SAFETY:
        raise NotAllowed("A safety signal cannot be put off; it ends with an outcome.")
    if not reason.strip():
        raise NotAllowed("Write why this can wait.")
    with transaction.atomic():
        found = _locked(episode, by)
        _team_only(by)
        if until <= days.today(found, at):
            raise NotAllowed("Choose a day after today.")
        put_off: Snooze = Snooze.objects.create(
            service_id=found.service_id,
            episode=found,
            lane=Lane(lane),
            by=by,
            until=until,
            reason=reason.strip(),
            at=at,
        )
        detail = {"lane": lane, "until": until.isoformat(), "reason": reason.strip()}
        trail.record("episodes.snooze", by=by, at=at, episode=found, detail=detail)
    return put_off


def _team_only(by: User) -> None:
    if by.role not in access.CLINICAL:
        raise NotAllowed("Only the team does this.")


def _locked(episode: Episode, by: User) -> Episode:
    """The episode, locked, once the door has let this user in: the person or their team."""
    locked = ledger.lock(episode)
    access.enter(by, locked)
    return locked
