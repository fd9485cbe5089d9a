"""Asking the engine about a stored person, keeping what it said, and proving later why.

The history of an episode is numbered; a review keeps the last number it saw. Rebuilding the case
up to that number gives the same bytes for ever, whatever was added since.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery

from stepwell import catalogue
from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import Restore, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, days, escalations, gates, ledger, words
from stepwell.clinic.care.models import (
    DEFAULT_PROTOCOL,
    Baseline,
    Episode,
    Event,
    GateAnswer,
    GateClearance,
    PlanVersion,
    Review,
    ReviewStatus,
)
from stepwell.engine import wire
from stepwell.engine.errors import InputError

UNREADABLE = "freeze_when_the_record_cannot_be_read"
RESTORED = "freeze_after_a_restore"
OF_ONE_VERSION = ("step", "step_back", "hold", "set_level")
CALLS = ("freeze", "review", "step_back", "finish")
_TICK, _DAY = timedelta(microseconds=1), timedelta(days=1)
_LOOKED_BACK = timedelta(days=28)  # before all of the record is


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that spoke: its name, the facts it used and what it rests on, with words for both.

    The words are drafts until a clinician has signed them off: `awaiting_review` says so.
    """

    rule: str
    offer: str
    seen: Any
    limit: Any
    source: str
    person: str
    team: str
    awaiting_review: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """An escalation the engine raised, once for each key (a flag or a rule) and `since`."""

    key: str
    urgency: str
    since: date


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What the engine said. `ceiling_mg` is None whenever no amount may be shown."""

    offer: str
    also: tuple[str, ...]
    level: int
    between: bool
    ceiling_mg: int | None
    next_step_on: date | None
    signals: tuple[Signal, ...]
    findings: tuple[Finding, ...]
    engine: str
    protocol: str

    def opens(self, kind: str) -> bool:
        """True when this is offered, or open beside the offer."""
        return kind == self.offer or kind in self.also

    def spoke(self, rule: str) -> bool:
        """True when this rule is among the findings."""
        return any(finding.rule == rule for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Rung:
    """One level as it stands now; `ceiling_mg` and `starts` are None while none may be shown."""

    level: int
    between: bool
    ceiling_mg: int | None
    times_per_day: int | None
    days_per_week: int | None
    starts: date | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands on a day: decided afresh, nothing written.

    `review` is the newest stored one; `calls` is True when a human decision is asked for and
    none has been taken on just this call yet. `open_review` is the one to decide on; where time
    alone made the call there is none until `refresh`. `since` is the first day of the days in a
    row on which the engine made this same call, as far as was looked: at least `on`.
    """

    on: date
    since: date
    recommendation: Recommendation
    outlook: tuple[Rung, ...]
    plan: PlanVersion | None
    review: Review | None
    calls: bool
    open_review: Review | None

    @property
    def shows_amount(self) -> bool:
        return self.recommendation.ceiling_mg is not None

    @property
    def waits(self) -> bool:
        """Whether a human is asked for a decision, or the person for a step."""
        return self.calls or self.recommendation.offer == "step"


@dataclass(slots=True)
class Record:
    """Everything of one episode that the engine may see, in the order it was recorded."""

    episode: Episode
    plans: list[PlanVersion] = field(default_factory=list)
    baselines: list[Baseline] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answers: list[GateAnswer] = field(default_factory=list)
    clearances: list[GateClearance] = field(default_factory=list)
    held: Restore | None = None  # the whole service is frozen after this

    def upto(self, sequence: int) -> "Record":
        """The same as it was when this number of the history had been reached."""
        return Record(
            self.episode,
            [plan for plan in self.plans if _reached(plan.approved_sequence, sequence)],
            [row for row in self.baselines if row.sequence <= sequence],
            [row for row in self.events if row.sequence <= sequence],
            [row for row in self.answers if row.sequence <= sequence],
            [row for row in self.clearances if row.sequence <= sequence],
        )


def _reached(number: int | None, upto: int | None) -> bool:
    return number is not None and (upto is None or number <= upto)


def records(episodes: Iterable[Episode]) -> dict[UUID, Record]:
    """What the engine may see of each episode: the same few questions for one or for sixty."""
    found = {episode.pk: Record(episode) for episode in episodes}
    _hold(found.values())
    plans = PlanVersion.objects.select_related("drafted_by", "approved_by", "agreed_by")
    for name, rows in (
        ("plans", plans.order_by("version")),
        ("baselines", Baseline.objects.order_by("sequence")),
        ("events", Event.objects.select_related("by_user").order_by("sequence")),
        ("answers", GateAnswer.objects.select_related("by").order_by("sequence")),
        ("clearances", GateClearance.objects.select_related("by").order_by("sequence")),
    ):
        _hand_out(found, name, rows)
    return found


