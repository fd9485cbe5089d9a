"""What a person answered in the questionnaires, and typing in what was read out or on paper."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import clock, filling
from stepwell.clinic.care import access, check_ins, days, episodes, instruments, questionnaires
from stepwell.clinic.care.models import Episode
from stepwell.clinic.papers import answers, blank
from stepwell.clinic.team import doors


@require_safe
@doors.open_to(*doors.CLINICAL)
def questionnaire_page(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    episodes.log_look(episode, by=user, at=now)
    context = {
        "episode": episode,
        "filled": questionnaires.history(episode),
        "due": questionnaires.due(episode, now),
        "every": instruments.every().values(),
    }
    return render(request, "team/questionnaires.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def fill_in(request: HttpRequest, episode_id: UUID, name: str) -> HttpResponse:
    """As the person said it, aloud or on paper; danger in it is told like their own."""
    episode = access.episode_for(doors.user_of(request), episode_id)
    form = filling.InstrumentForm(_instrument(name), request.POST or None)
    if form.is_bound and (form.is_valid() or form.tells_danger) and _record(request, episode, form):
        return redirect("team:answers", episode_id=episode.pk)
    context = {"episode": episode, "form": form, "instrument": form.instrument}
    return render(request, "team/fill_in.html", context)


def _instrument(name: str) -> instruments.Instrument:
    found = instruments.every().get(name)
    if found is None:
        raise Http404
    return found


def _record(request: HttpRequest, episode: Episode, form: filling.InstrumentForm) -> bool:
    try:
        questionnaires.record(
            episode,
            form.instrument.name,
            form.answers(),
            sent_id=form.cleaned_data.get("event_id") or "",
            by=doors.user_of(request),
            at=clock.now(),
        )
    except check_ins.NoConsent:
        form.add_error(None, _("They have not agreed that their answers are kept."))
        return False
    if form.tells_danger:
        messages.warning(request, _("An answer needs a person. It is a signal now."))
    else:
        messages.success(request, _("Written down."))
    return True


@require_safe
@doors.open_to(*doors.CLINICAL)
def print_blank(request: HttpRequest, episode_id: UUID, name: str) -> HttpResponse:
    """An empty sheet of it, with the person's initials alone."""
    now = clock.now()
    episode = access.episode_for(doors.user_of(request), episode_id)
    made = blank.questionnaire(episode, _instrument(name), at=now)
    return answers.hand_over(made, answers.PDF, f"{name}-{days.today(episode, now)}.pdf")
