"""One person on one page, the signals to the team, and the acts a clinician takes."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.care import (
    access,
    acts,
    bladder,
    details,
    episodes,
    escalations,
    keeping_well,
    measurements,
    queries,
    questionnaires,
    safeguarding,
)
from stepwell.clinic.care.models import Episode, Lane
from stepwell.clinic.papers import bladder as papers_bladder
from stepwell.clinic.team import brief, cards, doors, forms, strips, words

HALF = 14


@dataclass(frozen=True, slots=True)
class ActView:
    """One act that may be taken now, with its words and its form."""

    kind: str
    name: str
    form: forms.ActForm


@require_safe
@doors.open_to(*doors.CLINICAL)
def person(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Everything about one person; that it was read is kept for the person to see."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    page = queries.person_page(user, episode, now)
    episodes.log_look(episode, by=user, at=now)
    levels = brief.levels(page)
    context = {
        "page": page,
        "episode": page.episode,
        "brief": brief.sentence(page),
        "asks": brief.ask_about(page),
        "gates": brief.gates(page.gates),
        "strip": strips.draw(page.days),
        "halves": (strips.draw(page.days[:HALF]), strips.draw(page.days[HALF:])),
        "described": brief.described(page),
        "levels": levels,
        "near": brief.near(levels),
        "added": brief.added(details.of(episode)[:5]),
        "diary": [(day.up, papers_bladder.known(day)) for day in bladder.days(episode)][-1:],
        "tests_due": len(measurements.due(measurements.every(episode), page.today)),
        "answered": questionnaires.newest(questionnaires.history(episode)),
        "restricted": safeguarding.exist(episode),
        "well": keeping_well.standing(episode, now),
        "cards": [cards.view(card) for card in page.cards if card.lane != Lane.SAFETY],
        "acts": _acts(page),
        "outcomes": {
            line.id: forms.OutcomeForm(auto_id=f"outcome-{line.id}-%s") for line in page.escalations
        },
        "contact": forms.ContactForm(auto_id="contact-%s"),
    }
    return render(request, "team/person.html", context)


def _acts(page: queries.PersonPage) -> list[ActView]:
    """The acts this reader may take today; what is not open is not offered."""
    start = page.plan.start if page.plan else None
    started = start is not None and start <= page.today
    kinds = ["talk", "hold"] if started else ["talk"]
    if page.may_decide and started:
        frozen = page.standing.recommendation.offer == "freeze"
        kinds += ["resume" if frozen else "freeze", "finding", "set_level"]
    if page.may_decide and not page.episode.closed_at:
        kinds.append("close")
    return [ActView(kind, words.act(kind), forms.ActForm.empty(kind)) for kind in kinds]


@require_POST
@doors.open_to(*doors.CLINICAL)
def act(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Take one act on the plan."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    form = forms.ActForm(request.POST)
    if not form.is_valid():
        return _act_again(request, form, episode)
    told = dict(form.cleaned_data)
    kind = told.pop("kind")
    try:
        acts.take(
            episode,
            kind,
            on=episodes.today(episode, now),
            by=user,
            at=now,
            event_id=told["event_id"],
            days=told["days"] if kind == "hold" else None,
            level=told["level"] if kind == "set_level" else None,
            organ=told["organ"] if kind == "finding" else None,
            worse=told["worse"] if kind == "finding" else None,
            reason=told["reason"],
        )
    except acts.NotAllowed as error:
        form.add_error(None, str(error))
        return _act_again(request, form, episode)
    messages.success(request, _("Done: %s.") % words.act(kind))
    return redirect("team:person", episode.pk)


def _act_again(request: HttpRequest, form: forms.ActForm, episode: Episode) -> HttpResponse:
    title = words.act(str(form["kind"].value()))
    context = {
        "form": form,
        "fields": form.asked,
        "title": title,
        "submit": title,
        "episode": episode,
    }
    return render(request, "team/one_form.html", context, status=422)


@require_POST
@doors.open_to(*doors.CLINICAL)
def acknowledge(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """Say "I have seen this" to one signal."""
    user = doors.user_of(request)
    escalation = access.escalation_for(user, escalation_id)
    escalations.acknowledge(escalation, by=user, at=clock.now())
    messages.success(request, _("Marked as seen by you. It stays open until it has an outcome."))
    return redirect(_page_of(request, escalation.episode))


@require_POST
@doors.open_to(*doors.CLINICAL)
def close(request: HttpRequest, escalation_id: UUID) -> HttpResponse:
    """End one signal with what was done."""
    user = doors.user_of(request)
    escalation = access.escalation_for(user, escalation_id)
    form = forms.OutcomeForm(request.POST)
    if not form.is_valid():
        context = {
            "form": form,
            "title": words.flag(escalation.key),
            "submit": _("Close with this outcome"),
            "episode": escalation.episode,
        }
        return render(request, "team/one_form.html", context, status=422)
    try:
        escalations.close(escalation, **form.cleaned_data, by=user, at=clock.now())
    except escalations.AlreadyClosed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Closed. The outcome is kept with your name."))
    return redirect(_page_of(request, escalation.episode))


def _page_of(request: HttpRequest, episode: Episode) -> str:
    return doors.way_back(request, reverse("team:person", args=[episode.pk]))
