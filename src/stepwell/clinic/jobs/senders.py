"""How a notice leaves: into a file, onto the terminal, by a mail relay or a text service.

Which of them is the host's to say (STEPWELL_EMAIL, STEPWELL_SMS); a file in the home by default.
Each is given the notice's own id, so that the same notice sent twice can be told to be one.
"""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import NoReturn
from urllib.parse import SplitResult, unquote

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

PATIENCE = 20  # seconds that a provider is waited for


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is handed to a provider. Nothing in it says whom or what it is about."""

    id: str
    channel: str
    address: str
    subject: str
    text: str


class Unreachable(Exception):
    """It did not go out now; it may later."""


class Refused(Exception):
    """The provider will never take this one."""


Sender = Callable[[Outgoing], None]


def sender(told: SplitResult) -> Sender:
    """The sender for what the settings say of a channel."""
    return _SENDERS[told.scheme](told)


def _to_file(_: SplitResult) -> Sender:
    return into(Path(settings.HOME) / "outbox")


def into(folder: Path) -> Sender:
    """One file for each notice, whole or not at all; the same notice again is the same file."""

    def write(one: Outgoing) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{one.id}.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(one), ensure_ascii=False, sort_keys=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / f"{one.id}.json")

    return write


def _to_console(_: SplitResult) -> Sender:
    def write(one: Outgoing) -> None:
        sys.stdout.write(f"{one.channel} to {one.address}: {one.subject}. {one.text}\n")
        sys.stdout.flush()

    return write


def _by_relay(told: SplitResult) -> Sender:
    def send(one: Outgoing) -> None:
        connection = get_connection(
            "django.core.mail.backends.smtp.EmailBackend",
            host=told.hostname,
            port=told.port,
            username=unquote(told.username or ""),
            password=unquote(told.password or ""),
            use_tls=told.scheme == "smtp+starttls",
            use_ssl=told.scheme == "smtps",
            timeout=PATIENCE,
        )
        domain = settings.EMAIL_SENDER.rpartition("@")[2]
        headers = {"Message-ID": f"<{one.id}@{domain}>", "Auto-Submitted": "auto-generated"}
        mail = EmailMessage(
            one.subject, one.text, settings.EMAIL_SENDER, [one.address], headers=headers
        )
        try:
            mail.connection = connection
            mail.send()
        except SMTPRecipientsRefused as error:
            raise Refused(type(error).__name__) from error
        except (OSError, SMTPException) as error:
            raise Unreachable(type(error).__name__) from error

    return send


def _by_web(told: SplitResult) -> Sender:
    def send(one: Outgoing) -> None:
        body = json.dumps({"id": one.id, "to": one.address, "text": one.text}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": one.id}
        if settings.SMS_TOKEN:
            headers["Authorization"] = f"Bearer {settings.SMS_TOKEN}"
        request = urllib.request.Request(told.geturl(), body, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            _answered(error.code)
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    return send


_LATER = {408, 425, 429}  # a provider that asks for patience, not one that refuses


def _answered(status: int) -> NoReturn:
    if status < 500 and status not in _LATER:
        raise Refused(f"answer {status}")
    raise Unreachable(f"answer {status}")


_SENDERS: dict[str, Callable[[SplitResult], Sender]] = {
    "file": _to_file,
    "console": _to_console,
    "smtp": _by_relay,
    "smtp+starttls": _by_relay,
    "smtps": _by_relay,
    "http": _by_web,
    "https": _by_web,
}
