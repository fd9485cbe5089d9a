"""Letters about a person: drafted, shown to them, and only then handed over."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import access, episodes
from stepwell.clinic.care import letters as care_letters
from stepwell.clinic.care.letters import Kind
from stepwell.clinic.care.models import Letter
from stepwell.clinic.papers import answers
from stepwell.clinic.papers import letter as papers_letter
from stepwell.clinic.team import doors, fields


class LetterForm(fields.Form):
    """Whom it goes to, what the writer adds, and a reason where there is no yes to wait for."""

    to = forms.CharField(label=gettext_lazy("To"), max_length=200, widget=fields.text())
    note = forms.CharField(
        label=gettext_lazy("In your own words"),
        required=False,
        max_length=4000,
        widget=fields.lines(6),
        help_text=gettext_lazy("They read it before it goes."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it cannot wait for their yes"),
        required=False,
        max_length=300,
        widget=fields.text(),
    )

    def __init__(self, kind: Kind, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not kind.needs_reason:
            del self.fields["reason"]


@require_safe
@doors.open_to(*doors.CLINICAL)
def letters(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    episodes.log_look(episode, by=user, at=now)
    written = [
        (one, care_letters.kinds()[one.kind], care_letters.seen(one))
        for one in care_letters.of(episode)
    ]
    kinds = [(kind, care_letters.refusal(episode, kind)) for kind in care_letters.kinds().values()]
    context = {"episode": episode, "written": written, "kinds": kinds}
    return render(request, "team/letters.html", context)


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.CLINICAL)
def write(request: HttpRequest, episode_id: UUID, kind: str) -> HttpResponse:
    """The draft as it would go, and what the writer adds; refused with the reason."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    asked = care_letters.kinds().get(kind)
    if asked is None:
        raise Http404
    form = LetterForm(asked, request.POST or None, initial={"to": asked.to})
    if form.is_valid():
        told = {"reason": "", **form.cleaned_data}
        try:
            care_letters.write(episode, kind, **told, by=user, at=now)
        except care_letters.NotShared as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Written. They see it on their phone before it goes."))
            return redirect("team:letters", episode_id=episode.pk)
    context = {
        "episode": episode,
        "kind": asked,
        "form": form,
        "refusal": care_letters.refusal(episode, asked),
        "parts": care_letters.compose(episode, asked, now),
    }
    return render(request, "team/letter.html", context)


@require_POST
@doors.open_to(*doors.CLINICAL)
def read_together(request: HttpRequest, episode_id: UUID, letter_id: UUID) -> HttpResponse:
    user = doors.user_of(request)
    letter = _letter(request, episode_id, letter_id)
    care_letters.see(letter, by=user, at=clock.now())
    return redirect("team:letters", episode_id=episode_id)


@require_POST
@doors.open_to(*doors.CLINICAL)
def hand_over(request: HttpRequest, episode_id: UUID, letter_id: UUID, form: str) -> HttpResponse:
    """As a PDF or as text, once they have seen it."""
    now = clock.now()
    letter = _letter(request, episode_id, letter_id)
    try:
        care_letters.hand_over(letter, by=doors.user_of(request), at=now)
    except (care_letters.NotSeen, care_letters.NotShared) as error:
        messages.error(request, str(error))
        return redirect("team:letters", episode_id=episode_id)
    name = f"{letter.kind}-{letter.at:%Y-%m-%d}"
    if form == "text":
        made = papers_letter.text(letter).encode()
        return answers.hand_over(made, "text/plain; charset=utf-8", f"{name}.txt")
    return answers.hand_over(papers_letter.pdf(letter, at=now), answers.PDF, f"{name}.pdf")


def _letter(request: HttpRequest, episode_id: UUID, letter_id: UUID) -> Letter:
    episode = access.episode_for(doors.user_of(request), episode_id)
    return care_letters.one(episode, letter_id)
