"""The plan on paper and in the phone's own calendar."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from stepwell.clinic.care import dates, instruments, sheets, visits
from stepwell.clinic.papers import answers, blank, calendar, sheet
from stepwell.clinic.person import doors


@doors.own
@require_safe
def paper(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    found = sheets.of(visit.episode, visit.at)
    context = {"tab": "plan", "sheet": found, "initials": sheet.initials(found.name)}
    context["questions"] = instruments.every().values()
    return render(request, "person/paper.html", context)


@doors.own
@require_safe
def print_sheet(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Discreet unless the name is asked for."""
    made = sheet.pdf(
        sheets.of(visit.episode, visit.at),
        discreet="name" not in request.GET,
        large="large" in request.GET,
        at=visit.at,
    )
    return answers.hand_over(made, answers.PDF, f"steps-{visit.today}.pdf")


@doors.own
@require_safe
def plan_dates(_: HttpRequest, visit: doors.Visit) -> HttpResponse:
    found = dates.of(visit.episode, visit.at)
    made = calendar.ics(found, visits=visits.of(visit.episode), at=visit.at)
    return answers.hand_over(made, answers.CALENDAR, "steps.ics")


@doors.own
@require_safe
def blank_diary(_: HttpRequest, visit: doors.Visit) -> HttpResponse:
    made = blank.diary(visit.episode, at=visit.at)
    return answers.hand_over(made, answers.PDF, "steps-three-days.pdf")


@doors.own
@require_safe
def blank_questions(_: HttpRequest, visit: doors.Visit, name: str) -> HttpResponse:
    asked = instruments.every().get(name)
    if asked is None:
        raise Http404
    made = blank.questionnaire(visit.episode, asked, at=visit.at)
    return answers.hand_over(made, answers.PDF, f"steps-questions-{asked.order}.pdf")
