"""Who may open which of the team's screens. What is missing and what is forbidden are a 404."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care import access

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

CLINICAL = (Role.KEYWORKER, Role.PRESCRIBER)
TEAM = (*CLINICAL, Role.SAFEGUARDING_LEAD, Role.MANAGER, Role.ADMINISTRATOR)


def open_to(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let in signed-in users of these roles; for all others the page does not exist."""

    def guard(view: View[P]) -> View[P]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if user_of(request).role not in roles:
                raise Http404
            try:
                with translation.override("en"):  # no other language of these pages was drafted
                    return view(request, *args, **kwargs)
            except access.NotFound as error:
                raise Http404 from error

        return guarded

    return guard


def user_of(request: HttpRequest) -> User:
    """The signed-in user; only called behind `open_to`."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the form asked to return to, if that is a page of this service."""
    asked = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return asked
    return otherwise