def _hand_out(found: Mapping[UUID, Record], name: str, rows: "QuerySet[Any]") -> None:
    for row in rows.filter(episode__in=list(found)):
        getattr(found[row.episode_id], name).append(row)


def _hold(found: Collection[Record]) -> None:
    held = freezing.held_among({one.episode.service_id for one in found})
    for one in found:
        one.held = held.get(one.episode.service_id)


def record(episode: Episode) -> Record:
    """What the engine may see of one episode."""
    return records([episode])[episode.pk]


# --- the case ---------------------------------------------------------------------------------


def case(episode: Episode, on: date, upto: int | None = None) -> dict[str, Any]:
    """The case of engine.md for this day, from what was recorded up to a number (all of it)."""
    whole = record(episode)
    return case_of(whole if upto is None else whole.upto(upto), on, upto)


def case_of(found: Record, on: date, upto: int | None = None) -> dict[str, Any]:
    """The same from rows that are loaded already."""
    # A clock that was set back does not bring an earlier day back.
    day = max([on, *(event.recorded_on for event in found.events)])
    plan = in_force(found.plans, day, upto)
    return {
        "plan": _waiting(found) if plan is None else _plan(plan, found, upto),
        "events": _told(found.events, plan, upto),
        "today": day.isoformat(),
    }


def in_force(plans: Sequence[PlanVersion], on: date, upto: int | None = None) -> PlanVersion | None:
    """The newest agreed version that has begun; before any has, the newest agreed or approved one.

    So the version before stays in force until the day the person chose for the new one.
    """
    approved = [plan for plan in plans if _reached(plan.approved_sequence, upto)]
    agreed = [plan for plan in approved if _reached(plan.agreed_sequence, upto)]
    begun = [plan for plan in agreed if plan.start is not None and plan.start <= on]
    return max(begun or agreed or approved, key=lambda plan: plan.version, default=None)


def _plan(plan: PlanVersion, found: Record, upto: int | None) -> dict[str, Any]:
    request, approver, since = plan.request, plan.approved_by, plan.approved_sequence
    assert approver is not None
    assert plan.approved_on is not None
    assert since is not None
    optional = {
        key: request[key] for key in ("smallest_unit_mg", "days_per_level") if key in request
    }
    if _reached(plan.agreed_sequence, upto) and plan.start is not None:
        optional["start"] = plan.start.isoformat()
    return {
        **optional,
        "version": plan.version,
        "levels": plan.levels,
        "supply": plan.supply.value,
        "usual_score": plan.usual_score,
        "review_by": plan.review_by.isoformat(),
        "protocol": plan.protocol_name,
        "approved": {
            "by": approver.display_name,
            "on": plan.approved_on.isoformat(),
            "usual_items": sorted(plan.usual_items),
        },
        "person_may": sorted(plan.person_may),
        "gates": gates.opened_since(gates.fold(found.answers, found.clearances), since),
    }


def _waiting(found: Record) -> dict[str, Any]:
    """Nobody has approved anything: a stand-in without approval, so that flags are still read."""
    limits = catalogue.protocols()[DEFAULT_PROTOCOL].limits
    most = found.baselines[-1].amount_high_mg if found.baselines else limits.amount_max_mg.value
    return {
        "version": 1,
        "levels": [{"ceiling_mg": most}, {"ceiling_mg": 0}],
        "supply": found.episode.supply,
        "protocol": DEFAULT_PROTOCOL,
    }


def _told(
    events: Iterable[Event], plan: PlanVersion | None, upto: int | None
) -> list[dict[str, Any]]:
    """The events on the wire. The instants always rise, also where the server's clock went back."""
    told: list[dict[str, Any]] = []
    before = datetime.min.replace(tzinfo=UTC)
    for event in events:
        before = max(event.recorded.astimezone(UTC), before + _TICK)
        if not event.set_aside and _is_of(event, plan, upto):
            told.append(on_the_wire(event, before))
    return told


