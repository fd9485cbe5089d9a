"""Body: the three-day bladder diary, what it comes to, and the paper for the doctor."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell.clinic.care import access, bladder, check_ins, showing, words
from stepwell.clinic.care.voiding import Entry, Kind
from stepwell.clinic.papers import answers
from stepwell.clinic.papers import bladder as papers_bladder
from stepwell.clinic.person import doors
from stepwell.clinic.person.forms import SKIP, new_event_id

YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")), SKIP]
TOLD = {"yes": True, "no": False, "": None}


class EntryForm(forms.Form):
    """One line of the diary. Only the time is needed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What?"),
        choices=[
            (Kind.VOID, gettext_lazy("I peed")),
            (Kind.DRINK, gettext_lazy("I drank")),
            (Kind.UP, gettext_lazy("I got up")),
            (Kind.BED, gettext_lazy("I went to bed")),
        ],
        initial=Kind.VOID,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    at = forms.DateTimeField(
        label=gettext_lazy("When?"),
        widget=forms.DateTimeInput(
            attrs={"class": "input w-12", "type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
        ),
        error_messages={
            "required": gettext_lazy("Choose a day and a time."),
            "invalid": gettext_lazy("Choose a day and a time."),
        },
    )
    ml = forms.IntegerField(
        label=gettext_lazy("How many ml?"),
        help_text=gettext_lazy("Only if you measured. Leave it empty if not."),
        required=False,
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput(attrs={"class": "input w-4", "inputmode": "numeric"}),
        error_messages={"invalid": gettext_lazy("Write a whole number of ml, like 250.")},
    )
    leaked = forms.ChoiceField(
        label=gettext_lazy("Did any leak?"),
        choices=YES_NO,
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    blood = forms.ChoiceField(
        label=gettext_lazy("Was there blood?"),
        choices=YES_NO,
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    pain = forms.ChoiceField(
        label=gettext_lazy("Pain? 0: none. 10: as bad as it gets."),
        choices=[*((str(n), str(n)) for n in range(11)), SKIP],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    confirmed = forms.BooleanField(label=gettext_lazy("It is right"), required=False)
    event_id = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)

    may_confirm = False

    def entry(self) -> Entry:
        told = self.cleaned_data
        is_void = told["kind"] == Kind.VOID
        return Entry(
            kind=Kind(told["kind"]),
            at=told["at"],
            ml=told["ml"] if told["kind"] in (Kind.VOID, Kind.DRINK) else None,
            leaked=TOLD[told["leaked"]] if is_void else None,
            blood=TOLD[told["blood"]] if is_void else None,
            pain=int(told["pain"]) if is_void and told["pain"] else None,
        )


@doors.own
@require_safe
def body(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    lines = bladder.last_diary(visit.episode)
    signs = showing.card(visit.episode, visit.at).signs
    context = {
        "tab": "progress",
        "signs": [(words.flag(one.flag).person, one.on) for one in signs],
        "wanted": bladder.rules()["days"],
        "days": [(day.up, papers_bladder.known(day)) for day in bladder.days(visit.episode)],
        "lines": [(line, papers_bladder.said(line.entry)) for line in reversed(lines)],
    }
    return render(request, "person/body.html", context)


@doors.own
@require_http_methods(["GET", "POST"])
def diary(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    start = {
        "at": visit.at.astimezone(ZoneInfo(visit.episode.time_zone)),
        "event_id": new_event_id(),
    }
    form = EntryForm(doors.sent(request), initial=start)
    if form.is_valid():
        answer = _add(request, visit, form)
        if answer is not None:
            return answer
    return render(request, "person/body_diary.html", {"tab": "progress", "form": form})


def _add(request: HttpRequest, visit: doors.Visit, form: EntryForm) -> HttpResponse | None:
    told = form.cleaned_data
    kept: dict[str, Any] = {"confirmed": told["confirmed"], "by": visit.person, "at": visit.at}
    try:
        entry = form.entry()
        bladder.add(visit.episode, entry, sent_id=told["event_id"] or new_event_id(), **kept)
    except bladder.Refused as error:
        form.may_confirm = error.may_confirm
        form.add_error(error.name, str(error))
        return None
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was saved: you have not agreed to us keeping it."))
        return None
    if entry.blood:
        return redirect("help-now")
    messages.success(request, gettext("Saved. Thank you."))
    return redirect("person:body")


@doors.own
@require_POST
def take_out(request: HttpRequest, visit: doors.Visit, entry_id: UUID) -> HttpResponse:
    try:
        bladder.take_out(visit.episode, entry_id, by=visit.person, at=visit.at)
    except access.NotFound as error:
        raise Http404 from error
    messages.success(request, gettext("Taken out."))
    return redirect("person:body")


@doors.own
@require_safe
def paper(_: HttpRequest, visit: doors.Visit) -> HttpResponse:
    made = papers_bladder.pdf(visit.episode, at=visit.at)
    return answers.hand_over(made, answers.PDF, f"steps-{visit.today}-3-days.pdf")
