"""The app on the phone: what it installs, what it may keep, and the door for what had to wait."""

import json
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import resolve, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell import catalogue
from stepwell.clinic.care import check_ins, queries
from stepwell.clinic.care.days import today
from stepwell.clinic.person import doors, forms, pages, words

KEPT_PAGES = (
    *("person:today", "person:plan", "person:progress", "person:check-in"),
    *("person:rough", "person:rough-check-in", "person:show", "help"),
)
FILES = (
    *("tokens.css", "components.css", "person.css", "person.js", "phone.js", "check-in.js"),
    *("wait.js", "cover.js", "lock.js", "pin.js"),
    *("icon.svg", "note.svg"),
)
# Brought only by whoever opens the diary, and kept on from then, signed in or not.
LIBRARY = "vendor/idb-8.0.4.umd.js"
DIARY = ("stepwell/diary.js", LIBRARY)
ENDS = ("sign-in", "sign-out", "hide")


@require_safe
def manifest(_: HttpRequest) -> HttpResponse:
    """What the phone shows of the app once it is installed: a neutral name, and nothing else."""
    icon = {"src": static("stepwell/icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    known = {
        "name": gettext("Steps"),
        "short_name": gettext("Steps"),
        "id": "/",
        "start_url": reverse("person:today"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#fefefb",
        "theme_color": "#123f3c",
        "icons": [icon, icon | {"purpose": "maskable"}],
    }
    return JsonResponse(known, content_type="application/manifest+json")


@require_safe
def worker(_: HttpRequest) -> HttpResponse:
    """The service worker: what this service's addresses are, the library, and the one script."""
    source = "\n".join(_text(name) for name in (LIBRARY, "stepwell/worker.js"))
    known = _addresses() | {"version": _version(source)}
    answer = HttpResponse(f"const CONFIG = {json.dumps(known)};\n{source}", "text/javascript")
    answer["Cache-Control"] = "no-cache"
    return answer


def _rooms() -> list[str]:
    doors_of_help = [reverse("help-door", args=[door.slug]) for door in words.doors()]
    return [*doors_of_help, reverse("ride-out"), reverse("pain")]


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """The pages that stay on the phone for anybody, in one answer: alike, they pack well."""
    addresses = [reverse("offline"), reverse("help"), *_rooms()]
    return JsonResponse({address: _page(request, address) for address in addresses})


def _page(request: HttpRequest, address: str) -> str:
    found = resolve(address)
    page: HttpResponse = found.func(request, *found.args, **found.kwargs)
    return page.content.decode()


def _addresses() -> dict[str, Any]:
    files = [static(name) for name in (*(f"stepwell/{name}" for name in FILES), LIBRARY)]
    return {
        "shell": reverse("shell"),
        "shellFiles": [*files, reverse("lock-screen")],
        "diary": [reverse("diary"), *(static(name) for name in DIARY)],
        "kept": [*(reverse(name) for name in KEPT_PAGES), *_rooms()],
        "files": settings.STATIC_URL,
        "offline": reverse("offline"),
        "today": reverse("person:today"),
        "help": reverse("help"),
        "checkIn": reverse("person:check-in"),
        "queue": reverse("person:queue"),
        "ends": [reverse(name) for name in ENDS],
        "dangers": {"flags": sorted(words.dangers()), "safety": ["thoughts", "plan"]},
    }


def _version(source: str) -> str:
    """Another one whenever a file of the shell is another one."""
    files = [*(f"stepwell/{name}" for name in FILES), *DIARY]
    texts = [source, *map(_text, files)]
    return sha256("".join(texts).encode()).hexdigest()[:12]


def _text(name: str) -> str:
    found = finders.find(name)
    assert isinstance(found, str), name
    return Path(found).read_text(encoding="utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Shown in place of a page that was not kept."""
    return render(request, "person/offline.html", {"tab": ""})


@require_safe
def lock_screen(request: HttpRequest) -> HttpResponse:
    """What asks for this phone's PIN: the same piece of a page for everybody."""
    return render(request, "person/_lock.html")


def may_be_kept(answer: HttpResponse, page: queries.PersonToday) -> HttpResponse:
    """Say how long the amount in this page may be shown without a network, and under which plan."""
    hours: int = catalogue.document("phone.json")["amount_kept_hours"]
    answer["X-Steps-Plan"] = f"{page.plan_version} {page.level} {page.ceiling_mg}"
    answer["X-Steps-Hours"] = str(hours)
    return answer


@doors.own
@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Check-ins that waited on the phone, one at a time; a token for them first.

    Nothing is refused: what cannot be read comes back as `unread`, with the day it was told of,
    and everything else is kept. The same id twice is one check-in.
    """
    if request.method == "GET":
        return JsonResponse({"token": get_token(request)})
    on = _day_told(request, visit)
    form = _form(request, visit, on)
    form.is_valid()
    try:
        check_ins.record(
            visit.episode,
            form.answers(),
            on=on,
            event_id=form.cleaned_data.get("event_id") or forms.new_event_id(),
            by=visit.person,
            at=visit.at,
        )
    except check_ins.NoConsent:
        return JsonResponse(
            {
                "unread": gettext("Nothing was saved: you have not agreed to us keeping it."),
                "on": on.isoformat(),
            }
        )
    unread = request.POST.get("amount", "") if "amount" in form.errors else ""
    return JsonResponse({"unread": unread, "on": on.isoformat()})


def _form(request: HttpRequest, visit: doors.Visit, on: date) -> forms.CheckInForm:
    asked = request.POST.get("about")
    ceiling_mg = _ceiling_on(visit, on) if asked else None  # that answer alone is told beside it
    return forms.CheckInForm(request.POST, ceiling_mg=ceiling_mg, asks_safety=True)


def _ceiling_on(visit: doors.Visit, on: date) -> int | None:
    page = queries.today_for_person(visit.episode, visit.at)
    return pages.ceiling_on(on, page, queries.progress_for_person(visit.episode, visit.at))


def _day_told(request: HttpRequest, visit: doors.Visit) -> date:
    """The day that was asked for, or the one it was when this was told.

    The phone says how long ago that was: its clock may be wrong, and how long is still right.
    """
    said = forms.WaitedForm(request.POST)
    said.is_valid()
    waited = timedelta(seconds=said.cleaned_data.get("waited_s") or 0)
    return said.cleaned_data.get("on") or today(visit.episode, visit.at - waited)
