"""The trail: written with the act, and never changed."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from stepwell.clinic.accounts.models import User
from stepwell.clinic.audit import trail
from stepwell.clinic.audit.models import Entry, Unchangeable
from stepwell.clinic.care import check_ins, episodes, reviews
from stepwell.clinic.care.models import Baseline, Episode, Event, GateAnswer, PlanVersion, Review
from tests.conftest import MONDAY, Tell


def test_an_act_is_kept_with_the_name_and_role_of_that_day(episode: Episode, sam: User) -> None:
    episodes.log_contact(episode, how="call", note="Rang.", by=sam, at=MONDAY)
    entry = trail.of_episode(episode.service_id, episode.pk)[0]
    assert entry.action == "episodes.log_contact"
    assert (entry.actor_name, entry.actor_role) == ("Sam", "keyworker")
    sam.display_name = "Somebody else"
    sam.save()
    assert Entry.objects.get(pk=entry.pk).actor_name == "Sam"


def test_what_the_program_did_by_itself_says_so(agreed_plan: PlanVersion) -> None:
    entry = Entry.objects.filter(action="reviews.run").latest("id")
    assert (entry.actor_name, entry.actor_role) == ("Stepwell", "program")


def test_an_act_and_its_line_are_undone_together(
    episode: Episode, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines, events = Entry.objects.count(), Event.objects.count()

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(reviews, "run", fails)
    with pytest.raises(RuntimeError):
        tell(date(2026, 11, 30))
    assert (Entry.objects.count(), Event.objects.count()) == (lines, events)


def test_no_act_is_kept_without_its_line(
    episode: Episode, sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr(trail, "record", fails)
    with pytest.raises(RuntimeError):
        episodes.answer_gate(episode, "under_18", "yes", by=sam, at=MONDAY)
    assert not GateAnswer.objects.exists()


def test_a_line_cannot_be_written_apart_from_its_act(monkeypatch: pytest.MonkeyPatch) -> None:
    class Autocommit:
        in_atomic_block = False

    monkeypatch.setattr(trail, "connection", Autocommit())
    with pytest.raises(trail.OutsideTransaction):
        trail.record("check_ins.record", by=None, at=MONDAY)


def test_a_line_cannot_be_changed_or_removed_in_the_program(episode: Episode) -> None:
    entry = Entry.objects.latest("id")
    for attempt in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(action="nothing"),
        lambda: Entry.objects.bulk_update([entry], ["action"]),
    ):
        with pytest.raises(Unchangeable):
            attempt()


GUARDED = [
    ("audit_entry", "action = 'nothing'"),
    ("accounts_consent", "given = NOT given"),
    ("accounts_protocolacceptance", "statement = ''"),
    ("care_baseline", "amount_high_mg = 1"),
    ("care_gateanswer", "answer = 'no '"),
    ("care_event", "body = '{}'"),
    ("care_planversion", "review_by = '2030-01-01'"),
    ("care_planversion", "approved_by_id = NULL"),
    ("care_planversion", "start = '2030-01-01'"),
    ("care_review", "recommendation = '{}'"),
]


def refused(statement: str) -> bool:
    """Whether the database itself refuses this, and for the right reason."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "never changed" in str(error)
    return False


def test_the_database_itself_refuses_a_change(agreed_plan: PlanVersion, tell: Tell) -> None:
    tell(date(2026, 12, 1))
    for table, change in GUARDED:
        assert refused(f"UPDATE {table} SET {change}"), (table, change)


def test_the_database_itself_refuses_a_removal(agreed_plan: PlanVersion, tell: Tell) -> None:
    tell(date(2026, 12, 1))
    for table, _ in GUARDED:
        assert refused(f"DELETE FROM {table}"), table


def test_what_may_still_be_signed_can_be(draft: PlanVersion, agreed_plan: PlanVersion) -> None:
    """The guard fixes what was drafted and signed; it does not stop the signing itself."""
    assert PlanVersion.objects.get(pk=draft.pk).agreed_at is not None
    assert Review.objects.filter(status="informational").exists()
    assert Baseline.objects.exists()
    assert check_ins.KIND == "check_in"
