"""Everything the screens read, as values. No page costs more questions when the caseload grows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from stepwell import catalogue
from stepwell.clinic.accounts import consents, ways
from stepwell.clinic.accounts.models import Consent, ConsentKind, Service, User
from stepwell.clinic.audit import trail
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import (
    access,
    beats,
    decisions,
    directory,
    filed,
    gates,
    history,
    hours,
    plans,
    reviews,
    thresholds,
)
from stepwell.clinic.care import lanes as lanes_
from stepwell.clinic.care.days import today
from stepwell.clinic.care.directory import HelpLine
from stepwell.clinic.care.duty import on_duty
from stepwell.clinic.care.filed import A_PAGE, caseload, lanes, team_day
from stepwell.clinic.care.gates import DEPRESSANTS, GateState
from stepwell.clinic.care.history import (
    STRIP_DAYS,
    WEEK_DAYS,
    Act,
    Coverage,
    Day,
    DayStatus,
    PlanView,
    Week,
    Who,
)
from stepwell.clinic.care.lanes import Card, ContactLine, Reason, Suggested
from stepwell.clinic.care.models import (
    DEFAULT_PROTOCOL,
    Answer,
    Baseline,
    Contact,
    Decision,
    Episode,
    Escalation,
    Event,
    Lane,
    PlanStatus,
    PlanVersion,
    Review,
    ReviewStatus,
    Supply,
    Urgency,
)
from stepwell.clinic.care.plans import Blocker
from stepwell.clinic.care.reviews import Finding, Recommendation, Record, Rung, Standing

__all__ = [
    "A_PAGE",
    "STRIP_DAYS",
    "Act",
    "Card",
    "ContactLine",
    "Coverage",
    "Day",
    "DayStatus",
    "Finding",
    "Lane",
    "PlanView",
    "Reason",
    "Recommendation",
    "Rung",
    "Standing",
    "Suggested",
    "Week",
    "Who",
    "caseload",
    "lanes",
    "on_duty",
    "team_day",
]

_DAY = timedelta(days=1)
TRAIL_LINES = 200
LOOKED = "episodes.log_look"


class Stage(StrEnum):
    """Where on the way a person is; decides which page of the person's screens is shown."""

    NO_PLAN = "no_plan"  # check-ins are welcome; nothing is approved yet
    TO_AGREE = "to_agree"  # an approved plan waits for the person to agree and choose a day
    STARTS_LATER = "starts_later"  # agreed; the chosen day has not come
    ON_PLAN = "on_plan"  # an amount may be shown
    PAUSED = "paused"  # frozen, paused or lapsed: no amount until a clinician has acted
    ON_REVIEW = "on_review"  # a clinician is asked to look; the amount stays where there is one
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PersonToday:
    """The person's Today. `ceiling_mg` is None whenever no amount may be shown, on any channel.

    `levels` counts the levels of the plan with its baseline; `until` is the earliest day of the
    next step; `urgency` is of the most urgent signal that nobody has closed; `seen_by` took the
    last one in the last days; `first_check_in` is
    True while there is only one; `also_depends` chooses the other text of a pause.
    """

    episode: Episode
    today: date
    stage: Stage
    supply: str
    word: str
    keyworker: str | None
    offer: str
    findings: tuple[Finding, ...]
    level: int | None
    levels: int
    plan_version: int | None
    ceiling_mg: int | None
    times_per_day: int | None
    days_per_week: int | None
    until: date | None
    approved_by: Who | None
    approved_on: date | None
    agreed_on: date | None
    start: date | None
    last_act: Act | None
    last_read_by: str | None
    last_read_at: datetime | None
    told_today: bool
    untold_days: tuple[date, ...]
    days_off_this_week: int
    days_off_running: int
    safety_question_due: bool
    also_depends: bool
    urgency: Urgency | None
    seen_by: str | None
    seen_at: datetime | None
    first_check_in: bool

    @property
    def needs_somebody(self) -> bool:
        """A signal is open that a person should hear of today: help comes before anything else."""
        return self.urgency in (Urgency.EMERGENCY, Urgency.SAME_DAY)

    @property
    def shows_amount(self) -> bool:
        return self.ceiling_mg is not None


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """The person's Plan: what is agreed, what waits to be agreed, what is open today and why.

    The rungs of `plan` and `rungs` carry amounts only while `ceiling_mg` does; those of `to_agree`
    do as soon as a clinician has signed it, unless everything is paused.
    """

    today: date
    stage: Stage
    plan: PlanView | None
    to_agree: PlanView | None
    rungs: tuple[Rung, ...]
    level: int | None
    ceiling_mg: int | None
    next_step_on: date | None
    offer: str
    may_step: bool
    may_hold: bool
    may_end_hold: bool
    may_step_back: bool
    may_talk: bool
    findings: tuple[Finding, ...]
    history: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class PersonProgress:
    """The last 28 days: items by name (0 fine to 10 worst), oldest first, None where untold."""

    today: date
    days: tuple[Day, ...]
    coverage: Coverage
    weeks: tuple[Week, ...]
    items: Mapping[str, tuple[int | None, ...]]
    what_matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentLine:
    kind: str
    given: bool | None
    at: datetime | None
    by: str | None


