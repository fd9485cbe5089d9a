"""The safety questions: asked across a table, answered, and cleared by the role the data names."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, episodes
from stepwell.clinic.care.models import Answer, Episode
from stepwell.clinic.team import doors, forms


@require_safe
@doors.open_to(*doors.CLINICAL)
def gates(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Every question, its answer, and what is still needed."""
    user = doors.user_of(request)
    return _page(request, user, access.episode_for(user, episode_id))


def _page(
    request: HttpRequest,
    user: User,
    episode: Episode,
    *,
    refused: tuple[str, forms.ClearanceForm] | None = None,
) -> HttpResponse:
    """The page; `refused` is the gate whose clearance did not fit, with what was typed."""
    name, typed = refused or ("", None)
    rows: list[dict[str, Any]] = []
    for state in episodes.gates(episode):
        form = forms.ClearanceForm(auto_id=f"{state.name}-%s")
        mine = episodes.may_clear(user, state.name) and access.may(user, "clear_gate", episode)
        shown = typed if state.name == name else form
        rows.append({"state": state, "may_clear": mine, "form": shown})
    context = {"episode": episode, "groups": _groups(rows), "open": _open(rows)}
    return render(request, "team/gates.html", context, status=422 if refused else 200)


def _open(rows: list[dict[str, Any]]) -> int:
    return sum(row["state"].is_open for row in rows)


def _groups(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """What is in the way first, what is settled last; within each as they are asked."""
    grouped: dict[str, list[dict[str, Any]]] = {
        _("In the way"): [r for r in rows if r["state"].is_open and r["state"].answer],
        _("Not asked yet"): [r for r in rows if r["state"].answer is None],
        _("Cleared"): [r for r in rows if r["state"].cleared_by],
        _("Answered no"): [r for r in rows if r["state"].answer == Answer.NO],
    }
    return [(name, found) for name, found in grouped.items() if found]


@doors.open_to(*doors.CLINICAL)
def ask(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """All questions on one page, for a conversation."""
    user = doors.user_of(request)
    episode = access.episode_for(user, episode_id)
    states = episodes.gates(episode)
    form = forms.GateAnswersForm(request.POST or None, gates=states)
    if not form.is_valid():
        return render(request, "team/gates_ask.html", {"episode": episode, "form": form})
    answered = form.changed()
    for name, answer in answered:
        episodes.answer_gate(episode, name, answer, by=user, at=clock.now())
    saved = ngettext("%d answer kept.", "%d answers kept.", len(answered)) % len(answered)
    messages.success(request, saved)
    return redirect("team:gates", episode.pk)


@require_POST
@doors.open_to(*doors.CLINICAL)
def clear(request: HttpRequest, episode_id: UUID, gate: str) -> HttpResponse:
    """Clear one gate with a written reason."""
    user = doors.user_of(request)
    episode = access.episode_for(user, episode_id)
    if gate not in {one.name for one in episodes.catalogue_of_gates()}:
        raise access.NotFound
    form = forms.ClearanceForm(request.POST, auto_id=f"{gate}-%s")
    if not form.is_valid():
        return _page(request, user, episode, refused=(gate, form))
    try:
        episodes.clear_gate(episode, gate, **form.cleaned_data, by=user, at=clock.now())
    except episodes.NotAllowed as error:
        form.add_error(None, str(error))
        return _page(request, user, episode, refused=(gate, form))
    messages.success(request, _("Cleared. Your reason is kept with your name."))
    return redirect("team:gates", episode.pk)
