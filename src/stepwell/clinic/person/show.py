"""Show this: a card for A&E or a GP, in English, with only what the person told."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from stepwell.clinic.care import check_ins, showing
from stepwell.clinic.person import doors, forms, pages

READ_IN = "en"  # whoever it is shown to reads it


@doors.own
@require_safe
def show(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    card = showing.card(visit.episode, visit.at)
    with translation.override(READ_IN):
        facts = _facts(card)
    return render(
        request, "person/show.html", {"tab": "help", "card": card, "at": visit.at} | facts
    )


def _facts(card: showing.Card) -> dict[str, object]:
    last, start = card.last_use, card.baseline
    return {
        "last_amount": pages.grams(last.low_mg, last.high_mg) if last else "",
        "recent_amount": pages.grams(card.low_mg, card.high_mg),
        "start_amount": pages.grams(start.amount_low_mg, start.amount_high_mg) if start else "",
        "mixed": pages.told_facts(card.mixed),
        "signs": pages.told_facts(card.signs),
        "body": pages.answered_facts(card.body),
        "others": pages.answered_facts(card.others),
    }


@doors.own
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """Medicines, allergies and somebody to call, as the person types them."""
    kept = showing.note(visit.episode)
    known = {name: getattr(kept, name) for name, *_ in forms.CardForm.WORDS} if kept else {}
    form = forms.CardForm(doors.sent(request), initial=known)
    if form.is_valid():
        return _save(request, visit, form)
    return render(request, "person/show_write.html", {"tab": "help", "form": form})


def _save(request: HttpRequest, visit: doors.Visit, form: forms.CardForm) -> HttpResponse:
    try:
        showing.write(visit.episode, by=visit.person, at=visit.at, **form.cleaned_data)
    except check_ins.NoConsent:
        messages.error(request, gettext("Nothing was saved: you have not agreed to us keeping it."))
    return redirect("person:show")
