"""The days of a plan in a phone's own calendar: neutral, and moved when the plan moves."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from icalendar import Calendar

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import acts, dates, episodes, plans
from stepwell.clinic.care.models import Episode, PlanVersion
from stepwell.clinic.papers import calendar
from tests.conftest import REQUEST, draft_of

Events = dict[str, Any]


def events(episode: Episode) -> Events:
    """Each event of the file by its name for ever."""
    at = clock.now()
    read = Calendar.from_ical(calendar.ics(dates.of(episode, at), at=at))
    return {str(event["uid"]): event for event in read.walk("VEVENT")}


def steps(found: Events) -> list[Any]:
    return [one for one in found.values() if one["summary"] == "Steps"]


def day(event: Any) -> date:
    found: date = event["dtstart"].dt
    return found


def test_every_later_step_is_a_whole_day_and_so_is_the_talk(on_plan: Episode) -> None:
    found = list(events(on_plan).values())
    talk = [one for one in found if one["summary"] == "Talk"]
    assert [day(one) for one in talk] == [date(2027, 1, 31)]
    assert min(day(one) for one in steps(events(on_plan))) == date(2026, 12, 8)
    assert all(one["status"] == "CONFIRMED" and type(day(one)) is date for one in found)


def test_no_event_says_what_it_is_about(on_plan: Episode, phone: Client) -> None:
    told = phone.get("/plan/dates.ics").content.decode()
    assert {line for line in told.splitlines() if line.startswith("SUMMARY")} == {
        "SUMMARY:Steps",
        "SUMMARY:Talk",
    }
    for word in ("mg", "ket", "Rowan", "Riverside", "Stepwell", "plan", "dose", "DESCRIPTION"):
        assert word not in told, word


def test_a_hold_moves_the_same_events_and_counts_them_up(on_plan: Episode, rowan: User) -> None:
    before, at = events(on_plan), clock.now()
    acts.take(on_plan, "hold", on=episodes.today(on_plan, at), by=rowan, at=at, days=5)
    on_plan.refresh_from_db()
    after = events(on_plan)
    assert before.keys() == after.keys()
    for uid in before:
        moved = 5 if before[uid]["summary"] == "Steps" else 0
        assert day(after[uid]) - day(before[uid]) == timedelta(days=moved)
        assert after[uid]["sequence"] > before[uid]["sequence"]


def test_days_that_time_alone_moves_count_up_too(on_plan: Episode, now: clock.Stopped) -> None:
    before = events(on_plan)
    now.advance(days=4)
    after = events(on_plan)
    uid = next(iter(after))
    assert after[uid]["sequence"] > before[uid]["sequence"]


def test_a_frozen_plan_calls_its_days_off(on_plan: Episode, say: Any) -> None:
    before = events(on_plan)
    say(on_plan, flags=["blood_in_urine"])
    after = events(on_plan)
    assert before.keys() == after.keys()
    assert {str(one["status"]) for one in after.values()} == {"CANCELLED"}


def test_a_shorter_plan_calls_off_the_days_it_no_longer_has(
    on_plan: Episode, sam: User, dr_osei: User, rowan: User, now: clock.Stopped
) -> None:
    before, at = events(on_plan), clock.now()
    shorter = draft_of(on_plan, sam, at, request=REQUEST | {"start": "2026-12-02", "goal_mg": 1500})
    approved = plans.approve(shorter, by=dr_osei, at=at, expected_version=2)
    plans.agree(approved, start=date(2026, 12, 2), teach_back=["x"], by=rowan, at=at)
    on_plan.refresh_from_db()
    now.advance(days=1)
    called_off = [one for one in events(on_plan).values() if one["status"] == "CANCELLED"]
    assert called_off
    assert {str(one["uid"]) for one in called_off} <= before.keys()


def test_nothing_stands_before_there_is_a_plan(begun: Episode) -> None:
    assert events(begun) == {}


def test_nothing_stands_before_the_person_agrees(approved_plan: PlanVersion) -> None:
    assert events(approved_plan.episode) == {}


def test_a_plan_that_starts_later_has_its_first_day_in_it(
    agreed_plan: PlanVersion, now: clock.Stopped
) -> None:
    found = events(agreed_plan.episode)
    assert min(day(one) for one in steps(found)) == date(2026, 12, 1)
    now.advance(days=1)
    later = events(agreed_plan.episode)
    assert {str(one["status"]) for one in later.values()} == {"CONFIRMED"}
    assert later.keys() < found.keys()


def test_a_step_that_was_taken_is_past_and_not_called_off(week_later: Episode, rowan: User) -> None:
    at = clock.now()
    acts.take(week_later, "step", on=episodes.today(week_later, at), by=rowan, at=at)
    week_later.refresh_from_db()
    assert {str(one["status"]) for one in events(week_later).values()} == {"CONFIRMED"}


def test_it_is_handed_over_under_a_neutral_name(on_plan: Episode, phone: Client) -> None:
    answer = phone.get("/plan/dates.ics")
    assert answer["Content-Type"] == "text/calendar"
    assert answer["Content-Disposition"] == 'attachment; filename="steps.ics"'