def _is_of(event: Event, plan: PlanVersion | None, upto: int | None) -> bool:
    """A change of level under an earlier version says nothing about the levels of this one.

    What a clinician found before approving this version is answered by the approval.
    """
    if event.kind == "finding" and plan is not None:
        return event.sequence > (plan.approved_sequence or 0)
    if event.kind not in OF_ONE_VERSION:
        return True
    if plan is None or plan.start is None or not _reached(plan.agreed_sequence, upto):
        return False
    return event.sequence > (plan.agreed_sequence or 0) and event.recorded_on >= plan.start


def on_the_wire(event: Event, recorded: datetime) -> dict[str, Any]:
    """One event as engine.md writes it."""
    return {
        **event.body,
        "id": event.event_id,
        "kind": event.kind,
        "on": event.on.isoformat(),
        "recorded_on": event.recorded_on.isoformat(),
        "recorded": recorded.astimezone(UTC).isoformat(timespec="microseconds"),
        "by": event.by,
    }


def misfit(event: Event) -> str | None:
    """Why the engine cannot read this event, in its own words; None when it can."""
    plan = _waiting(Record(event.episode))
    alone = [on_the_wire(event, event.recorded)]
    today = max(event.on, event.recorded_on).isoformat()
    try:
        wire.decide({"plan": plan, "events": alone, "today": today}, catalogue.protocols())
    except InputError as error:
        return " ".join(f"{_field(fault.path)}: {fault.text}." for fault in error.faults)
    return None


def _field(path: str) -> str:
    """The field as the screens know it, without the place in a list of one."""
    return path.removeprefix("events[0]").removeprefix(".") or "(all)"


def fingerprint(document: Mapping[str, Any]) -> str:
    """The sha256 of a document in the engine's canonical form."""
    return wire.digest(dict(document))


# --- asking -----------------------------------------------------------------------------------


def _ask(asked: dict[str, Any]) -> dict[str, Any]:
    """The engine's answer. A record it cannot read is no reason to show an amount."""
    try:
        return wire.decide(asked, catalogue.protocols())
    except InputError as error:
        return _unreadable(asked, error)


def _unreadable(asked: Mapping[str, Any], error: InputError) -> dict[str, Any]:
    finding = {"rule": UNREADABLE, "offer": "freeze", "seen": str(error), "limit": None}
    return {
        "offer": "freeze",
        "also": [],
        "level": 0,
        "ceiling_mg": None,
        "next_step_on": None,
        "escalations": [{"key": UNREADABLE, "since": asked["today"], "urgency": "same_day"}],
        "findings": [{**finding, "source": "Stepwell design"}],
        "engine": "none",
        "protocol": {"name": str(asked["plan"].get("protocol")), "version": "none"},
    }


def run(episode: Episode, *, on: date, at: datetime) -> Review:
    """Ask the engine, store its answer, raise its escalations. Inside the caller's transaction."""
    found = record(episode)
    asked = case_of(found, on)
    answer = _ask(asked)
    day = date.fromisoformat(asked["today"])
    plan = in_force(found.plans, day)
    before = newest([episode]).get(episode.pk)
    status = _status(answer, plan, before, episode)
    Review.objects.filter(episode=episode, status=ReviewStatus.OPEN).update(
        status=ReviewStatus.SUPERSEDED
    )
    review = Review.objects.create(
        service_id=episode.service_id,
        episode=episode,
        plan_version=plan,
        on=day,
        last_sequence=episode.last_sequence,
        number=before.number + 1 if before else 1,
        case_sha256=fingerprint(asked),
        schema_version=wire.SCHEMA_VERSION,
        recommendation=answer,
        engine_version=answer["engine"],
        protocol_version=answer["protocol"]["version"],
        made_at=at,
        open_since=_open_since(answer, before, at),
        status=status,
    )
    detail = {"review": str(review.pk), "offer": answer["offer"], "status": status.value}
    trail.record("reviews.run", by=None, at=at, episode=episode, detail=detail)
    escalations.raise_all(review)
    return review


def refresh(episode: Episode, *, by: User, at: datetime) -> Review:
    """Ask again because a day has passed, so that there is something to decide on."""
    with transaction.atomic():
        locked = ledger.lock(episode)
        access.episode_for(by, locked.pk)
        return run(locked, on=days.today(locked, at), at=at)


def newest(episodes: Iterable[Episode]) -> dict[UUID, Review]:
    """The newest stored review of each episode that has one."""
    last = Review.objects.filter(episode=OuterRef("episode")).order_by("-number").values("pk")[:1]
    found = Review.objects.filter(episode__in=list(episodes), pk=Subquery(last))
    return {review.episode_id: review for review in found}


