"""The questionnaires on the person's phone: which wait, filling one in, and what was said."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic.care import check_ins, instruments, queries, questionnaires
from stepwell.clinic.care.instruments import Instrument, Item
from stepwell.clinic.care.models import Urgency
from stepwell.clinic.person import doors
from stepwell.clinic.person.forms import SKIP, new_event_id

NOW = (Urgency.EMERGENCY, Urgency.SAME_DAY)


class InstrumentForm(forms.Form):
    """One questionnaire as the data has it. Everything may be skipped, unless it needs all."""

    event_id = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, instrument: Instrument, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        self.fields["event_id"].initial = new_event_id
        for item in instrument.items:
            self.fields[item.name] = _field(item, needed=instrument.needs_all)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[item.name] for item in self.instrument.items]

    def answers(self) -> dict[str, str | None]:
        """What could be read, also while something else is still missing."""
        items = self.instrument.items
        return {item.name: self.cleaned_data.get(item.name) or None for item in items}

    @property
    def tells_danger(self) -> bool:
        return bool(self.is_bound and self.instrument.flags(self.answers()))


def _field(item: Item, *, needed: bool) -> forms.ChoiceField:
    options = [(option.value, gettext(option.label)) for option in item.options]
    return forms.ChoiceField(
        label=gettext(item.text),
        choices=options if needed else [*options, SKIP],
        required=needed,
        initial="",
        widget=forms.RadioSelect,
        error_messages={"required": gettext("Choose one. “I would rather not say” is fine.")},
    )


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
    form = InstrumentForm(instrument, doors.sent(request))
    # What is missing elsewhere must never hold back an answer that needs a human.
    if form.is_bound and (form.is_valid() or form.tells_danger):
        answer = _record(request, visit, form)
        if answer is not None:
            return answer
    return render(request, "person/fill_in.html", {"form": form, "instrument": instrument})


def _record(request: HttpRequest, visit: doors.Visit, form: InstrumentForm) -> HttpResponse | None:
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
    if form.tells_danger and queries.today_for_person(visit.episode, visit.at).urgency in NOW:
        return redirect("help-now")
    messages.success(request, gettext("Thank you. Your team sees this when they look."))
    return redirect("person:questions-to-fill")
