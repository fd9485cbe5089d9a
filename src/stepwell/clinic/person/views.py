"""Signing in and out, Today, Progress and Help."""

from collections.abc import Iterable
from datetime import timedelta
from math import ceil
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts import floods, lockout, people, second_factor, sessions
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.care import directory, messages, queries, questionnaires, visits
from stepwell.clinic.care.models import Episode, Urgency
from stepwell.clinic.person import doors, first, pages, phone, second, words

THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600


class SignIn(LoginView):
    """The one door for everybody. A wrong name and a wrong password are the same."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_form(self, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(*args, **kwargs)
        for field in form.fields.values():
            field.widget.attrs |= {"class": "input"}
        form.fields["username"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        return form

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Nothing is looked at while somebody has to wait, a right password neither."""
        until = lockout.waits_until(self._name(), floods.address(request), clock.now())
        if until is None:
            return super().post(request, *args, **kwargs)
        minutes = ceil((until - clock.now()) / timedelta(minutes=1))
        context = self.get_context_data(form=self.get_form_class()(), wait_minutes=minutes)
        return self.render_to_response(context, status=429)

    def form_invalid(self, form: Any) -> HttpResponse:
        lockout.failed(self._name(), floods.address(self.request), clock.now())
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        user, shared = form.get_user(), bool(self.request.POST.get("shared"))
        if second_factor.has(user):
            return second.begin(self.request, user, shared=shared, after=self.get_success_url())
        lockout.succeeded(self._name(), floods.address(self.request))
        answer = super().form_valid(form)
        sessions.begin(self.request, user, shared=shared, at=clock.now())
        first.ask(self.request, user)
        return answer

    def _name(self) -> str:
        return self.request.POST.get("username", "")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


@require_POST
def hide(request: HttpRequest) -> HttpResponse:
    """End the session and show a page that says nothing."""
    logout(request)
    return redirect("notes")


@require_safe
def notes(request: HttpRequest) -> HttpResponse:
    return render(request, "person/notes.html")


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device is; kept on the device alone."""
    asked = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    answer = redirect(asked if safe else "home")
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        secure = request.is_secure()
        answer.set_cookie(
            "theme", theme, max_age=YEAR, httponly=True, samesite="Lax", secure=secure
        )
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer


@doors.own
@require_safe
def today(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.today_for_person(visit.episode, visit.at)
    start = pages.start_tasks(queries.start_for_person(visit.episode))
    week = pages.last_week(queries.progress_for_person(visit.episode, visit.at))
    context = {
        "tab": "today",
        "page": page,
        "last_level": page.levels - 1,
        "last_line": pages.last_line(page),
        "start": start,
        "start_open": not all(task.done for task in start),
        "paused": paused_lines(visit.episode, also_depends=page.also_depends),
        "week": week,
        "next_visit": next(iter(visits.ahead(visits.of(visit.episode), visit.at)), None),
        "asked": len(questionnaires.due(visit.episode, visit.at)),
        "notes": messages.unread(visit.episode, visit.person),
        "untold": sum(day.status == "missing" and not day.today for day in week),
    }
    return phone.may_be_kept(render(request, "person/today.html", context), page)


def paused_lines(episode: Episode, *, also_depends: bool) -> list[str]:
    """What is shown in place of an amount, with the numbers of the person's own service."""
    service = episode.service
    return words.paused_lines(
        also_depends=also_depends,
        team_phone=service.phone,
        team_hours=service.hours,
        emergency_number=directory.emergency_number(service) or "",
    )


@doors.own
@require_safe
def progress(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.progress_for_person(visit.episode, visit.at)
    context = {"tab": "progress", "page": page, "picture": pages.progress(page)}
    return render(request, "person/progress.html", context)


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Six doors, open to everybody, signed in or not."""
    service = service_of(request)
    context = help_context(service) | {"doors": words.doors(), "crews": words.crews()}
    return render(request, "person/help.html", context)


@require_safe
def help_door(request: HttpRequest, slug: str) -> HttpResponse:
    door = next((door for door in words.doors() if door.slug == slug), None)
    if door is None:
        raise Http404
    context = help_context(service_of(request), kinds=door.lines) | {
        "door": door,
        "crews": words.crews(),
    }
    return render(request, "person/help_door.html", context)


@doors.own
@require_safe
def help_now(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """What follows at once on an answer that needs a human."""
    page = queries.today_for_person(visit.episode, visit.at)
    context = help_context(visit.episode.service) | {
        "page": page,
        "closed_until": queries.closed_until(visit.episode.service, visit.at),
        "is_emergency": page.urgency == Urgency.EMERGENCY,
        "crews": words.crews(),
    }
    return render(request, "person/help_now.html", context)


def service_of(request: HttpRequest) -> Service | None:
    """The service of whoever is here, or the only one there is."""
    if isinstance(request.user, User):
        return request.user.service
    return people.only_service()


def help_context(service: Service | None, *, kinds: Iterable[str] = ()) -> dict[str, Any]:
    """What every page of Help shows: the emergency number, and others of these kinds (or all)."""
    lines = queries.help_lines(service, clock.now().date()) if service else []
    wanted = set(kinds) or {line.kind for line in lines}
    others = [line for line in lines if line.kind in wanted and line.kind != "emergency"]
    return {
        "tab": "help",
        "team": service,
        "emergency": next((line for line in lines if line.kind == "emergency"), None),
        "lines": others,
        "unverified": [line for line in others if not line.verified],
    }
