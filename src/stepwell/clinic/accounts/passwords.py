"""Changing one's own password. One that somebody else has seen is changed before anything else."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit import trail


class WrongPassword(Exception):
    """It is not the one this account has now."""


def must_change(user: User) -> bool:
    """Whether an administrator chose it for a colleague of a real service."""
    made_up = user.service.is_demo or settings.PRACTICE
    return user.role != Role.PERSON and not made_up and user.password_own_at is None


def change(user: User, old: str, new: str, *, at: datetime) -> User:
    """Choose another; every other session of the account ends.

    WrongPassword, or ValidationError for a weak one.
    """
    with transaction.atomic():
        found = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        if not found.check_password(old):
            raise WrongPassword
        validate_password(new, found)
        found.set_password(new)
        found.password_own_at = at
        found.sessions_ended += 1
        found.save()
        trail.record("passwords.change", by=found, at=at, subject=str(found.pk))
    return found
