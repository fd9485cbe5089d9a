"""Today: one line, and only when somebody approved it and the person agreed."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import episodes, plans
from stepwell.clinic.care.models import Answer, Episode, Goal, PlanVersion, Supply
from tests.clinic.person.pages import text
from tests.conftest import REQUEST, draft_of, share

Say = Callable[..., None]


def today(phone: Client) -> str:
    return text(phone.get(reverse("person:today")))


def test_before_a_plan_there_is_no_amount(phone: Client, episode: Episode) -> None:
    said = today(phone)
    assert " mg" not in said
    assert "No amount is shown until you and your team have agreed a plan" in said


def test_an_approved_plan_shows_no_amount_before_the_person_agrees(
    phone: Client, approved_plan: PlanVersion
) -> None:
    said = today(phone)
    assert " mg" not in said
    assert "Your plan is ready to read" in said


def test_on_the_plan_today_is_one_line(phone: Client, on_plan: Episode) -> None:
    said = today(phone)
    assert "Aim to stay under about 2350 mg on days you use." in said
    assert "Less is always fine. None is always fine." in said


def test_today_says_until_when_and_who_agreed_and_when(phone: Client, on_plan: Episode) -> None:
    said = today(phone)
    assert "Earliest next step Tue 8 December" in said
    assert "Approved by Dr Osei 30 November" in said
    assert "You agreed 30 November" in said


def test_today_says_what_the_engine_says_and_why(phone: Client, on_plan: Episode) -> None:
    assert "You are part of the way through this step" in today(phone)


def test_today_says_who_last_read_and_when_the_team_reads(
    phone: Client, on_plan: Episode, sam: User
) -> None:
    assert "Nobody has read your check-ins yet" in today(phone)
    episodes.log_look(on_plan, by=sam, at=clock.now())
    said = today(phone)
    assert "Sam last read what you told, on Tuesday 1 December at 09:00." in said
    assert "Mon to Fri, 9 to 5. Nobody watches this screen." in said


def test_a_frozen_plan_shows_no_amount(phone: Client, on_plan: Episode, say: Say) -> None:
    say(on_plan, flags=["blood_in_urine"])
    for page in ("today", "plan", "check-in", "more"):
        assert " mg" not in text(phone.get(reverse(f"person:{page}"))).replace(
            "2650 mg or 2-3 g", ""
        )


def test_a_frozen_plan_shows_the_signed_text_instead(
    phone: Client, on_plan: Episode, say: Say
) -> None:
    say(on_plan, flags=["blood_in_urine"])
    said = today(phone)
    assert "Your plan is paused." in said
    assert "Please do not use more than you have been using." in said
    assert "01632 960 001, Mon to Fri, 9 to 5" in said
    assert "In an emergency call 999." in said
    assert "still waits for a clinician" in said


def test_what_needs_a_person_stays_on_today_also_before_there_is_a_plan(
    phone: Client, episode: Episode, say: Say
) -> None:
    say(episode, flags=["cannot_pass_urine"])
    page = phone.get(reverse("person:today"))
    assert "What you told us needs help now." in text(page)
    assert f'href="{reverse("help-now")}"' in page.content.decode()


def test_silence_pauses_the_plan_and_takes_the_amount_away(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    now.move_to(datetime(2026, 12, 16, 9, 0, tzinfo=UTC))
    said = today(phone)
    assert "Aim to stay under" not in said
    assert "We have not heard from you for a while" in said


def test_after_days_off_nobody_is_told_to_use_as_before(
    phone: Client, on_plan: Episode, say: Say, now: clock.Stopped
) -> None:
    for _ in range(4):
        say(on_plan, used=False)
        now.advance(days=1)
    for page in ("today", "plan"):
        said = text(phone.get(reverse(f"person:{page}")))
        assert "A usual amount would now hit you harder" in said
        assert "more than you have been using" not in said
        assert "Aim to stay" not in said


def test_untold_days_are_never_called_zero(
    phone: Client, on_plan: Episode, now: clock.Stopped
) -> None:
    now.move_to(clock.now() + timedelta(days=2))
    said = today(phone)
    assert "Not told is not zero" in said
    assert "Monday" in text(phone.get(reverse("person:check-in")))


def test_the_next_step_is_shown_when_it_is_open(phone: Client, week_later: Episode) -> None:
    said = today(phone)
    assert "The next step is open when you feel ready" in said
    assert "See the next step" in said


def test_times_are_told_in_the_persons_own_zone(
    phone: Client, rowan: User, on_plan: Episode, sam: User, now: clock.Stopped
) -> None:
    Episode.objects.filter(pk=on_plan.pk).update(time_zone="Asia/Hong_Kong")
    episodes.log_look(on_plan, by=sam, at=clock.now())
    assert "at 17:00" in today(phone)


@pytest.fixture
def prescribed(rowan: User, sam: User, dr_osei: User, accepted: None) -> PlanVersion:
    """Rowan's ketamine is prescribed; Dr Osei drafted and signed the levels."""
    share(rowan, ConsentKind.STORE, ConsentKind.SHARE_KEYWORKER, ConsentKind.SHARE_PRESCRIBER)
    opened = episodes.open(
        person=rowan,
        keyworker=sam,
        supply=Supply.PRESCRIBED,
        goal=Goal.NONE,
        by=dr_osei,
        at=clock.now(),
    )
    for gate in episodes.catalogue_of_gates():
        episodes.answer_gate(opened, gate.name, Answer.NO, by=rowan, at=clock.now())
    episodes.record_baseline(
        opened,
        amount_low_mg=400,
        amount_high_mg=400,
        times_per_day=2,
        days_per_week=7,
        smallest_unit_mg=50,
        by=dr_osei,
        at=clock.now(),
    )
    usual = {"amount_mg": 400, "times_per_day": 2, "days_per_week": 7}
    request = REQUEST | {"supply": "prescribed", "baseline": usual}
    draft = draft_of(opened, dr_osei, request=request, person_may=["hold"])
    plan = plans.approve(draft, by=dr_osei, at=clock.now(), expected_version=1)
    ticks = ["most", "mine", "help"]
    return plans.agree(plan, start=date(2026, 12, 1), teach_back=ticks, by=rowan, at=clock.now())


def test_a_prescribed_amount_is_a_dose_and_never_an_aim(
    phone: Client, prescribed: PlanVersion, now: clock.Stopped
) -> None:
    now.move_to(datetime(2026, 12, 1, 9, 0, tzinfo=UTC))
    for page in ("today", "plan"):
        said = text(phone.get(reverse(f"person:{page}")))
        assert "Dose: at most 350 mg a day." in said
        assert "Aim to stay" not in said
    assert 'action="/plan/step/"' not in phone.get(reverse("person:plan")).content.decode()
