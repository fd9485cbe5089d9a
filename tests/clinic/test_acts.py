"""What people do with a plan: open to them or refused with a plain reason, never half done."""

from datetime import date, timedelta
from typing import Any

import pytest

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import acts, episodes, escalations, queries, reviews
from stepwell.clinic.care.models import Answer, Episode, Escalation, Event, PlanVersion
from tests.conftest import CALM, Tell, days, draft_of, evening

DAY_ONE = date(2026, 12, 1)
WEEK_ON = date(2026, 12, 8)
BAD = dict.fromkeys(CALM, 9)


def take(episode: Episode, kind: str, by: User, on: date = DAY_ONE, **other: Any) -> Event:
    return acts.take(episode, kind, on=on, by=by, at=evening(on), **other)


def told(episode: Episode, on: date) -> reviews.Recommendation:
    return reviews.standing(episode, evening(on)).recommendation


@pytest.fixture
def ready_to_step(agreed_plan: PlanVersion, tell: Tell) -> PlanVersion:
    """A calm first week: on 8 December the next step is open."""
    for day in days(DAY_ONE, 8):
        tell(day)
    return agreed_plan


@pytest.fixture
def day_one(agreed_plan: PlanVersion, tell: Tell) -> PlanVersion:
    tell(DAY_ONE)
    return agreed_plan


# --- the person ---------------------------------------------------------------------------------


def test_the_person_takes_the_step_that_is_offered(
    ready_to_step: PlanVersion, episode: Episode, rowan: User
) -> None:
    event = take(episode, "step", rowan, WEEK_ON)
    assert (event.by, event.kind) == ("person", "step")
    assert told(episode, WEEK_ON).ceiling_mg == 2100
    assert Entry.objects.filter(action="acts.step", actor_name="Rowan").exists()


def test_a_step_that_is_not_offered_is_refused_with_the_reason(
    day_one: PlanVersion, episode: Episode, rowan: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="not open today"):
        take(episode, "step", rowan)
    assert not Event.objects.filter(kind="step").exists()


def test_a_second_tap_is_harmless(
    ready_to_step: PlanVersion, episode: Episode, rowan: User
) -> None:
    first = take(episode, "step", rowan, WEEK_ON, event_id="tap")
    assert take(episode, "step", rowan, WEEK_ON, event_id="tap") == first
    assert told(episode, WEEK_ON).level == 2


def test_a_second_step_on_the_same_day_is_refused(
    ready_to_step: PlanVersion, episode: Episode, rowan: User
) -> None:
    take(episode, "step", rowan, WEEK_ON)
    with pytest.raises(acts.NotAllowed):
        take(episode, "step", rowan, WEEK_ON)


def test_a_hold_can_be_taken_and_ended_at_any_time(
    ready_to_step: PlanVersion, episode: Episode, rowan: User
) -> None:
    take(episode, "hold", rowan, WEEK_ON, days=3)
    assert told(episode, WEEK_ON).offer == "hold"
    assert queries.plan_for_person(episode, evening(WEEK_ON)).may_end_hold
    take(episode, "hold", rowan, WEEK_ON, days=0)
    assert told(episode, WEEK_ON).offer == "step"


def test_a_hold_cannot_last_for_less_than_nothing(
    day_one: PlanVersion, episode: Episode, rowan: User
) -> None:
    for number in (-1, 367):
        with pytest.raises(acts.NotAllowed, match="hold lasts"):
            take(episode, "hold", rowan, days=number)


def test_a_step_back_is_taken_when_it_is_offered_and_the_retry_is_half_as_large(
    ready_to_step: PlanVersion, episode: Episode, rowan: User, tell: Tell
) -> None:
    take(episode, "step", rowan, WEEK_ON)
    bad = days(WEEK_ON + timedelta(days=1), 4)
    for day in bad:
        tell(day, answers=BAD)
    last = bad[-1]
    assert told(episode, last).offer == "step_back"
    assert queries.plan_for_person(episode, evening(last)).may_step_back
    take(episode, "step_back", rowan, last)
    page = queries.plan_for_person(episode, evening(last))
    assert page.ceiling_mg == 2350
    assert page.rungs[1].ceiling_mg == 2200
    assert page.rungs[1].between


@pytest.mark.parametrize("kind", ["step", "step_back"])
def test_what_the_approval_does_not_leave_to_the_person_is_refused(
    kind: str, ready_to_step: PlanVersion, episode: Episode, sam: User, dr_osei: User, rowan: User
) -> None:
    from stepwell.clinic.care import plans

    at = evening(WEEK_ON)
    plan = draft_of(episode, sam, at, person_may=["hold"])
    plan = plans.approve(plan, by=dr_osei, at=at, expected_version=2)
    plans.agree(plan, start=WEEK_ON, teach_back=["I ask."], by=rowan, at=at)
    with pytest.raises(acts.NotAllowed, match="leaves this to your team"):
        take(episode, kind, rowan, WEEK_ON)


@pytest.mark.parametrize("kind", acts.BY_CLINICIAN)
def test_the_person_cannot_take_a_clinicians_act(
    kind: str, day_one: PlanVersion, episode: Episode, rowan: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="Only a clinician"):
        take(episode, kind, rowan, reason="Please.", level=0, organ="liver", worse=True)


