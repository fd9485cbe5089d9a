"""Tests of a person: what falls due, what they showed, and writing down another."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.care import access, days, episodes
from stepwell.clinic.care import measurements as care_measurements
from stepwell.clinic.care.measurements import Group
from stepwell.clinic.care.models import Episode
from stepwell.clinic.team import doors, fields
from stepwell.clinic.team.forms import new_event_id


class MeasurementForm(fields.Form):
    """One group of values, as text with or without the unit, and the day they were taken."""

    on = fields.Day(label=gettext_lazy("Taken on"))
    sent_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    confirmed = forms.BooleanField(label=gettext_lazy("It is right as written"), required=False)

    def __init__(self, group: Group, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        for one in group.measures:
            self.fields[one.name] = forms.CharField(
                label=f"{one.label} ({one.unit})",
                max_length=30,
                required=False,
                widget=fields.text("input w-8", inputmode="decimal"),
            )
        self.may_confirm = False
        self.order_fields(["on", *(one.name for one in group.measures), "confirmed"])

    @property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in ("sent_id", "confirmed")]

    def typed(self) -> dict[str, str]:
        return {one.name: self.cleaned_data.get(one.name, "") for one in self.group.measures}

    def refuse(self, error: care_measurements.Refused) -> None:
        self.may_confirm = error.may_confirm
        self.add_error(error.name, str(error))


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def tests(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """All groups; the one that was sent keeps what was typed where it was refused."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    sent = _sent(request)
    if sent and sent.is_valid() and _record(request, episode, sent):
        return redirect("team:tests", episode_id=episode.pk)
    episodes.log_look(episode, by=user, at=now)
    found = care_measurements.every(episode)
    on = days.today(episode, now)
    context = {
        "episode": episode,
        "on": on,
        "due": care_measurements.due(found, on),
        "groups": [(one, _form(one.group, sent, on)) for one in found],
        "form": sent,
    }
    return render(request, "team/tests.html", context)


def _sent(request: HttpRequest) -> MeasurementForm | None:
    if request.method != "POST":
        return None
    group = care_measurements.groups().get(request.POST.get("group", ""))
    if group is None:
        raise Http404
    return MeasurementForm(group, request.POST, auto_id=f"{group.name}-%s")


def _form(group: Group, sent: MeasurementForm | None, on: object) -> MeasurementForm:
    if sent and sent.group is group:
        return sent
    initial = {"on": on, "sent_id": new_event_id()}
    return MeasurementForm(group, initial=initial, auto_id=f"{group.name}-%s")


def _record(request: HttpRequest, episode: Episode, form: MeasurementForm) -> bool:
    told = form.cleaned_data
    try:
        care_measurements.record(
            episode,
            form.group.name,
            form.typed(),
            on=told["on"],
            confirmed=told["confirmed"],
            sent_id=told["sent_id"],
            by=doors.user_of(request),
            at=clock.now(),
        )
    except care_measurements.Refused as error:
        form.refuse(error)
        return False
    messages.success(request, _("Written down. They see it on their phone, in plain words."))
    return True
