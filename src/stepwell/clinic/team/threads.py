"""What people wrote to the team: the inbox, and one person's messages with the answer."""

from uuid import UUID

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import access, check_ins, episodes, messages
from stepwell.clinic.team import doors, forms


@require_safe
@doors.open_to(*doors.CLINICAL)
def inbox(request: HttpRequest) -> HttpResponse:
    """Whose messages wait, the longest waiting first."""
    user, now = doors.user_of(request), clock.now()
    context = {"threads": messages.inbox(user, now), "zone": user.service.time_zone}
    return render(request, "team/inbox.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def thread(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """One person's messages; opening them is a reading that the person can see."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    form = forms.MessageForm(request.POST or None, initial={"message_id": forms.new_event_id()})
    if form.is_valid():
        try:
            messages.send(episode, **form.cleaned_data, by=user, at=now)
        except (check_ins.NoConsent, messages.NobodyReads) as error:
            form.add_error(None, str(error))
        else:
            flash.success(request, _("Sent."))
            return redirect("team:messages", episode_id=episode.pk)
    episodes.log_look(episode, by=user, at=now)
    messages.read(episode, by=user, at=now)
    lines = messages.thread(episode, by=user)
    context = {"episode": episode, "lines": lines, "form": form, "zone": episode.time_zone}
    return render(request, "team/messages.html", context)
