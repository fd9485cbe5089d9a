"""Who needs this worker first: four lanes, and the whole caseload."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Role
from stepwell.clinic.care import access, duty, episodes, queries
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
    more: bool


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
    found = queries.team_day(user, now)
    lanes = [_lane(lane, shown, lane in found.more) for lane, shown in found.lanes.items()]
    context = {
        "lanes": lanes,
        "waiting": sum(len(lane.views) for lane in lanes),
        "more": bool(found.more),
        "behind": found.behind,
        "unowned": [cards.view(card) for card in found.unowned],
        "duty": queries.on_duty(user.service, now),
        "colleagues": [one for one in queries.colleagues(user) if one != user],
        "nobody_is_told": queries.nobody_is_told(user, now),
        "checked_at": now,
        "zone": user.service.time_zone,
    }
    return render(request, "team/today.html", context)


def _lane(lane: Lane, found: Iterable[queries.Card], more: bool) -> LaneView:
    return LaneView(
        lane=lane,
        name=words.of(words.LANE, lane),
        asks=words.of(words.LANE_ASKS, lane),
        tag=words.of(words.LANE_TAG, lane),
        views=tuple(cards.view(card) for card in found),
        more=more,
    )


@require_safe
@doors.open_to(*doors.CLINICAL)
def lane(request: HttpRequest, lane: str) -> HttpResponse:
    """All cards of one lane, some at a time."""
    if lane not in list(Lane):
        raise Http404
    user, only, skip = doors.user_of(request), Lane(lane), _whole(request.GET.get("skip", ""))
    found = queries.team_day(user, clock.now(), only=only, skip=skip)
    context = {
        "lane": _lane(only, found.lanes[only], only in found.more),
        "first": skip + 1,
        "behind": found.behind,
        "next": skip + queries.A_PAGE,
        "before": max(skip - queries.A_PAGE, 0) if skip else None,
        "zone": user.service.time_zone,
    }
    return render(request, "team/lane.html", context)


def _whole(asked: str) -> int:
    return int(asked) if asked.isdecimal() else 0


@require_safe
@doors.open_to(*doors.CLINICAL)
def caseload(request: HttpRequest) -> HttpResponse:
    """Everybody this worker may see, with what waits for each."""
    user, now = doors.user_of(request), clock.now()
    wanted, mine = request.GET.get("q", "").strip(), request.GET.get("mine") == "1"
    after = _id(request.GET.get("after", ""))
    page = queries.caseload(user, now, name=wanted, mine=mine, after=after)
    context = {
        "rows": [(row.episode, [cards.view(card) for card in row.cards]) for row in page.rows],
        "next": page.after,
        "behind": page.behind,
        "is_first": after is None,
        "q": wanted,
        "mine": mine,
        "zone": user.service.time_zone,
    }
    return render(request, "team/caseload.html", context)


def _id(asked: str) -> UUID | None:
    try:
        return UUID(asked)
    except ValueError:
        return None


@require_POST
@doors.open_to(*doors.CLINICAL)
def take_duty(request: HttpRequest) -> HttpResponse:
    """Be on duty, or put a colleague there, until the hours end."""
    user, now = doors.user_of(request), clock.now()
    asked = request.POST.get("who", "")
    who = next((one for one in queries.colleagues(user) if str(one.pk) == asked), None)
    if who is None:
        raise Http404
    duty.take(user.service, who, by=user, at=now)
    messages.success(request, _("%(name)s is on duty.") % {"name": who.display_name})
    return redirect("team:home")


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
