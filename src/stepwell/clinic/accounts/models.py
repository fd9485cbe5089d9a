"""Services, the people who sign in, their consents, and who accepted which protocol."""

import uuid
from enum import StrEnum
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac

from stepwell.clinic.audit.models import AppendOnly


class Role(StrEnum):
    PERSON = "person"
    KEYWORKER = "keyworker"
    PRESCRIBER = "prescriber"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class ConsentKind(StrEnum):
    STORE = "store"
    SHARE_KEYWORKER = "share_keyworker"
    SHARE_PRESCRIBER = "share_prescriber"
    SHARE_GP = "share_gp"
    SHARE_UROLOGY = "share_urology"
    LEARNING = "learning"


def _choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, member.name.replace("_", " ").capitalize()) for member in kind]


class Service(models.Model):
    """One team that looks after people, in one country. A demo holds made-up people only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=150)
    country = models.CharField(max_length=2, help_text="ISO 3166 code: decides the help numbers")
    time_zone = models.CharField(max_length=60)
    is_demo = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, blank=True)
    hours = models.CharField(max_length=200, blank=True)
    promise_minutes = models.PositiveIntegerField(
        null=True, help_text="in its hours, how soon the team promises to look at a safety signal"
    )

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Users are made by `people.create` alone; this finds them by name at sign-in."""


class User(AbstractBaseUser):
    """Somebody who signs in: a person who is easing off, or one of a team."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=150)
    role = models.CharField(max_length=20, choices=_choices(Role))
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="users")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    is_safety_officer = models.BooleanField(default=False)
    is_named_clinician = models.BooleanField(
        default=False, help_text="a nurse whom the service has named as a clinician"
    )
    sessions_ended = models.PositiveIntegerField(
        default=0, help_text="how often this account was signed out everywhere else"
    )
    password_own_at = models.DateTimeField(
        null=True, help_text="when they chose it themselves; until then somebody else has seen it"
    )
    last_login = None  # when somebody looked is the trail's to say

    class Meta:
        indexes = [models.Index(fields=["service", "role", "display_name", "id"])]

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.display_name

    def get_session_auth_hash(self) -> str:
        """Every session that was opened before the last sign-out everywhere is at its end."""
        if not self.sessions_ended:
            return super().get_session_auth_hash()
        told = f"{self.sessions_ended} {self.password}"
        return salted_hmac("stepwell.accounts.session", told, algorithm="sha256").hexdigest()

    @property
    def is_clinician(self) -> bool:
        """A prescriber, or a nurse whom the service has named."""
        return self.role == Role.PRESCRIBER or (
            self.role == Role.KEYWORKER and self.is_named_clinician
        )


class Consent(AppendOnly):
    """One answer to one of the six switches; the newest of a kind counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=_choices(ConsentKind))
    given = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="1, 2, … for this person and kind")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "number"], name="one_consent_per_person_kind_number"
            )
        ]


class ProtocolAcceptance(AppendOnly):
    """A clinical safety officer accepted exactly this file of this protocol for this service."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="acceptances")
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    sha256 = models.CharField(max_length=64)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    statement = models.TextField()
    at = models.DateTimeField()


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class Way(models.Model):
    """One way to tell somebody that there is something to look at: never what it is.

    It counts once the code that was sent there has come back. `at_any_hour` is for signals that
    cannot wait for the hours of the team.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="ways")
    channel = models.CharField(max_length=10, choices=_choices(Channel))
    address = models.CharField(max_length=254)
    at_any_hour = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=128, blank=True, help_text="hashed, until it came back")
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="one_way_of_each_channel")
        ]


class Failures(models.Model):
    """How often signing in went wrong, under a keyed hash: neither names nor addresses are kept."""

    key = models.CharField(max_length=64, primary_key=True)
    began = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "failures"

    def __str__(self) -> str:
        return f"{self.count} since {self.began}"


class SignedIn(models.Model):
    """Where an account is signed in: one row for each session, gone with it."""

    session_key = models.CharField(max_length=40, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="signed_in")
    begun = models.DateTimeField()
    seen = models.DateTimeField()
    device = models.CharField(max_length=60, help_text="as coarse as phone or computer, and which")
    is_shared = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "signed in"
        indexes = [models.Index(fields=["user", "seen"])]


class Restore(AppendOnly):
    """This service was brought back from a backup. It is frozen until a clinician has lifted it.

    `stepwell restore` writes these columns in plain SQL, with the backup's own schema: a column
    that is added must be able to be empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="restores")
    restored_at = models.DateTimeField()
    backup_made_at = models.DateTimeField(help_text="what came after this is not here")
    backup_sha256 = models.CharField(max_length=64)


class Lift(AppendOnly):
    """A named clinician has checked what happened since the backup, and ends the freeze."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    restore = models.OneToOneField(Restore, on_delete=models.PROTECT, related_name="lift")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField()


class SecondFactor(models.Model):
    """An app that shows codes; it counts once one of its codes has come back."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor"
    )
    secret = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.PositiveBigIntegerField(default=0, help_text="no code counts twice")


class RecoveryCode(models.Model):
    """One of ten codes for when the app is gone: kept hashed, each good for once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    code = models.CharField(max_length=128)
    used_at = models.DateTimeField(null=True)


class JoinCode(models.Model):
    """A code that a person is handed to choose their own password with: once, and not for long."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="join_code"
    )
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
