"""How somebody is told that there is something to look at: an address they have confirmed."""

import re
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet

from stepwell.clinic.accounts.models import Channel, User, Way
from stepwell.clinic.audit import trail

CODE_LASTS = timedelta(minutes=30)
MOST_TRIES = 5
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


class NotAnAddress(ValueError):
    """Nothing could be sent there; the text says what is wanted."""


class WrongCode(Exception):
    """The code does not fit, is too old, or was tried too often."""


def set(  # noqa: A001
    user: User, channel: Channel, address: str, *, at_any_hour: bool = False, at: datetime
) -> tuple[Way, str | None]:
    """Keep an address of one's own, and the code to send there; None where it is known already.

    NotAnAddress where nothing can be sent to it.
    """
    clean = read(channel, address)
    with transaction.atomic():
        way, _ = Way.objects.select_for_update().get_or_create(user=user, channel=channel)
        is_known = way.address == clean and way.confirmed_at is not None
        way.at_any_hour = at_any_hour
        code = None if is_known else _with_code(way, clean, at)
        way.save()
        detail = {"channel": str(channel), "at_any_hour": at_any_hour}
        trail.record("ways.set", by=user, at=at, subject=str(user.pk), detail=detail)
    return way, code


def read(channel: Channel, address: str) -> str:
    """The address as it is kept."""
    if channel == Channel.SMS:
        number = re.sub(r"[\s()./-]", "", address)
        if not _NUMBER.fullmatch(number):
            raise NotAnAddress("Write the number with + and the country, as in +44 7700 900123.")
        return number
    try:
        validate_email(address.strip())
    except ValidationError as error:
        raise NotAnAddress("This is not an e-mail address.") from error
    return address.strip()


def _with_code(way: Way, address: str, at: datetime) -> str:
    code = f"{secrets.randbelow(10**6):06}"
    way.address, way.confirmed_at = address, None
    way.code, way.code_until, way.code_tries = make_password(code), at + CODE_LASTS, 0
    return code


def confirm(user: User, channel: Channel, code: str, *, at: datetime) -> Way:
    """The code has come back, so the address is theirs. WrongCode."""
    with transaction.atomic():
        way = Way.objects.select_for_update().filter(user=user, channel=channel).first()
        fits = way is not None and _fits(way, code, at)
        if way is not None and fits:
            way.confirmed_at, way.code, way.code_until = at, "", None
            way.save()
            trail.record("ways.confirm", by=user, at=at, subject=str(user.pk))
    if way is None or not fits:
        raise WrongCode("This code does not fit, or is too old. Ask for a new one.")
    return way


def _fits(way: Way, code: str, at: datetime) -> bool:
    if way.code_until is None or at > way.code_until or way.code_tries >= MOST_TRIES:
        return False
    way.code_tries += 1
    way.save(update_fields=["code_tries"])
    return check_password(code.strip(), way.code)


def remove(user: User, channel: Channel, *, at: datetime) -> None:
    """Send nothing there any more."""
    with transaction.atomic():
        gone, _ = Way.objects.filter(user=user, channel=channel).delete()
        if gone:
            detail = {"channel": str(channel)}
            trail.record("ways.remove", by=user, at=at, subject=str(user.pk), detail=detail)


def of(user: User) -> "QuerySet[Way]":
    """Each way of this user, whether it is confirmed or not."""
    return Way.objects.filter(user=user).order_by("channel")


def confirmed(user: User) -> "QuerySet[Way]":
    """Those that may be used."""
    return of(user).exclude(confirmed_at=None)
