"""The controls of a restore, each with the control on and then taken away."""

from datetime import date
from typing import Any

import pytest

from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import Restore, Service, User
from stepwell.clinic.care import escalations, plans, restoring, reviews
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion
from tests.conftest import Tell, evening
from tests.safety.cases import fails

DAY_ONE = date(2026, 12, 1)
EVENING = evening(DAY_ONE)


def restored(service: Service) -> None:
    Restore.objects.create(
        service=service, restored_at=EVENING, backup_made_at=EVENING, backup_sha256="a" * 64
    )


def no_amount_comes_back(episode: Episode) -> None:
    restored(episode.service)
    assert not reviews.standing(episode, EVENING).shows_amount


def test_a_restore_brings_no_amount_back(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode
) -> None:
    tell(DAY_ONE)
    assert reviews.standing(episode, EVENING).shows_amount
    no_amount_comes_back(episode)


def test_where_a_restore_withholds_nothing_the_check_fails(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(DAY_ONE)

    def as_it_was(answer: Any, _: object) -> Any:
        return answer

    monkeypatch.setattr(reviews, "_withheld", as_it_was)
    fails(lambda: no_amount_comes_back(episode))


def nothing_is_approved(draft: PlanVersion, by: User) -> None:
    restored(draft.service)
    found = plans.blockers(draft, by, at=EVENING)
    assert "restored" in {blocker.key for blocker in found}


def test_a_restored_service_takes_no_approval(draft: PlanVersion, dr_osei: User) -> None:
    nothing_is_approved(draft, dr_osei)


def test_where_approval_does_not_ask_for_it_the_check_fails(
    draft: PlanVersion, dr_osei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(_: object) -> None:
        return None

    monkeypatch.setattr(freezing, "held", nowhere)
    fails(lambda: nothing_is_approved(draft, dr_osei))


def what_was_open_is_looked_at_again(episode: Episode) -> None:
    restored(episode.service)
    restoring.finish(EVENING)
    still = Escalation.objects.filter(episode=episode, closed_at=None)
    assert set(still.values_list("key", flat=True)) == {"seizure", reviews.RESTORED}


@pytest.fixture
def seen_before(agreed_plan: PlanVersion, tell: Tell, episode: Episode, dr_osei: User) -> None:
    tell(DAY_ONE, flags=["seizure"])
    signal = Escalation.objects.get(episode=episode, key="seizure")
    escalations.acknowledge(signal, by=dr_osei, at=EVENING)


def test_a_restore_closes_no_signal_and_raises_what_was_open_again(
    seen_before: None, episode: Episode
) -> None:
    what_was_open_is_looked_at_again(episode)


def test_where_nothing_is_raised_again_the_check_fails(
    seen_before: None, episode: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def quietly(*_: object) -> None:
        return None

    monkeypatch.setattr(restoring, "_raise_again", quietly)
    fails(lambda: what_was_open_is_looked_at_again(episode))
