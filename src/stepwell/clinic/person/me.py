"""Mine: what I agreed to, who can see what, and who looked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell.clinic.care import queries
from stepwell.clinic.person import doors, pages

FEW, LINES = 5, 200


@doors.own
@require_safe
def me(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.me_for_person(visit.episode, visit.at)
    context = {"tab": "me", "trail": pages.looked(page)[:FEW]}
    context["switches"] = pages.switches(page.consents)
    return render(request, "person/me.html", context)


@doors.own
@require_safe
def who_sees(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The same rules as at the team's own door, told by name."""
    page = queries.me_for_person(visit.episode, visit.at)
    context = {"tab": "me", "readers": pages.readers(queries.readers_for_person(visit.episode))}
    context["switches"] = pages.switches(page.consents)
    return render(request, "person/who_sees.html", context)


@doors.own
@require_safe
def lock(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The same page for everybody: the PIN is set, kept and asked for by this phone alone."""
    del visit
    return render(request, "person/lock.html", {"tab": "me"})


@doors.own
@require_safe
def who_looked(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.me_for_person(visit.episode, visit.at)
    return render(
        request, "person/who_looked.html", {"tab": "me", "trail": pages.trail(page)[:LINES]}
    )
