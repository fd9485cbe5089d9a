"""Appointments: booked by the team, said off by the person in one tap, and found again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import access, lanes, queries, visits
from stepwell.clinic.care.models import Episode, Lane, VisitChange, VisitHow
from stepwell.clinic.care.visits import Visit
from tests.clinic.person.pages import text

HERE = "/visits/"
THURSDAY = datetime(2026, 12, 3, 14, 30, tzinfo=UTC)
TOLD = {"how": VisitHow.IN_PERSON, "why": "Bladder check", "place": "Room 4", "bring": "Diary"}


@pytest.fixture
def booked(episode: Episode, sam: User) -> Visit:
    return visits.book(episode, starts=THURSDAY, **TOLD, by=sam, at=clock.now())


def due(user: User) -> list[str]:
    return [card.reason for card in queries.lanes(user, clock.now())[Lane.DUE]]


def events(phone: Client) -> list[tuple[str, str, int, datetime]]:
    calendar = Calendar.from_ical(phone.get(reverse("person:dates")).content)
    return [
        (str(one["summary"]), str(one["status"]), one.decoded("sequence"), one.decoded("dtstart"))
        for one in calendar.walk("VEVENT")
    ]


# --- the person's side ------------------------------------------------------------------------


def test_nothing_booked_says_so(phone: Client, episode: Episode) -> None:
    assert "Nothing is booked." in text(phone.get(HERE))


def test_the_next_one_says_when_how_what_for_and_what_to_bring(
    phone: Client, booked: Visit
) -> None:
    said = text(phone.get(HERE))
    for words in ("Thursday 3 December, 14:30", "In person.", "Bladder check", "Room 4", "Diary"):
        assert words in said, words
    assert "Next appointment: Thursday 3 December at 14:30" in text(phone.get("/today/"))


def test_one_tap_says_that_one_cannot_come_and_the_team_finds_another_time(
    phone: Client, booked: Visit, episode: Episode, sam: User
) -> None:
    address = reverse("person:cannot-come", args=[booked.visit_id])
    said = text(phone.post(address, follow=True))
    assert "Your team finds another time." in said
    assert "You could not come." in said
    assert lanes.Reason.VISIT_FELL_THROUGH in due(sam)
    again = visits.book(episode, starts=THURSDAY, **TOLD, by=sam, at=clock.now())
    assert again.stands
    assert lanes.Reason.VISIT_FELL_THROUGH not in due(sam)


def test_saying_it_twice_changes_nothing(phone: Client, booked: Visit, episode: Episode) -> None:
    address = reverse("person:cannot-come", args=[booked.visit_id])
    phone.post(address)
    assert "over or was called off already" in text(phone.post(address, follow=True))
    assert [one.number for one in visits.of(episode)] == [2]


def test_an_appointment_that_is_not_ones_own_is_not_found(phone: Client, episode: Episode) -> None:
    assert phone.post(reverse("person:cannot-come", args=[uuid4()])).status_code == 404


def test_the_calendar_says_appointment_and_moves_the_same_event(
    phone: Client, booked: Visit, episode: Episode, sam: User
) -> None:
    later = THURSDAY + timedelta(days=1)
    assert events(phone) == [("Appointment", "CONFIRMED", 1, THURSDAY)]
    visits.move(episode, booked.visit_id, starts=later, by=sam, at=clock.now())
    assert events(phone) == [("Appointment", "CONFIRMED", 2, later)]
    visits.end(episode, booked.visit_id, VisitChange.CALLED_OFF, by=sam, at=clock.now())
    assert events(phone) == [("Appointment", "CANCELLED", 3, later)]


# --- the team's side --------------------------------------------------------------------------


def test_the_team_books_by_the_clock_where_the_person_lives(
    client: Client, episode: Episode, sam: User
) -> None:
    client.force_login(sam)
    page = reverse("team:visits", args=[episode.pk])
    told = {"starts": "2027-07-01T14:30", "how": "phone", "why": "A talk"}
    assert "Thursday 1 July 2027, 14:30" in text(client.post(page, told, follow=True))
    assert visits.of(episode)[0].starts == datetime(2027, 7, 1, 13, 30, tzinfo=UTC)


def test_a_time_that_has_passed_is_refused_and_nothing_typed_is_lost(
    client: Client, episode: Episode, sam: User
) -> None:
    client.force_login(sam)
    told = {"starts": "2020-07-01T14:30", "how": "phone", "why": "A talk"}
    answer = client.post(reverse("team:visits", args=[episode.pk]), told)
    assert "That time has passed." in text(answer)
    assert 'value="A talk"' in answer.content.decode()
    assert visits.of(episode) == []


def test_a_missed_one_is_due_until_another_is_booked(
    client: Client, booked: Visit, episode: Episode, sam: User, now: clock.Stopped
) -> None:
    now.move_to(THURSDAY + timedelta(hours=2))
    client.force_login(sam)
    address = reverse("team:visit", args=[episode.pk, booked.visit_id])
    client.post(address, {"change": "not_attended"})
    assert lanes.Reason.VISIT_FELL_THROUGH in due(sam)
    assert "Was not able to attend" in text(client.get(reverse("team:visits", args=[episode.pk])))


def test_without_a_choice_nothing_changes(
    client: Client, booked: Visit, episode: Episode, sam: User
) -> None:
    client.force_login(sam)
    address = reverse("team:visit", args=[episode.pk, booked.visit_id])
    assert "Choose a new time" in text(client.post(address, {}, follow=True))
    assert [one.number for one in visits.of(episode)] == [1]


def test_another_team_neither_sees_nor_books(
    client: Client, booked: Visit, episode: Episode, ines: User
) -> None:
    client.force_login(ines)
    page = reverse("team:visits", args=[episode.pk])
    one = reverse("team:visit", args=[episode.pk, booked.visit_id])
    assert client.get(page).status_code == 404
    assert client.post(one, {"change": "called_off"}).status_code == 404


def test_a_person_books_nothing_themselves(episode: Episode, rowan: User) -> None:
    with pytest.raises(access.NotFound):
        visits.book(episode, starts=THURSDAY, **TOLD, by=rowan, at=clock.now())