@dataclass(frozen=True, slots=True)
class TrailLine:
    at: datetime
    by: Who
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class PersonStart:
    """What the person was asked at the start, and what is still open."""

    gates: tuple[GateState, ...]
    consents: tuple[ConsentLine, ...]
    baseline: Baseline | None
    what_matters: tuple[str, ...]
    goal: str


@dataclass(frozen=True, slots=True)
class PersonMe:
    """Who can see what, and who looked or did what, newest first."""

    consents: tuple[ConsentLine, ...]
    trail: tuple[TrailLine, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who could open this person's page, and the last time they did."""

    who: Who
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class EscalationLine:
    id: UUID
    key: str
    urgency: Urgency
    rule: str
    since: date
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None
    outcome: str | None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True)
class DecisionLine:
    kind: str
    by: Who
    at: datetime
    reason: str
    event_kind: str | None


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One stored recommendation and what became of it."""

    id: UUID
    on: date
    made_at: datetime
    status: ReviewStatus
    open_since: datetime
    recommendation: Recommendation
    decision: DecisionLine | None


@dataclass(frozen=True, slots=True)
class SetAside:
    """Something told that does not fit: kept word for word, shown to the team."""

    event_id: str
    on: date
    recorded: datetime
    by: str
    reason: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person on one page for the team. Lists are newest first, plan versions too."""

    episode: Episode
    person: str
    today: date
    keyworker: str | None
    baseline: Baseline | None
    standing: Standing
    days: tuple[Day, ...]
    coverage: Coverage
    plan: PlanView | None
    draft: PlanView | None
    draft_blockers: tuple[Blocker, ...]
    plans: tuple[PlanView, ...]
    acts: tuple[Act, ...]
    reviews: tuple[ReviewLine, ...]
    open_review: ReviewLine | None
    escalations: tuple[EscalationLine, ...]
    gates: tuple[GateState, ...]
    consents: tuple[ConsentLine, ...]
    contacts: tuple[ContactLine, ...]
    set_aside: tuple[SetAside, ...]
    trail: tuple[TrailLine, ...]
    cards: tuple[Card, ...]
    may_draft: bool
    may_approve: bool
    may_decide: bool
    may_clear: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One recommendation to decide on, with what each choice would do.

    `is_current` is False once it was decided on, replaced, or would be made otherwise today.
    """

    line: ReviewLine
    episode: Episode
    person: str
    is_current: bool
    superseded_by: UUID | None
    effects: Mapping[str, str]
    rungs: tuple[Rung, ...]
    ceiling_mg: int | None
    page: PersonPage


# --- the person -------------------------------------------------------------------------------


def today_for_person(episode: Episode, at: datetime) -> PersonToday:
    """What the person's Today shows at this instant. Raises nothing: trouble is a stage."""
    found = reviews.record(episode)
    standing = reviews.standing_of(found, reviews.newest([episode]).get(episode.pk), at)
    told, plan, rung = standing.recommendation, standing.plan, _rung_now(standing)
    days = history.strip(found, standing.on, {})
    recent = days[-WEEK_DAYS - 1 :]
    looked, taken = _last_look(episode), _taken(episode, at)
    return PersonToday(
        episode=episode,
        today=standing.on,
        stage=_stage(episode, standing),
        supply=episode.supply,
        word=episode.word,
        keyworker=episode.keyworker.display_name if episode.keyworker else None,
        offer=told.offer,
        findings=told.findings,
        level=told.level if plan else None,
        levels=len(plan.levels) if plan else 0,
        plan_version=plan.version if plan else None,
        ceiling_mg=told.ceiling_mg,
        times_per_day=rung.times_per_day if rung else None,
        days_per_week=rung.days_per_week if rung else None,
        until=told.next_step_on,
        approved_by=history.who(plan.approved_by) if plan and plan.approved_by else None,
        approved_on=plan.approved_on if plan else None,
        agreed_on=plan.agreed_on if plan else None,
        start=plan.start if plan else None,
        last_act=next(iter(history.acts(found)), None),
        last_read_by=looked.actor_name if looked else None,
        last_read_at=looked.at if looked else None,
        told_today=days[-1].status != DayStatus.MISSING,
        untold_days=_untold(episode, recent[:-1]),
        days_off_this_week=sum(day.status == DayStatus.NONE for day in days[-WEEK_DAYS:]),
        days_off_running=history.days_off_running(found),
        safety_question_due=_safety_question_is_due(days),
        also_depends=_also_depends(found),
        urgency=_urgency(episode),
        seen_by=taken.acknowledged_by.display_name if taken and taken.acknowledged_by else None,
        seen_at=taken.acknowledged_at if taken else None,
        first_check_in=len(history.check_ins(found)) == 1,
    )


