"""A named clinician decides: of two at once exactly one wins, and everybody is told why."""

from datetime import date, timedelta

import pytest

from stepwell.clinic.accounts.models import Role, User
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import access, acts, decisions, queries, reviews
from stepwell.clinic.care.models import Decision, Episode, Event, PlanVersion, Review
from tests.conftest import CALM, MONDAY, Tell, days, evening

DAY_ONE = date(2026, 12, 1)
AT = evening(DAY_ONE)


def newest() -> Review:
    return Review.objects.latest("number")


@pytest.fixture
def frozen(agreed_plan: PlanVersion, tell: Tell) -> Review:
    """Frozen by a flag told on day 1."""
    tell(DAY_ONE, flags=["jaundice"])
    return newest()


@pytest.fixture
def to_review(agreed_plan: PlanVersion, tell: Tell, episode: Episode, dr_osei: User) -> Review:
    """A clinician found the bladder worse."""
    tell(DAY_ONE)
    acts.take(episode, "finding", on=DAY_ONE, by=dr_osei, at=AT, organ="bladder", worse=True)
    return newest()


@pytest.fixture
def step_back(agreed_plan: PlanVersion, tell: Tell, episode: Episode, rowan: User) -> Review:
    """Four very bad days after the first step: a step back is offered on 12 December."""
    for day in days(DAY_ONE, 8):
        tell(day)
    at = evening(date(2026, 12, 8))
    acts.take(episode, "step", on=at.date(), by=rowan, at=at)
    for day in days(date(2026, 12, 9), 4):
        tell(day, answers=dict.fromkeys(CALM, 9))
    return newest()


def offer(episode: Episode, at: object = AT) -> str:
    return reviews.standing(episode, at).recommendation.offer  # type: ignore[arg-type]


# --- approve ------------------------------------------------------------------------------------


def test_approving_a_freeze_leaves_it_frozen_and_asks_no_more(
    frozen: Review, episode: Episode, dr_osei: User
) -> None:
    decision = decisions.approve(frozen, reason="Bloods today.", by=dr_osei, at=AT)
    assert decision.event is None
    assert offer(episode) == "freeze"
    assert newest().status == "informational"
    assert not reviews.standing(episode, AT).calls


def test_a_freeze_that_was_kept_asks_again_when_more_is_told(
    frozen: Review, episode: Episode, dr_osei: User, tell: Tell
) -> None:
    decisions.approve(frozen, reason="Bloods today.", by=dr_osei, at=AT)
    tell(DAY_ONE, flags=["fainting"], event_id="later")
    assert newest().status == "open"


def test_approving_a_review_records_that_it_was_reviewed(
    to_review: Review, episode: Episode, dr_osei: User
) -> None:
    decision = decisions.approve(to_review, reason="Urology referred.", by=dr_osei, at=AT)
    assert decision.event is not None
    assert decision.event.kind == "reviewed"
    assert offer(episode) == "stay"


def test_a_review_can_be_approved_with_a_level(
    to_review: Review, episode: Episode, dr_osei: User
) -> None:
    decision = decisions.approve(to_review, reason="Faster.", level=4, by=dr_osei, at=AT)
    assert decision.event is not None
    assert (decision.event.kind, decision.event.body) == ("set_level", {"level": 4})
    assert reviews.standing(episode, AT).recommendation.level == 4


def test_a_level_goes_with_a_review_alone(frozen: Review, dr_osei: User) -> None:
    with pytest.raises(acts.NotAllowed, match="goes with a review"):
        decisions.approve(frozen, reason="?", level=1, by=dr_osei, at=AT)


def test_approving_a_step_back_takes_it(step_back: Review, episode: Episode, dr_osei: User) -> None:
    at = evening(date(2026, 12, 12))
    decision = decisions.approve(step_back, reason="Too much.", by=dr_osei, at=at)
    assert decision.event is not None
    assert decision.event.by == "clinician:Dr Osei"
    told = reviews.standing(episode, at).recommendation
    assert (told.level, told.offer) == (1, "hold")


# --- decline and amend --------------------------------------------------------------------------


def test_declining_a_freeze_resumes_with_the_reason(
    frozen: Review, episode: Episode, dr_osei: User
) -> None:
    decision = decisions.decline(frozen, reason="Old scar, known.", by=dr_osei, at=AT)
    assert decision.event is not None
    assert (decision.event.kind, decision.event.reason) == ("resume", "Old scar, known.")
    assert offer(episode) == "stay"


def test_declining_a_step_back_leaves_the_level(
    step_back: Review, episode: Episode, dr_osei: User
) -> None:
    at = evening(date(2026, 12, 12))
    assert decisions.decline(step_back, reason="Pain, treated.", by=dr_osei, at=at).event is None
    assert reviews.standing(episode, at).recommendation.level == 2
    assert not reviews.standing(episode, at).calls


