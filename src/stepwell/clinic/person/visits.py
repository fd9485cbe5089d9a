"""Appointments: when the next one is, what it is for, and saying that one cannot come."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic.care import access, measurements
from stepwell.clinic.care import visits as care_visits
from stepwell.clinic.person import doors


@doors.own
@require_safe
def visits(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    found = care_visits.of(visit.episode)
    ahead = care_visits.ahead(found, visit.at)
    past = [one for one in found if one not in ahead]
    tests = measurements.every(visit.episode)
    context = {"ahead": ahead, "past": past[::-1][:10], "tests": tests}
    context["due"] = measurements.due(tests, visit.today)
    return render(request, "person/visits.html", context)


@doors.own
@require_POST
def cannot_come(request: HttpRequest, visit: doors.Visit, visit_id: UUID) -> HttpResponse:
    try:
        care_visits.cannot_come(visit.episode, visit_id, by=visit.person, at=visit.at)
    except access.NotFound as error:
        raise Http404 from error
    except care_visits.NotPossible:
        messages.info(request, gettext("That one is over or was called off already."))
    else:
        messages.success(request, gettext("Thanks for saying. Your team finds another time."))
    return redirect("person:visits")
