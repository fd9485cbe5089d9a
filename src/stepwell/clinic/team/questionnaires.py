"""What a person answered in the questionnaires, with totals, dates and what was left out."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import access, episodes, questionnaires
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
    }
    return render(request, "team/questionnaires.html", context)
