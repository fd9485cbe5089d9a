"""A service that came back from a backup is frozen until a named clinician has looked."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts import freezing
from stepwell.clinic.accounts.models import Lift, Restore, Service, User
from stepwell.clinic.audit import chain
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import (
    acts,
    decisions,
    escalations,
    messages,
    plans,
    queries,
    restoring,
    reviews,
    sheets,
)
from stepwell.clinic.care.models import Episode, Escalation, Event, PlanVersion, Urgency
from tests.conftest import MONDAY, Tell, draft_of, evening

DAY_ONE = date(2026, 12, 1)
EVENING = evening(DAY_ONE)


@pytest.fixture
def frozen(service: Service) -> Restore:
    """What `stepwell restore` leaves behind for each service."""
    restore: Restore = Restore.objects.create(
        service=service,
        restored_at=EVENING,
        backup_made_at=EVENING - timedelta(hours=9),
        backup_sha256="a" * 64,
    )
    return restore


def lift(service: Service, by: User, reason: str = "Rang everybody with a plan.") -> list[Lift]:
    return restoring.lift(service, reason=reason, by=by, at=EVENING)


def test_no_amount_is_shown_and_no_step_is_offered(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, frozen: Restore
) -> None:
    tell(DAY_ONE)
    standing = reviews.standing(episode, EVENING)
    assert not standing.shows_amount
    assert standing.recommendation.offer == "freeze"
    assert standing.recommendation.findings[0].rule == reviews.RESTORED
    assert {rung.ceiling_mg for rung in standing.outlook} == {None}
    assert queries.today_for_person(episode, EVENING).stage == queries.Stage.PAUSED
    plan = queries.plan_for_person(episode, EVENING)
    assert (plan.may_step, plan.may_hold, plan.may_step_back) == (False, False, False)
    assert plan.plan is not None
    assert {rung.ceiling_mg for rung in plan.plan.rungs} == {None}


def test_the_days_ahead_show_none_either(
    agreed_plan: PlanVersion, episode: Episode, frozen: Restore
) -> None:
    ahead = reviews.standings_ahead(reviews.record(episode), None, EVENING, 30)
    assert not any(standing.shows_amount for standing in ahead)


def test_no_amount_goes_on_paper(
    agreed_plan: PlanVersion, episode: Episode, frozen: Restore
) -> None:
    assert sheets.of(episode, EVENING).plan is None


def test_what_is_stored_stays_the_engines_own_and_replays(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, frozen: Restore
) -> None:
    tell(DAY_ONE)
    stored = reviews.newest([episode])[episode.pk]
    assert stored.recommendation["ceiling_mg"] is not None
    assert reviews.replays(stored)


def test_nothing_is_approved(draft: PlanVersion, dr_osei: User, frozen: Restore) -> None:
    with pytest.raises(plans.Blocked) as refused:
        plans.approve(draft, by=dr_osei, at=EVENING, expected_version=1)
    assert "restored" in {blocker.key for blocker in refused.value.blockers}


def test_nothing_is_agreed(approved_plan: PlanVersion, rowan: User, frozen: Restore) -> None:
    with pytest.raises(plans.NotReady, match="paused"):
        plans.agree(approved_plan, start=DAY_ONE, teach_back=["I can hold."], by=rowan, at=MONDAY)


@pytest.mark.parametrize(
    ("kind", "given"), [("resume", {}), ("reviewed", {}), ("set_level", {"level": 0})]
)
def test_no_act_leads_to_an_amount(
    agreed_plan: PlanVersion,
    episode: Episode,
    dr_osei: User,
    frozen: Restore,
    kind: str,
    given: dict[str, Any],
) -> None:
    with pytest.raises(acts.NotAllowed, match="restored from a backup"):
        acts.take(episode, kind, on=DAY_ONE, by=dr_osei, at=EVENING, reason="All is well.", **given)


def test_no_recommendation_is_decided_on(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, dr_osei: User, frozen: Restore
) -> None:
    tell(DAY_ONE, flags=["seizure"])
    asked = reviews.newest([episode])[episode.pk]
    with pytest.raises(acts.NotAllowed, match="restored from a backup"):
        decisions.decline(asked, reason="All is well.", by=dr_osei, at=EVENING)


def test_telling_danger_signals_messages_and_stopping_all_work(
    agreed_plan: PlanVersion,
    tell: Tell,
    episode: Episode,
    rowan: User,
    dr_osei: User,
    frozen: Restore,
) -> None:
    tell(DAY_ONE, flags=["seizure"])
    signal = Escalation.objects.get(episode=episode, key="seizure")
    escalations.close(signal, outcome="Rang, seen at A&E.", by=dr_osei, at=EVENING)
    messages.send(episode, text="Can we talk?", by=rowan, at=EVENING, message_id="m-1")
    acts.take(episode, "freeze", on=DAY_ONE, by=dr_osei, at=EVENING, reason="To be sure.")
    assert Event.objects.filter(episode=episode, kind="freeze").exists()


def test_a_named_clinician_lifts_it_with_what_was_checked(
    agreed_plan: PlanVersion,
    tell: Tell,
    episode: Episode,
    service: Service,
    dr_osei: User,
    frozen: Restore,
) -> None:
    tell(DAY_ONE)
    lift(service, dr_osei)
    assert reviews.standing(episode, EVENING).shows_amount
    line = Entry.objects.get(action=freezing.LIFTED)
    assert (line.actor_id, line.detail["reason"]) == (dr_osei.pk, "Rang everybody with a plan.")


def test_nobody_else_lifts_it_and_nobody_without_a_reason(
    service: Service, frozen: Restore, cast: dict[str, User]
) -> None:
    for name in ("rowan", "sam", "mo", "ada", "ines"):
        with pytest.raises(freezing.NotAllowed, match="named nurse"):
            lift(service, cast[name])
    with pytest.raises(freezing.NotAllowed, match="what was checked"):
        lift(service, cast["dr_osei"], reason="  ")
    assert freezing.held(service.pk) == frozen


def test_a_second_clinician_is_told_that_a_colleague_was_first(
    service: Service, dr_osei: User, frozen: Restore
) -> None:
    lift(service, dr_osei)
    with pytest.raises(freezing.NotAllowed, match="first"):
        lift(service, dr_osei)
    assert Lift.objects.count() == 1


def test_another_service_is_not_frozen_by_it(other_service: Service, frozen: Restore) -> None:
    assert freezing.held(other_service.pk) is None


@pytest.mark.parametrize("table", ["accounts_restore", "accounts_lift"])
def test_the_database_refuses_to_take_a_freeze_or_its_end_back(
    service: Service, dr_osei: User, frozen: Restore, table: str
) -> None:
    lift(service, dr_osei)
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")


# What follows a restore


def test_the_trail_tells_of_it_once_however_often_it_is_followed_up(
    service: Service, frozen: Restore
) -> None:
    assert [restoring.finish(EVENING), restoring.finish(EVENING)] == [1, 0]
    line = Entry.objects.get(action=restoring.TOLD)
    assert (line.service_id, line.subject) == (service.pk, str(frozen.pk))
    assert [one.broken for one in chain.verify()] == [None] * len(list(chain.verify()))


def test_what_was_open_is_raised_again_and_stays_open(
    agreed_plan: PlanVersion, tell: Tell, episode: Episode, dr_osei: User, service: Service
) -> None:
    tell(DAY_ONE, flags=["seizure"])
    before = Escalation.objects.get(episode=episode, key="seizure")
    escalations.acknowledge(before, by=dr_osei, at=EVENING)
    Restore.objects.create(
        service=service, restored_at=EVENING, backup_made_at=EVENING, backup_sha256="b" * 64
    )
    restoring.finish(EVENING)
    restoring.finish(EVENING)
    again = Escalation.objects.get(episode=episode, key=reviews.RESTORED)
    before.refresh_from_db()
    assert (again.urgency, again.closed_at) == (Urgency.EMERGENCY, None)
    assert (before.acknowledged_by, before.closed_at) == (dr_osei, None)


def test_somebody_without_an_open_signal_gets_none(episode: Episode, frozen: Restore) -> None:
    restoring.finish(EVENING)
    assert not Escalation.objects.filter(episode=episode).exists()


def test_what_was_due_before_a_restore_can_be_told_from_what_comes_after(
    service: Service, other_service: Service, dr_osei: User, frozen: Restore
) -> None:
    lift(service, dr_osei)
    assert freezing.restored_at(service) == EVENING
    assert freezing.restored_at(other_service) is None


# The pages


def test_every_page_says_why_to_everybody(
    agreed_plan: PlanVersion,
    cast: dict[str, User],
    client: Client,
    frozen: Restore,
    now: clock.Stopped,
) -> None:
    for name, address, said in (
        ("rowan", "/today/", "no amount is shown for now"),
        ("rowan", "/plan/", "no amount is shown for now"),
        ("dr_osei", "/team/", "everything is frozen"),
        ("ada", "/team/accounts", "everything is frozen"),
        ("mo", "/team/overview", "everything is frozen"),
    ):
        client.force_login(cast[name])
        assert said in client.get(address).content.decode(), (name, address)


def test_the_page_lifts_it_for_a_clinician_and_for_nobody_else(
    cast: dict[str, User], client: Client, frozen: Restore, service: Service, now: clock.Stopped
) -> None:
    for name, found in (("sam", False), ("mo", False), ("ada", False), ("dr_osei", True)):
        client.force_login(cast[name])
        page = client.get("/team/service/restored").content.decode()
        assert ("Lift the freeze for everybody" in page) is found, name
    client.force_login(cast["sam"])
    assert client.post("/team/service/restored", {"reason": "All is well."}).status_code == 422
    client.force_login(cast["dr_osei"])
    assert client.post("/team/service/restored", {"reason": " "}).status_code == 422
    assert freezing.held(service.pk) is not None
    assert client.post("/team/service/restored", {"reason": "Rang all."}).status_code == 302
    assert freezing.held(service.pk) is None
    assert "Rang all." in client.get("/team/service/restored").content.decode()


def test_without_a_restore_the_page_says_so_and_lifts_nothing(
    dr_osei: User, client: Client, now: clock.Stopped
) -> None:
    client.force_login(dr_osei)
    page = client.get("/team/service/restored").content.decode()
    assert "Nothing is frozen" in page
    assert "Lift the freeze" not in page


def test_a_new_draft_can_be_written_while_it_is_frozen(
    episode: Episode, sam: User, frozen: Restore
) -> None:
    assert draft_of(episode, sam).version == 1
