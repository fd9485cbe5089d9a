"""A bad hour: three big buttons, and a check-in of two questions."""

from django.test import Client
from django.urls import reverse

from stepwell.clinic.care.models import Episode, Event
from tests.clinic.person.pages import hidden, text

ROUGH, CHECK_IN = "/rough/", "/check-in/rough/"


def told(episode: Episode) -> list[Event]:
    return list(Event.objects.filter(episode=episode).order_by("sequence"))


def test_there_are_three_buttons_and_no_amount(phone: Client, on_plan: Episode) -> None:
    page = phone.get(ROUGH).content.decode()
    main = page.partition("<main")[2]
    assert main.count('class="button') == 3
    for address in (reverse("person:rough-check-in"), reverse("person:hold"), reverse("help")):
        assert address in main, address
    assert " mg" not in main


def test_hold_holds_for_three_days_at_once(phone: Client, on_plan: Episode) -> None:
    event_id = hidden(phone.get(ROUGH), "event_id")
    said = text(phone.post(reverse("person:hold"), {"event_id": event_id, "days": 3}, follow=True))
    assert "Holding is part of it." in said
    assert [(event.kind, event.body["days"]) for event in told(on_plan)] == [("hold", 3)]


def test_before_a_plan_the_team_can_be_asked_to_call(phone: Client, episode: Episode) -> None:
    page = phone.get(ROUGH)
    assert reverse("person:hold") not in page.content.decode()
    phone.post(reverse("person:act", args=["talk"]), {"event_id": hidden(page, "event_id")})
    assert [event.kind for event in told(episode)] == ["talk"]


def test_two_answers_are_a_check_in(phone: Client, on_plan: Episode) -> None:
    form = phone.get(CHECK_IN)
    sent = {"event_id": hidden(form, "event_id"), "on": hidden(form, "on")}
    phone.post(reverse("person:check-in"), {**sent, "used": "no", "mood": "8"})
    (event,) = told(on_plan)
    assert (event.body["used"], event.body["answers"]) == (False, {"mood": 8})
