"""Letters about me: opening one is having seen it, and only then it may go."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell.clinic.care import access
from stepwell.clinic.care import letters as care_letters
from stepwell.clinic.person import doors


@doors.own
@require_safe
def letters(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    found = [(one, care_letters.seen(one)) for one in care_letters.of(visit.episode)]
    return render(request, "person/letters.html", {"tab": "me", "letters": found})


@doors.own
@require_safe
def letter(request: HttpRequest, visit: doors.Visit, letter_id: UUID) -> HttpResponse:
    try:
        found = care_letters.one(visit.episode, letter_id)
    except access.NotFound as error:
        raise Http404 from error
    care_letters.see(found, by=visit.person, at=visit.at)
    context = {"tab": "me", "letter": found, "kind": care_letters.kinds()[found.kind]}
    return render(request, "person/letter.html", context)
