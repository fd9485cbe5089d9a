"""Restricted notes: written by a clinician, read by their author and the safeguarding lead."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role
from stepwell.clinic.care import access
from stepwell.clinic.care import safeguarding as care_safeguarding
from stepwell.clinic.care.models import Episode, PersonTold
from stepwell.clinic.team import doors, fields
from stepwell.clinic.team.forms import new_event_id

LONG = 8000
TOLD = {
    PersonTold.FIRST: gettext_lazy("Yes, before it was passed on"),
    PersonTold.AFTER: gettext_lazy("Yes, but afterwards"),
    PersonTold.NOT_TOLD: gettext_lazy("No"),
}


class NoteForm(fields.Form):
    """What every such note has."""

    sent_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    concerns = forms.MultipleChoiceField(
        label=gettext_lazy("Concerns"),
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: list(care_safeguarding.concerns().items()),
    )
    seen = forms.CharField(
        label=gettext_lazy("What was seen or said"), max_length=LONG, widget=fields.lines(6)
    )
    done = forms.CharField(
        label=gettext_lazy("What was done"), max_length=LONG, widget=fields.lines(4)
    )
    who_told = forms.CharField(
        label=gettext_lazy("Who was told"),
        max_length=LONG,
        widget=fields.lines(2),
        help_text=gettext_lazy("Name and role, or “nobody yet”."),
    )
    person_told = forms.ChoiceField(
        label=gettext_lazy("Whether they were told first"),
        choices=list(TOLD.items()),
        widget=forms.RadioSelect,
    )
    why_not = forms.CharField(
        label=gettext_lazy("If not first: why not"),
        max_length=LONG,
        required=False,
        widget=fields.lines(2),
    )


class ReasonForm(fields.Form):
    """Why the glass is broken, in the reader's own words."""

    text = forms.CharField(
        label=gettext_lazy("Why you need to read this now"), max_length=LONG, widget=fields.lines(3)
    )


class AddForm(fields.Form):
    """A correction, or what was done later."""

    text = forms.CharField(
        label=gettext_lazy("What is added"),
        max_length=LONG,
        widget=fields.lines(4),
        help_text=gettext_lazy("The note above stays as it is."),
    )


class LookForm(fields.Form):
    """What the lead makes of one breaking of the glass."""

    text = forms.CharField(
        label=gettext_lazy("What you found, if anything"),
        max_length=LONG,
        required=False,
        widget=fields.lines(2),
    )


# --- a clinician --------------------------------------------------------------------------------


@never_cache
@require_safe
@doors.open_to(*doors.CLINICAL)
def about(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Whether there is a restricted note, and those that this reader may see."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    context = {
        "episode": episode,
        "standing": care_safeguarding.read(episode, by=user, at=now),
        "has_lead": care_safeguarding.has_lead(user),
        "minutes": care_safeguarding.rules()["glass"]["minutes"],
        "told": TOLD,
    }
    return render(request, "team/safeguarding.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def write(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    form = NoteForm(request.POST or None, initial={"sent_id": new_event_id()})
    return _kept(
        request,
        episode,
        form,
        lambda typed: care_safeguarding.write(episode, **typed, by=user, at=now),
        title=_("Write a restricted note"),
        submit=_("Keep it"),
        done=_("Kept. You and the safeguarding lead can read it."),
        checklist=care_safeguarding.checklist(),
        script=care_safeguarding.script(),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def break_glass(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Open the notes with a reason; the lead sees it at once."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    minutes = care_safeguarding.rules()["glass"]["minutes"]
    warning = _(
        "The notes open to you alone, for %(minutes)d minutes. The safeguarding lead sees your "
        "name, the time and your reason at once."
    )
    return _kept(
        request,
        episode,
        ReasonForm(request.POST or None),
        lambda typed: care_safeguarding.break_glass(episode, reason=typed["text"], by=user, at=now),
        title=_("Break the glass"),
        submit=_("Break the glass and read"),
        done=_("Open for a short time. Your reason is kept."),
        warning=warning % {"minutes": minutes},
    )


# --- the lead -----------------------------------------------------------------------------------


@never_cache
@require_safe
@doors.open_to(Role.SAFEGUARDING_LEAD)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with a note; a broken glass that nobody has looked at is on top."""
    user = doors.user_of(request)
    found = care_safeguarding.for_lead(user)
    context = {"found": found, "zone": user.service.time_zone}
    return render(request, "team/safeguarding_people.html", context)


@never_cache
@require_safe
@doors.open_to(Role.SAFEGUARDING_LEAD)
def notes(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """One person's notes and every breaking of the glass; nothing else about them."""
    user, now = doors.user_of(request), clock.now()
    episode = access.restricted_for(user, episode_id)
    broken = [
        (one, LookForm(auto_id=f"look-{one.glass.pk}-%s"))
        for one in care_safeguarding.broken(episode, by=user)
    ]
    context = {
        "episode": episode,
        "standing": care_safeguarding.read(episode, by=user, at=now),
        "broken": broken,
        "told": TOLD,
    }
    return render(request, "team/safeguarding_notes.html", context)


@require_POST
@doors.open_to(Role.SAFEGUARDING_LEAD)
def look(request: HttpRequest, glass_id: UUID) -> HttpResponse:
    form = LookForm(request.POST)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    looked = care_safeguarding.look(glass_id, text=text, by=doors.user_of(request), at=clock.now())
    messages.success(request, _("Marked as looked at by you."))
    return redirect("team:safeguarding_notes", looked.episode_id)


# --- both ---------------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL, Role.SAFEGUARDING_LEAD)
def add(request: HttpRequest, episode_id: UUID, note_id: UUID) -> HttpResponse:
    """A correction beside the note: by its author, or by the lead."""
    user, now = doors.user_of(request), clock.now()
    is_lead = user.role == Role.SAFEGUARDING_LEAD
    door = access.restricted_for if is_lead else access.episode_for
    episode = door(user, episode_id)
    note = care_safeguarding.one(episode, note_id, by=user)
    return _kept(
        request,
        episode,
        AddForm(request.POST or None),
        lambda typed: care_safeguarding.add(episode, note_id, text=typed["text"], by=user, at=now),
        title=_("Add to a restricted note"),
        submit=_("Add it"),
        done=_("Added, with your name."),
        back=reverse("team:safeguarding_notes", args=[episode.pk]) if is_lead else None,
        note=note,
    )


def _kept(
    request: HttpRequest,
    episode: Episode,
    form: forms.Form,
    keep: Callable[[dict[str, Any]], object],
    *,
    done: str,
    back: str | None = None,
    **context: object,
) -> HttpResponse:
    """The form, again with the reason where it does not do; else back to the notes."""
    back = back or reverse("team:safeguarding", args=[episode.pk])
    if form.is_valid():
        try:
            keep(form.cleaned_data)
        except care_safeguarding.Incomplete as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, done)
            return redirect(back)
    context |= {"form": form, "episode": episode, "back": back}
    status = 422 if form.errors else 200
    return render(request, "team/safeguarding_form.html", context, status=status)