def _rung_now(standing: Standing) -> Rung | None:
    """Today's rung, where its amount may be shown."""
    return standing.outlook[0] if standing.shows_amount and standing.outlook else None


def _stage(episode: Episode, standing: Standing) -> Stage:
    plan, offer = standing.plan, standing.recommendation.offer
    if episode.closed_at is not None:
        return Stage.CLOSED
    if plan is None:
        return Stage.NO_PLAN
    if offer == "freeze":
        return Stage.PAUSED
    if plan.start is None:
        return Stage.TO_AGREE
    if plan.start > standing.on:
        return Stage.STARTS_LATER
    if not standing.shows_amount:
        return Stage.PAUSED
    return Stage.ON_REVIEW if offer == "review" else Stage.ON_PLAN


def _last_look(episode: Episode) -> Entry | None:
    looks = trail.of_episode(episode.service_id, episode.pk).filter(action=LOOKED)
    return looks.first()


def _untold(episode: Episode, days: Iterable[Day]) -> tuple[date, ...]:
    """The last seven days before today that nobody has told about, once there was an episode."""
    opened = today(episode, episode.opened_at)
    return tuple(d.on for d in days if d.status == DayStatus.MISSING and d.on >= opened)


def _safety_question_is_due(days: tuple[Day, ...]) -> bool:
    """Weekly, and again whenever it was not answered with no: a missing answer is never a no."""
    window = catalogue.protocols()[DEFAULT_PROTOCOL].limits.safety_days.value
    return not any(day.safety == "no" for day in days[-window:])


def _also_depends(found: Record) -> bool:
    """Anything but a no about alcohol, benzodiazepines or GHB, cleared or not."""
    states = gates.fold(found.answers, found.clearances)
    return any(s.name in DEPRESSANTS and s.answer not in (None, Answer.NO) for s in states)


