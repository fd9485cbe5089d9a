"""Where somebody is signed in, for how long, and ending it from elsewhere.

A colleague's session ends after half an hour without use and after twelve hours; on a shared
machine after ten minutes and with the browser. A person's phone stays signed in: it has a
PIN of its own.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, SignedIn, User
from stepwell.clinic.audit import trail

NOTED_EVERY = timedelta(minutes=1)
SHARED = timedelta(minutes=10)
TEAM, A_SHIFT = timedelta(minutes=30), timedelta(hours=12)
PHONE = timedelta(days=60)
_KEY = "signed_in"  # what a session knows of itself: when it began, was last seen, and for how long


class NotThere(Exception):
    """No such session of this account: it has ended, or is somebody else's."""


def begin(request: HttpRequest, user: User, *, shared: bool, at: datetime) -> SignedIn:
    """Set how long the session that was just opened lasts, and list it."""
    idle = SHARED if shared else PHONE if user.role == Role.PERSON else TEAM
    longest = PHONE if user.role == Role.PERSON and not shared else A_SHIFT
    session = request.session
    session[_KEY] = {
        "seen": at.timestamp(),
        "idle": idle.total_seconds(),
        "ends": (at + longest).timestamp(),
    }
    session.set_expiry(0 if shared else int(longest.total_seconds()))
    if session.session_key is None:
        session.save()
    row, _ = SignedIn.objects.update_or_create(
        session_key=session.session_key,
        defaults={
            "user": user,
            "begun": at,
            "seen": at,
            "device": device(request.headers.get("User-Agent", "")),
            "is_shared": shared,
        },
    )
    return row


_DEVICES = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")
_BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}


def device(agent: str) -> str:
    """As coarse as is needed to tell one's own devices apart."""
    what = next((one for one in _DEVICES if one in agent), "")
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    return ", ".join(part for part in (what, browser) if part)


def of(user: User, at: datetime) -> "QuerySet[SignedIn]":
    """Each session that may still be open, the newest first."""
    return SignedIn.objects.filter(user=user, seen__gt=at - PHONE).order_by("-seen")


def end(user: User, session_key: str, *, at: datetime) -> None:
    """End one session of one's own. NotThere."""
    with transaction.atomic():
        gone, _ = SignedIn.objects.filter(user=user, session_key=session_key).delete()
        if not gone:
            raise NotThere
        Session.objects.filter(session_key=session_key).delete()
        trail.record("sessions.end", by=user, at=at, subject=str(user.pk))


def forget_all() -> None:
    """After a restore: everybody is signed out, so that nothing is to be listed."""
    SignedIn.objects.all().delete()


def clear_away(at: datetime) -> int:
    """Forget sessions that have ended by themselves."""
    Session.objects.filter(expire_date__lt=at).delete()
    gone, _ = SignedIn.objects.filter(seen__lt=at - PHONE).delete()
    return gone


class EndWhenIdle:
    """Middleware: a session that was left alone is at its end before anything is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        told = request.session.get(_KEY)
        if told is not None:
            at = clock.now()
            if _is_over(told, at):
                SignedIn.objects.filter(session_key=request.session.session_key).delete()
                logout(request)
            else:
                _note(request.session, told, at)
        return self.get_response(request)


def _is_over(told: dict[str, float], at: datetime) -> bool:
    now = at.timestamp()
    return now > told["seen"] + told["idle"] or now > told["ends"]


def _note(session: SessionBase, told: dict[str, float], at: datetime) -> None:
    """Now and then, to spare the disk."""
    if at >= datetime.fromtimestamp(told["seen"], UTC) + NOTED_EVERY:
        session[_KEY] = told | {"seen": at.timestamp()}
        SignedIn.objects.filter(session_key=session.session_key).update(seen=at)
