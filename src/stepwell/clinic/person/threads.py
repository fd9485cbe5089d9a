"""Writing to the team: when it is read, what was read, and that nothing typed is lost."""

import re

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from stepwell.clinic.care import check_ins, messages, queries
from stepwell.clinic.person import doors, forms

# Seven figures or more, however they are spaced: it may be a telephone number.
NUMBER = re.compile(r"(?:\d[\s().+-]*){7,}")


@doors.own
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    form = forms.MessageForm(doors.sent(request))
    warns = form.is_bound and form.is_valid() and _warns(form)
    if form.is_bound and form.is_valid() and not warns and _send(request, visit, form):
        return redirect("person:messages")
    messages.read(visit.episode, by=visit.person, at=visit.at)
    lines = messages.thread(visit.episode, by=visit.person)
    closed_until = queries.closed_until(visit.episode.service, visit.at)
    context = {"lines": lines, "form": form, "warns": warns, "closed_until": closed_until}
    return render(request, "person/messages.html", context)


def _warns(form: forms.MessageForm) -> bool:
    """A number is asked about once: whose it is, nobody here may need to know."""
    told = form.cleaned_data
    return bool(NUMBER.search(told["text"])) and not told["is_sure"]


def _send(request: HttpRequest, visit: doors.Visit, form: forms.MessageForm) -> bool:
    told = form.cleaned_data
    try:
        messages.send(
            visit.episode,
            told["text"],
            message_id=told["message_id"] or forms.new_event_id(),
            by=visit.person,
            at=visit.at,
        )
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was sent: you have not agreed to us keeping it."))
        return False
    except messages.NobodyReads:
        form.add_error(None, gettext("Nothing was sent: you share with nobody who could read it."))
        return False
    flash.success(request, gettext("Sent. It is read in your team’s hours."))
    return True
