"""Reaching somebody: only as they said, rung by rung, and an unanswered call is no contact."""

from datetime import date, timedelta
from typing import Any

import pytest

from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import access, acts, check_ins, episodes, queries, reach
from stepwell.clinic.care.lanes import Reason
from stepwell.clinic.care.models import ContactOutcome, Episode, Lane, PlanVersion, ReachNote
from tests.conftest import MONDAY, Tell, evening

DAY_ONE = date(2026, 12, 1)
TOLD = {
    "first": "07700 900 123, her own",
    "second": "",
    "times": "after six",
    "say": "Sam, about Tuesday",
    "never": "leave a message",
}


def test_what_the_person_wrote_last_counts_whoever_wrote_it_down(
    episode: Episode, rowan: User, sam: User
) -> None:
    assert reach.of(episode, MONDAY).note is None
    reach.write(episode, TOLD, by=sam, at=MONDAY)
    reach.write(episode, TOLD | {"never": "write"}, by=rowan, at=MONDAY + timedelta(hours=1))
    found = reach.of(episode, MONDAY + timedelta(days=89))
    assert found.note is not None
    assert (found.note.never, found.note.by, found.is_old) == ("write", rowan, False)
    assert reach.of(episode, MONDAY + timedelta(days=91)).is_old


def test_without_consent_nothing_about_reaching_is_kept(episode: Episode, rowan: User) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=MONDAY)
    with pytest.raises(check_ins.NoConsent):
        reach.write(episode, TOLD, by=rowan, at=MONDAY)
    assert not ReachNote.objects.exists()


@pytest.mark.parametrize("name", ["ines", "mo", "ada"])
def test_nobody_else_writes_it(name: str, cast: dict[str, User], episode: Episode) -> None:
    with pytest.raises(access.NotFound):
        reach.write(episode, TOLD, by=cast[name], at=MONDAY)


@pytest.mark.parametrize(
    ("silent", "now", "coming", "in_days"),
    [
        (0, None, "nudge", 3),
        (3, "nudge", "call", 2),
        (6, "call", "second_channel", 1),
        (14, "plan_is_paused", None, None),
    ],
)
def test_the_ladder_says_where_it_stands_and_what_comes_when(
    silent: int,
    now: str | None,
    coming: str | None,
    in_days: int | None,
    agreed_plan: PlanVersion,
    episode: Episode,
    tell: Tell,
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE + timedelta(days=silent + 1))
    found = reach.ladder(episode, at)
    assert (found.silent_days, found.now, found.next) == (silent, now, coming)
    expected = None if in_days is None else at.date() + timedelta(days=in_days)
    assert found.next_on == expected


@pytest.mark.parametrize("outcome", [ContactOutcome.NO_ANSWER, ContactOutcome.WRONG_NUMBER])
def test_a_call_that_nobody_answered_is_an_attempt_and_no_contact(
    outcome: str, agreed_plan: PlanVersion, episode: Episode, rowan: User, sam: User, tell: Tell
) -> None:
    tell(DAY_ONE)
    at = evening(DAY_ONE)
    acts.take(episode, "talk", on=DAY_ONE, by=rowan, at=at)
    called: dict[str, Any] = {"how": "call", "note": "", "by": sam}
    episodes.log_contact(episode, **called, at=at + timedelta(hours=1), outcome=outcome)
    (card,) = queries.lanes(sam, at + timedelta(hours=2))[Lane.DECIDE]
    assert (card.reason, card.last_contact) == (Reason.ASKED_TO_TALK, None)
    assert [one.outcome for one in reach.attempts(episode)] == [outcome]
    episodes.log_contact(episode, **called, at=at + timedelta(hours=3))
    assert queries.lanes(sam, at + timedelta(hours=3))[Lane.DECIDE] == []


def test_attempts_go_back_to_the_last_time_somebody_spoke_with_them(
    episode: Episode, sam: User
) -> None:
    outcomes = ["reached", "no_answer", "reached", "no_answer", "wrong_number"]
    for hour, outcome in enumerate(outcomes):
        episodes.log_contact(
            episode,
            how="call",
            note="",
            by=sam,
            at=MONDAY + timedelta(hours=hour),
            outcome=outcome,
        )
    told = [one.outcome for one in reach.attempts(episode)]
    assert told == ["wrong_number", "no_answer", "reached"]
