"""The plan sheet for somebody without a phone: printed here, and typed in when it comes back."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, check_ins, episodes, returned_sheets, sheets
from stepwell.clinic.care.models import Episode
from stepwell.clinic.papers import answers, sheet
from stepwell.clinic.team import doors, paper_form
from stepwell.clinic.team.paper_form import SheetForm


@require_safe
@doors.open_to(*doors.CLINICAL)
def print_sheet(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """The sheet of one person, discreet unless the name is asked for; the person sees who."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    asked = request.GET
    found = sheets.of(episode, now)
    made = sheet.pdf(found, discreet="name" not in asked, large="large" in asked, at=now)
    sheets.log_print(episode, by=user, at=now)
    return answers.hand_over(made, answers.PDF, f"steps-{found.today.today}.pdf")


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def returned(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Type a returned sheet in; then what counts, and what does not and why."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    first = _first(request, episode, episodes.today(episode, now))
    rows = returned_sheets.rows(episode, first, now, by=user)
    form = SheetForm(request.POST or None, rows=rows)
    if request.method == "POST" and form.is_valid():
        kept = _keep(episode, form, user)
        if kept is not None:
            return render(request, "team/paper_kept.html", _outcome(episode, kept))
    context = {"episode": episode, "form": form, "first": first}
    return render(request, "team/paper.html", context, status=422 if form.errors else 200)


def _first(request: HttpRequest, episode: Episode, today: date) -> date:
    """The day a sheet begins on: as asked for, or so that today is its last of this care."""
    asked = request.POST.get("first") or request.GET.get("first") or ""
    earliest = today - timedelta(days=paper_form.OLDEST_DAYS)
    try:
        return min(max(date.fromisoformat(asked), earliest), today)
    except ValueError:
        opened = episodes.today(episode, episode.opened_at)
        return max(opened, today - timedelta(days=sheets.DAYS - 1))


def _keep(episode: Episode, form: SheetForm, user: User) -> list[returned_sheets.Kept] | None:
    told = form.typed()
    try:
        return returned_sheets.record(
            episode, told, sheet=form.cleaned_data["sheet"], by=user, at=clock.now()
        )
    except check_ins.NoConsent:
        form.add_error(None, _("Nothing was saved: they have not agreed to answers being kept."))
        return None


def _outcome(episode: Episode, kept: Sequence[returned_sheets.Kept]) -> dict[str, object]:
    return {
        "episode": episode,
        "counted": [one for one in kept if not one.reason],
        "aside": [one for one in kept if one.reason],
    }
