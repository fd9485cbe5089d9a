"""Changing one's own password: one page for everybody who has an account."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.accounts import floods, lockout, passwords
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.person import first, forms


@sensitive_post_parameters("old", "new")
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The old one is asked for, and guessing it is as slow as at the door."""
    user = request.user
    if not isinstance(user, User):
        raise Http404
    form = forms.PasswordForm(request.POST if request.method == "POST" else None)
    address, at = floods.address(request), clock.now()
    waits = lockout.waits_until(user.username, address, at) is not None
    if not waits and form.is_valid() and _changed(request, user, form):
        messages.success(request, gettext("Changed. You are signed out everywhere else."))
        return redirect("home")
    layout = "person/layout.html" if user.role == Role.PERSON else "team/layout.html"
    context = {"form": form, "layout": layout, "waits": waits, "must": first.is_asked(request)}
    status = 429 if waits else 422 if form.errors else 200
    return render(request, "accounts/password.html", context, status=status)


def _changed(request: HttpRequest, user: User, form: forms.PasswordForm) -> bool:
    told = form.cleaned_data
    try:
        changed = passwords.change(user, told["old"], told["new"], at=clock.now())
    except passwords.WrongPassword:
        lockout.failed(user.username, floods.address(request), clock.now())
        form.add_error("old", gettext("That is not your password."))
    except ValidationError as error:
        form.add_error("new", error)
    else:
        update_session_auth_hash(request, changed)
        first.is_done(request, "password")
        return True
    return False
