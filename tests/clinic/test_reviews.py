"""What the engine said, kept with proof; and where somebody stands, decided afresh."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stepwell import catalogue, cli
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import acts, episodes, plans, queries, reviews
from stepwell.clinic.care.models import Answer, Episode, Escalation, PlanVersion, Review
from stepwell.engine import wire
from tests.conftest import CALM, MONDAY, Tell, days, draft_of, evening

DAY_ONE = date(2026, 12, 1)


def reviewed(episode: Episode) -> list[Review]:
    return list(Review.objects.filter(episode=episode).order_by("number"))


@pytest.fixture
def a_month(
    agreed_plan: PlanVersion,
    episode: Episode,
    tell: Tell,
    rowan: User,
    sam: User,
    dr_osei: User,
) -> Episode:
    """Calm days, a step, bad days, a red flag, a gate, a decision, and a second version."""
    for day in days(DAY_ONE, 8):
        tell(day)
    at = evening(date(2026, 12, 8))
    acts.take(episode, "step", on=at.date(), by=rowan, at=at)
    for day in days(date(2026, 12, 9), 3):
        tell(day, answers=dict.fromkeys(CALM, 9))
    tell(date(2026, 12, 12), flags=["blood_in_urine"])
    at = evening(date(2026, 12, 12))
    acts.take(episode, "resume", on=at.date(), by=dr_osei, at=at, reason="Urine clear.")
    episodes.answer_gate(episode, "pregnancy", Answer.NOT_SURE, by=rowan, at=at)
    tell(date(2026, 12, 13), used=None, amount_mg=None, times=None)
    at = evening(date(2026, 12, 13))
    episodes.clear_gate(episode, "pregnancy", reason="Negative.", by=dr_osei, at=at)
    tell(date(2026, 12, 14), answers={"craving": 12})
    plan = draft_of(episode, sam, at, request=plan_request())
    plan = plans.approve(plan, by=dr_osei, at=at, expected_version=2)
    plans.agree(plan, start=date(2026, 12, 16), teach_back=["Hold."], by=rowan, at=at)
    for day in days(date(2026, 12, 15), 8):
        tell(day)
    return episode


def plan_request() -> dict[str, object]:
    baseline = {"amount_mg": 2200, "times_per_day": 5, "days_per_week": 7}
    return {"start": "2026-12-16", "baseline": baseline, "percent": 5, "smallest_unit_mg": 50}


def test_every_stored_review_replays_byte_for_byte(a_month: Episode) -> None:
    stored = reviewed(a_month)
    assert len(stored) > 25
    assert {review.plan_version.version for review in stored if review.plan_version} == {1, 2}
    for review in stored:
        assert reviews.replays(review), review.number


def test_the_exported_file_answers_itself(a_month: Episode) -> None:
    for review in reviewed(a_month):
        text = json.dumps(reviews.export(review))
        exported = json.loads(text)
        assert wire.digest(exported["case"]) == exported["case_sha256"]
        answer = wire.decide(exported["case"], catalogue.protocols())
        assert wire.dumps(answer) == wire.dumps(exported["recommendation"])
        assert exported["schema"] == wire.SCHEMA_VERSION


def test_the_command_line_replays_an_exported_file(
    agreed_plan: PlanVersion, tell: Tell, tmp_path: Path
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    exported = reviews.export(Review.objects.latest("number"))
    file = tmp_path / "review.json"
    for told, code in ((exported, 0), (exported | {"case_sha256": "0" * 64}, 1)):
        file.write_text(json.dumps(told), encoding="utf-8")
        answer = CliRunner().invoke(cli.app, ["replay", str(file)])
        assert (answer.exit_code == 0) == (code == 0), answer.output


def test_what_is_added_later_never_changes_an_earlier_case(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, rowan: User, dr_osei: User, sam: User
) -> None:
    tell(DAY_ONE)
    early = Review.objects.latest("number")
    before = reviews.export(early)
    episodes.answer_gate(episode, "heart", Answer.YES, by=rowan, at=evening(DAY_ONE))
    tell(DAY_ONE, event_id="again", amount_mg=[3000, 3000])
    acts.take(episode, "freeze", on=DAY_ONE, by=dr_osei, at=evening(DAY_ONE), reason="To be safe.")
    assert reviews.export(Review.objects.get(pk=early.pk)) == before


def test_a_review_that_was_tampered_with_does_not_replay(
    agreed_plan: PlanVersion, tell: Tell
) -> None:
    tell(DAY_ONE)
    review = Review.objects.latest("number")
    review.recommendation = review.recommendation | {"ceiling_mg": 9000}
    assert not reviews.replays(review)
    review = Review.objects.latest("number")
    review.case_sha256 = "0" * 64
    assert not reviews.replays(review)


def test_a_review_keeps_engine_protocol_sequence_and_hash(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    event = tell(DAY_ONE)
    review = Review.objects.latest("number")
    assert review.last_sequence == event.sequence
    assert review.engine_version == review.recommendation["engine"]
    assert review.protocol_version == agreed_plan.protocol_version
    assert review.case_sha256 == wire.digest(reviews.case(episode, DAY_ONE))


# --- standing: afresh on every read -------------------------------------------------------------


def test_silence_is_noticed_without_a_timer(agreed_plan: PlanVersion, episode: Episode) -> None:
    stored = Review.objects.count()
    standing = reviews.standing(episode, evening(DAY_ONE + timedelta(days=5)))
    assert standing.recommendation.offer == "hold"
    assert standing.recommendation.spoke("hold_when_silent")
    later = reviews.standing(episode, evening(DAY_ONE + timedelta(days=15)))
    assert later.recommendation.ceiling_mg is None
    assert Review.objects.count() == stored


def test_a_clock_that_was_set_back_brings_no_day_back(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    for day in days(DAY_ONE, 3):
        tell(day)
    standing = reviews.standing(episode, evening(DAY_ONE))
    assert standing.on == date(2026, 12, 3)
    assert standing.recommendation.offer == "stay"


def test_events_of_one_instant_keep_their_order(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, rowan: User, dr_osei: User
) -> None:
    at = evening(DAY_ONE)
    for number in range(5):
        tell(DAY_ONE, at=at, event_id=f"z{9 - number}", times=number)
    instants = [event["recorded"] for event in reviews.case(episode, DAY_ONE)["events"]]
    assert instants == sorted(set(instants))
    assert len(instants) == 5
    day = queries.progress_for_person(episode, at).days[-1]
    assert day.times == 4


def test_a_record_the_engine_cannot_read_freezes_and_calls(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan whose protocol no longer ships: nothing is shown, and somebody is told today."""
    monkeypatch.setattr(reviews, "_plan", lambda *_: {"levels": [], "protocol": "gone"})
    tell(DAY_ONE)
    review = Review.objects.latest("number")
    assert review.recommendation["offer"] == "freeze"
    assert Escalation.objects.get().key == reviews.UNREADABLE
    page = queries.today_for_person(episode, evening(DAY_ONE))
    assert (page.ceiling_mg, page.stage) == (None, queries.Stage.PAUSED)


