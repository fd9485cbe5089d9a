"""Reaching one person: how they want it, the ladder of silence, and every attempt."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.care import access, check_ins
from stepwell.clinic.care import reach as care_reach
from stepwell.clinic.team import cards, doors, forms


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def reach(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """What to keep to, what to try next, and writing down what they said."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    found = care_reach.of(episode, now)
    known = {name: getattr(found.note, name, "") for name in care_reach.FIELDS}
    form = forms.ReachForm(request.POST or None, initial=known)
    if form.is_valid():
        try:
            care_reach.write(episode, form.cleaned_data, by=user, at=now)
        except check_ins.NoConsent as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Written down, with today's date."))
            return redirect("team:reach", episode_id=episode.pk)
    ladder = care_reach.ladder(episode, now)
    context = {
        "episode": episode,
        "found": found,
        "told": [(form[name].label, text) for name, text in known.items() if text],
        "ladder": ladder,
        "suggested": cards.SUGGESTED.get(ladder.now or ""),
        "after": cards.SUGGESTED.get(ladder.next or ""),
        "attempts": care_reach.attempts(episode),
        "form": form,
        "contact": forms.ContactForm(),
        "zone": episode.time_zone,
    }
    return render(request, "team/reach.html", context, status=422 if form.errors else 200)
