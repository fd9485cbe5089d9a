"""What a colleague has to do before anything else, once they are signed in."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from stepwell.clinic.accounts import passwords, second_factor
from stepwell.clinic.accounts.models import User

_KEY = "before_anything_else"
_WANTED: dict[str, Callable[[User], bool]] = {
    "password": passwords.must_change,
    "second-factor": second_factor.needs,
}
_ALWAYS = ("/sign-out", "/help", "/static/", "/hide", "/notes")


def ask(request: HttpRequest, user: User) -> None:
    """Nothing but these pages is open to this session, in their order."""
    if wanted := [name for name, asks in _WANTED.items() if asks(user)]:
        request.session[_KEY] = wanted


def is_asked(request: HttpRequest) -> bool:
    """Whether something stands before everything else."""
    return bool(request.session.get(_KEY))


def is_done(request: HttpRequest, name: str) -> None:
    """One of them."""
    left = [one for one in request.session.get(_KEY, []) if one != name]
    if left:
        request.session[_KEY] = left
    else:
        request.session.pop(_KEY, None)


class BeforeAnythingElse:
    """Middleware: leads to the first page that is wanted; of the others help alone is open."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted: list[str] = request.session.get(_KEY, [])
        if wanted and not request.path.startswith((*_ALWAYS, reverse(wanted[0]))):
            return redirect(wanted[0])
        answer: HttpResponse = self.get_response(request)
        return answer
