"""Telling about one day, and what follows when it was more than planned."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell import catalogue
from stepwell.clinic.care import check_ins, queries
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Event
from stepwell.clinic.person import doors, forms, pages, phone


@doors.own
@require_http_methods(["GET", "POST"])
def check_in(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    on = day_of(request, visit.today)
    page = queries.today_for_person(visit.episode, visit.at)
    progress = queries.progress_for_person(visit.episode, visit.at)
    form = forms.CheckInForm(
        doors.sent(request),
        ceiling_mg=pages.ceiling_on(on, page, progress),
        asks_safety=page.safety_question_due,
        day=_named(on, page),
    )
    # An amount that cannot be read must never hold back an answer that needs a human.
    if form.is_bound and (form.is_valid() or form.tells_danger):
        answer = _record(request, visit, form, on)
        if answer is not None:
            return answer
    days = pages.days_to_tell(progress, today=visit.today, on=on, back=_days_back())
    context = {"tab": "today", "form": form, "page": page, "on": on, "days": days}
    return phone.may_be_kept(render(request, "person/check_in.html", context), page)


def day_of(request: HttpRequest, today: date) -> date:
    """The day asked for, if it is today or one of the last seven; today otherwise."""
    asked = request.POST.get("on") or request.GET.get("on") or ""
    try:
        on = date.fromisoformat(asked)
    except ValueError:
        return today
    return on if today - timedelta(days=_days_back()) <= on <= today else today


def _days_back() -> int:
    return catalogue.protocols()[DEFAULT_PROTOCOL].limits.retro_days.value


def _named(on: date, page: queries.PersonToday) -> str:
    """The day by name, where "since you last checked in" could mean more than one."""
    if on == page.today and not page.untold_days:
        return ""
    return date_format(on, "l j F")


def _record(
    request: HttpRequest, visit: doors.Visit, form: forms.CheckInForm, on: date
) -> HttpResponse | None:
    answers = form.answers()
    try:
        event = check_ins.record(
            visit.episode,
            answers,
            on=on,
            event_id=form.cleaned_data.get("event_id") or forms.new_event_id(),
            by=visit.person,
            at=visit.at,
        )
    except check_ins.NoConsent:
        form.add_error(None, gettext("Nothing was saved: you have not agreed to us keeping it."))
        return None
    return _after(request, visit, event, form)


def _after(
    request: HttpRequest, visit: doors.Visit, event: Event, form: forms.CheckInForm
) -> HttpResponse:
    """Danger first; then more than planned; otherwise one true line."""
    page = queries.today_for_person(visit.episode, visit.at)
    if "amount" in form.errors:
        messages.info(request, gettext("Saved, but we could not read the amount. Add it any time."))
    if page.needs_somebody and form.tells_danger:
        return redirect("help-now")
    if event.set_aside:
        messages.info(request, gettext("Saved for your team. It did not fit, so they will ask."))
    elif form.is_over:
        return redirect("person:more")
    else:
        messages.success(request, pages.saved_line(page, form.answers()))
    return redirect("person:today")


@doors.own
@require_safe
def more(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """More than planned: first whether they are all right, then what is open."""
    plan = queries.plan_for_person(visit.episode, visit.at)
    context = {"tab": "today", "plan": plan, "is_fine": "fine" in request.GET}
    context |= {"hold_form": forms.HoldForm(), "event_id": forms.new_event_id()}
    return render(request, "person/more.html", context)