# --- what calls for a human ---------------------------------------------------------------------


def test_a_calm_day_asks_nobody(agreed_plan: PlanVersion, episode: Episode, tell: Tell) -> None:
    tell(DAY_ONE)
    assert Review.objects.latest("number").status == "informational"
    assert not reviews.standing(episode, evening(DAY_ONE)).calls


def test_a_freeze_asks_until_somebody_has_decided(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["jaundice"])
    first = Review.objects.latest("number")
    assert first.status == "open"
    tell(DAY_ONE + timedelta(days=1))
    first.refresh_from_db()
    second = Review.objects.latest("number")
    assert (first.status, second.status) == ("superseded", "open")
    assert second.open_since == first.open_since


def test_only_one_review_is_ever_open(a_month: Episode) -> None:
    assert Review.objects.filter(status="open").count() <= 1


def test_a_day_that_passed_can_be_asked_about_again(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, dr_osei: User
) -> None:
    """A review date passes by itself: there is then something to decide on."""
    tell(DAY_ONE)
    at = evening(date(2027, 2, 1))
    assert reviews.standing(episode, at).calls
    review = reviews.refresh(episode, by=dr_osei, at=at)
    assert review.status == "open"


def test_the_stand_in_before_a_plan_shows_nothing_and_asks_nobody(
    episode: Episode, tell: Tell
) -> None:
    tell(MONDAY.date(), at=MONDAY)
    standing = reviews.standing(episode, MONDAY)
    assert not standing.shows_amount
    assert standing.outlook == ()
    assert not standing.calls


def test_looking_stores_a_call_that_came_with_time_alone(
    agreed_plan: PlanVersion, episode: Episode, tell: Tell, sam: User
) -> None:
    for day in days(date(2027, 1, 28), 4):
        tell(day)
    at = evening(date(2027, 2, 1))
    assert reviews.standing(episode, at).open_review is None
    episodes.log_look(episode, by=sam, at=at)
    page = queries.person_page(sam, episode, at)
    assert page.open_review is not None
    assert page.open_review.recommendation.spoke("review_when_approval_has_lapsed")
    stored = Review.objects.count()
    episodes.log_look(episode, by=sam, at=at)
    assert Review.objects.count() == stored
