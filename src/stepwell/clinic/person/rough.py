"""For a bad hour: huge words on a dark page, three buttons, and a check-in of two questions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell.clinic.care import queries
from stepwell.clinic.person import doors, forms, phone

HOLD_DAYS = 3  # what the hold form offers first, too
ASKED = "mood"


@doors.own
@require_safe
def rough(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Tell how it is, hold or be called, Help: nothing else is on it."""
    page = queries.today_for_person(visit.episode, visit.at)
    context = {
        "tab": "today",
        "page": page,
        "days": HOLD_DAYS,
        "event_id": forms.new_event_id(),
    }
    return phone.may_be_kept(render(request, "person/rough.html", context), page)


@doors.own
@require_safe
def check_in(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Whether they used, and how low they feel; sent to where every check-in is sent."""
    page = queries.today_for_person(visit.episode, visit.at)
    form = forms.CheckInForm(None, ceiling_mg=None)
    context = {"tab": "today", "page": page, "form": form, "asked": form[ASKED]}
    return phone.may_be_kept(render(request, "person/rough_check_in.html", context), page)
