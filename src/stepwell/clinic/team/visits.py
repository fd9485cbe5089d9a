"""A person's appointments: booked, moved, called off, and what became of them."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access
from stepwell.clinic.care import visits as care_visits
from stepwell.clinic.care.models import Episode, VisitChange
from stepwell.clinic.team import doors, forms

SAID = (VisitChange.KEPT, VisitChange.NOT_ATTENDED, VisitChange.CALLED_OFF)


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def visits(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """All of them, and the form for another."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    form = forms.VisitForm(request.POST or None)
    if form.is_valid():
        told = {**form.cleaned_data, "starts": _here(episode, form.cleaned_data["starts"])}
        try:
            care_visits.book(episode, **told, by=user, at=now)
        except care_visits.NotPossible as error:
            form.add_error("starts", str(error))
        else:
            messages.success(request, _("Booked. They see it on their phone."))
            return redirect("team:visits", episode_id=episode.pk)
    found = [(one, _outcome(one, now)) for one in reversed(care_visits.of(episode))]
    context = {"episode": episode, "visits": found, "form": form, "zone": episode.time_zone}
    return render(request, "team/visits.html", context)


def _here(episode: Episode, naive: datetime) -> datetime:
    """As the clock says where the person lives."""
    return naive.replace(tzinfo=ZoneInfo(episode.time_zone))


def _outcome(visit: care_visits.Visit, now: datetime) -> forms.VisitOutcomeForm | None:
    if not visit.stands:
        return None
    ahead = visit.starts > now
    kinds = (VisitChange.CALLED_OFF,) if ahead else (VisitChange.KEPT, VisitChange.NOT_ATTENDED)
    return forms.VisitOutcomeForm(kinds=kinds, auto_id=f"visit-{visit.visit_id}-%s")


@require_POST
@doors.open_to(*doors.CLINICAL)
def change(request: HttpRequest, episode_id: UUID, visit_id: UUID) -> HttpResponse:
    """Move it where a time is given; else say what became of it."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    form = forms.VisitOutcomeForm(request.POST, kinds=SAID)
    if not form.is_valid():
        messages.error(request, _("Choose a new time, or what became of it."))
        return redirect("team:visits", episode_id=episode.pk)
    try:
        _changed(episode, visit_id, form, by=user, at=now)
    except care_visits.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Written down. They see it on their phone."))
    return redirect("team:visits", episode_id=episode.pk)


def _changed(
    episode: Episode,
    visit_id: UUID,
    form: forms.VisitOutcomeForm,
    *,
    by: User,
    at: datetime,
) -> None:
    told = form.cleaned_data
    if told["starts"]:
        care_visits.move(episode, visit_id, starts=_here(episode, told["starts"]), by=by, at=at)
    else:
        care_visits.end(episode, visit_id, VisitChange(told["change"]), by=by, at=at)
