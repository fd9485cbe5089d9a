"""Everything the screens read, as values. No page costs more questions when the caseload grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.care.episodes import GateState
from stepwell.clinic.care.models import (
    Baseline,
    Episode,
    Lane,
    PlanStatus,
    PlanVersion,
    ReviewStatus,
    Urgency,
)
from stepwell.clinic.care.plans import Blocker
from stepwell.clinic.care.reviews import Finding, Recommendation, Rung, Standing

STRIP_DAYS = 28


class Stage(StrEnum):
    """Where on the way a person is; decides which page of the person's screens is shown."""

    NO_PLAN = "no_plan"  # check-ins are welcome; nothing is approved yet
    TO_AGREE = "to_agree"  # an approved plan waits for the person to agree and choose a day
    STARTS_LATER = "starts_later"  # agreed; the chosen day has not come
    ON_PLAN = "on_plan"  # an amount may be shown
    PAUSED = "paused"  # frozen, paused or lapsed: no amount until a clinician has acted
    ON_REVIEW = "on_review"  # a clinician is asked to look; an amount only if the engine gives one
    CLOSED = "closed"


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
    """One day of the strip. Missing is never zero; amounts in whole milligrams as a range."""

    on: date
    status: DayStatus
    low_mg: int | None = None
    high_mg: int | None = None
    times: int | None = None
    score: float | None = None
    answers: Mapping[str, int] | None = None
    safety: str | None = None
    flags: tuple[str, ...] = ()
    level: int | None = None
    ceiling_mg: int | None = None
    offer: str | None = None


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
    """One line of the history: what was done, on which day, by whom, and why if it was said."""

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
class PersonToday:
    """The person's Today. `ceiling_mg` is None whenever no amount may be shown, on any channel."""

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
    first_check_in: bool

    @property
    def shows_amount(self) -> bool:
        return self.ceiling_mg is not None


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """The person's Plan: what is agreed, what waits to be agreed, what is open today and why."""

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


@dataclass(frozen=True, slots=True)
class PersonProgress:
    """The person's Progress: items by name (0 fine to 10 worst), oldest day first, None if untold."""

    today: date
    days: tuple[Day, ...]
    coverage: Coverage
    weeks: tuple[Week, ...]
    items: Mapping[str, tuple[int | None, ...]]
    what_matters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactLine:
    at: datetime
    by: str
    how: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    """One reason to look at one person. `reason` and `suggested` are keys for words, `facts` fill them.

    `opens` says which page answers it (person, review, plan, gates) and `opens_id` of what.
    """

    lane: Lane
    episode_id: UUID
    person: str
    reason: str
    facts: Mapping[str, str | int]
    suggested: str
    since: date
    age_days: int
    urgency: Urgency | None
    last_contact: ContactLine | None
    owner: str | None
    opens: str
    opens_id: UUID
    acknowledged_by: str | None = None
    snoozed_until: date | None = None


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
    """One person on one page for the team."""

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
class Figure:
    """One aggregate; `count` is None where it is small enough to point at somebody."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class ManagerPage:
    service: Service
    figures: tuple[Figure, ...]
    hidden_below: int


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One number to call. Unverified ones appear in the demo alone, and are marked."""

    name: str
    kind: str
    number: str
    note: str
    source: str
    checked_on: date | None
    verified: bool


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One recommendation to decide on, with what each choice would do."""

    line: ReviewLine
    episode: Episode
    person: str
    is_current: bool
    superseded_by: UUID | None
    effects: Mapping[str, str]
    rungs: tuple[Rung, ...]
    ceiling_mg: int | None
    page: PersonPage


def today_for_person(episode: Episode, at: datetime) -> PersonToday:
    """What the person's Today shows at this instant. Raises nothing: trouble is a stage."""
    raise NotImplementedError


def plan_for_person(episode: Episode, at: datetime) -> PersonPlan:
    """What the person's Plan shows: nothing of a draft, and no amount while none may be shown."""
    raise NotImplementedError


def progress_for_person(episode: Episode, at: datetime) -> PersonProgress:
    """The last 28 days for the person, with how much of it is known."""
    raise NotImplementedError


def lanes(user: User, at: datetime) -> dict[Lane, list[Card]]:
    """Who needs this clinician first: at most one card per person and lane, most urgent first."""
    raise NotImplementedError


def person_page(user: User, episode: Episode, at: datetime) -> PersonPage:
    """Everything about one person, for somebody whom `access.episode_for` let in."""
    raise NotImplementedError


def review_page(user: User, review_id: UUID, at: datetime) -> ReviewPage:
    """One recommendation with its findings, or `access.NotFound`."""
    raise NotImplementedError


def manager_page(user: User, at: datetime) -> ManagerPage:
    """Aggregates of the manager's own service; small numbers hidden. `access.NotFound` otherwise."""
    raise NotImplementedError


def help_lines(service: Service) -> list[HelpLine]:
    """The numbers of the service's country that have a source and a check date, emergency first."""
    raise NotImplementedError


__all__ = ["Role"]
