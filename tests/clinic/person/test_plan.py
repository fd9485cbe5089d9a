"""The plan: read and agreed, then held, stepped and talked about by the person alone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.care.models import Episode, Event, PlanVersion
from tests.clinic.person.pages import hidden, text

Say = Callable[..., None]
PLAN, AGREE = "/plan/", "/plan/agree/"
TICKS = ["most", "mine", "help"]


def plan(phone: Client) -> str:
    return text(phone.get(PLAN))


def act(phone: Client, kind: str, **told: Any) -> str:
    event_id = hidden(phone.get(PLAN), "event_id")
    return text(phone.post(f"{PLAN}{kind}/", {"event_id": event_id, **told}, follow=True))


def acts(episode: Episode) -> list[tuple[str, dict[str, Any]]]:
    done = Event.objects.filter(episode=episode).exclude(kind="check_in")
    return [(event.kind, event.body) for event in done]


def test_without_a_plan_the_page_says_when_it_will_come(phone: Client, episode: Episode) -> None:
    said = plan(phone)
    assert "Your plan appears when you and your team agree it" in said
    assert "Stop now, with support" in said


def test_where_a_plan_is_shown_it_says_that_the_evidence_is_low(
    phone: Client, approved_plan: PlanVersion
) -> None:
    for page in (PLAN, AGREE):
        said = text(phone.get(page))
        assert "The evidence for easing off in steps is low" in said
        assert "Stopping now, with support, is an equal choice" in said


def test_a_plan_to_agree_says_it_in_one_sentence_and_who_approved_it(
    phone: Client, approved_plan: PlanVersion
) -> None:
    said = text(phone.get(AGREE))
    assert "Ease off from about 2650 mg to none" in said
    assert "Approved by Dr Osei, prescriber, on 30 November" in said
    assert "Slowly, because sleep comes first." in said
    assert "Get help at once if" in said
    assert "I’d rather stop now" in said


def test_agreeing_needs_the_three_ticks_and_a_day(
    phone: Client, approved_plan: PlanVersion
) -> None:
    answer = phone.post(AGREE, {"teach_back": ["most"], "start": "2026-12-01"})
    assert "Please tick all three" in text(answer)
    assert 'value="2026-12-01"' in answer.content.decode()
    approved_plan.refresh_from_db()
    assert approved_plan.agreed_at is None


def test_the_person_agrees_and_chooses_day_one(phone: Client, approved_plan: PlanVersion) -> None:
    said = text(phone.post(AGREE, {"teach_back": TICKS, "start": "2026-12-03"}, follow=True))
    assert "It starts on Thursday 3 December" in said
    approved_plan.refresh_from_db()
    assert approved_plan.start == date(2026, 12, 3)
    assert " mg" not in text(phone.get(reverse("person:today")))


def test_an_agreed_plan_cannot_be_agreed_again(phone: Client, on_plan: Episode) -> None:
    assert phone.get(AGREE).status_code == 302


def test_stopping_now_changes_the_goal_and_asks_the_team_to_talk(
    phone: Client, approved_plan: PlanVersion
) -> None:
    phone.post("/plan/stop-now/", {"event_id": "web-stop"})
    assert Episode.objects.get(pk=approved_plan.episode_id).goal == "stop_now"
    assert ("talk", {}) in acts(approved_plan.episode)


def test_the_plan_shows_where_one_is_and_what_comes_when(phone: Client, on_plan: Episode) -> None:
    said = plan(phone)
    assert "You are on step 1" in said
    assert "Earliest next step: Tuesday 8 December" in said
    assert "You are here: 2350 mg" in said
    assert "2100 mg" in said


def test_a_hold_moves_every_later_day(phone: Client, on_plan: Episode) -> None:
    assert "Holding is part of it" in act(phone, "hold", days="3")
    assert acts(on_plan) == [("hold", {"days": 3})]
    said = plan(phone)
    assert "Earliest next step: Friday 11 December" in said
    assert "Hold for 3 days" in said


@pytest.mark.parametrize("days", ["", "0", "8", "two"])
def test_a_hold_is_for_one_to_seven_days(phone: Client, on_plan: Episode, days: str) -> None:
    assert "from 1 to 7" in act(phone, "hold", days=days)
    assert acts(on_plan) == []


def test_ones_own_hold_can_be_ended(phone: Client, on_plan: Episode) -> None:
    act(phone, "hold", days="5")
    assert "End my hold" in plan(phone)
    assert "Your hold has ended" in act(phone, "end-hold")
    assert acts(on_plan)[-1] == ("hold", {"days": 0})


def test_a_step_that_is_not_open_has_no_button_and_is_refused_with_the_reason(
    phone: Client, on_plan: Episode
) -> None:
    assert "I’m ready" not in plan(phone)
    assert "This is not open today" in act(phone, "step")
    assert acts(on_plan) == []


def test_a_step_starts_when_the_person_says_so(phone: Client, week_later: Episode) -> None:
    assert "From today the most would be about 2100 mg" in plan(phone)
    assert "You are on the next step" in act(phone, "step")
    assert "2100 mg" in text(phone.get(reverse("person:today")))
    assert "You are on step 2" in plan(phone)


def test_a_second_tap_takes_no_second_step(phone: Client, week_later: Episode) -> None:
    event_id = hidden(phone.get(PLAN), "event_id")
    for _ in range(2):
        phone.post(f"{PLAN}step/", {"event_id": event_id})
    assert [kind for kind, _ in acts(week_later)] == ["step"]


def test_a_step_back_is_open_only_after_very_hard_days(
    phone: Client, week_later: Episode, say: Say, now: clock.Stopped
) -> None:
    act(phone, "step")
    assert 'action="/plan/step_back/"' not in phone.get(PLAN).content.decode()
    hard = dict.fromkeys(("craving", "anxiety", "mood", "irritability", "sleep"), 9)
    for _ in range(5):
        say(week_later, answers=hard)
        now.move_to(clock.now() + timedelta(days=1))
    say(week_later, answers=hard)
    assert 'action="/plan/step_back/"' in phone.get(PLAN).content.decode()
    assert "You are one step back" in act(phone, "step_back")
    assert "2350 mg" in text(phone.get(reverse("person:today")))


def test_anybody_can_ask_to_talk(phone: Client, on_plan: Episode) -> None:
    assert "Your team will see that you want to talk" in act(phone, "talk")
    assert acts(on_plan) == [("talk", {})]


def test_the_history_says_what_happened_who_decided_and_why(
    phone: Client, week_later: Episode
) -> None:
    act(phone, "step")
    said = plan(phone)
    assert "What happened, who decided, and why" in said
    assert "Tuesday 8 December · You" in said
    assert "Dr Osei, prescriber" in said


@pytest.mark.parametrize("kind", ["freeze", "resume", "set_level", "close", "agreed"])
def test_what_is_a_clinicians_to_do_has_no_address_here(
    phone: Client, on_plan: Episode, kind: str
) -> None:
    assert phone.post(f"{PLAN}{kind}/").status_code == 404


def test_while_frozen_the_plan_shows_the_signed_text_and_no_acts(
    phone: Client, on_plan: Episode, say: Say
) -> None:
    say(on_plan, flags=["fainting"])
    said = plan(phone)
    assert "Your plan is paused" in said
    assert "Hold here" not in said
    assert "Ask to talk" in said
