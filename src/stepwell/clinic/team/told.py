"""How a colleague is told that there is something to look at: their own addresses, and a test."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stepwell.clinic import clock
from stepwell.clinic.accounts import ways
from stepwell.clinic.accounts.models import Channel, User, Way
from stepwell.clinic.care import outbox
from stepwell.clinic.team import doors, forms

AT_ANY_HOUR = "any"


@require_http_methods(["GET", "POST"])
@doors.open_to(*doors.TEAM)
def told(request: HttpRequest) -> HttpResponse:
    """Each way with its form; what is posted belongs to one of them."""
    user = doors.user_of(request)
    wanted = forms.WayForm(request.POST or None)
    if wanted.is_valid() and _done(request, user, wanted):
        return redirect("team:told")
    known = {way.channel: way for way in ways.of(user)}
    rows = [(channel, known.get(channel), _form(wanted, channel, known)) for channel in Channel]
    context = {
        "rows": rows,
        "form": wanted,
        "any_confirmed": any(way.confirmed_at for way in known.values()),
        "words": outbox.words("signal"),
    }
    return render(request, "team/told.html", context, status=422 if wanted.errors else 200)


def _form(posted: forms.WayForm, channel: str, known: dict[str, Way]) -> forms.WayForm:
    """As it was typed, where this is the one that was posted."""
    if posted.is_bound and posted.data.get("channel") == channel:
        return posted
    way = known.get(channel)
    start = {"channel": channel}
    if way:
        start |= {"address": way.address, "any_hour": AT_ANY_HOUR if way.at_any_hour else ""}
    return forms.WayForm(initial=start)


def _done(request: HttpRequest, user: User, form: forms.WayForm) -> bool:
    """Do what was asked for; False where the form says why not."""
    told, at = form.cleaned_data, clock.now()
    channel, do = Channel(told["channel"]), told["do"]
    try:
        if do == "keep":
            any_hour = told["any_hour"] == AT_ANY_HOUR
            way = outbox.use(user, channel, told["address"], at_any_hour=any_hour, at=at)
            messages.success(
                request, _("Kept.") if way.confirmed_at else _("We sent a code there.")
            )
        elif do == "confirm":
            ways.confirm(user, channel, told["code"], at=at)
            messages.success(request, _("Confirmed. From now on you are told there."))
        elif do == "remove":
            ways.remove(user, channel, at=at)
            messages.success(request, _("Nothing is sent there any more."))
        else:
            outbox.post_test(user, at=at)
            messages.success(request, _("A test is on its way to each confirmed address."))
    except ways.NotAnAddress as error:
        form.add_error("address", str(error))
    except ways.WrongCode as error:
        form.add_error("code", str(error))
    return not form.errors
