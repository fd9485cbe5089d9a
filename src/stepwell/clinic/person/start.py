"""Getting started: agreeing, the safety questions one by one, the pattern, what matters.

Every page saves by itself, so that anybody can stop anywhere and come back.
"""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell import catalogue
from stepwell.clinic.accounts import consents
from stepwell.clinic.care import episodes, queries
from stepwell.clinic.care.models import DEFAULT_PROTOCOL, Answer
from stepwell.clinic.person import doors, forms, pages, words

BOTH = ["GET", "POST"]


@doors.own
@require_safe
def start(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.start_for_person(visit.episode)
    context = {"page": page, "start": pages.start_tasks(page), "episode": visit.episode}
    return render(request, "person/start.html", context)


@doors.own
@require_http_methods(BOTH)
def agreeing(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The six switches: at the start, and later to change one's mind."""
    given = {line.kind: line.given for line in queries.start_for_person(visit.episode).consents}
    form = forms.ConsentForm(doors.sent(request), initial=given)
    if form.is_valid():
        for kind, on in form.changed(given).items():
            consents.set(visit.person, kind, on, by=visit.person, at=visit.at)
        messages.success(request, gettext("Saved. You can change each one at any time."))
        return redirect("person:me" if None not in given.values() else "person:start")
    return render(request, "person/agreeing.html", {"form": form})


@doors.own
@require_safe
def questions(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Go to the first question that has no answer yet."""
    asked = pages.asked_gates(queries.start_for_person(visit.episode).gates)
    unanswered = next((gate for gate in asked if gate.answer is None), None)
    if unanswered is None:
        return render(request, "person/questions.html", {"gates": asked})
    return redirect("person:question", unanswered.name)


@doors.own
@require_http_methods(BOTH)
def question(request: HttpRequest, visit: doors.Visit, gate: str) -> HttpResponse:
    asked = pages.asked_gates(queries.start_for_person(visit.episode).gates)
    state = next((one for one in asked if one.name == gate), None)
    if state is None:
        raise Http404
    initial = {"answer": state.answer}
    form = forms.GateForm(doors.sent(request), question=gettext(state.question), initial=initial)
    if form.is_valid():
        answer = form.cleaned_data["answer"]
        episodes.answer_gate(visit.episode, gate, answer, by=visit.person, at=visit.at)
        needs_help = answer == Answer.YES and words.gate(gate)["shows_help"]
        return redirect("help-now" if needs_help else "person:questions")
    number = asked.index(state) + 1
    previous = asked[number - 2].name if number > 1 else None
    context = {"form": form, "number": number, "of": len(asked), "previous": previous}
    return render(request, "person/question.html", context)


@doors.own
@require_http_methods(BOTH)
def pattern(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    limits = catalogue.protocols()[DEFAULT_PROTOCOL].limits
    known = pages.pattern_initial(queries.start_for_person(visit.episode).baseline)
    confirm_above_mg = limits.amount_confirm_mg.value
    form = forms.PatternForm(doors.sent(request), confirm_above_mg=confirm_above_mg, initial=known)
    if form.is_valid():
        told = form.cleaned_data
        smallest_mg = told["smallest"][0] if told["smallest"] else limits.smallest_unit_mg.value
        episodes.record_baseline(
            visit.episode,
            amount_low_mg=told["amount"][0],
            amount_high_mg=told["amount"][1],
            times_per_day=told["times_per_day"],
            days_per_week=told["days_per_week"],
            smallest_unit_mg=smallest_mg,
            routes=told["routes"],
            unit_words=told["unit_words"],
            by=visit.person,
            at=visit.at,
        )
        return redirect("person:start")
    return render(request, "person/pattern.html", {"form": form})


@doors.own
@require_http_methods(BOTH)
def matters(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    page = queries.start_for_person(visit.episode)
    known = {
        "what_matters": page.what_matters,
        "goal": page.goal,
        "word": visit.episode.word,
    }
    form = forms.MattersForm(doors.sent(request), initial=known)
    if form.is_valid():
        episodes.describe(visit.episode, by=visit.person, at=visit.at, **form.cleaned_data)
        return redirect("person:start")
    return render(request, "person/matters.html", {"form": form})
