"""Where a person is signed in, and signing out elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from stepwell.clinic.accounts import sessions
from stepwell.clinic.person import doors


@doors.own
@require_http_methods(["GET", "POST"])
def signed_in(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    if request.method == "POST":
        try:
            sessions.end(visit.person, request.POST.get("end", ""), at=visit.at)
        except sessions.NotThere:
            messages.info(request, gettext("That one is signed out already."))
        else:
            messages.success(request, gettext("Signed out there."))
        return redirect("person:signed-in")
    rows = sessions.of(visit.person, visit.at)
    context = {"rows": rows, "here": request.session.session_key}
    return render(request, "person/signed_in.html", context)
