"""What a person is sent, if anything: they see each word of it, and where it goes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import Channel, Way
from stepwell.clinic.care import outbox, reminders
from stepwell.clinic.person import doors, forms


@doors.own
@require_http_methods(["GET", "POST"])
def sent(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    wish, known = reminders.of(visit.person), ways.of(visit.person).first()
    form = forms.SentForm(doors.sent(request), initial=_known(wish, known))
    if form.is_valid() and _kept(request, visit, form):
        return redirect("person:sent")
    context = {
        "form": form,
        "way": known,
        "code": forms.CodeForm(),
        "words": [outbox.words(kind, _language())["text"] for kind in ("reminder", "note")],
    }
    return render(request, "person/sent.html", context, status=422 if form.errors else 200)


def _language() -> str:
    return get_language() or "en"


def _known(wish: reminders.Wish, way: Way | None) -> dict[str, object]:
    start: dict[str, object] = {"daily_at": wish.daily_at, "messages": wish.messages}
    return start | ({"channel": way.channel, "address": way.address} if way else {})


def _kept(request: HttpRequest, visit: doors.Visit, form: forms.SentForm) -> bool:
    """Keep the address first: a wish without one would promise what never comes."""
    told = form.cleaned_data
    try:
        way = _way(visit, told["channel"], told["address"])
    except ways.NotAnAddress:
        form.add_error("address", gettext("Nothing can be sent there. Please check it."))
        return False
    wanted = reminders.Wish(told["daily_at"], bool(told["messages"]), _language())
    reminders.wish(visit.episode, wanted, by=visit.person, at=visit.at)
    waits = way is not None and way.confirmed_at is None
    said = gettext("Saved. We sent a code there.") if waits else gettext("Saved.")
    messages.success(request, said)
    return True


def _way(visit: doors.Visit, channel: str, address: str) -> Way | None:
    """One way at a time: another takes the place of the first."""
    wanted = [Channel(channel)] if channel else []
    way = outbox.use(visit.person, wanted[0], address, at=visit.at) if wanted else None
    for other in set(Channel) - set(wanted):
        ways.remove(visit.person, other, at=visit.at)
    return way


@doors.own
@require_http_methods(["POST"])
def confirm(request: HttpRequest, visit: doors.Visit) -> HttpResponse:
    """The code that came there."""
    way = ways.of(visit.person).first()
    code = request.POST.get("code", "")
    try:
        ways.confirm(
            visit.person, Channel(way.channel if way else Channel.EMAIL), code, at=visit.at
        )
    except ways.WrongCode:
        messages.error(request, gettext("That code does not fit. Save again for a new one."))
    else:
        messages.success(request, gettext("That works. It is yours."))
    return redirect("person:sent")
