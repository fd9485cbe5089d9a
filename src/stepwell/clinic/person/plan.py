"""The plan: agreeing to it, seeing where one is, and the acts that are the person's own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stepwell.clinic.care import acts, episodes, plans, queries, sheets
from stepwell.clinic.care.models import Goal
from stepwell.clinic.person import doors, forms, pages, phone, views, words

SAID = {
    "step": "Done. You are on the next step. Less is always fine.",
    "step_back": "Done. You are one step back. It is part of the plan.",
    "talk": "Your team will see that you want to talk.",
    "end-hold": "Your hold has ended.",
}


@doors.own
@require_safe
def plan(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.plan_for_person(visit.episode, visit.at)
    today = queries.today_for_person(visit.episode, visit.at)
    stairs = pages.stairs_now(page)
    context = {
        "tab": "plan",
        "page": page,
        "today": today,
        "stairs": stairs,
        "ends": pages.ends(stairs),
        "next_rung": pages.next_rung(page),
        "last_level": today.levels - 1,
        "last_line": pages.last_line(today),
        "history": pages.history(page),
        "hold_form": forms.HoldForm(),
        "event_id": forms.new_event_id(),
        "code": sheets.code(today, page),
        "paused": views.paused_lines(visit.episode, also_depends=today.also_depends),
    }
    return phone.may_be_kept(render(request, "person/plan.html", context), today)


@doors.own
@require_http_methods(["GET", "POST"])
def agree(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.plan_for_person(visit.episode, visit.at)
    if page.to_agree is None:
        return redirect("person:plan")
    form = forms.AgreeForm(doors.sent(request), today=visit.today)
    if (
        request.method == "POST"
        and form.is_valid()
        and _agreed(request, visit, page.to_agree, form)
    ):
        return redirect("person:plan")
    rungs, stairs = pages.rungs_of(page.to_agree), pages.stairs_of(page.to_agree)
    context = {
        "tab": "plan",
        "page": page,
        "view": page.to_agree,
        "form": form,
        "event_id": forms.new_event_id(),
        "stairs": stairs,
        "ends": pages.ends(stairs),
        "steps": len(rungs) - 1,
        "first_mg": rungs[0].ceiling_mg,
        "last_mg": rungs[-1].ceiling_mg,
        "emergencies": words.emergencies(),
    }
    return render(request, "person/agree.html", context)


def _agreed(
    request: HttpRequest, visit: doors.Visit, view: queries.PlanView, form: forms.AgreeForm
) -> bool:
    told = form.cleaned_data
    try:
        plans.agree(
            view.plan,
            start=told["start"],
            teach_back=told["teach_back"],
            by=visit.person,
            at=visit.at,
        )
    except (plans.NotReady, plans.Outdated) as error:
        form.add_error(None, str(error))
        return False
    messages.success(request, gettext("Agreed. You can hold or talk to us at any time."))
    return True


@doors.own
@require_POST
def stop_now(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The equal choice: the goal changes, and the team is asked to talk."""
    episodes.describe(visit.episode, by=visit.person, at=visit.at, goal=Goal.STOP_NOW)
    _take(request, visit, "talk", reason="stop now, with support")
    return redirect("person:plan")


@doors.own
@require_POST
def hold(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    form = forms.HoldForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choose for how many days to hold, from 1 to 7."))
        return redirect("person:plan")
    if _take(request, visit, "hold", days=form.cleaned_data["days"]):
        messages.success(request, gettext("Done. You stay on this step. Holding is part of it."))
    return redirect("person:plan")


@doors.own
@require_POST
def act(request: HttpRequest, visit: doors.Visit, kind: str) -> HttpResponse:
    """Ready, step back, talk, or ending one's own hold: one tap each."""
    if kind not in SAID:
        raise Http404
    days = 0 if kind == "end-hold" else None
    if _take(request, visit, "hold" if kind == "end-hold" else kind, days=days):
        messages.success(request, gettext(SAID[kind]))
    return redirect("person:plan")


def _take(
    request: HttpRequest,
    visit: doors.Visit,
    kind: str,
    *,
    days: int | None = None,
    reason: str = "",
) -> bool:
    try:
        acts.take(
            visit.episode,
            kind,
            on=visit.today,
            by=visit.person,
            at=visit.at,
            days=days,
            event_id=request.POST.get("event_id") or forms.new_event_id(),
            reason=reason,
        )
    except acts.NotAllowed as error:
        messages.error(request, str(error))
        return False
    return True
