"""The trail is a chain: whatever is done to it behind the program's back shows, and where."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

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
Tampering = Callable[[Episode], str]


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


def verdict(of: Episode | Service) -> chain.Verdict:
    return next(one for one in chain.verify() if one.chain_id == of.pk)


def line(of: Episode | Service, number: int) -> Entry:
    found: Entry = Entry.objects.get(chain_id=of.pk, number=number)
    return found


def last_of(of: Episode | Service) -> Entry:
    found: Entry = Entry.objects.filter(chain_id=of.pk).latest("number")
    return found


def test_a_chain_that_nobody_touched_is_whole(written: Episode) -> None:
    found, last = verdict(written), last_of(written)
    assert (found.broken, found.length, found.digest) == (None, last.number, last.digest)
    assert all(one.broken is None for one in chain.verify())


def test_each_episode_and_each_service_has_a_chain_of_its_own(
    written: Episode, service: Service, other_service: Service, ines: User
) -> None:
    duty.take(other_service, ines, by=ines, at=MONDAY)
    for of in (written, service, other_service):
        numbers = Entry.objects.filter(chain_id=of.pk).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert {one.chain_id for one in chain.verify() if one.of_an_episode} == {written.pk}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_line_that_was_changed_is_named(column: str, written: Episode) -> None:
    value = {"at": "2026-01-01 00:00:00", "detail": '["x"]'}.get(column, "somebody else")
    sql(f'UPDATE audit_entry SET "{column}" = %s WHERE id = %s', value, line(written, 3).pk)
    found = verdict(written)
    assert (found.broken, found.length) == ("line 3 is not as it was written", 2)


def test_every_field_of_a_line_is_covered() -> None:
    """A field that is added later must be covered too, or be one of the chain's own."""
    fields = {field.column for field in Entry._meta.concrete_fields}
    assert fields - {"id", "chain_id", "number", "digest"} == set(chain.fields(Entry(at=MONDAY)))


def taken_out(of: Episode) -> str:
    sql("DELETE FROM audit_entry WHERE id = %s", line(of, 3).pk)
    return "line 3 is missing"


def cut_off(of: Episode) -> str:
    last = last_of(of)
    sql("DELETE FROM audit_entry WHERE id = %s", last.pk)
    return f"line {last.number} is missing"


def two_swapped(of: Episode) -> str:
    one, two = line(of, 3).pk, line(of, 4).pk
    for pk, number in ((one, 999), (two, 3), (one, 4)):
        sql("UPDATE audit_entry SET number = %s WHERE id = %s", number, pk)
    return "line 3 is not as it was written"


def one_changed_with_its_digest(of: Episode) -> str:
    """As somebody would who knows how a digest is made, for one line alone."""
    before, changed = line(of, 2), line(of, 3)
    changed.actor_name = "Somebody else"
    made = chain.digest(before.digest, 3, chain.fields(changed))
    new = "UPDATE audit_entry SET actor_name = %s, digest = %s WHERE id = %s"
    sql(new, changed.actor_name, made, changed.pk)
    return "line 4 is not as it was written"


def the_end_forgotten(of: Episode) -> str:
    Chain.objects.filter(pk=of.pk).delete()
    return "where it ends is not kept any more"


@pytest.mark.parametrize(
    "tamper", [taken_out, cut_off, two_swapped, one_changed_with_its_digest, the_end_forgotten]
)
def test_what_was_done_to_the_chain_is_named(tamper: Tampering, written: Episode) -> None:
    told = tamper(written)
    assert verdict(written).broken == told
    assert told in (dict(health.checks())["the trail is whole"] or "")


def forged(of: Episode | Service) -> None:
    """A line changed and every digest made again, as whoever has database and program can."""
    new = "UPDATE audit_entry SET actor_name = %s WHERE id = %s"
    sql(new, "Somebody else", line(of, 1).pk)
    last = chain.BEGINNING
    for one in Entry.objects.filter(chain_id=of.pk).order_by("number"):
        last = chain.digest(last, one.number, chain.fields(one))
        sql("UPDATE audit_entry SET digest = %s WHERE id = %s", last, one.pk)
    Chain.objects.filter(pk=of.pk).update(digest=last)


def test_a_chain_made_anew_shows_by_the_seal_in_its_services_chain(written: Episode) -> None:
    chain.seal(MONDAY)
    sealed = last_of(written).number
    forged(written)
    assert verdict(written).broken == f"line {sealed} is not the one that was sealed"


def test_a_chain_that_is_gone_altogether_shows_by_its_seal(written: Episode) -> None:
    chain.seal(MONDAY)
    sql("DELETE FROM audit_entry WHERE chain_id = %s", str(written.pk).replace("-", ""))
    Chain.objects.filter(pk=written.pk).delete()
    assert verdict(written).broken == "where it ends is not kept any more"


def test_a_seal_tells_only_of_chains_that_went_on(written: Episode, sam: User) -> None:
    assert chain.seal(MONDAY) == 1
    assert chain.seal(MONDAY) == 0
    episodes.log_contact(written, how="call", note="Later", by=sam, at=MONDAY)
    assert chain.seal(MONDAY) == 1
    assert all(one.broken is None for one in chain.verify())


def test_a_services_chain_made_anew_shows_by_a_digest_that_was_kept_elsewhere(
    written: Episode, service: Service
) -> None:
    chain.seal(MONDAY)
    before = verdict(service)
    assert chain.has(service.pk, before.length, before.digest)
    forged(service)
    assert verdict(service).broken is None
    assert not chain.has(service.pk, before.length, before.digest)


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
    forged(service)
    assert verify().exit_code == 0
    told = verify(kept)
    assert told.exit_code == 1
    assert f"trouble {kept} is in no chain any more" in told.stdout


def test_the_command_names_the_broken_link(written: Episode) -> None:
    told = cut_off(written)
    said = verify()
    assert said.exit_code == 1
    assert f"{written.pk}" in said.stdout
    assert f"trouble {told}" in said.stdout


def test_the_command_that_seals_says_how_many_went_on(written: Episode) -> None:
    said = CliRunner().invoke(cli.app, ["audit", "seal"])
    assert said.stdout == "1 chains of episodes had gone on\n"
