"""What people do with a plan: each act is one event, written once, followed by a review."""

from datetime import date, datetime

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode, Event

BY_PERSON = ("step", "hold", "step_back", "talk")
BY_CLINICIAN = ("freeze", "resume", "reviewed", "set_level", "close", "finding")


class NotAllowed(Exception):
    """This act is not open to this person today; the text says why in plain words."""


def take(
    episode: Episode,
    kind: str,
    *,
    on: date,
    by: User,
    at: datetime,
    days: int | None = None,
    level: int | None = None,
    event_id: str | None = None,
    organ: str | None = None,
    worse: bool | None = None,
    reason: str = "",
) -> Event:
    """Write one act and ask the engine again, in one transaction. Raises NotAllowed.

    `days` goes with hold (0 ends one's own), `level` with set_level, `organ` (bladder, liver,
    weight) and `worse` with finding. The same `event_id` twice gives the first event.
    """
    raise NotImplementedError
