"""What a person tells about one day: saved once, never lost, its danger answers read first."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Episode, Event


class NoConsent(Exception):
    """The person has not consented to their answers being stored: nothing was saved."""


def record(
    episode: Episode,
    answers: Mapping[str, Any],
    *,
    on: date,
    event_id: str,
    by: User,
    at: datetime,
) -> Event:
    """Save one check-in with its audit row and run the review, in one transaction.

    `answers` is the check-in of engine.md without its envelope: used, amount_mg [low, high],
    times, answers {item: 0-10}, flags [...], safety. What does not fit (also a day in the future
    or more than seven days back) is kept aside: the event returned has `set_aside` and a reason,
    and its flags and safety answer still freeze. The same `event_id` twice gives the first event.
    """
    raise NotImplementedError
