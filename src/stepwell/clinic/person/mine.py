"""Mine: take everything away, ask for it to be deleted, and move to another phone."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell import catalogue
from stepwell.clinic.accounts import people
from stepwell.clinic.care import erasure, mine
from stepwell.clinic.care.mine import Mine
from stepwell.clinic.care.models import ErasureRequest
from stepwell.clinic.papers import answers
from stepwell.clinic.papers import mine as files
from stepwell.clinic.person import doors

KINDS: dict[str, tuple[Callable[[Mine], bytes], str, str]] = {
    "json": (files.as_json, answers.JSON, "json"),
    "csv": (files.as_csv, answers.ZIP, "zip"),
    "pdf": (files.as_pdf, answers.PDF, "pdf"),
}


@doors.own
@require_safe
def take(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    del visit
    return render(request, "person/take.html", {"tab": "me"})


@doors.own
@require_POST
def export(_: HttpRequest, visit: doors.Visit, kind: str) -> HttpResponse:
    """One file with everything; that it was taken is kept for the person to see."""
    if kind not in KINDS:
        raise Http404
    write, content_type, ending = KINDS[kind]
    made = mine.export(visit.episode, kind=kind, by=visit.person, at=visit.at)
    return answers.hand_over(write(made), content_type, f"steps-{visit.today}.{ending}")


@doors.own
@require_http_methods(["GET", "POST"])
def ask_to_delete(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Ask for everything to be deleted; the receipt stays on this page."""
    if request.method == "POST":
        erasure.ask(visit.episode, by=visit.person, at=visit.at)
        return redirect("person:delete")
    asked = erasure.asked(visit.episode)
    context: dict[str, object] = {"tab": "me", "asked": asked, "keeps": _lines("keeps")[0]}
    if asked is not None:
        context |= {"receipt": erasure.receipt(asked), "lines": _said(asked)}
    return render(request, "person/delete.html", context)


def _lines(*names: str) -> list[str]:
    lines = catalogue.document("mine", "en.json")["lines"]
    return [gettext(lines[name]["text"]) for name in names]


def _said(asked: ErasureRequest) -> list[str]:
    """What the receipt says; what is kept stands as it was said then."""
    return [*_lines("asked"), gettext(asked.keeps), *_lines("next", "not_yet")]


@doors.own
@require_safe
def receipt(_: HttpRequest, visit: doors.Visit) -> HttpResponse:
    asked = erasure.asked(visit.episode)
    if asked is None:
        raise Http404
    made = files.receipt(asked, _said(asked))
    return answers.hand_over(made, answers.PDF, f"steps-{erasure.receipt(asked)}.pdf")


@doors.own
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Another phone: how to go over, and signing out everywhere but here."""
    if request.method == "POST":
        update_session_auth_hash(request, people.end_other_sessions(visit.person, at=visit.at))
        messages.success(request, gettext("Done. You are signed in here, and nowhere else."))
        return redirect("person:move")
    context = {"tab": "me", "address": request.get_host(), "username": visit.person.username}
    return render(request, "person/move.html", context)
