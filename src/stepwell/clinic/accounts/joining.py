"""A person's own way in: their team hands over a code, and they choose name and password alone.

The same code is how somebody gets in again who has forgotten their password. It is kept as a keyed
hash, works once and for a week, and a new one makes the old one void.
"""

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils.crypto import salted_hmac

from stepwell.clinic.accounts.models import JoinCode, Role, User
from stepwell.clinic.audit import trail

LASTS = timedelta(days=7)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_LENGTH = 8


class NotAllowed(Exception):
    """Only a clinical colleague of the same service hands a person a code."""


class WrongCode(Exception):
    """There is no such code, or it was used, or is too old: nobody can tell which."""


class NameTaken(Exception):
    """Somebody else signs in with this name."""


def make(person: User, *, by: User, at: datetime) -> str:
    """A new code, shown once; the one before is void."""
    same_service = by.service_id == person.service_id and by.is_active
    if person.role != Role.PERSON or by.role == Role.PERSON or not same_service:
        raise NotAllowed
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    with transaction.atomic():
        told = {"digest": _digest(code), "made_at": at, "until": at + LASTS, "used_at": None}
        JoinCode.objects.update_or_create(user=person, defaults=told)
        trail.record("joining.make", by=by, at=at, subject=str(person.pk))
    return f"{code[:4]}-{code[4:]}"


def _digest(code: str) -> str:
    typed = "".join(code.lower().split()).replace("-", "")
    return salted_hmac("stepwell.accounts.joining", typed, algorithm="sha256").hexdigest()


def join(code: str, *, username: str, password: str, at: datetime) -> User:
    """Use a code: the account has this name (empty: as it was) and password from now on.

    WrongCode, NameTaken, or ValidationError for a weak password; then the code is still good.
    """
    with transaction.atomic():
        unused = JoinCode.objects.select_for_update(of=("self",)).select_related("user")
        found = unused.filter(digest=_digest(code), used_at=None, until__gt=at).first()
        if found is None or not found.user.is_active:
            raise WrongCode
        user = found.user
        _rename(user, username.strip())
        validate_password(password, user)
        user.set_password(password)
        user.password_own_at = at
        user.sessions_ended += 1  # whoever was signed in with the old one is not any more
        user.save()
        found.used_at = at
        found.save(update_fields=["used_at"])
        trail.record("joining.join", by=user, at=at, subject=str(user.pk))
    return user


def _rename(user: User, username: str) -> None:
    if not username or username == user.username:
        return
    if User.objects.filter(username=username).exists():
        raise NameTaken
    user.username = username
