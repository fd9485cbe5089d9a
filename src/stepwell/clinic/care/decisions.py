"""A named clinician decides on one review: approve, amend or decline, each with a reason.

What a decision does depends on what was recommended (`effects` says it for the screen):

| recommended | approve            | decline        |
|-------------|--------------------|----------------|
| freeze      | it stays frozen    | `resume`       |
| review      | `reviewed`         | `reviewed`     |
| step_back   | `step_back`        | stays          |
| finish      | `close`            | stays          |
| hold        | it stays on hold   | stays          |

A review may be approved with a level: `set_level` is then what is written. Amending writes the
act that the clinician names instead.
"""

from collections.abc import Mapping
from datetime import datetime

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Decision, Review

AMENDMENTS = ("resume", "reviewed", "set_level", "hold", "step_back", "freeze", "close")


class AlreadyDecided(Exception):
    """Somebody else decided first; the text says who, what and when."""


class Outdated(Exception):
    """Something was recorded since this recommendation was made: look again first."""


def effects(review: Review) -> Mapping[str, str]:
    """What `approve` and `decline` would write: an act's name, `stays_frozen` or `stays`."""
    raise NotImplementedError


def approve(
    review: Review, *, reason: str, by: User, at: datetime, level: int | None = None
) -> Decision:
    """Carry out what was recommended. Raises AlreadyDecided, Outdated or acts.NotAllowed."""
    raise NotImplementedError


def amend(
    review: Review,
    *,
    kind: str,
    reason: str,
    by: User,
    at: datetime,
    level: int | None = None,
    days: int | None = None,
) -> Decision:
    """Do something else than was recommended, one of AMENDMENTS."""
    raise NotImplementedError


def decline(review: Review, *, reason: str, by: User, at: datetime) -> Decision:
    """Do not do what was recommended."""
    raise NotImplementedError
