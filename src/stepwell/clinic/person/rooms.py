"""What lies behind Help: ten minutes to ride it out, pain and cramps; and the cards of Learn."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, Service, User
from stepwell.clinic.care import access, queries
from stepwell.clinic.person import doors, forms, views, words

# The worker asks with this for what stays on the phone when somebody signs out.
FOR_ANYBODY = "X-Steps-Shell"
TO_CALL = ("crisis", "health", "drugs")


@never_cache  # it can hold what somebody said matters to them
@require_safe
def ride_out(request: HttpRequest) -> HttpResponse:
    """Wait ten minutes: until when by the clock, and what to do meanwhile. Open to everybody."""
    room, minutes = words.room("ride_out"), words.wait_minutes()
    service = views.service_of(request)
    context = views.help_context(service, kinds=TO_CALL) | {
        "room": room,
        "minutes": minutes,
        "until": clock.now() + timedelta(minutes=minutes),
        "reasons": _reasons(request),
    }
    with timezone.override(_zone(service)):
        return render(request, "person/ride_out.html", context)


def _zone(service: Service | None) -> ZoneInfo | None:
    return ZoneInfo(service.time_zone) if service else None


def _reasons(request: HttpRequest) -> list[str]:
    """What this person said matters, in their words; nothing in what stays on the phone."""
    if request.headers.get(FOR_ANYBODY) or not isinstance(request.user, User):
        return []
    if request.user.role != Role.PERSON:
        return []
    try:
        episode = access.own_episode(request.user)
    except access.NotFound:
        return []
    named = dict(forms.MattersForm.base_fields["what_matters"].choices)  # type: ignore[attr-defined]
    return [str(named.get(one, one)) for one in queries.start_for_person(episode).what_matters]


@require_safe
def pain(request: HttpRequest) -> HttpResponse:
    """Pain and cramps: what may help, what to avoid, when it is an emergency. Open to everybody."""
    context = views.help_context(views.service_of(request), kinds=("health",))
    return render(request, "person/pain.html", context | {"room": words.room("pain")})


@doors.own
@require_safe
def learn(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    del visit
    return render(request, "person/learn.html", {"tab": "me", "cards": words.cards()})
