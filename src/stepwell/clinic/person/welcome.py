"""The doors for somebody who is not signed in, and the diary that never leaves the phone."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.person import pages, words

# A week of nobody's: what was told of each day, oldest first.
MADE_UP_WEEK = ("used", "used", "missing", "none", "used", "none", "none")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the diary; the last answer of pain and of oneself shows Help at once."""

    name: str
    text: Any
    answers: tuple[tuple[str, Any], ...]


_PAIN = (gettext_lazy("None"), gettext_lazy("Some"), gettext_lazy("Bad"), gettext_lazy("Very bad"))
_PULL = (
    *(gettext_lazy("None"), gettext_lazy("Some")),
    *(gettext_lazy("Strong"), gettext_lazy("Non-stop")),
)
_SELF = (
    *(gettext_lazy("Good"), gettext_lazy("Fine"), gettext_lazy("So-so")),
    *(gettext_lazy("Bad"), gettext_lazy("Very bad")),
)
_USED = (
    ("off", gettext_lazy("Day off")),
    ("used", gettext_lazy("I used")),
    ("unsaid", gettext_lazy("Rather not say")),
)


def _from_0(labels: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    return tuple((str(number), label) for number, label in enumerate(labels))


QUESTIONS = (
    Question("used", gettext_lazy("Did you use that day?"), _USED),
    Question("pain", gettext_lazy("Pain, in the bladder or cramps?"), _from_0(_PAIN)),
    Question("pull", gettext_lazy("The pull to use?"), _from_0(_PULL)),
    Question("self", gettext_lazy("How were you in yourself?"), _from_0(_SELF)),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Whoever is signed in goes to where they belong; everybody else chooses a door."""
    if not isinstance(request.user, User):
        return render(request, "person/welcome.html")
    if request.user.role == Role.PERSON:
        return redirect("person:today")
    return redirect("/team/")


@require_safe
def private(request: HttpRequest) -> HttpResponse:
    """Who could see what on this phone, and what Hide does and does not do."""
    return render(request, "person/private.html")


@require_safe
def around(request: HttpRequest) -> HttpResponse:
    """The app with somebody made up in it, and no amount: those need a clinician's approval."""
    week = pages.a_week(MADE_UP_WEEK, clock.now().date())
    questions = [item for item in words.items() if item.core]
    return render(request, "person/around.html", {"week": week, "questions": questions})


@require_safe
def diary(request: HttpRequest) -> HttpResponse:
    """The same empty page for everybody: what is written in it stays in the phone, locked."""
    return render(request, "person/diary.html", {"questions": QUESTIONS})
