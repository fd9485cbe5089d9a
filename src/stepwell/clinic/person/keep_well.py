"""Keep well: light check-ins after the end, one's own signs and plan, and the open door."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from stepwell.clinic.care import check_ins, keeping_well
from stepwell.clinic.care.models import WellHow, WellUse
from stepwell.clinic.person import doors, forms, words

BOTH = ["GET", "POST"]


@doors.own
@require_http_methods(BOTH)
def keep_well(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    standing = keeping_well.standing(visit.episode, visit.at)
    form = forms.WellCheckForm(doors.sent(request), initial={"number": standing.number})
    if form.is_valid():
        return _tell(request, visit, form)
    context = {
        "tab": "me",
        "standing": standing,
        "form": form,
        "signs": _lines(standing.plan.signs if standing.plan else ""),
        "hard_days": _lines(standing.plan.hard_days if standing.plan else ""),
        "pinned": words.keep_well("tolerance", "tolerance_mix"),
        "after": words.keep_well("bladder", "nothing_resets"),
        "not_watched": words.keep_well("not_watched"),
        "door": words.keep_well("door", "door_asks"),
        "door_shut": words.keep_well("door_shut"),
    }
    return render(request, "person/keep_well.html", context)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _tell(request: HttpRequest, visit: doors.Visit, form: forms.WellCheckForm) -> HttpResponse:
    told = dict(form.cleaned_data)
    try:
        keeping_well.tell(visit.episode, told.pop("number"), **told, by=visit.person, at=visit.at)
    except (check_ins.NoConsent, keeping_well.NotOpen):
        messages.error(request, gettext("Nothing was saved."))
        return redirect("person:keep-well")
    messages.success(request, _answer(told["how"], told["used"]))
    if told["wants_call"]:
        messages.success(request, words.keep_well("asked")[0])
    return redirect("person:keep-well")


def _answer(how: str, used: str) -> str:
    """One true line. It never scores."""
    if how == WellHow.HARD:
        return gettext("Saved. That sounds hard. Help is one tap away, day and night.")
    if used == WellUse.YES:
        return gettext("Saved. Thanks for telling us. It takes nothing away.")
    if how == WellHow.WOBBLY:
        return gettext("Saved. Your own plan for hard days is on this page.")
    return gettext("Saved. Thank you.")


@doors.own
@require_http_methods(BOTH)
def write(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Early signs and the plan for hard days, as the person types them."""
    kept = keeping_well.plan(visit.episode)
    known = {"signs": kept.signs, "hard_days": kept.hard_days} if kept else {}
    form = forms.WellPlanForm(doors.sent(request), initial=known)
    if not form.is_valid():
        return render(request, "person/keep_well_list.html", {"tab": "me", "form": form})
    try:
        keeping_well.write(visit.episode, by=visit.person, at=visit.at, **form.cleaned_data)
    except check_ins.NoConsent:
        messages.error(request, gettext("Nothing was saved: you have not agreed to us keeping it."))
    return redirect("person:keep-well")


@doors.own
@require_POST
def come_back(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The open door: begin again with the same team."""
    try:
        keeping_well.come_back(visit.episode, by=visit.person, at=visit.at)
    except (check_ins.NoConsent, keeping_well.NotOpen):
        messages.error(request, gettext("That did not work. Please call your team."))
        return redirect("person:keep-well")
    messages.success(request, words.keep_well("back")[0])
    return redirect("person:start")
