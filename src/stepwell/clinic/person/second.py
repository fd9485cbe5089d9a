"""The second step of signing in, and setting it up: one page for everybody who has an account."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts import floods, lockout, people, second_factor, sessions
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.person import first

LASTS = timedelta(minutes=5)  # between the password and the code
_WAITING = "second_step"


def begin(request: HttpRequest, user: User, *, shared: bool, after: str) -> HttpResponse:
    """The password was right: keep who it was, signed in nowhere yet, and ask for a code."""
    request.session.cycle_key()
    request.session[_WAITING] = {
        "user": str(user.pk),
        "until": (clock.now() + LASTS).timestamp(),
        "shared": shared,
        "after": after,
    }
    return redirect("second-step")


@never_cache
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest) -> HttpResponse:
    """A code of the app, or a recovery code."""
    told = request.session.get(_WAITING)
    user = _who(told)
    if told is None or user is None:
        request.session.pop(_WAITING, None)
        return redirect("sign-in")
    if request.method != "POST":
        return render(request, "accounts/second_step.html")
    at, address = clock.now(), floods.address(request)
    if lockout.waits_until(user.username, address, at):
        return render(request, "accounts/second_step.html", {"waits": True}, status=429)
    try:
        second_factor.check(user, request.POST.get("code", ""), at=at)
    except second_factor.WrongCode:
        lockout.failed(user.username, address, at)
        return render(request, "accounts/second_step.html", {"wrong": True}, status=422)
    return _in(request, user, told)


def _who(told: dict[str, Any] | None) -> User | None:
    if told is None or clock.now().timestamp() > told["until"]:
        return None
    return people.active(UUID(told["user"]))


def _in(request: HttpRequest, user: User, told: dict[str, Any]) -> HttpResponse:
    lockout.succeeded(user.username, floods.address(request))
    login(request, user)
    request.session.pop(_WAITING, None)
    sessions.begin(request, user, shared=told["shared"], at=clock.now())
    first.ask(request, user)
    safe = url_has_allowed_host_and_scheme(told["after"], allowed_hosts=None)
    return redirect(told["after"] if safe else "home")


# --- setting it up --------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Scan, type a code, keep the recovery codes; or take it away with a code."""
    user, at = _user(request), clock.now()
    context: dict[str, Any] = {"layout": _layout(user), "left": second_factor.left(user)}
    if second_factor.has(user):
        return _kept(request, user, context)
    factor = second_factor.begin(user, at=at)
    context |= {"secret": _in_fours(factor.secret), "must": first.is_asked(request)}
    if request.method != "POST":
        return render(request, "accounts/second_factor.html", context)
    try:
        context["codes"] = second_factor.confirm(user, request.POST.get("code", ""), at=at)
    except second_factor.WrongCode:
        context["wrong"] = True
        return render(request, "accounts/second_factor.html", context, status=422)
    first.is_done(request, "second-factor")
    return render(request, "accounts/second_factor.html", context)


def _in_fours(secret: str) -> str:
    """As it is easier to type, and breaks where a window is narrow."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


def _kept(request: HttpRequest, user: User, context: dict[str, Any]) -> HttpResponse:
    context["has"] = True
    if request.method == "POST":
        try:
            second_factor.remove(user, request.POST.get("code", ""), at=clock.now())
        except second_factor.WrongCode:
            context["wrong"] = True
            return render(request, "accounts/second_factor.html", context, status=422)
        first.ask(request, user)
        messages.success(request, gettext("Taken away."))
        return redirect("second-factor")
    return render(request, "accounts/second_factor.html", context)


@never_cache
@login_required
@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """What the app scans, while it has not been confirmed; a picture of our own, no inline data."""
    user = _user(request)
    if second_factor.has(user):
        raise Http404
    factor = second_factor.begin(user, at=clock.now())
    return HttpResponse(second_factor.picture(factor), content_type="image/svg+xml")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _layout(user: User) -> str:
    return "person/layout.html" if user.role == Role.PERSON else "team/layout.html"
