"""Signals to the team. Only a named human with an outcome ends one; nothing else ever does."""

from datetime import datetime

from stepwell.clinic.accounts.models import User
from stepwell.clinic.care.models import Escalation, Review


class AlreadyClosed(Exception):
    """Somebody else closed it first; the text says who and when."""


def raise_all(review: Review) -> list[Escalation]:
    """Store every signal of this review that is not stored yet. Gives the new ones."""
    raise NotImplementedError


def acknowledge(escalation: Escalation, *, by: User, at: datetime) -> Escalation:
    """Say "I have seen this". A second acknowledgement changes nothing. `access.NotFound`."""
    raise NotImplementedError


def close(escalation: Escalation, *, outcome: str, by: User, at: datetime) -> Escalation:
    """End it with what was done. Raises AlreadyClosed, ValueError without an outcome, NotFound."""
    raise NotImplementedError