def _taken(episode: Episode, at: datetime) -> Escalation | None:
    """The signal that somebody took last, in the last days: the person sees that it was seen."""
    since = at - WEEK_DAYS * _DAY
    taken = Escalation.objects.filter(episode=episode, acknowledged_at__gte=since)
    urgent = taken.exclude(urgency=Urgency.ROUTINE).select_related("acknowledged_by")
    return urgent.order_by("-acknowledged_at").first()


def _urgency(episode: Episode) -> Urgency | None:
    still = Escalation.objects.filter(episode=episode, closed_at=None)
    urgencies = set(still.values_list("urgency", flat=True))
    return next((u for u in (Urgency.EMERGENCY, Urgency.SAME_DAY) if u in urgencies), None)


def plan_for_person(episode: Episode, at: datetime) -> PersonPlan:
    """What the person's Plan shows: nothing of a draft, and no amount while none may be shown."""
    found = reviews.record(episode)
    standing = reviews.standing_of(found, reviews.newest([episode]).get(episode.pk), at)
    told, plan, stage = standing.recommendation, standing.plan, _stage(episode, standing)
    agreed = plan if plan and plan.agreed_at else None
    waiting = [one for one in found.plans if one.status == PlanStatus.APPROVED]
    made = Decision.objects.filter(episode=episode).select_related("by", "review")
    return PersonPlan(
        today=standing.on,
        stage=stage,
        plan=history.plan_view(agreed, amounts=standing.shows_amount) if agreed else None,
        to_agree=_to_agree(waiting, stage),
        rungs=standing.outlook if agreed else (),
        level=told.level if agreed else None,
        ceiling_mg=told.ceiling_mg,
        next_step_on=told.next_step_on,
        offer=told.offer,
        may_step=_is_left(agreed, "step") and told.offer == "step",
        may_hold=_is_left(agreed, "hold") and stage in (Stage.ON_PLAN, Stage.ON_REVIEW),
        may_end_hold=_is_left(agreed, "hold") and _holds_oneself(told),
        may_step_back=_is_left(agreed, "step_back") and told.offer == "step_back",
        may_talk=stage != Stage.CLOSED,
        findings=told.findings,
        history=history.acts(found, made, reviews.day_by_day(found, standing.on)),
    )


def _to_agree(waiting: list[PlanVersion], stage: Stage) -> PlanView | None:
    if not waiting or stage == Stage.CLOSED:
        return None
    return history.plan_view(waiting[-1], amounts=stage != Stage.PAUSED)


def _is_left(plan: PlanVersion | None, kind: str) -> bool:
    """Whether the approval leaves this act to the person."""
    if plan is None or (plan.supply == Supply.PRESCRIBED and kind != "hold"):
        return False
    return kind in plan.person_may


def _holds_oneself(told: Recommendation) -> bool:
    rule = "hold_when_somebody_took_a_hold"
    return any(found.rule == rule and found.seen == "person" for found in told.findings)


def progress_for_person(episode: Episode, at: datetime) -> PersonProgress:
    """The last 28 days for the person, with how much of it is known.

    Ceilings of past days are left out as well while no amount may be shown today.
    """
    found = reviews.record(episode)
    standing = reviews.standing_of(found, None, at, ahead=False)
    shown = history.strip_begins(standing.on)
    stood = reviews.day_by_day(found, standing.on, shown) if standing.shows_amount else {}
    days = history.strip(found, standing.on, stood)
    items = sorted({item for day in days for item in day.answers})
    return PersonProgress(
        today=standing.on,
        days=days,
        coverage=history.coverage(days),
        weeks=history.weeks(days),
        items={item: tuple(day.answers.get(item) for day in days) for item in items},
        what_matters=tuple(episode.what_matters),
    )


def start_for_person(episode: Episode) -> PersonStart:
    """What was asked at the start, for the person to answer or to change."""
    newest = Baseline.objects.filter(episode=episode).order_by("-sequence").first()
    return PersonStart(
        gates=tuple(gates.states(episode)),
        consents=_consents(episode.person),
        baseline=newest,
        what_matters=tuple(episode.what_matters),
        goal=episode.goal,
    )


