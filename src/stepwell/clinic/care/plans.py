"""Plan versions: drafted, approved by a named clinician, agreed by the person. Never changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from stepwell import catalogue
from stepwell.clinic.accounts import acceptance, consents, freezing
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.audit import trail
from stepwell.clinic.care import access, days, gates, ledger, reviews, words
from stepwell.clinic.care.models import Baseline, Episode, PlanStatus, PlanVersion, Supply
from stepwell.engine import wire
from stepwell.engine.errors import InputError

PERSON_MAY = ("hold", "step", "step_back")
HIGHEST_SCORE = 10


class Refused(Exception):
    """There is no such plan; `refusals` has rule, path and text of each reason."""

    def __init__(self, refusals: Sequence[Mapping[str, str]]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(refusal["text"] for refusal in refusals))


class Blocked(Exception):
    """Approval is not possible; `blockers` has every reason."""

    def __init__(self, blockers: Sequence["Blocker"]) -> None:
        self.blockers = tuple(blockers)
        super().__init__("; ".join(blocker.text for blocker in blockers))


class Outdated(Exception):
    """Somebody else was first; the text says who did what."""


class NotReady(Exception):
    """The person cannot agree yet; the text says why."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason why a version cannot be approved. `gate` names the gate, if it is one."""

    key: str
    text: str
    gate: str | None = None


# --- drafting ---------------------------------------------------------------------------------


