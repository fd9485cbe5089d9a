"""How the team reaches this person: only so, in their own words."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from stepwell.clinic.care import check_ins
from stepwell.clinic.care import reach as care_reach
from stepwell.clinic.person import doors, forms


@doors.own
@require_http_methods(["GET", "POST"])
def reach(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    note = care_reach.of(visit.episode, visit.at).note
    known = {name: getattr(note, name, "") for name in care_reach.FIELDS}
    form = forms.ReachForm(doors.sent(request), initial=known)
    if form.is_valid() and _kept(request, visit, form):
        return redirect("person:me")
    return render(request, "person/reach.html", {"form": form, "note": note})


def _kept(request: HttpRequest, visit: doors.Visit, form: forms.ReachForm) -> bool:
    try:
        care_reach.write(visit.episode, form.cleaned_data, by=visit.person, at=visit.at)
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was saved: you have not agreed to us keeping it."))
        return False
    messages.success(request, gettext("Saved. We keep to it."))
    return True
