"""Telling about a day: saved once, never lost, its danger answers read first."""

from datetime import date, timedelta
from typing import Any

import pytest

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, check_ins, queries, reviews
from stepwell.clinic.care.models import Episode, Escalation, Event, PlanVersion, Review
from tests.conftest import CALM, Tell, days, evening

DAY_ONE = date(2026, 12, 1)
AT = evening(DAY_ONE)
GOOD: dict[str, Any] = {
    "used": True,
    "amount_mg": [1800, 2000],
    "times": 4,
    "answers": CALM,
    "flags": [],
    "safety": "no",
}


def record(episode: Episode, by: User, body: Any = GOOD, **other: Any) -> Event:
    given: dict[str, Any] = {"on": DAY_ONE, "event_id": "phone-1", "at": AT} | other
    return check_ins.record(episode, body, by=by, **given)


def offer(episode: Episode) -> str:
    return reviews.standing(episode, AT).recommendation.offer


def test_a_check_in_is_saved_with_its_line_and_its_review(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    event = record(episode, rowan)
    assert event.body == GOOD
    assert not event.set_aside
    assert Entry.objects.filter(action="check_ins.record", actor_name="Rowan").count() == 1
    review = Review.objects.latest("number")
    assert review.last_sequence == event.sequence
    assert review.recommendation["ceiling_mg"] == 2350


def test_the_same_check_in_twice_is_one(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    first = record(episode, rowan)
    reviewed = Review.objects.count()
    again = record(episode, rowan, GOOD | {"times": 5}, at=AT + timedelta(hours=1))
    assert again == first
    assert Event.objects.filter(kind="check_in").count() == 1
    assert Review.objects.count() == reviewed


def test_a_red_flag_sent_under_an_old_id_is_not_lost(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan)
    second = record(episode, rowan, GOOD | {"flags": ["seizure"]})
    assert second.event_id != "phone-1"
    assert offer(episode) == "freeze"
    assert record(episode, rowan, GOOD | {"flags": ["seizure"]}).event_id != ""
    assert Escalation.objects.filter(key="seizure").count() == 1


def test_what_is_missing_stays_missing(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    event = record(episode, rowan, {"used": None, "answers": {}, "flags": []})
    assert not event.set_aside
    day = queries.progress_for_person(episode, AT).days[-1]
    assert day.status == "unsure"
    assert (day.low_mg, day.high_mg, day.score) == (None, None, None)


def test_a_check_in_before_there_is_any_plan_is_kept(episode: Episode, tell: Tell) -> None:
    assert not tell(DAY_ONE).set_aside
    assert Review.objects.get().status == "informational"


def test_a_check_in_before_there_is_even_a_baseline_is_kept(
    rowan: User, sam: User, episode: Episode, tell: Tell
) -> None:
    episode.closed_at = AT
    episode.save()
    from stepwell.clinic.care import episodes

    bare = episodes.open(
        person=rowan, keyworker=sam, supply="non_prescribed", goal="none", by=sam, at=AT
    )
    assert not record(bare, rowan).set_aside
    assert not record(bare, rowan, GOOD | {"flags": ["seizure"]}, event_id="2").set_aside
    assert offer(bare) == "freeze"


@pytest.mark.parametrize("back", range(8))
def test_up_to_seven_days_back_can_be_told(
    back: int, agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    assert not record(episode, rowan, on=DAY_ONE - timedelta(days=back)).set_aside


# --- what does not fit --------------------------------------------------------------------------

MISFITS: dict[str, dict[str, Any]] = {
    "an amount upside down": {"amount_mg": [2000, 1800]},
    "an amount that is no whole number": {"amount_mg": 1.8},
    "an answer out of range": {"answers": {"craving": 11}},
    "an item that nobody asked": {"answers": {"luck": 3}},
    "a flag that does not exist": {"flags": ["bad_day"]},
    "a word where a number belongs": {"times": "many"},
    "none, and yet an amount": {"used": False},
    "something unknown": {"note": "hello"},
    "a safety answer that does not exist": {"safety": "maybe"},
    "not a number": {"amount_mg": float("nan")},
    "what no database keeps": {"note": "\x00"},
    "what is no document at all": {"answers": {1, 2, 3}},
}


@pytest.mark.parametrize("name", MISFITS)
def test_what_does_not_fit_is_kept_aside_and_shown_to_the_team(
    name: str, agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User
) -> None:
    event = record(episode, rowan, GOOD | MISFITS[name])
    assert event.set_aside
    assert event.set_aside_reason
    page = queries.person_page(sam, episode, AT)
    assert [one.event_id for one in page.set_aside] == ["phone-1"]
    assert [line.key for line in page.escalations] == [check_ins.SET_ASIDE]


def test_why_it_does_not_fit_names_the_field(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    event = record(episode, rowan, GOOD | {"answers": {"craving": 11}})
    assert event.set_aside_reason == "answers.craving: must be 0 to 10, not 11."


@pytest.mark.parametrize("name", [name for name in MISFITS if "flag" not in name])
def test_its_flags_still_freeze(
    name: str, agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    event = record(episode, rowan, GOOD | MISFITS[name] | {"flags": ["seizure"]})
    assert event.set_aside
    assert offer(episode) == "freeze"
    assert Escalation.objects.filter(key="seizure", urgency="emergency").exists()
    assert not queries.today_for_person(episode, AT).shows_amount


@pytest.mark.parametrize(
    ("safety", "key"),
    [("plan", "suicide_plan"), ("thoughts", "suicidal_thoughts"), ("declined", "safety_declined")],
)
def test_its_safety_answer_still_reaches_the_team(
    safety: str, key: str, agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan, GOOD | {"times": "many", "safety": safety})
    assert Escalation.objects.filter(key=key).exists()


def test_a_known_flag_beside_an_unknown_one_still_freezes(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan, GOOD | {"flags": ["bad_day", "chest_pain", 7]})
    assert offer(episode) == "freeze"


def test_flags_that_came_as_a_word_still_freeze(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan, GOOD | {"flags": "seizure"})
    assert offer(episode) == "freeze"


@pytest.mark.parametrize("off", [-8, -400, 1, 30])
def test_a_day_that_cannot_be_told_is_kept_aside_and_its_flags_freeze(
    off: int, agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    on = DAY_ONE + timedelta(days=off)
    event = record(episode, rowan, GOOD | {"flags": ["seizure"]}, on=on)
    assert event.set_aside
    assert "days ago" in event.set_aside_reason or "not come" in event.set_aside_reason
    assert offer(episode) == "freeze"


def test_what_was_told_before_on_that_day_is_not_lost_beside_a_misfit(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan)
    record(episode, rowan, {"times": "many", "safety": "declined"}, event_id="phone-2")
    day = queries.progress_for_person(episode, AT).days[-1]
    assert (day.low_mg, day.high_mg, day.safety) == (1800, 2000, "declined")


def test_what_was_set_aside_counts_for_nothing_else(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    before = reviews.case(episode, DAY_ONE)
    record(episode, rowan, GOOD | {"times": "many"})
    assert reviews.case(episode, DAY_ONE) == before


def test_a_body_cannot_say_who_or_when_it_was(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    record(episode, rowan, GOOD | {"by": "clinician:Dr Osei", "kind": "resume", "id": "x"})
    told = reviews.case(episode, DAY_ONE)["events"][-1]
    assert (told["by"], told["kind"], told["id"]) == ("person", "check_in", "phone-1")


# --- who ----------------------------------------------------------------------------------------


def test_a_keyworker_writes_down_what_the_person_told(
    agreed_plan: PlanVersion, episode: Episode, sam: User
) -> None:
    event = record(episode, sam)
    assert (event.by, event.by_user) == ("person", sam)


def test_nobody_else_tells_for_them(
    agreed_plan: PlanVersion, episode: Episode, ines: User, mo: User
) -> None:
    for other in (ines, mo):
        with pytest.raises(access.NotFound):
            record(episode, other)


def test_without_consent_nothing_is_saved(
    agreed_plan: PlanVersion, episode: Episode, rowan: User
) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=AT)
    with pytest.raises(check_ins.NoConsent, match="nothing was saved"):
        record(episode, rowan)
    assert not Event.objects.exists()


@pytest.mark.parametrize("flag", ["unrousable", "seizure", "jaundice", "sedative_co_use"])
def test_every_red_flag_freezes_on_the_day_it_is_told(
    flag: str, agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    for day in days(DAY_ONE, 3):
        tell(day)
    last = date(2026, 12, 4)
    tell(DAY_ONE, at=evening(last), flags=[flag], event_id="about-day-one")
    told = reviews.standing(episode, evening(last)).recommendation
    assert (told.offer, told.ceiling_mg) == ("freeze", None)
