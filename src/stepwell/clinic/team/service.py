"""The service itself: accepting the protocol, numbers for a manager, accounts."""

import secrets
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stepwell import catalogue
from stepwell.clinic import clock
from stepwell.clinic.accounts import acceptance, people, second_factor
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care import overview as figures
from stepwell.clinic.team import doors, forms


@doors.open_to(*doors.TEAM)
def service(request: HttpRequest) -> HttpResponse:
    """Which protocol this service has accepted, and who is to accept it."""
    user = doors.user_of(request)
    form = forms.AcceptanceForm(request.POST, user=user) if request.method == "POST" else None
    if form is not None and form.is_valid() and _accepted(request, user, form):
        return redirect("team:service")
    context = {"protocols": [_protocol(user, name, form) for name in catalogue.protocols()]}
    return render(request, "team/service.html", context, status=422 if form else 200)


def _accepted(request: HttpRequest, user: User, form: forms.AcceptanceForm) -> bool:
    """Only what was read is accepted: another file than the one on the page is refused."""
    typed = form.cleaned_data
    if typed["protocol"] not in catalogue.protocols():
        form.add_error(None, _("There is no such protocol."))
        return False
    if typed["sha256"] != acceptance.sha256(typed["protocol"]):
        form.add_error(None, _("The protocol has changed since you read it. Read it again first."))
        return False
    try:
        acceptance.accept(
            user.service,
            typed["protocol"],
            statement=typed["statement"],
            by=user,
            at=clock.now(),
        )
    except acceptance.NotAllowed as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Accepted by you, for this version alone."))
    return True


def _protocol(user: User, name: str, typed: forms.AcceptanceForm | None) -> dict[str, object]:
    sha256 = acceptance.sha256(name)
    form = forms.AcceptanceForm(user=user, initial={"protocol": name, "sha256": sha256})
    return {
        "document": catalogue.document("protocols", f"{name}.json"),
        "sha256": sha256,
        "accepted": acceptance.accepted(user.service, name),
        "form": typed or form,
    }


@require_safe
@doors.open_to(Role.MANAGER)
def overview(request: HttpRequest) -> HttpResponse:
    """Numbers about everybody and nobody; small ones are hidden."""
    page = figures.page(doors.user_of(request), clock.now())
    return render(request, "team/overview.html", {"page": page})


@doors.open_to(Role.ADMINISTRATOR)
def accounts(request: HttpRequest) -> HttpResponse:
    """Who signs in, and making another account. Nothing clinical is here."""
    user = doors.user_of(request)
    form = forms.AccountForm(request.POST or None)
    made = _made(user, form) if request.method == "POST" and form.is_valid() else None
    if made is not None:
        form = forms.AccountForm()
    team = people.named_for(user.service).exclude(role=Role.PERSON)
    context = {
        "team": [(one, _role_form(one), second_factor.has(one)) for one in team],
        "form": form,
        "made": made,
    }
    response = render(request, "team/accounts.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _role_form(one: User) -> forms.RoleForm:
    return forms.RoleForm(initial={"role": one.role}, auto_id=f"role-{one.pk}-%s")


@require_POST
@doors.open_to(Role.ADMINISTRATOR)
def set_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Give a colleague another role."""
    user = doors.user_of(request)
    colleague = get_object_or_404(people.named_for(user.service), pk=user_id)
    form = forms.RoleForm(request.POST)
    try:
        if form.is_valid():
            role = form.cleaned_data["role"]
            people.set_role(colleague, role, by=user, at=clock.now())
            messages.success(request, _("Changed. It counts from their next page on."))
    except people.NotAllowed as error:
        messages.error(request, str(error))
    return redirect("team:accounts")


@require_POST
@doors.open_to(Role.ADMINISTRATOR)
def take_away_second_factor(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """For a colleague who lost app and codes: at the next sign-in they set up another."""
    user = doors.user_of(request)
    colleague = get_object_or_404(people.workers_of(user.service), pk=user_id)
    second_factor.take_away(colleague, by=user, at=clock.now())
    messages.success(request, _("Taken away. At the next sign-in they set up another."))
    return redirect("team:accounts")


def _made(user: User, form: forms.AccountForm) -> dict[str, object] | None:
    """The new account and its first password, shown once; None with the reason on the form."""
    password = secrets.token_urlsafe(12)
    try:
        made = people.create(
            service=user.service,
            **form.cleaned_data,
            by=user,
            at=clock.now(),
            password=password,
            demo=user.service.is_demo,
        )
    except IntegrityError:
        form.add_error("username", _("Somebody has this sign-in name already."))
    except ValidationError as error:
        form.add_error(None, error)
    else:
        return {"user": made, "password": password}
    return None
