"""Who needs a clinician first: cards in four lanes, each for one plain reason. No score decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from stepwell.clinic.care import (
    erasure,
    gates,
    keeping_well,
    measurements,
    messages,
    reviews,
    thresholds,
    visits,
    words,
)
from stepwell.clinic.care.days import today
from stepwell.clinic.care.folders import Folder
from stepwell.clinic.care.history import check_ins, told_days
from stepwell.clinic.care.models import (
    Contact,
    ContactOutcome,
    Lane,
    PlanStatus,
    PlanVersion,
    Supply,
    Urgency,
)

_DAY = timedelta(days=1)
ASKED_TO_TALK = "asked_to_talk"
URGENCIES = (Urgency.EMERGENCY, Urgency.SAME_DAY, Urgency.ROUTINE)


class Reason(StrEnum):
    """Why a card is there; `facts` of the card fill the words."""

    SIGNAL = "signal"  # what, count
    FROZEN = "frozen"  # why
    REVIEW = "review"  # why
    STEP_BACK_OFFERED = "step_back_offered"  # why, level
    FINISH_OFFERED = "finish_offered"  # why
    HELD = "held"  # why
    ASKED_TO_TALK = "asked_to_talk"
    CAME_BACK = "came_back"
    MESSAGE_WAITS = "message_waits"  # day
    VISIT_FELL_THROUGH = "visit_fell_through"  # day
    READY_TO_STEP = "ready_to_step"  # level
    SILENT = "silent"
    ASKED_TO_DELETE = "asked_to_delete"
    DRAFT_WAITING = "draft_waiting"  # version, by
    STILL_FROZEN = "still_frozen"  # why, by
    REVIEW_DATE = "review_date"  # day
    TO_AGREE = "to_agree"  # version
    GATES_OPEN = "gates_open"  # count
    BASELINE_DONE = "baseline_done"  # days
    TESTS_DUE = "tests_due"  # which, count
    PROFILE_DUE = "profile_due"


class Suggested(StrEnum):
    """What to do about it next."""

    CALL_NOW = "call_now"
    CALL_TODAY = "call_today"
    DECIDE = "decide"
    TALK = "talk"
    ANSWER_THEM = "answer_them"
    ANSWER_MESSAGE = "answer_message"
    BOOK_ANOTHER = "book_another"
    ENCOURAGE = "encourage"
    NUDGE = "nudge"
    CALL = "call"
    SECOND_CHANNEL = "second_channel"
    TEAM_DISCUSSION = "team_discussion"
    PLAN_IS_PAUSED = "plan_is_paused"
    READ_AND_SIGN = "read_and_sign"
    RESUME_OR_CLOSE = "resume_or_close"
    DRAFT_NEXT_VERSION = "draft_next_version"
    GO_THROUGH_IT = "go_through_it"
    ASK_OR_CLEAR = "ask_or_clear"
    DRAFT_A_PLAN = "draft_a_plan"
    ORDER_TESTS = "order_tests"


@dataclass(frozen=True, slots=True)
class ContactLine:
    at: datetime
    by: str
    how: str
    note: str
    reached: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class Card:
    """One reason to look at one person, as it stands `on` a day.

    `unowned_since` is when the first of its safety signals was raised that nobody has taken.

    `opens` says which page answers it (person, review, plan, gates, messages, visits,
    tests, reach, editor, profiles), and
    `opens_id` of what.
    """

    lane: Lane
    episode_id: UUID
    person: str
    reason: Reason
    facts: Mapping[str, str | int]
    suggested: Suggested
    since: date
    urgency: Urgency | None
    last_contact: ContactLine | None
    owner: str | None
    opens: str
    opens_id: UUID
    on: date = field(compare=False)
    acknowledged_by: str | None = None
    unowned_since: datetime | None = None

    @property
    def age_days(self) -> int:
        return max((self.on - self.since).days, 0)


def cards(folder: Folder) -> list[Card]:
    """The cards of one person: the first reason of each lane, unless it was put off."""
    first: dict[Lane, Card] = {}
    for card in _all(folder):
        if not _is_put_off(folder, card):
            first.setdefault(card.lane, card)
    return list(first.values())


def _all(folder: Folder) -> Iterator[Card]:
    yield from _safety(folder)
    yield from _after_the_end(folder)
    yield from _message_waits(folder)
    if folder.episode.closed_at is None:
        yield from _decide(folder)
        yield from _quiet(folder)
        yield from _due(folder)
    else:
        yield from _asked_to_delete(folder)


def _is_put_off(folder: Folder, card: Card) -> bool:
    """A card that stood before it was put off; never one for safety or for a freeze."""
    if card.lane == Lane.SAFETY or card.reason == Reason.FROZEN:
        return False
    return any(
        snooze.lane == card.lane
        and folder.today < snooze.until
        and card.since <= today(folder.episode, snooze.at)
        for snooze in folder.on_record.snoozes
    )


def _card(
    folder: Folder,
    lane: Lane,
    reason: Reason,
    suggested: Suggested,
    since: date,
    *,
    opens: str = "person",
    opens_id: UUID | None = None,
    urgency: Urgency | None = None,
    acknowledged_by: str | None = None,
    unowned_since: datetime | None = None,
    **facts: str | int,
) -> Card:
    episode, contact = folder.episode, folder.on_record.contact
    return Card(
        lane=lane,
        episode_id=episode.pk,
        person=episode.person.display_name,
        reason=reason,
        facts=facts,
        suggested=suggested,
        since=since,
        urgency=urgency,
        last_contact=contact_line(contact) if contact else None,
        owner=episode.keyworker.display_name if episode.keyworker else None,
        opens=opens,
        opens_id=opens_id or episode.pk,
        on=folder.today,
        acknowledged_by=acknowledged_by,
        unowned_since=unowned_since,
    )


def contact_line(contact: Contact) -> ContactLine:
    return ContactLine(
        at=contact.at,
        by=contact.by.display_name,
        how=contact.how,
        note=contact.note,
        reached=contact.reached,
        outcome=contact.outcome or ContactOutcome.REACHED,
    )


# --- safety -----------------------------------------------------------------------------------


def _safety(folder: Folder) -> Iterator[Card]:
    """Every open emergency and same-day signal; only a human with an outcome takes it away."""
    urgent = [one for one in folder.on_record.escalations if one.urgency != Urgency.ROUTINE]
    if not urgent:
        return
    worst = min(urgent, key=lambda one: (URGENCIES.index(Urgency(one.urgency)), one.raised_at))
    now = worst.urgency == Urgency.EMERGENCY
    unowned = [one.raised_at for one in urgent if one.acknowledged_at is None]
    yield _card(
        folder,
        Lane.SAFETY,
        Reason.SIGNAL,
        Suggested.CALL_NOW if now else Suggested.CALL_TODAY,
        worst.since,
        urgency=Urgency(worst.urgency),
        acknowledged_by=worst.acknowledged_by.display_name if worst.acknowledged_by else None,
        unowned_since=min(unowned, default=None),
        what=words.signal(worst.key).team,
        count=len(urgent),
    )


# --- after the end ------------------------------------------------------------------------------

_AFTER: Mapping[str, Reason] = {
    keeping_well.CAME_BACK: Reason.CAME_BACK,
    keeping_well.WANTS_A_CALL: Reason.ASKED_TO_TALK,
}


def _after_the_end(folder: Folder) -> Iterator[Card]:
    """Somebody came back, or would like a call: until a human has closed it with an outcome."""
    for signal in folder.on_record.escalations:
        if reason := _AFTER.get(signal.key):
            yield _card(folder, Lane.DECIDE, reason, Suggested.TALK, signal.since)


# --- decide -----------------------------------------------------------------------------------


def _message_waits(folder: Folder) -> Iterator[Card]:
    """Written to, and neither answered nor called by the end of the next working day."""
    waits = folder.on_record.message
    if waits is None or not messages.is_late(waits, folder.today):
        return
    if _reached_since(folder, waits.since):
        return
    yield _card(
        folder,
        Lane.DECIDE,
        Reason.MESSAGE_WAITS,
        Suggested.ANSWER_MESSAGE,
        today(folder.episode, waits.since),
        opens="messages",
        day=waits.reply_by.isoformat(),
    )


_CALLS: Mapping[str, Reason] = {
    "freeze": Reason.FROZEN,
    "review": Reason.REVIEW,
    "step_back": Reason.STEP_BACK_OFFERED,
    "finish": Reason.FINISH_OFFERED,
    "hold": Reason.HELD,
}


def _decide(folder: Folder) -> Iterator[Card]:
    told = folder.standing.recommendation
    # Silence is the quiet lane's: a hold for nothing but silence asks for a call, not a decision.
    if folder.standing.calls and not _is_silence(told):
        yield _called(folder, told)
    if any(signal.key == ASKED_TO_TALK for signal in told.signals) and not _was_called(folder):
        since = next(signal.since for signal in told.signals if signal.key == ASKED_TO_TALK)
        yield _card(folder, Lane.DECIDE, Reason.ASKED_TO_TALK, Suggested.TALK, since)
    if told.offer == "step":
        yield _card(
            folder,
            Lane.DECIDE,
            Reason.READY_TO_STEP,
            Suggested.ENCOURAGE,
            folder.standing.since,
            level=told.level,
        )


def _is_silence(told: reviews.Recommendation) -> bool:
    silent = ("hold_when_silent", "hold_when_check_ins_are_missing", "pause_when_silent_for_long")
    return told.offer == "hold" and told.findings[0].rule in silent


def _called(folder: Folder, told: reviews.Recommendation) -> Card:
    review = folder.standing.open_review
    since = today(folder.episode, review.open_since) if review else folder.standing.since
    return _card(
        folder,
        Lane.DECIDE,
        _CALLS[told.offer],
        Suggested.DECIDE,
        since,
        opens="review" if review else "person",
        opens_id=review.pk if review else None,
        why=told.findings[0].team,
        level=told.level,
    )


def _was_called(folder: Folder) -> bool:
    """Whether somebody reached out after the person asked to talk."""
    asked = [event.recorded for event in folder.record.events if event.kind == "talk"]
    return bool(asked) and _reached_since(folder, asked[-1])


def _reached_since(folder: Folder, at: datetime) -> bool:
    contact = folder.on_record.contact
    return contact is not None and contact.at >= at


# --- quiet ------------------------------------------------------------------------------------


def silent_days(record: reviews.Record, on: date) -> int:
    """Whole days up to yesterday without a word; today can still be told."""
    heard = [today(record.episode, record.episode.opened_at), *told_days(record)]
    heard += [event.recorded_on for event in record.events if event.set_aside]
    return max((on - max(heard)).days - 1, 0)


def _quiet(folder: Folder) -> Iterator[Card]:
    days = silent_days(folder.record, folder.today)
    rungs = [rung for after, rung in folder.on_record.rules.ladder if days >= after]
    if rungs:
        first = folder.today - _DAY * days
        suggested = Suggested(rungs[-1])
        yield _card(folder, Lane.QUIET, Reason.SILENT, suggested, first, opens="reach")


# --- due --------------------------------------------------------------------------------------


def _due(folder: Folder) -> Iterator[Card]:
    yield from _asked_to_delete(folder)
    yield from _visit_fell_through(folder)
    yield from _draft_waiting(folder)
    yield from _still_frozen(folder)
    yield from _review_date(folder)
    yield from _to_agree(folder)
    if folder.standing.plan is None:
        yield from _gates_open(folder)
        yield from _baseline_done(folder)
    yield from _tests_due(folder)
    yield from _profile_due(folder)


def _asked_to_delete(folder: Folder) -> Iterator[Card]:
    """Their own request, until somebody has closed it with what they were answered."""
    for signal in folder.on_record.escalations:
        if signal.key == erasure.ASKED:
            yield _card(
                folder, Lane.DUE, Reason.ASKED_TO_DELETE, Suggested.ANSWER_THEM, signal.since
            )


def _visit_fell_through(folder: Folder) -> Iterator[Card]:
    """They could not come, and nothing stands in its place yet."""
    visit = visits.to_book_again(folder.on_record.booked, folder.at)
    if visit is not None:
        day = today(folder.episode, visit.starts)
        yield _card(
            folder,
            Lane.DUE,
            Reason.VISIT_FELL_THROUGH,
            Suggested.BOOK_ANOTHER,
            min(day, folder.today),
            opens="visits",
            day=day.isoformat(),
        )


def _plans(folder: Folder, status: PlanStatus) -> list[PlanVersion]:
    return [plan for plan in folder.record.plans if plan.status == status]


def _draft_waiting(folder: Folder) -> Iterator[Card]:
    for plan in _plans(folder, PlanStatus.DRAFT)[-1:]:
        yield _card(
            folder,
            Lane.DUE,
            Reason.DRAFT_WAITING,
            Suggested.READ_AND_SIGN,
            today(folder.episode, plan.drafted_at),
            opens="plan",
            opens_id=plan.pk,
            version=plan.version,
            by=plan.drafted_by.display_name,
        )


def _still_frozen(folder: Folder) -> Iterator[Card]:
    """A freeze that a clinician has kept must not be forgotten."""
    standing, review = folder.standing, folder.standing.review
    kept = standing.recommendation.offer == "freeze" and not standing.calls
    kept = kept and folder.record.held is None  # every page says that of the whole service
    if kept and review is not None and standing.plan is not None:
        yield _card(
            folder,
            Lane.DUE,
            Reason.STILL_FROZEN,
            Suggested.RESUME_OR_CLOSE,
            review.on,
            why=standing.recommendation.findings[0].team,
        )


def _review_date(folder: Folder) -> Iterator[Card]:
    plan = folder.standing.plan
    within = _DAY * folder.on_record.rules.review_due_within_days
    if plan is not None and folder.today >= plan.review_by - within:
        yield _card(
            folder,
            Lane.DUE,
            Reason.REVIEW_DATE,
            Suggested.DRAFT_NEXT_VERSION,
            plan.review_by - within,
            opens=_editor(folder),
            day=plan.review_by.isoformat(),
        )


def _to_agree(folder: Folder) -> Iterator[Card]:
    for plan in _plans(folder, PlanStatus.APPROVED)[-1:]:
        if plan.approved_on is not None:
            yield _card(
                folder,
                Lane.DUE,
                Reason.TO_AGREE,
                Suggested.GO_THROUGH_IT,
                plan.approved_on,
                opens="plan",
                opens_id=plan.pk,
                version=plan.version,
            )


def _gates_open(folder: Folder) -> Iterator[Card]:
    states = gates.fold(folder.record.answers, folder.record.clearances)
    count = sum(state.is_open for state in states)
    if count:
        opened = today(folder.episode, folder.episode.opened_at)
        yield _card(
            folder,
            Lane.DUE,
            Reason.GATES_OPEN,
            Suggested.ASK_OR_CLEAR,
            opened,
            opens="gates",
            count=count,
        )


def _baseline_done(folder: Folder) -> Iterator[Card]:
    told = {event.on for event in check_ins(folder.record)}
    if len(told) >= folder.on_record.rules.baseline_days and not _plans(folder, PlanStatus.DRAFT):
        yield _card(
            folder,
            Lane.DUE,
            Reason.BASELINE_DONE,
            Suggested.DRAFT_A_PLAN,
            max(told),
            opens=_editor(folder),
            days=len(told),
        )


def _editor(folder: Folder) -> str:
    """Where a version is drafted; with prescribed supply the page says who drafts it."""
    return "person" if folder.episode.supply == Supply.PRESCRIBED else "editor"


def _tests_due(folder: Folder) -> Iterator[Card]:
    """Bladder, liver, kidneys, weight, blood pressure: the one that has waited longest is named.

    Each has its own day; the card comes when nobody has written it down some days after that.
    """
    waited = _DAY * thresholds.settings()["tests_wait_days"]
    due = measurements.due(folder.on_record.tests, folder.today - waited)
    if due:
        first = min(due, key=lambda one: one.due_on)
        yield _card(
            folder,
            Lane.DUE,
            Reason.TESTS_DUE,
            Suggested.ORDER_TESTS,
            first.due_on,
            opens="tests",
            which=first.group.label,
            count=len(due),
        )


def _profile_due(folder: Folder) -> Iterator[Card]:
    """The outcomes profile, where the service uses it: at the start, and every three months."""
    due = folder.on_record.profile_due
    if due is not None and folder.today >= due + _DAY * thresholds.settings()["tests_wait_days"]:
        yield _card(
            folder, Lane.DUE, Reason.PROFILE_DUE, Suggested.GO_THROUGH_IT, due, opens="profiles"
        )