def me_for_person(episode: Episode, at: datetime) -> PersonMe:
    """Who can see what, and everything that anybody did or read, for the person."""
    del at  # the same at any hour
    return PersonMe(consents=_consents(episode.person), trail=_trail(episode))


def readers_for_person(episode: Episode) -> tuple[Reader, ...]:
    """Who could open this person's page now, as the door itself says, and when each last did."""
    looks = Entry.objects.filter(episode_id=episode.pk, action="episodes.log_look")
    last = {line.actor_id: line.at for line in looks.order_by("at")}
    return tuple(
        Reader(Who(one.display_name, one.role), last.get(one.pk)) for one in access.readers(episode)
    )


def _consents(person: User) -> tuple[ConsentLine, ...]:
    current = consents.current(person)
    return tuple(_consent(kind, current[kind]) for kind in ConsentKind)


def _consent(kind: ConsentKind, given: Consent | None) -> ConsentLine:
    if given is None:
        return ConsentLine(kind, None, None, None)
    return ConsentLine(kind, given.given, given.at, given.by.display_name)


def _trail(episode: Episode) -> tuple[TrailLine, ...]:
    """The newest lines about this episode, and about this person's own switches."""
    about = Q(episode_id=episode.pk) | Q(action="consents.set", subject=str(episode.person_id))
    found = Entry.objects.filter(about, service_id=episode.service_id)
    lines = trail.open_only(found).order_by("-id")
    return tuple(
        TrailLine(line.at, Who(line.actor_name, line.actor_role), line.action, line.subject)
        for line in lines[:TRAIL_LINES]
    )


def nobody_is_told(user: User, at: datetime) -> str:
    """Why a safety signal would reach this colleague on no other way than a page; else empty."""
    if beats.stand_still(at):
        return "stands_still"
    return "" if ways.confirmed(user).exists() else "no_way"


# --- the team ---------------------------------------------------------------------------------


def person_page(user: User, episode: Episode, at: datetime) -> PersonPage:
    """Everything about one person, for somebody whom `access.episode_for` lets in."""
    episode = access.episode_for(user, episode.pk)
    found = reviews.record(episode)
    standing = reviews.standing_of(found, reviews.newest([episode]).get(episode.pk), at)
    stood = reviews.day_by_day(found, standing.on)
    days = history.strip(found, standing.on, stood)
    made = list(Decision.objects.filter(episode=episode).select_related("by", "event", "review"))
    lines = _review_lines(episode, made)
    drafts = [plan for plan in found.plans if plan.status == PlanStatus.DRAFT]
    states, open_ = tuple(gates.fold(found.answers, found.clearances)), standing.open_review
    return PersonPage(
        episode=episode,
        person=episode.person.display_name,
        today=standing.on,
        keyworker=episode.keyworker.display_name if episode.keyworker else None,
        baseline=found.baselines[-1] if found.baselines else None,
        standing=standing,
        days=days,
        coverage=history.coverage(days),
        plan=history.plan_view(standing.plan) if standing.plan else None,
        draft=history.plan_view(drafts[-1]) if drafts else None,
        draft_blockers=tuple(plans.blockers(drafts[-1], user, at)) if drafts else (),
        plans=tuple(history.plan_view(plan) for plan in reversed(found.plans)),
        acts=history.acts(found, made, stood),
        reviews=lines,
        open_review=_review_line(open_, None) if open_ else None,
        escalations=_escalations(episode),
        gates=states,
        consents=_consents(episode.person),
        contacts=_contacts(episode),
        set_aside=_set_aside(found.events),
        trail=_trail(episode),
        cards=filed.of(episode, at),
        may_draft=access.may_by_role(user, "draft", episode),
        may_approve=access.may_by_role(user, "approve", episode),
        may_decide=access.may_by_role(user, "decide", episode),
        may_clear={state.name: _may_clear(user, episode, state) for state in states},
    )


def _may_clear(user: User, episode: Episode, state: GateState) -> bool:
    by_role = access.may_by_role(user, "clear_gate", episode)
    return by_role and gates.may_clear(user, state.name)


