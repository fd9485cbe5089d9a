"""The bladder diary a person kept, as the same paper that they have."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import access, days, episodes
from stepwell.clinic.papers import answers
from stepwell.clinic.papers import bladder as papers_bladder
from stepwell.clinic.team import doors


@require_safe
@doors.open_to(*doors.CLINICAL)
def paper(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    episodes.log_look(episode, by=user, at=now)
    name = f"bladder-diary-{days.today(episode, now)}.pdf"
    return answers.hand_over(papers_bladder.pdf(episode, at=now), answers.PDF, name)
