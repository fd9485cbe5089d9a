"""The trail is a chain: whatever is done to it behind the program's back shows, and where."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from typer.testing import CliRunner, Result

from stepwell import cli
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit import chain
from stepwell.clinic.audit.models import Chain, Entry
from stepwell.clinic.care import duty, episodes, health
from stepwell.clinic.care.models import Episode
from tests.conftest import MONDAY

COLUMNS = ["at", "actor_name", "actor_role", "action", "subject", "detail"]
Tampering = Callable[[Service], str]


@pytest.fixture
def written(episode: Episode, sam: User) -> Episode:
    """Some lines; the database's own guard is lifted, as somebody with its password could do."""
    for hour in range(5):
        at = MONDAY + timedelta(hours=hour)
        episodes.log_contact(episode, how="call", note=f"Call {hour}", by=sam, at=at)
    on = " ON audit_entry" if connection.vendor == "postgresql" else ""
    for act in ("update", "delete"):
        sql(f"DROP TRIGGER IF EXISTS audit_entry_no_{act}{on}")
    return episode


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def verdict(service: Service) -> chain.Verdict:
    return next(one for one in chain.verify() if one.chain_id == service.pk)


def line(service: Service, number: int) -> Entry:
    found: Entry = Entry.objects.get(chain_id=service.pk, number=number)
    return found


def last_of(service: Service) -> Entry:
    found: Entry = Entry.objects.filter(chain_id=service.pk).latest("number")
    return found


def test_a_chain_that_nobody_touched_is_whole(written: Episode, service: Service) -> None:
    found, last = verdict(service), last_of(service)
    assert (found.broken, found.length, found.digest) == (None, last.number, last.digest)
    assert all(one.broken is None for one in chain.verify())


def test_each_service_has_a_chain_of_its_own(
    written: Episode, service: Service, other_service: Service, ines: User
) -> None:
    duty.take(other_service, ines, by=ines, at=MONDAY)
    numbers = Entry.objects.filter(chain_id=other_service.pk).values_list("number", flat=True)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert {one.chain_id for one in chain.verify()} >= {service.pk, other_service.pk}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_line_that_was_changed_is_named(column: str, written: Episode, service: Service) -> None:
    value = {"at": "2026-01-01 00:00:00", "detail": '["x"]'}.get(column, "somebody else")
    sql(f'UPDATE audit_entry SET "{column}" = %s WHERE id = %s', value, line(service, 3).pk)
    found = verdict(service)
    assert (found.broken, found.length) == ("line 3 is not as it was written", 2)


def test_every_field_of_a_line_is_covered() -> None:
    """A field that is added later must be covered too, or be one of the chain's own."""
    fields = {field.column for field in Entry._meta.concrete_fields}
    assert fields - {"id", "chain_id", "number", "digest"} == set(chain.fields(Entry(at=MONDAY)))


def taken_out(service: Service) -> str:
    sql("DELETE FROM audit_entry WHERE id = %s", line(service, 3).pk)
    return "line 3 is missing"


def cut_off(service: Service) -> str:
    last = last_of(service)
    sql("DELETE FROM audit_entry WHERE id = %s", last.pk)
    return f"line {last.number} is missing"


def two_swapped(service: Service) -> str:
    one, two = line(service, 3).pk, line(service, 4).pk
    for pk, number in ((one, 999), (two, 3), (one, 4)):
        sql("UPDATE audit_entry SET number = %s WHERE id = %s", number, pk)
    return "line 3 is not as it was written"


def one_changed_with_its_digest(service: Service) -> str:
    """As somebody would who knows how a digest is made, for one line alone."""
    before, changed = line(service, 2), line(service, 3)
    changed.actor_name = "Somebody else"
    made = chain.digest(before.digest, 3, chain.fields(changed))
    new = "UPDATE audit_entry SET actor_name = %s, digest = %s WHERE id = %s"
    sql(new, changed.actor_name, made, changed.pk)
    return "line 4 is not as it was written"


def the_end_forgotten(service: Service) -> str:
    Chain.objects.filter(pk=service.pk).delete()
    return "where it ends is not kept any more"


@pytest.mark.parametrize(
    "tamper", [taken_out, cut_off, two_swapped, one_changed_with_its_digest, the_end_forgotten]
)
def test_what_was_done_to_the_chain_is_named(
    tamper: Tampering, written: Episode, service: Service
) -> None:
    told = tamper(service)
    assert verdict(service).broken == told
    assert told in (dict(health.checks())["the trail is whole"] or "")


def test_a_whole_new_chain_shows_by_a_digest_that_was_kept_elsewhere(
    written: Episode, service: Service
) -> None:
    before = verdict(service)
    assert chain.has(service.pk, before.length, before.digest)
    new = "UPDATE audit_entry SET actor_name = %s WHERE id = %s"
    sql(new, "Somebody else", line(service, 1).pk)
    forge(service.pk)
    assert verdict(service).broken is None
    assert not chain.has(service.pk, before.length, before.digest)


def forge(chain_id: UUID) -> None:
    """Every digest made again, as whoever has the database and the program can."""
    last = chain.BEGINNING
    for one in Entry.objects.filter(chain_id=chain_id).order_by("number"):
        last = chain.digest(last, one.number, chain.fields(one))
        sql("UPDATE audit_entry SET digest = %s WHERE id = %s", last, one.pk)
    Chain.objects.filter(pk=chain_id).update(digest=last)


# --- the command --------------------------------------------------------------------------------


def verify(*kept: str) -> Result:
    return CliRunner().invoke(cli.app, ["audit", "verify", *(f"--kept={one}" for one in kept)])


def test_the_command_prints_what_to_keep_and_takes_it_back(
    written: Episode, service: Service
) -> None:
    said = verify()
    assert said.exit_code == 0
    kept = next(line for line in said.stdout.splitlines() if str(service.pk) in line).split()[-1]
    assert verify(kept).exit_code == 0
    sql("UPDATE audit_entry SET subject = %s WHERE id = %s", "x", line(service, 1).pk)
    forge(service.pk)
    assert verify().exit_code == 0
    forged = verify(kept)
    assert forged.exit_code == 1
    assert f"trouble {kept} is in no chain any more" in forged.stdout


def test_the_command_names_the_broken_link(written: Episode, service: Service) -> None:
    told = cut_off(service)
    said = verify()
    assert said.exit_code == 1
    assert f"trouble {told}" in said.stdout
