"""The questionnaires on the person's phone: which wait, filling one in, and what was said."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import filling
from stepwell.clinic.care import check_ins, instruments, queries, questionnaires
from stepwell.clinic.person import doors
from stepwell.clinic.person.forms import new_event_id


@doors.own
@require_safe
def questions(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    filled = questionnaires.history(visit.episode)
    context = {"due": questionnaires.due(visit.episode, visit.at), "filled": filled[:20]}
    return render(request, "person/asked.html", context)


@doors.own
@require_http_methods(["GET", "POST"])
def fill_in(request: HttpRequest, visit: doors.Visit, name: str) -> HttpResponse:
    instrument = instruments.every().get(name)
    if instrument is None:
        raise Http404
    form = filling.InstrumentForm(instrument, doors.sent(request))
    # What is missing elsewhere must never hold back an answer that needs a human.
    if form.is_bound and (form.is_valid() or form.tells_danger):
        answer = _record(request, visit, form)
        if answer is not None:
            return answer
    return render(request, "person/fill_in.html", {"form": form, "instrument": instrument})


def _record(
    request: HttpRequest, visit: doors.Visit, form: filling.InstrumentForm
) -> HttpResponse | None:
    try:
        questionnaires.record(
            visit.episode,
            form.instrument.name,
            form.answers(),
            sent_id=form.cleaned_data.get("event_id") or new_event_id(),
            by=visit.person,
            at=visit.at,
        )
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was saved: you have not agreed to us keeping it."))
        return None
    if form.tells_danger and queries.today_for_person(visit.episode, visit.at).needs_somebody:
        return redirect("help-now")
    messages.success(request, gettext("Thank you. Your team sees this when they look."))
    return redirect("person:questions-to-fill")
