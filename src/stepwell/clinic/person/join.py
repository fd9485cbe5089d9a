"""Joining with the code that one's team handed over: an own name and an own password."""

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.accounts import floods, joining, lockout, second_factor, sessions
from stepwell.clinic.person import forms, second


@sensitive_post_parameters("code", "password")
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Guessing a code is as slow as guessing a password."""
    form = forms.JoinForm(request.POST if request.method == "POST" else None)
    at, tries = clock.now(), f"join from {floods.address(request)}"
    waits = lockout.waits_until(tries, tries, at) is not None
    if not waits and form.is_valid() and (answer := _joined(request, form, tries)):
        return answer
    status = 429 if waits else 422 if form.errors else 200
    return render(request, "accounts/join.html", {"form": form, "waits": waits}, status=status)


def _joined(request: HttpRequest, form: forms.JoinForm, tries: str) -> HttpResponse | None:
    told, at = form.cleaned_data, clock.now()
    try:
        user = joining.join(
            told["code"], username=told["username"], password=told["password"], at=at
        )
    except joining.WrongCode:
        lockout.failed(tries, tries, at)
        form.add_error("code", gettext("That code does not work. Ask your team for a new one."))
    except joining.NameTaken:
        form.add_error("username", gettext("Somebody has this name. Choose another."))
    except ValidationError as error:
        form.add_error("password", error)
    else:
        if second_factor.has(user):  # a forgotten password is no way around it
            return second.begin(request, user, shared=False, after="/")
        login(request, user)
        sessions.begin(request, user, shared=False, at=at)
        return redirect("home")
    return None
