"""Who may open the person's screens, and the day and time zone in which they are shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.care import access, episodes, filed
from stepwell.clinic.care.models import Episode

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Visit:
    """The person who is here, their course of care, and now."""

    person: User
    episode: Episode
    at: datetime

    @property
    def today(self) -> date:
        return episodes.today(self.episode, self.at)


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form sent, also when it was sent empty; None when it is only being looked at."""
    return request.POST if request.method == "POST" else None


View = Callable[Concatenate[HttpRequest, Visit, P], HttpResponse]


def own(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Let a person in to their own course of care; everybody else goes to where they belong."""

    @never_cache  # so that "back" after hiding shows nothing
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User) or request.user.role != Role.PERSON:
            return redirect("home")
        try:
            episode = access.own_episode(request.user)
        except access.NotFound:
            return render(request, "person/not_yet.html")
        visit = Visit(request.user, episode, clock.now())
        with timezone.override(ZoneInfo(episode.time_zone)):
            answer = view(request, visit, *args, **kwargs)
        if request.method == "POST":  # what was told is on the team's day before anybody looks
            filed.after(episode, visit.at)
        return answer

    return guarded
