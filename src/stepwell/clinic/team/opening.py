"""Opening a course of care for somebody new, and writing down the picture of use before day 1."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents, joining, people
from stepwell.clinic.accounts.models import ConsentKind, Role, User
from stepwell.clinic.care import access, episodes
from stepwell.clinic.care.models import Episode
from stepwell.clinic.team import doors, forms


@doors.open_to(*doors.CLINICAL)
def opening(request: HttpRequest) -> HttpResponse:
    """Account, consents and course of care in one act; the code to join with is shown once."""
    user = doors.user_of(request)
    keyworkers = people.keyworkers_of(user.service)
    start = {"time_zone": user.service.time_zone, "keyworker": str(user.pk)}
    form = forms.OpenForm(
        request.POST or None, keyworkers=keyworkers, names=_names(user), initial=start
    )
    opened = _opened(form, user) if request.method == "POST" and form.is_valid() else None
    if opened is None:
        zones = sorted(clock.time_zones())
        context = {"form": form, "zones": zones}
        return render(request, "team/opening.html", context, status=422 if form.errors else 200)
    return _shown_once(request, "team/opened.html", opened)


def _shown_once(request: HttpRequest, page: str, told: dict[str, Any]) -> HttpResponse:
    where = request.build_absolute_uri(reverse("join"))
    response = render(request, page, told | {"address": where})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@doors.open_to(*doors.CLINICAL)
def new_code(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """For somebody who has lost theirs, or their password: the one before is void."""
    user = doors.user_of(request)
    episode = access.episode_for(user, episode_id)
    code = joining.make(episode.person, by=user, at=clock.now())
    return _shown_once(request, "team/new_code.html", {"episode": episode, "code": code})


def _names(user: User) -> list[str] | None:
    """Where one practises, the made-up names that are not taken; None in real use."""
    if not settings.PRACTICE:
        return None
    taken = {one.display_name for one in people.named_for(user.service)}
    return [name for name in people.names_to_practise_with() if name not in taken]


def _opened(form: forms.OpenForm, user: User) -> dict[str, Any] | None:
    """The new episode with the code to join with; None with the reason on the form."""
    try:
        with transaction.atomic():
            episode = _open(form.cleaned_data, user)
            code = joining.make(episode.person, by=user, at=clock.now())
    except IntegrityError:
        form.add_error("username", _("Somebody has this sign-in name already."))
    except (episodes.NotAllowed, ValidationError) as error:
        form.add_error(None, error if isinstance(error, ValidationError) else str(error))
    else:
        shared = consents.given(episode.person, consents.SHARING[Role(user.role)])
        return {"episode": episode, "code": code, "shared": shared}
    return None


def _open(typed: dict[str, Any], user: User) -> Episode:
    now = clock.now()
    person = people.create(
        service=user.service,
        username=typed["username"],
        display_name=typed["display_name"],
        role=Role.PERSON,
        demo=user.service.is_demo,
        by=user,
        at=now,
    )
    for kind in ConsentKind:
        consents.set(person, kind, kind in typed["consents"], by=user, at=now)
    keyworker = people.keyworkers_of(user.service).get(pk=typed["keyworker"])
    return episodes.open(
        person=person,
        keyworker=keyworker,
        supply=typed["supply"],
        goal=typed["goal"],
        time_zone=typed["time_zone"],
        word=typed["word"],
        what_matters=typed["what_matters"],
        by=user,
        at=now,
    )


@doors.open_to(*doors.CLINICAL)
def baseline(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The agreed picture of use; a new one is added, the old one stays."""
    user = doors.user_of(request)
    episode = access.episode_for(user, episode_id)
    form = forms.BaselineForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _recorded(form, episode, user):
        messages.success(request, _("The baseline is kept."))
        return redirect(reverse("team:person", args=[episode.pk]))
    context = {"form": form, "episode": episode}
    return render(request, "team/baseline.html", context, status=422 if form.errors else 200)


def _recorded(form: forms.BaselineForm, episode: Episode, user: User) -> bool:
    typed = form.cleaned_data
    low, high = typed["amount"]
    try:
        episodes.record_baseline(
            episode,
            amount_low_mg=low,
            amount_high_mg=high,
            times_per_day=typed["times_per_day"],
            days_per_week=typed["days_per_week"],
            smallest_unit_mg=typed["smallest_unit"],
            routes=typed["routes"],
            unit_words=typed["unit_words"],
            by=user,
            at=clock.now(),
        )
    except episodes.NotAllowed as error:
        form.add_error(None, str(error))
        return False
    return True
