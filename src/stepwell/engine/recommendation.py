"""What the engine answers with: an offer, what is open besides, and why. Values only."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from stepwell.engine.protocol import Urgency


class Offer(StrEnum):
    STEP = "step"
    STAY = "stay"
    HOLD = "hold"
    STEP_BACK = "step_back"
    FREEZE = "freeze"
    REVIEW = "review"
    FINISH = "finish"


Seen = int | str | Fraction | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule saw, the limit it was judged by, and the source that limit rests on.

    `tells` is the urgency at which the team hears of it; `hides_ceiling` takes every amount away.
    """

    offer: Offer
    seen: Seen
    limit: int | None
    source: str
    tells: Urgency | None = None
    hides_ceiling: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    """A signal to the care team. The key and `since` stay the same, so that each is told once."""

    key: str
    urgency: Urgency
    since: date
    rule: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What is open on one day, and why. `ceiling_mg` is None whenever no amount may be shown."""

    offer: Offer
    also: tuple[Offer, ...]
    level: int
    between: bool
    ceiling_mg: int | None
    next_step_on: date | None
    escalations: tuple[Escalation, ...]
    findings: dict[str, Finding]
