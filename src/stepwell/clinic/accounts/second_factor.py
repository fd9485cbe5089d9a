"""A second factor: codes of an app (TOTP, RFC 6238), and ten recovery codes for when it is gone.

Colleagues of a real service need one; whoever is looked after may have one. A code counts once,
also within its half minute. What was tried is counted by `lockout`, as a wrong password is.
"""

import secrets
from datetime import datetime
from io import BytesIO

import pyotp
import segno
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from stepwell.clinic.accounts.models import RecoveryCode, Role, SecondFactor, User
from stepwell.clinic.audit import trail

CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
_DRIFT = 1  # half minutes that a phone's clock may be off


class WrongCode(Exception):
    """No code of this account fits now."""


def has(user: User) -> bool:
    """Whether signing in asks this account for a code."""
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def needs(user: User) -> bool:
    """Whether this account has to set one up before anything else."""
    made_up = user.service.is_demo or settings.PRACTICE
    return user.role != Role.PERSON and not made_up and not has(user)


def begin(user: User, *, at: datetime) -> SecondFactor:
    """A new secret to scan; the one that counts stays until a code of the new one comes back.

    Asked for again before that, it is the same secret.
    """
    waiting = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    if waiting is not None:
        return waiting
    made: SecondFactor = SecondFactor.objects.create(
        user=user, secret=pyotp.random_base32(), made_at=at
    )
    return made


def address(factor: SecondFactor) -> str:
    """What the app scans. Neither the service nor what it is about is in it."""
    totp = pyotp.TOTP(factor.secret)
    return totp.provisioning_uri(name=factor.user.username, issuer_name="Steps")


def picture(factor: SecondFactor) -> bytes:
    """The same as a picture that an app scans, in SVG."""
    drawn = BytesIO()
    code = segno.make(address(factor), micro=False)
    code.save(drawn, kind="svg", scale=6, border=4, light="white")
    return drawn.getvalue()


def confirm(user: User, code: str, *, at: datetime) -> list[str]:
    """The app's code has come back: from now on signing in asks for one. Ten recovery codes.

    WrongCode.
    """
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None or factor.confirmed_at is not None or not _fits(factor, code, at):
            raise WrongCode
        factor.confirmed_at = at
        factor.save()
        trail.record("second_factor.confirm", by=user, at=at, subject=str(user.pk))
        return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    made = ["-".join(_word() for _ in range(3)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code=make_password(code)) for code in made
    )
    return made


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(4))


def check(user: User, code: str, *, at: datetime) -> None:
    """A code of the app, or a recovery code. Each counts once. WrongCode."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None or factor.confirmed_at is None:
            raise WrongCode
        if _fits(factor, code, at):
            factor.save()
        elif not _is_recovery(user, code, at):
            raise WrongCode


def _fits(factor: SecondFactor, code: str, at: datetime) -> bool:
    """Whether it is a code of about now that has not been used."""
    totp, typed = pyotp.TOTP(factor.secret), code.replace(" ", "")
    now = totp.timecode(at)
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        shown = totp.generate_otp(step)
        if step > factor.last_step and secrets.compare_digest(shown.encode(), typed.encode()):
            factor.last_step = step
            return True
    return False


def _is_recovery(user: User, code: str, at: datetime) -> bool:
    typed = code.strip().lower().replace(" ", "-")
    unused = RecoveryCode.objects.select_for_update().filter(user=user, used_at=None)
    found = next((one for one in unused if check_password(typed, one.code)), None)
    if found is None:
        return False
    found.used_at = at
    found.save(update_fields=["used_at"])
    trail.record("second_factor.recover", by=user, at=at, subject=str(user.pk))
    return True


def left(user: User) -> int:
    """How many recovery codes are not used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def remove(user: User, code: str, *, at: datetime) -> None:
    """Take it away, with a code of it. WrongCode."""
    check(user, code, at=at)
    with transaction.atomic():
        _take_away(user)
        trail.record("second_factor.remove", by=user, at=at, subject=str(user.pk))


def take_away(user: User, *, by: User, at: datetime) -> None:
    """An administrator does it for a colleague who has lost app and codes; they set up another."""
    with transaction.atomic():
        _take_away(user)
        trail.record("second_factor.take_away", by=by, at=at, subject=str(user.pk))


def _take_away(user: User) -> None:
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
