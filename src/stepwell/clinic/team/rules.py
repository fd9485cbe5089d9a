"""The rules of a service: which numbers count, who set them, and what others would do first."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import rules as care_rules
from stepwell.clinic.care import thresholds
from stepwell.clinic.care.thresholds import Rules
from stepwell.clinic.team import cards, doors, fields

DAYS = [
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
]


class Hour(forms.TimeField):
    """An hour of the clock, cleaned to text such as 09:00."""

    def __init__(self, **options: Any) -> None:
        attrs = {"class": "input w-8", "type": "time"}
        widget = forms.TimeInput(attrs=attrs, format="%H:%M")
        super().__init__(widget=widget, input_formats=["%H:%M"], **options)
        self.error_messages["invalid"] = _("Write it as 09:00.")

    def clean(self, value: Any) -> Any:
        return f"{super().clean(value):%H:%M}"


def _days(label: Any, name: str, **options: Any) -> fields.Whole:
    low, high = thresholds.bounds()[name]
    told = _("From %(low)d to %(high)d.") % {"low": low, "high": high}
    return fields.Whole(label=label, low=low, high=high, help_text=told, **options)


class RulesForm(fields.Form):
    """Every number of a service, and why it is to be so."""

    nudge = _days(gettext_lazy("Days of silence: send a neutral note"), "nudge")
    call = _days(gettext_lazy("Days of silence: call on the safe number"), "call")
    second_channel = _days(
        gettext_lazy("Days of silence: try the second way to reach them"), "second_channel"
    )
    team_discussion = _days(
        gettext_lazy("Days of silence: talk about it in the team"), "team_discussion"
    )
    review_due_within_days = _days(
        gettext_lazy("Days before a review date that its card appears"), "review_due_within_days"
    )
    baseline_days = _days(gettext_lazy("Days told that are enough for a plan"), "baseline_days")
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Days on which the team is there"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    opens = Hour(label=gettext_lazy("From"))
    closes = Hour(label=gettext_lazy("Until"))
    promise_minutes = _days(
        gettext_lazy("Minutes, in those hours, until a safety signal is looked at"),
        "promise_minutes",
        required=False,
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is to be so"), widget=fields.lines(2), required=False
    )

    def ask_why(self) -> None:
        """A reason is needed to keep them, not to look at what they would do."""
        self.fields["reason"].required = True

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            for fault in care_rules.faults(self.rules):
                self.add_error(fault.field, str(fault))
        return told

    @property
    def rules(self) -> Rules:
        told = {name: self.cleaned_data[name] for name in self.fields if name != "reason"}
        return Rules(**{**told, "days": tuple(sorted(told["days"]))})


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.TEAM)
def rules(request: HttpRequest) -> HttpResponse:
    """Everybody of the team reads them; a clinician changes them after seeing what that does."""
    user = doors.user_of(request)
    found = thresholds.in_force(user.service)
    if request.method == "POST" and not user.is_clinician:
        raise Http404
    form, keep = (
        RulesForm(request.POST or None, initial=found.rules.values()),
        "keep" in request.POST,
    )
    effect = None
    if keep:
        form.ask_why()
    if form.is_valid():
        if keep and _kept(request, user, form):
            return redirect("team:rules")
        effect = _effect(user, form)
        form.ask_why()
    context = {
        "form": form,
        "found": found,
        "rows": [(field.label, getattr(found.rules, field.name)) for field in _numbers(form)],
        "hours": care_rules.hours_in_words(found.rules),
        "last": found.rules.ladder[-1][0],
        "effect": effect,
        "may_change": user.is_clinician,
        "shipped": thresholds.shipped(user.service) == found.rules,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "team/rules.html", context, status=status)


def _numbers(form: RulesForm) -> list[forms.BoundField]:
    return [form[name] for name in thresholds.bounds()]


def _kept(request: HttpRequest, user: User, form: RulesForm) -> bool:
    try:
        reason = form.cleaned_data["reason"]
        care_rules.change(form.rules, reason=reason, by=user, at=clock.now())
    except care_rules.NotAllowed as error:
        form.add_error(error.field, str(error))
        return False
    messages.success(request, _("These rules count from now on."))
    return True


def _effect(user: User, form: RulesForm) -> dict[str, Any]:
    told = care_rules.preview(user, form.rules, clock.now())
    return {
        "come": [cards.view(card) for card in told.come],
        "go": [cards.view(card) for card in told.go],
        "of": told.of,
        "is_everybody": told.is_everybody,
    }