def _status(
    answer: Mapping[str, Any], plan: PlanVersion | None, before: Review | None, episode: Episode
) -> ReviewStatus:
    called = _calls(answer, plan, before, closed=episode.closed_at is not None)
    return ReviewStatus.OPEN if called else ReviewStatus.INFORMATIONAL


def _calls(
    answer: Mapping[str, Any], plan: PlanVersion | None, before: Review | None, *, closed: bool
) -> bool:
    """Whether a human decision is asked for, and none has been taken on this very call yet."""
    if closed or (plan is None and answer["offer"] == "review"):
        return False
    asks = answer["offer"] in CALLS or (answer["offer"] == "hold" and bool(answer["escalations"]))
    return asks and not _settled(answer, before)


def _settled(answer: Mapping[str, Any], before: Review | None) -> bool:
    if before is None or not alike(before.recommendation, answer):
        return False
    return before.status in (ReviewStatus.DECIDED, ReviewStatus.INFORMATIONAL)


def _open_since(answer: Mapping[str, Any], before: Review | None, at: datetime) -> datetime:
    if before is None or before.status != ReviewStatus.OPEN:
        return at
    return before.open_since if alike(before.recommendation, answer) else at


def alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two answers are the same call: the offer, the rules for it, and what is urgent."""
    return _signature(one) == _signature(other)


def _signature(answer: Mapping[str, Any]) -> tuple[Any, ...]:
    offer = answer["offer"]
    rules = sorted(f["rule"] for f in answer["findings"] if f["offer"] == offer)
    urgent = [e for e in answer["escalations"] if e["urgency"] != "routine"]
    return offer, rules, sorted((e["key"], e["since"]) for e in urgent)


def still_holds(review: Review, episode: Episode, at: datetime) -> bool:
    """Whether the engine would make the same call today."""
    answer = _ask(case_of(record(episode), days.today(episode, at)))
    return alike(review.recommendation, answer)


def standing(episode: Episode, at: datetime) -> Standing:
    """Where this person stands now, decided afresh so that silence is noticed without a timer."""
    found = record(episode)
    return standing_of(found, newest([episode]).get(episode.pk), at)


def standing_of(
    found: Record, review: Review | None, at: datetime, *, ahead: bool = True
) -> Standing:
    """The same from rows that are loaded already; without `ahead` the way from here is left out."""
    asked = case_of(found, days.today(found.episode, at))
    standing = _stands(found, review, _ask(asked), date.fromisoformat(asked["today"]))
    if not (ahead and standing.plan):
        return standing
    outlook = _outlook(asked)
    return replace(standing, outlook=tuple(map(_bare, outlook)) if found.held else outlook)


def _bare(rung: Rung) -> Rung:
    return replace(rung, ceiling_mg=None, starts=None)


def _withheld(answer: Mapping[str, Any], held: Restore | None) -> Mapping[str, Any]:
    """What may be shown of an answer: of a restored service no amount and no step.

    Every page, card, letter and act reads a standing, and every standing passes here. What is
    stored and replayed is the engine's own answer.
    """
    if held is None:
        return answer
    seen = held.backup_made_at.isoformat()
    said = {"rule": RESTORED, "offer": "freeze", "seen": seen, "limit": None}
    others = [found for found in answer["findings"] if found["offer"] not in ("step", "finish")]
    bare: dict[str, Any] = {"offer": "freeze", "also": [], "ceiling_mg": None, "next_step_on": None}
    return {**answer, **bare, "findings": [{**said, "source": "Stepwell design"}, *others]}


def _stands(found: Record, review: Review | None, answer: Mapping[str, Any], day: date) -> Standing:
    plan = in_force(found.plans, day)
    return Standing(
        on=day,
        since=day,
        recommendation=recommendation(_withheld(answer, found.held)),
        outlook=(),
        plan=plan,
        review=review,
        calls=_calls(answer, plan, review, closed=found.episode.closed_at is not None),
        open_review=review if review and _is_open_on(review, answer) else None,
    )


def standings_ahead(
    found: Record, review: Review | None, at: datetime, count: int
) -> Iterator[Standing]:
    """Where this person stands today and on the days after, if nothing more is told or done."""
    first = date.fromisoformat(case_of(found, days.today(found.episode, at))["today"])
    coming = [first + timedelta(days=n) for n in range(count)]
    for _, of_plan in groupby(coming, key=lambda day: in_force(found.plans, day)):
        on_these = list(of_plan)
        answers = _answers(found, on_these, on_these[0])
        stands = [_stands(found, review, answers[day], day) for day in on_these]
        if stands[0].waits:
            answers = _answers_before(found, on_these)
        for one in stands:
            yield replace(one, since=_alike_since(answers, one.on))


def _answers(found: Record, on: Sequence[date], since: date) -> dict[date, Mapping[str, Any]]:
    """The engine's answer on each of these days, under one plan, and on those before from `since`.

    A replay answers for all of them at once, but for the days before the first event; and it
    leaves open gates to the last day alone. Such days are asked one by one.
    """
    asked = case_of(found, on[-1])
    told = {} if asked["plan"].get("gates") else _replayed(asked, since)
    return told | {day: _ask(case_of(found, day)) for day in on if day not in told}


def _answers_before(found: Record, on: Sequence[date]) -> dict[date, Mapping[str, Any]]:
    """The same with so many days before that the call of the first day is seen to begin."""
    answers = _answers(found, on, on[0] - _LOOKED_BACK)
    begins_earlier = _alike_since(answers, on[0]) == min(answers)
    return _answers(found, on, date.min) if begins_earlier else answers


def _replayed(asked: dict[str, Any], since: date) -> dict[date, Mapping[str, Any]]:
    try:
        answers = wire.replay(asked, catalogue.protocols(), since)
    except InputError:
        return {}
    return {date.fromisoformat(answer["today"]): answer for answer in answers}


def _alike_since(answers: Mapping[date, Mapping[str, Any]], day: date) -> date:
    since = day
    while (before := answers.get(since - _DAY)) and alike(before, answers[day]):
        since -= _DAY
    return since


def _is_open_on(review: Review, answer: Mapping[str, Any]) -> bool:
    return review.status == ReviewStatus.OPEN and alike(review.recommendation, answer)


def _outlook(asked: dict[str, Any]) -> tuple[Rung, ...]:
    try:
        return tuple(_rung(one) for one in wire.outlook(asked, catalogue.protocols()))
    except InputError:
        return ()


def _rung(one: Mapping[str, Any]) -> Rung:
    return Rung(
        level=one["level"],
        between=one.get("between", False),
        ceiling_mg=one["ceiling_mg"],
        times_per_day=one["times_per_day"],
        days_per_week=one["days_per_week"],
        starts=_day(one["from"]),
    )


def day_by_day(found: Record, on: date, since: date = date.min) -> dict[date, Recommendation]:
    """What stood on each day from `since` up to this one; empty before a plan is approved."""
    if in_force(found.plans, on) is None:
        return {}
    told = _replayed(case_of(found, on), since)
    return {day: recommendation(one) for day, one in told.items()}


# --- proof ------------------------------------------------------------------------------------


def export(review: Review) -> dict[str, Any]:
    """The file `stepwell replay` accepts: schema, case, its sha256, and the recommendation."""
    return {
        "schema": review.schema_version,
        "case": case(review.episode, review.on, review.last_sequence),
        "case_sha256": review.case_sha256,
        "recommendation": review.recommendation,
    }


def replays(review: Review) -> bool:
    """True when the rebuilt case has the stored hash and gives the stored recommendation."""
    rebuilt = case(review.episode, review.on, review.last_sequence)
    if fingerprint(rebuilt) != review.case_sha256:
        return False
    return wire.dumps(_ask(rebuilt)) == wire.dumps(review.recommendation)


# --- what the engine said, as values ------------------------------------------------------------


def recommendation(stored: Mapping[str, Any]) -> Recommendation:
    """A stored or fresh answer of the engine as a value, with the words for each finding."""
    return Recommendation(
        offer=stored["offer"],
        also=tuple(stored["also"]),
        level=stored["level"],
        between=stored.get("between", False),
        ceiling_mg=stored["ceiling_mg"],
        next_step_on=_day(stored["next_step_on"]),
        signals=tuple(_signal(signal) for signal in stored["escalations"]),
        findings=tuple(_finding(finding) for finding in stored["findings"]),
        engine=stored["engine"],
        protocol=f"{stored['protocol']['name']} {stored['protocol']['version']}",
    )


def _signal(stored: Mapping[str, Any]) -> Signal:
    return Signal(stored["key"], stored["urgency"], date.fromisoformat(stored["since"]))


def _finding(stored: Mapping[str, Any]) -> Finding:
    said = words.rule(stored["rule"])
    return Finding(
        rule=stored["rule"],
        offer=stored["offer"],
        seen=stored["seen"],
        limit=stored["limit"],
        source=stored["source"],
        person=said.person,
        team=said.team,
        awaiting_review=said.awaiting_review,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
