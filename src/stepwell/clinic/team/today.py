"""Who needs this worker first: four lanes, and the whole caseload."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role
from stepwell.clinic.care import access, episodes, queries
from stepwell.clinic.care.models import Lane
from stepwell.clinic.team import cards, doors, forms, words


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane as it is shown."""

    lane: Lane
    name: str
    asks: str
    tag: str
    views: tuple[cards.CardView, ...]


@require_safe
@doors.open_to(*doors.TEAM)
def home(request: HttpRequest) -> HttpResponse:
    """The first page for whoever signed in."""
    role = doors.user_of(request).role
    if role == Role.MANAGER:
        return redirect("team:overview")
    if role == Role.SAFEGUARDING_LEAD:
        return redirect("team:safeguarding_people")
    if role == Role.ADMINISTRATOR:
        return redirect("team:accounts")
    return today(request)


@require_safe
@doors.open_to(*doors.CLINICAL)
def today(request: HttpRequest) -> HttpResponse:
    """Four lanes of cards; nothing else decides the order of the day."""
    user, now = doors.user_of(request), clock.now()
    lanes = [_lane(lane, found) for lane, found in queries.lanes(user, now).items()]
    context = {
        "lanes": lanes,
        "waiting": sum(len(lane.views) for lane in lanes),
        "checked_at": now,
        "zone": user.service.time_zone,
    }
    return render(request, "team/today.html", context)


def _lane(lane: Lane, found: Iterable[queries.Card]) -> LaneView:
    return LaneView(
        lane=lane,
        name=words.of(words.LANE, lane),
        asks=words.of(words.LANE_ASKS, lane),
        tag=words.of(words.LANE_TAG, lane),
        views=tuple(cards.view(card) for card in found),
    )


@require_safe
@doors.open_to(*doors.CLINICAL)
def caseload(request: HttpRequest) -> HttpResponse:
    """Everybody this worker may see, with what waits for each."""
    user, now = doors.user_of(request), clock.now()
    waiting: dict[UUID, list[cards.CardView]] = {}
    for found in queries.lanes(user, now).values():
        for card in found:
            waiting.setdefault(card.episode_id, []).append(cards.view(card))
    wanted, mine = request.GET.get("q", "").strip(), request.GET.get("mine") == "1"
    shown = access.caseload_for(user).select_related("person", "keyworker")
    rows = [
        {"episode": one, "cards": waiting.get(one.pk, [])}
        for one in shown
        if wanted.casefold() in one.person.display_name.casefold()
        and (not mine or one.keyworker_id == user.pk)
    ]
    context = {"rows": rows, "q": wanted, "mine": mine, "zone": user.service.time_zone}
    return render(request, "team/caseload.html", context)


@doors.open_to(*doors.CLINICAL)
def contact(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Log that somebody reached out."""
    user = doors.user_of(request)
    episode = access.episode_for(user, episode_id)
    form = forms.ContactForm(request.POST or None)
    if not form.is_valid():
        return _again(request, form, _("Log a contact"), episode)
    episodes.log_contact(episode, **form.cleaned_data, by=user, at=clock.now())
    messages.success(request, _("Contact with %s logged.") % episode.person.display_name)
    return redirect(doors.way_back(request, reverse("team:person", args=[episode.pk])))


@doors.open_to(*doors.CLINICAL)
def snooze(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    """Put a card off until a day, with a reason."""
    user, now = doors.user_of(request), clock.now()
    episode = access.episode_for(user, episode_id)
    day = episodes.today(episode, now)
    lane = request.GET.get("lane", Lane.QUIET)
    form = forms.SnoozeForm(request.POST or None, today=day, initial={"lane": lane})
    if not form.is_valid():
        return _again(request, form, _("Put off"), episode)
    try:
        episodes.snooze(episode, **form.cleaned_data, by=user, at=now)
    except episodes.NotAllowed as error:
        form.add_error(None, str(error))
        return _again(request, form, _("Put off"), episode)
    messages.success(
        request,
        _("%(name)s is put off until %(day)s.")
        % {"name": episode.person.display_name, "day": form.cleaned_data["until"]},
    )
    return redirect(doors.way_back(request, reverse("team:home")))


def _again(request: HttpRequest, form: object, title: str, episode: object) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "episode": episode,
        "next": doors.way_back(request, ""),
        "submit": title,
    }
    return render(request, "team/one_form.html", context, status=422 if request.POST else 200)
