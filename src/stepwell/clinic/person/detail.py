"""Adding to a day: how, with what, a new bag, a few words."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from stepwell.clinic.care import check_ins, details, queries
from stepwell.clinic.person import doors
from stepwell.clinic.person.check_in import day_of
from stepwell.clinic.person.forms import new_event_id


class DetailForm(forms.Form):
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    mixed = forms.MultipleChoiceField(
        label=gettext_lazy("Anything else that day?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    routes = forms.MultipleChoiceField(
        label=gettext_lazy("How did you take it?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    new_bag = forms.ChoiceField(
        label=gettext_lazy("Was it a new bag?"),
        choices=[
            ("yes", gettext_lazy("Yes")),
            ("no", gettext_lazy("No")),
            ("", gettext_lazy("skip")),
        ],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("A few words"),
        help_text=gettext_lazy("Your team can read it. Leave out who you get things from."),
        max_length=details.LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = details.choices()
        self.fields["event_id"].initial = new_event_id
        for name, options in (
            ("mixed", {key: one["label"] for key, one in known["mixed"].items()}),
            ("routes", known["routes"]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(key, gettext(label)) for key, label in options.items()]

    def told(self) -> dict[str, Any]:
        told = self.cleaned_data
        new_bag = {"yes": True, "no": False}.get(told["new_bag"])
        return {key: told[key] for key in ("mixed", "routes", "note")} | {"new_bag": new_bag}


@doors.own
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    on = day_of(request, visit.today)
    known = next((one for one in details.of(visit.episode) if one.on == on), None)
    form = DetailForm(doors.sent(request), initial=_initial(known))
    if form.is_valid():
        answer = _add(request, visit, form)
        if answer is not None:
            return answer
    return render(request, "person/detail.html", {"tab": "today", "form": form, "on": on})


def _initial(known: details.Detail | None) -> dict[str, Any]:
    if known is None:
        return {}
    new_bag = {True: "yes", False: "no", None: ""}[known.new_bag]
    told = {"mixed": known.mixed, "routes": known.routes, "note": known.note}
    return told | {"new_bag": new_bag}


def _add(request: HttpRequest, visit: doors.Visit, form: DetailForm) -> HttpResponse | None:
    told = form.told()
    try:
        details.add(
            visit.episode,
            on=day_of(request, visit.today),
            **told,
            sent_id=form.cleaned_data["event_id"] or new_event_id(),
            by=visit.person,
            at=visit.at,
        )
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was saved: you have not agreed to us keeping it."))
        return None
    danger = details.flags_of(visit.episode, told["mixed"])
    if danger and queries.today_for_person(visit.episode, visit.at).needs_somebody:
        return redirect("help-now")
    messages.success(request, gettext("Saved. Thank you."))
    return redirect("person:today")