@pytest.mark.parametrize("kind", ["resume", "freeze", "hold", "reviewed"])
def test_amending_writes_the_act_that_is_named(
    kind: str, frozen: Review, episode: Episode, dr_osei: User
) -> None:
    decision = decisions.amend(frozen, kind=kind, reason="Because.", by=dr_osei, at=AT, days=None)
    assert decision.event is not None
    assert decision.event.kind == kind


def test_only_what_is_listed_can_be_done_instead(frozen: Review, dr_osei: User) -> None:
    with pytest.raises(acts.NotAllowed):
        decisions.amend(frozen, kind="step", reason="Because.", by=dr_osei, at=AT)


def test_an_act_that_cannot_be_done_leaves_nothing_decided(frozen: Review, dr_osei: User) -> None:
    with pytest.raises(acts.NotAllowed, match="from 0 to"):
        decisions.amend(frozen, kind="set_level", reason="Hm.", level=99, by=dr_osei, at=AT)
    frozen.refresh_from_db()
    assert frozen.status == "open"
    assert not Decision.objects.exists()
    assert not Event.objects.filter(kind="set_level").exists()


def test_every_choice_on_a_freeze_says_beforehand_what_it_does(frozen: Review) -> None:
    assert decisions.effects(frozen) == {"approve": "stays_frozen", "decline": "resume"}


def test_every_choice_on_a_step_back_says_it_too(step_back: Review) -> None:
    assert decisions.effects(step_back) == {"approve": "step_back", "decline": "stays"}


# --- who, and only once -------------------------------------------------------------------------


def test_a_decision_needs_a_reason(frozen: Review, dr_osei: User) -> None:
    for decide in (decisions.approve, decisions.decline):
        with pytest.raises(acts.NotAllowed, match="Write why"):
            decide(frozen, reason=" ", by=dr_osei, at=AT)


def test_a_keyworker_does_not_decide(frozen: Review, sam: User) -> None:
    with pytest.raises(acts.NotAllowed, match="Only a prescriber"):
        decisions.approve(frozen, reason="Fine.", by=sam, at=AT)


def test_another_teams_clinician_cannot_find_it(frozen: Review, ines: User) -> None:
    with pytest.raises(access.NotFound):
        decisions.approve(frozen, reason="Fine.", by=ines, at=AT)


def test_the_second_of_two_is_told_who_decided_what(
    frozen: Review, dr_osei: User, sam: User
) -> None:
    sam.is_named_clinician = True
    decisions.approve(frozen, reason="Bloods.", by=dr_osei, at=AT)
    with pytest.raises(decisions.AlreadyDecided, match="Dr Osei has decided: approve"):
        decisions.decline(frozen, reason="Fine.", by=sam, at=AT)
    assert Decision.objects.count() == 1
    assert not Event.objects.filter(kind="resume").exists()


def test_a_recommendation_that_was_replaced_is_not_decided_on(
    frozen: Review, dr_osei: User, tell: Tell
) -> None:
    tell(DAY_ONE, flags=["fainting"], event_id="later")
    with pytest.raises(decisions.Outdated, match="Look at it again"):
        decisions.decline(frozen, reason="Fine.", by=dr_osei, at=AT)


def test_a_recommendation_that_time_has_overtaken_is_not_decided_on(
    step_back: Review, dr_osei: User
) -> None:
    late = evening(date(2026, 12, 12) + timedelta(days=20))
    with pytest.raises(decisions.Outdated):
        decisions.approve(step_back, reason="Too much.", by=dr_osei, at=late)


def test_a_decision_is_on_the_trail_and_on_the_persons_screen(
    frozen: Review, episode: Episode, dr_osei: User
) -> None:
    decisions.decline(frozen, reason="Old scar, known.", by=dr_osei, at=AT)
    entry = Entry.objects.get(action="decisions.decline")
    assert (entry.actor_name, entry.actor_role) == ("Dr Osei", Role.PRESCRIBER)
    line = queries.plan_for_person(episode, AT).history[0]
    assert (line.kind, line.by.name, line.reason) == ("resume", "Dr Osei", "Old scar, known.")


def test_what_was_left_as_it_was_is_in_the_history_too(
    frozen: Review, episode: Episode, dr_osei: User
) -> None:
    decisions.approve(frozen, reason="Bloods today.", by=dr_osei, at=AT)
    line = queries.plan_for_person(episode, AT).history[0]
    assert (line.kind, line.by.name, line.reason) == ("stays_frozen", "Dr Osei", "Bloods today.")
    assert line.on == DAY_ONE
    assert line.at > MONDAY