def preview(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the planner answers to a request, nothing stored.

    A request that does not fit its schema comes back as a refusal too, with the path of each fault.
    """
    try:
        return wire.plan(request, catalogue.protocols())
    except InputError as error:
        faults = [{"rule": "input", "path": f.path, "text": f.text} for f in error.faults]
        return {"accepted": False, "refusals": faults}


def draft(
    episode: Episode,
    request: Mapping[str, Any],
    *,
    rationale: str,
    person_may: Sequence[str],
    usual_score: int,
    review_by: date,
    stop_now_discussed: bool,
    by: User,
    at: datetime,
    usual_items: Sequence[str] = (),
) -> PlanVersion:
    """Store the next version as a draft. Raises Refused with every reason, or `access.NotFound`."""
    asked = {"supply": episode.supply, **request}
    answer = preview(asked)
    today = days.today(episode, at)
    refusals = [
        *answer.get("refusals", ()),
        *_unfit(episode, asked, rationale, person_may, usual_score, review_by, today),
    ]
    if refusals:
        raise Refused(refusals)
    with transaction.atomic():
        locked = _locked(episode, by, "draft")
        signed = asked.get("authorised") or {}
        plan = PlanVersion.objects.create(
            service_id=locked.service_id,
            episode=locked,
            version=_next_version(locked, at),
            request=asked,
            levels=answer["levels"],
            finish=answer["finish"],
            warnings=answer["warnings"],
            needs=answer["needs"],
            protocol_name=answer["protocol"]["name"],
            protocol_version=answer["protocol"]["version"],
            usual_score=usual_score,
            usual_items=list(usual_items),
            person_may=list(person_may),
            review_by=review_by,
            rationale=rationale.strip(),
            stop_now_discussed=stop_now_discussed,
            authorised_by=signed.get("by", ""),
            authorised_reason=signed.get("reason", ""),
            drafted_by=by,
            drafted_at=at,
            drafted_sequence=ledger.number(locked),
        )
        trail.record("plans.draft", by=by, at=at, episode=locked, subject=str(plan))
    return plan


def _unfit(
    episode: Episode,
    asked: Mapping[str, Any],
    rationale: str,
    person_may: Sequence[str],
    usual_score: int,
    review_by: date,
    today: date,
) -> Iterator[dict[str, str]]:
    if asked["supply"] != episode.supply:
        yield _refusal("supply", "is not this person's supply")
    if not rationale.strip():
        yield _refusal("rationale", "Write why this pace.")
    if unknown := sorted(set(person_may) - set(PERSON_MAY)):
        yield _refusal("person_may", f"{unknown[0]!r} is not something a person can be left to do")
    if episode.supply == Supply.PRESCRIBED and set(person_may) - {"hold"}:
        yield _refusal("person_may", "With prescribed supply only the prescriber changes a level.")
    if not 0 <= usual_score <= HIGHEST_SCORE:
        yield _refusal("usual_score", "must be 0 to 10")
    if review_by <= today:
        yield _refusal("review_by", "must be after today")


def _refusal(path: str, text: str) -> dict[str, str]:
    return {"rule": f"{path}_does_not_fit", "path": path, "text": text}


def _locked(episode: Episode, by: User, action: str) -> Episode:
    locked = ledger.lock(episode)
    if not access.may(by, action, locked):
        raise access.NotFound
    return locked


def _next_version(locked: Episode, at: datetime) -> int:
    """The next number; a draft that was still waiting is replaced by this one."""
    waiting = locked.plan_versions.filter(approved_at=None, withdrawn_at=None, superseded_at=None)
    waiting.update(superseded_at=at)
    last = locked.plan_versions.order_by("-version").first()
    return last.version + 1 if last else 1


def withdraw(plan_version: PlanVersion, *, by: User, at: datetime) -> PlanVersion:
    """Take a draft back. Raises Outdated when it is no longer a draft."""
    with transaction.atomic():
        locked = _locked(plan_version.episode, by, "draft")
        plan = _fresh(plan_version, locked)
        if plan.status != PlanStatus.DRAFT:
            raise Outdated(_whose(plan))
        plan.withdrawn_at = at
        plan.save(update_fields=["withdrawn_at"])
        trail.record("plans.withdraw", by=by, at=at, episode=locked, subject=str(plan))
    return plan


def _fresh(plan_version: PlanVersion, locked: Episode) -> PlanVersion:
    found = PlanVersion.objects.select_related("approved_by", "drafted_by")
    plan = found.get(pk=plan_version.pk)
    plan.episode = locked
    return plan


def _whose(plan: PlanVersion) -> str:
    if plan.withdrawn_at is not None:
        return f"{plan} was withdrawn."
    if plan.approved_by is not None:
        return f"{plan.approved_by.display_name} has approved {plan} already."
    return f"{plan} has been replaced by a newer one."


# --- approval ---------------------------------------------------------------------------------


def blockers(
    plan_version: PlanVersion, by: User | None = None, at: datetime | None = None
) -> list[Blocker]:
    """Why this version cannot be approved (by this clinician, at this instant); empty if it can."""
    plan = _fresh(plan_version, plan_version.episode)
    return list(_blockers(plan, by, at))


def _blockers(plan: PlanVersion, by: User | None, at: datetime | None) -> Iterator[Blocker]:
    yield from _restored(plan)
    yield from _stale(plan, at)
    yield from _refused_now(plan)
    yield from _needs(plan, by)
    yield from _baseline(plan)
    yield from _open_gates(plan)
    yield from _acceptance(plan)
    yield from _consent(plan, by)
    yield from _approver(plan, by)


def _stale(plan: PlanVersion, at: datetime | None) -> Iterator[Blocker]:
    if plan.status != PlanStatus.DRAFT:
        yield Blocker("not_a_draft", _whose(plan))
    if at is not None and plan.review_by <= days.today(plan.episode, at):
        yield Blocker("stale", f"The review date, {plan.review_by}, has passed. Draft it again.")
    if plan.episode.closed_at is not None:
        yield Blocker("closed", "This course of care is closed.")


def _refused_now(plan: PlanVersion) -> Iterator[Blocker]:
    """The planner is asked once more: what it said then must be what it says today."""
    answer = preview(plan.request)
    for refusal in answer.get("refusals", ()):
        yield Blocker("refused", refusal["text"])
    protocol = {"name": plan.protocol_name, "version": plan.protocol_version}
    same = (answer.get("levels"), answer.get("protocol")) == (plan.levels, protocol)
    if answer["accepted"] and not same:
        yield Blocker("stale", "The protocol has changed since this was drafted. Draft it again.")


def _needs(plan: PlanVersion, by: User | None) -> Iterator[Blocker]:
    texts = {
        "authorisation": "A step or pace is beyond the limits: it needs a named authorisation.",
        "confirmation": "The amount is above the protocol's mark: it needs to be confirmed.",
    }
    for need in plan.needs:
        yield Blocker(need, texts.get(need, f"This is still missing: {need}."))
    for name in ("authorised", "confirmed"):
        signed = plan.request.get(name)
        if signed and by is not None and signed["by"] != by.display_name:
            text = f"It is {name} in the name of {signed['by']}, who must be the one to approve it."
            yield Blocker(f"{name}_by_another", text)


def _baseline(plan: PlanVersion) -> Iterator[Blocker]:
    newest = Baseline.objects.filter(episode=plan.episode).order_by("-sequence").first()
    if newest is None:
        yield Blocker("no_baseline", "The baseline has not been recorded yet.")
        return
    if plan.request["baseline"]["amount_mg"] > newest.amount_high_mg:
        text = f"The plan starts above what was reported, {newest.amount_high_mg} mg a day."
        yield Blocker("above_baseline", text)
    if newest.sequence > plan.drafted_sequence:
        text = "The baseline was recorded again after this was drafted. Draft it again."
        yield Blocker("stale", text)


def _open_gates(plan: PlanVersion) -> Iterator[Blocker]:
    for state in gates.states(plan.episode):
        if state.is_open:
            why = "not answered yet" if state.answer is None else state.gate.clearing_needs
            yield Blocker("gate", f"{state.gate.team}: {why}", gate=state.name)


def _restored(plan: PlanVersion) -> Iterator[Blocker]:
    if freezing.held(plan.episode.service_id):
        yield Blocker("restored", words.rule(reviews.RESTORED).team)


def _acceptance(plan: PlanVersion) -> Iterator[Blocker]:
    service = plan.episode.service
    if not service.is_demo and acceptance.accepted(service, plan.protocol_name) is None:
        text = "A clinical safety officer has not accepted this protocol version for this service."
        yield Blocker("not_accepted", text)


def _consent(plan: PlanVersion, by: User | None) -> Iterator[Blocker]:
    given = {
        kind for kind, one in consents.current(plan.episode.person).items() if one and one.given
    }
    if ConsentKind.STORE not in given:
        yield Blocker("no_consent", "The person has not agreed to their answers being stored.")
    if (
        by is not None
        and by.role in consents.SHARING
        and (consents.SHARING[Role(by.role)] not in given)
    ):
        yield Blocker("no_consent", f"The person does not share with a {by.role}.")


def _approver(plan: PlanVersion, by: User | None) -> Iterator[Blocker]:
    if by is None:
        return
    if not access.may(by, "approve", plan.episode):
        prescribed = plan.supply == Supply.PRESCRIBED
        who = "a prescriber" if prescribed else "a prescriber or a named nurse"
        yield Blocker("not_a_clinician", f"Only {who} of this service approves a plan.")


def approve(
    plan_version: PlanVersion, *, by: User, at: datetime, expected_version: int
) -> PlanVersion:
    """Sign a draft. Raises Blocked, Outdated when another act came first, or `access.NotFound`."""
    with transaction.atomic():
        locked = ledger.lock(plan_version.episode)
        access.episode_for(by, locked.pk)
        plan = _fresh(plan_version, locked)
        if plan.status != PlanStatus.DRAFT or plan.version != expected_version:
            raise Outdated(_whose(plan))
        if found := list(_blockers(plan, by, at)):
            raise Blocked(found)
        _sign(plan, locked, by, at)
        trail.record("plans.approve", by=by, at=at, episode=locked, subject=str(plan))
        reviews.run(locked, on=days.today(locked, at), at=at)
    return plan


def _sign(plan: PlanVersion, locked: Episode, by: User, at: datetime) -> None:
    """Only a draft is signed, also where two hands reach for it at once."""
    number = ledger.number(locked)
    signed = PlanVersion.objects.filter(pk=plan.pk, approved_at=None, withdrawn_at=None).update(
        approved_by=by,
        approved_at=at,
        approved_on=days.today(locked, at),
        approved_sequence=number,
    )
    if signed != 1:
        raise Outdated(_whose(plan))
    _replace(_waiting_to_be_agreed(locked).exclude(pk=plan.pk), at)
    plan.refresh_from_db()


def _waiting_to_be_agreed(episode: Episode) -> "QuerySet[PlanVersion]":
    return episode.plan_versions.filter(
        approved_at__isnull=False, agreed_at=None, superseded_at=None
    )


def _replace(older: "QuerySet[PlanVersion]", at: datetime) -> None:
    older.update(superseded_at=at)


# --- agreement --------------------------------------------------------------------------------


def agree(
    plan_version: PlanVersion,
    *,
    start: date,
    teach_back: Sequence[str],
    by: User,
    at: datetime,
) -> PlanVersion:
    """The person agrees to an approved version and chooses its first day. Raises NotReady."""
    with transaction.atomic():
        locked = ledger.lock(plan_version.episode)
        plan = _fresh(plan_version, locked)
        if by.pk != locked.person_id or plan.approved_at is None:
            raise access.NotFound
        if reasons := list(_not_ready(plan, start, teach_back, at)):
            raise NotReady(" ".join(reasons))
        earlier = locked.plan_versions.filter(agreed_at__isnull=False, superseded_at=None)
        _replace(earlier, at)
        plan.agreed_by, plan.agreed_at, plan.start = by, at, start
        plan.agreed_on = days.today(locked, at)
        plan.teach_back, plan.agreed_sequence = list(teach_back), ledger.number(locked)
        fields = ["agreed_by", "agreed_at", "agreed_on", "start", "teach_back", "agreed_sequence"]
        plan.save(update_fields=fields)
        detail = {"start": start.isoformat(), "teach_back": list(teach_back)}
        trail.record("plans.agree", by=by, at=at, episode=locked, subject=str(plan), detail=detail)
        reviews.run(locked, on=days.today(locked, at), at=at)
    return plan


def _not_ready(
    plan: PlanVersion, start: date, teach_back: Sequence[str], at: datetime
) -> Iterator[str]:
    if plan.status != PlanStatus.APPROVED:
        yield "This version is not waiting to be agreed."
    if start < days.today(plan.episode, at):
        yield "The first day cannot be before today."
    if start > plan.review_by:
        yield "The first day must not be after the review date."
    if not [said for said in teach_back if said.strip()]:
        yield "Say in your own words how the plan works."
    if any(state.is_open for state in gates.states(plan.episode)):
        yield "A safety question needs your team first."
    if reviews.standing(plan.episode, at).recommendation.offer == "freeze":
        yield "Your plan is paused. Your team looks at it first."


# --- which one --------------------------------------------------------------------------------


def current(episode: Episode, on: date | None = None) -> PlanVersion | None:
    """The version in force on a day (by default: whichever begins last of the agreed ones)."""
    plans = list(_with_names(episode).filter(approved_at__isnull=False))
    return reviews.in_force(plans, on or date.max)


def to_agree(episode: Episode) -> PlanVersion | None:
    """The approved version that waits for the person, if any."""
    waiting = _waiting_to_be_agreed(episode).select_related("approved_by", "drafted_by")
    return waiting.order_by("-version").first()


def latest_draft(episode: Episode) -> PlanVersion | None:
    """The newest version that is still a draft, if any."""
    drafts = _with_names(episode).filter(approved_at=None, withdrawn_at=None, superseded_at=None)
    return drafts.order_by("-version").first()


def _with_names(episode: Episode) -> "QuerySet[PlanVersion]":
    return episode.plan_versions.select_related("approved_by", "drafted_by", "agreed_by")