def _review_lines(episode: Episode, made: Iterable[Decision]) -> tuple[ReviewLine, ...]:
    """The reviews that ask or asked for a decision, newest first."""
    decided = {decision.review_id: decision for decision in made}
    asked = Review.objects.filter(episode=episode).exclude(status=ReviewStatus.INFORMATIONAL)
    return tuple(_review_line(one, decided.get(one.pk)) for one in asked.order_by("-number"))


def _review_line(review: Review, decision: Decision | None) -> ReviewLine:
    return ReviewLine(
        id=review.pk,
        on=review.on,
        made_at=review.made_at,
        status=ReviewStatus(review.status),
        open_since=review.open_since,
        recommendation=reviews.recommendation(review.recommendation),
        decision=_decision_line(decision) if decision else None,
    )


def _decision_line(decision: Decision) -> DecisionLine:
    return DecisionLine(
        kind=decision.kind,
        by=history.who(decision.by),
        at=decision.at,
        reason=decision.reason,
        event_kind=decision.event.kind if decision.event else None,
    )


def _escalations(episode: Episode) -> tuple[EscalationLine, ...]:
    found = Escalation.objects.filter(episode=episode).order_by("-raised_at")
    return tuple(_escalation(one) for one in found.select_related("acknowledged_by", "closed_by"))


def _escalation(one: Escalation) -> EscalationLine:
    return EscalationLine(
        id=one.pk,
        key=one.key,
        urgency=Urgency(one.urgency),
        rule=one.rule,
        since=one.since,
        raised_at=one.raised_at,
        acknowledged_by=one.acknowledged_by.display_name if one.acknowledged_by else None,
        acknowledged_at=one.acknowledged_at,
        closed_by=one.closed_by.display_name if one.closed_by else None,
        closed_at=one.closed_at,
        outcome=one.outcome,
    )


def _contacts(episode: Episode) -> tuple[ContactLine, ...]:
    found = Contact.objects.filter(episode=episode).select_related("by").order_by("-at")
    return tuple(lanes_.contact_line(contact) for contact in found)


def _set_aside(events: Iterable[Event]) -> tuple[SetAside, ...]:
    return tuple(
        SetAside(
            event_id=event.event_id,
            on=event.on,
            recorded=event.recorded,
            by=event.by_user.display_name,
            reason=event.set_aside_reason,
            body=event.body,
        )
        for event in sorted(events, key=lambda one: one.sequence, reverse=True)
        if event.set_aside
    )


def review_page(user: User, review_id: UUID, at: datetime) -> ReviewPage:
    """One recommendation with its findings, or `access.NotFound`."""
    review = access.review_for(user, review_id)
    page = person_page(user, review.episode, at)
    decision = Decision.objects.filter(review=review).select_related("by", "event").first()
    newest = page.standing.review
    return ReviewPage(
        line=_review_line(review, decision),
        episode=page.episode,
        person=page.person,
        is_current=review.status == ReviewStatus.OPEN
        and reviews.still_holds(review, page.episode, at),
        superseded_by=newest.pk if newest and newest.pk != review.pk else None,
        effects=decisions.effects(review),
        rungs=page.standing.outlook,
        ceiling_mg=page.standing.recommendation.ceiling_mg,
        page=page,
    )


# --- the service ------------------------------------------------------------------------------


def closed_until(service: Service, at: datetime) -> datetime | None:
    """When somebody of this service reads again; None while somebody is there."""
    return hours.next_open(thresholds.of(service).hours, service.time_zone, at)


def colleagues(user: User) -> list[User]:
    """Everybody of the team who can be on duty, by name, this user among them."""
    team = User.objects.filter(service=user.service_id, role__in=access.CLINICAL, is_active=True)
    return list(team.order_by("display_name", "pk"))


def help_lines(service: Service, on: date | None = None) -> list[HelpLine]:
    """The numbers of the service and its country that were checked, emergency first.

    A number that nobody has verified is shown in the demo alone, and says so.
    """
    return directory.shown(service, on)