def test_talk_is_always_open(episode: Episode, rowan: User) -> None:
    take(episode, "talk", rowan)
    assert Escalation.objects.get().key == "asked_to_talk"


def test_before_there_is_a_plan_only_talk_is_open(episode: Episode, rowan: User) -> None:
    for kind in ("step", "hold", "step_back"):
        with pytest.raises(acts.NotAllowed, match="no plan yet"):
            take(episode, kind, rowan)


def test_before_the_first_day_there_is_nothing_to_hold(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="not started"):
        take(episode, "hold", rowan, date(2026, 11, 30))


def test_an_act_counts_from_today_alone(
    ready_to_step: PlanVersion, episode: Episode, rowan: User
) -> None:
    for on in (DAY_ONE, WEEK_ON + timedelta(days=1)):
        with pytest.raises(acts.NotAllowed, match="from today"):
            acts.take(episode, "hold", on=on, by=rowan, at=evening(WEEK_ON))


# --- the team -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*acts.BY_CLINICIAN, "step", "step_back"])
def test_a_keyworker_takes_no_clinicians_act(
    kind: str, day_one: PlanVersion, episode: Episode, sam: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="Only a prescriber"):
        take(episode, kind, sam, reason="Worried.", level=0, organ="liver", worse=True)


@pytest.mark.parametrize("kind", ["hold", "talk"])
def test_a_keyworker_writes_down_what_the_person_asked_for(
    kind: str, day_one: PlanVersion, episode: Episode, sam: User
) -> None:
    event = take(episode, kind, sam)
    assert (event.by, event.by_user) == ("person", sam)


def test_a_freeze_takes_the_amount_away_until_somebody_resumes(
    day_one: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    take(episode, "freeze", dr_osei, reason="Looks unwell.")
    assert told(episode, DAY_ONE).ceiling_mg is None
    assert told(episode, WEEK_ON).ceiling_mg is None
    take(episode, "resume", dr_osei, reason="Seen, well.")
    assert told(episode, DAY_ONE).ceiling_mg == 2350


@pytest.mark.parametrize("kind", ["freeze", "resume", "reviewed", "set_level", "close"])
def test_a_clinician_says_why(
    kind: str, day_one: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="Write why"):
        take(episode, kind, dr_osei, level=1)


def test_a_clinician_sets_a_level_of_the_plan_and_no_other(
    day_one: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    take(episode, "set_level", dr_osei, level=3, reason="Doing well.")
    assert told(episode, DAY_ONE).level == 3
    for level in (-1, len(day_one.levels), None):
        with pytest.raises(acts.NotAllowed, match="from 0 to"):
            take(episode, "set_level", dr_osei, level=level, reason="Hm.")


def test_a_finding_says_what_and_whether_it_is_worse(
    day_one: PlanVersion, episode: Episode, dr_osei: User
) -> None:
    with pytest.raises(acts.NotAllowed, match="bladder, liver or weight"):
        take(episode, "finding", dr_osei, organ="knee", worse=True)
    take(episode, "finding", dr_osei, organ="liver", worse=True)
    assert told(episode, DAY_ONE).offer == "review"
    take(episode, "reviewed", dr_osei, reason="Slower, with hepatology.")
    assert told(episode, DAY_ONE).offer == "stay"


def test_nothing_resumes_past_an_open_gate(
    day_one: PlanVersion, episode: Episode, dr_osei: User, rowan: User
) -> None:
    episodes.answer_gate(episode, "pregnancy", Answer.YES, by=rowan, at=evening(DAY_ONE))
    with pytest.raises(acts.NotAllowed, match="still open: Pregnant"):
        take(episode, "resume", dr_osei, reason="She says it is fine.")


def test_nothing_is_closed_past_an_open_safety_signal(
    day_one: PlanVersion, episode: Episode, dr_osei: User, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["seizure"], event_id="flag")
    with pytest.raises(acts.NotAllowed, match="Close it with its outcome"):
        take(episode, "close", dr_osei, reason="Moved.")
    signal = Escalation.objects.get()
    escalations.close(signal, outcome="Ambulance.", by=dr_osei, at=evening(DAY_ONE))
    take(episode, "close", dr_osei, reason="In hospital.")
    closed = Episode.objects.get(pk=episode.pk)
    assert (closed.closed_outcome, closed.closed_at) == ("In hospital.", evening(DAY_ONE))


def test_a_closed_course_of_care_takes_no_more_acts(
    day_one: PlanVersion, episode: Episode, dr_osei: User, rowan: User
) -> None:
    episodes.close(episode, outcome="Finished.", by=dr_osei, at=evening(DAY_ONE))
    with pytest.raises(acts.NotAllowed, match="closed"):
        take(episode, "hold", rowan)
    page = queries.today_for_person(episode, evening(DAY_ONE))
    assert not page.shows_amount


def test_what_is_no_act_is_refused(episode: Episode, dr_osei: User) -> None:
    with pytest.raises(acts.NotAllowed, match="not something"):
        take(episode, "double", dr_osei, reason="?")
