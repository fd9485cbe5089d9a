"""After a restore: what is frozen and why, and how a named clinician ends it."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stepwell.clinic import clock
from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import restoring
from stepwell.clinic.team import doors, fields


class LiftForm(fields.Form):
    """What was checked since the backup, in a clinician's own words."""

    reason = forms.CharField(
        label=gettext_lazy("What you checked since the backup, and how"),
        widget=fields.lines(5),
    )


@doors.open_to(*doors.TEAM)
def restored(request: HttpRequest) -> HttpResponse:
    """What to check first, for the whole team; the form to lift it for clinicians alone."""
    user = doors.user_of(request)
    held = freezing.held(user.service_id)
    form = LiftForm(request.POST or None)
    if form.is_valid() and _lifted(request, user, form):
        return redirect("team:service")
    context: dict[str, object] = {"held": held, "form": form, "may_lift": user.is_clinician}
    context["lifted"] = freezing.lifted(user.service)
    status = 422 if request.method == "POST" else 200
    return render(request, "team/restored.html", context, status=status)


def _lifted(request: HttpRequest, user: User, form: LiftForm) -> bool:
    try:
        restoring.lift(user.service, reason=form.cleaned_data["reason"], by=user, at=clock.now())
    except freezing.NotAllowed as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, _("Lifted. Plans show their amounts again."))
    return True
