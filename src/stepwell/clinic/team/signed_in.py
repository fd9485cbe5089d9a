"""Where a colleague is signed in, and signing out elsewhere."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.accounts import sessions
from stepwell.clinic.team import doors


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.TEAM)
def signed_in(request: HttpRequest) -> HttpResponse:
    """One's own sessions; each but this one can be ended."""
    user, at = doors.user_of(request), clock.now()
    if request.method == "POST":
        try:
            sessions.end(user, request.POST.get("end", ""), at=at)
        except sessions.NotThere:
            messages.info(request, _("That one is signed out already."))
        else:
            messages.success(request, _("Signed out there."))
        return redirect("team:signed_in")
    context = {
        "rows": sessions.of(user, at),
        "here": request.session.session_key,
        "zone": user.service.time_zone,
    }
    return render(request, "team/signed_in.html", context)
