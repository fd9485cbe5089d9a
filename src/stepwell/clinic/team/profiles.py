"""The outcomes profile of one person: a draft, what is asked, and what was confirmed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import access, check_ins, episodes
from stepwell.clinic.care import profiles as care_profiles
from stepwell.clinic.papers import answers
from stepwell.clinic.papers import profile as papers_profile
from stepwell.clinic.team import doors, fields
from stepwell.clinic.team.forms import new_event_id


class ProfileForm(fields.Form):
    """The stage, and what only the person can say."""

    sent_id = forms.CharField(widget=forms.HiddenInput, max_length=80)
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stage = self.fields["stage"]
        assert isinstance(stage, forms.ChoiceField)
        stage.choices = list(care_profiles.rules()["stages"].items())
        for one in care_profiles.questions():
            self.fields[one.field] = forms.CharField(
                label=one.label,
                required=False,
                max_length=10,
                widget=fields.number(),
            )


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def profiles(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    if not care_profiles.asked(episode):
        raise Http404
    form = ProfileForm(request.POST or None, initial={"sent_id": new_event_id()})
    if form.is_valid() and _confirmed(request, form, episode_id):
        return redirect("team:profiles", episode_id=episode.pk)
    if not form.is_bound:
        episodes.log_look(episode, by=user, at=now)
    due_on = care_profiles.due_on(episode)
    context = {
        "episode": episode,
        "draft": care_profiles.draft(episode, now),
        "due_on": due_on,
        "is_due": due_on <= episodes.today(episode, now),
        "kept": [
            (one, care_profiles.rules()["stages"][one.stage]) for one in care_profiles.of(episode)
        ],
        "rules": care_profiles.rules(),
        "form": form,
    }
    return render(request, "team/profiles.html", context, status=422 if form.errors else 200)


def _confirmed(request: HttpRequest, form: ProfileForm, episode_id: UUID) -> bool:
    user, told = doors.user_of(request), form.cleaned_data
    episode = access.episode_for(user, episode_id)
    asked = {"stage": told["stage"], "sent_id": told["sent_id"], "answers": told}
    try:
        care_profiles.confirm(episode, **asked, by=user, at=clock.now())
    except care_profiles.NotAnswered as error:
        form.add_error(error.field, str(error))
    except check_ins.NoConsent as error:
        form.add_error(None, str(error))
    else:
        messages.success(request, _("Kept, as you confirmed it together."))
        return True
    return False


@require_safe
@doors.open_to(*doors.CLINICAL)
def hand_over(request: HttpRequest, episode_id: UUID, profile_id: UUID, form: str) -> HttpResponse:
    """For the service's own return: it is sent nowhere by itself."""
    episode = access.episode_for(doors.user_of(request), episode_id)
    profile = care_profiles.one(episode, profile_id)
    name = f"profile-{profile.on:%Y-%m-%d}"
    if form == "text":
        made = papers_profile.text(profile).encode()
        return answers.hand_over(made, "text/plain; charset=utf-8", f"{name}.txt")
    if form == "csv":
        made = papers_profile.table(profile).encode()
        return answers.hand_over(made, "text/csv; charset=utf-8", f"{name}.csv")
    if form != "pdf":
        raise Http404
    return answers.hand_over(
        papers_profile.pdf(profile, at=clock.now()), answers.PDF, f"{name}.pdf"
    )
