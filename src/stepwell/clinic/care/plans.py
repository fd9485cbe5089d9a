"""Plan versions: drafted, approved by a named clinician, agreed by the person. Never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode, PlanVersion


class Refused(Exception):
    """The planner refused the request; `refusals` has rule, path and text of each reason."""

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


def preview(request: Mapping[str, Any]) -> dict[str, Any]:
    """What the planner answers to a request, nothing stored.

    A request that does not fit its schema comes back as a refusal too, with the path of each fault.
    """
    raise NotImplementedError


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
) -> PlanVersion:
    """Store the next version as a draft. Raises Refused with the planner's reasons."""
    raise NotImplementedError


def withdraw(plan_version: PlanVersion, *, by: User, at: datetime) -> PlanVersion:
    """Take a draft back. Raises Outdated when it is no longer a draft."""
    raise NotImplementedError


def blockers(plan_version: PlanVersion, by: User, at: datetime) -> list[Blocker]:
    """Why this clinician cannot approve this version now; empty when they can."""
    raise NotImplementedError


def approve(
    plan_version: PlanVersion, *, by: User, at: datetime, expected_version: int
) -> PlanVersion:
    """Sign a draft. Raises Blocked, or Outdated when another act came first."""
    raise NotImplementedError


def agree(
    plan_version: PlanVersion,
    *,
    start: date,
    teach_back: Sequence[str],
    by: User,
    at: datetime,
) -> PlanVersion:
    """The person agrees to an approved version and chooses its first day. Raises NotReady."""
    raise NotImplementedError


def current(episode: Episode) -> PlanVersion | None:
    """The version in force: the newest agreed one, or the newest approved one before any is."""
    raise NotImplementedError


def to_agree(episode: Episode) -> PlanVersion | None:
    """The approved version that waits for the person, if any."""
    raise NotImplementedError


def latest_draft(episode: Episode) -> PlanVersion | None:
    """The newest version that is still a draft, if any."""
    raise NotImplementedError
