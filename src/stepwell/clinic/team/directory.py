"""The directory: what a person's Help shows, ringing each number, and the service's own."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from stepwell.clinic import clock
from stepwell.clinic.care import access
from stepwell.clinic.care import directory as care_directory
from stepwell.clinic.team import doors, fields

KIND = {
    "emergency": gettext_lazy("Emergency"),
    "crisis": gettext_lazy("Crisis line"),
    "drugs": gettext_lazy("Advice about drugs"),
    "clinic": gettext_lazy("Clinic"),
    "specialist": gettext_lazy("Specialist"),
    "group": gettext_lazy("Group"),
}
DID = ("rang", "failed", "retired")


class EntryForm(fields.Form):
    """A number of the service's own. It is shown to nobody until somebody has rung it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, widget=fields.text())
    number = forms.RegexField(
        r"^\+?[0-9][0-9 ()-]{1,30}$",
        label=gettext_lazy("Number"),
        max_length=40,
        widget=fields.text("input w-12", inputmode="tel"),
        error_messages={"invalid": gettext_lazy("Write a number: figures, spaces, + and -.")},
    )
    how = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[("call", gettext_lazy("Call")), ("text", gettext_lazy("Text"))],
        initial="call",
        widget=forms.RadioSelect,
    )
    what_for = forms.ChoiceField(
        label=gettext_lazy("What for"), choices=list(KIND.items()), widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=gettext_lazy("Hours, region, for whom"),
        max_length=200,
        required=False,
        widget=fields.text(),
    )


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.TEAM)
def directory(request: HttpRequest) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    form = EntryForm(request.POST or None)
    if form.is_valid():
        care_directory.add(user.service, **form.cleaned_data, by=user, at=now)
        messages.success(request, _("Added. Check it, and write that down: then Help shows it."))
        return redirect("team:directory")
    found = care_directory.every(user.service, now.date())
    context = {
        "entries": [(entry, KIND.get(entry.line.kind, entry.line.kind)) for entry in found],
        "form": form,
    }
    return render(request, "team/directory.html", context)


@require_POST
@doors.open_to(*doors.TEAM)
def change(request: HttpRequest) -> HttpResponse:
    """It answered, it did not, or it is taken out."""
    user, did, key = doors.user_of(request), request.POST.get("did"), request.POST.get("key", "")
    if did not in DID:
        raise Http404
    at = clock.now()
    try:
        if did == "retired":
            care_directory.retire(user.service, key, by=user, at=at)
        else:
            care_directory.rang(user.service, key, works=did == "rang", by=user, at=at)
    except access.NotFound as error:
        raise Http404 from error
    messages.success(request, _("Written down with your name and today's date."))
    return redirect("team:directory")
