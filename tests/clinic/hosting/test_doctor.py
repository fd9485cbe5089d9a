"""What loses writes is refused by name, and what a host must look after is said."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Service
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.care import durability
from stepwell.clinic.hosting import backup, doctor
from tests.clinic.hosting.conftest import Home

on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a setting of SQLite")
on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="a setting of PostgreSQL"
)
__all__ = ["connection"]
UNSAFE = [
    *[("postgresql", name, "off") for name in durability.POSTGRESQL],
    *[("sqlite", "journal_mode", "off"), ("sqlite", "journal_mode", "memory")],
    *[("sqlite", "synchronous", "0"), ("sqlite", "synchronous", "1")],
]


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the database answers, all of it safe."""
    every = {**durability.POSTGRESQL, **durability.SQLITE}
    told = {name: min(safe) for name, safe in every.items()}
    monkeypatch.setattr(durability, "_value", told.__getitem__)
    return told


@pytest.mark.parametrize(("vendor", "name", "value"), UNSAFE)
def test_each_setting_that_loses_writes_is_refused_by_name(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch, vendor: str, name: str, value: str
) -> None:
    monkeypatch.setattr(connection, "vendor", vendor)
    durability.insist()
    values[name] = value
    with pytest.raises(ImproperlyConfigured, match=f"{name}={value}"):
        durability.insist()


@on_sqlite
@pytest.mark.django_db
def test_the_settings_are_asked_of_the_database_itself() -> None:
    assert list(durability.losses()) == ["journal_mode=memory"]  # the tests' own, in memory


@on_postgresql
def test_a_service_does_not_start_on_a_server_that_loses_writes(riverside: Home) -> None:
    said = riverside.run("serve", "--port", "1")  # the tests' own server runs without fsync
    assert (said.returncode, "fsync=off" in said.stderr) == (2, True)
    assert "full_page_writes=off" in said.stderr


@on_sqlite
@pytest.mark.slow
def test_a_database_as_the_settings_make_it_loses_nothing(riverside: Home) -> None:
    assert "ok      writes reach the disk" in riverside.run("doctor").stdout


def said(name: str) -> str | None:
    return dict(doctor.checks())[name]


class Usage(NamedTuple):
    free: int


def test_a_full_disk_is_trouble(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(doctor.ROOM * 50))
    assert said("there is room on the disk") is None
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1024**2))
    assert "1 MB are free" in str(said("there is room on the disk"))


def test_a_backup_that_is_missing_or_old_is_trouble_and_a_demo_needs_none(
    service: Service, settings: Any, tmp_path: Path, now: clock.Stopped
) -> None:
    settings.HOME = tmp_path
    assert "no backup" in str(said("a backup was made"))
    backup._remember(tmp_path, tmp_path / "monday", clock.now())
    assert said("a backup was made") is None
    now.advance(days=3)
    assert "3 days old" in str(said("a backup was made"))
    Service.objects.update(is_demo=True)
    assert said("a backup was made") is None


def test_a_clock_that_went_back_is_trouble(service: Service, now: clock.Stopped) -> None:
    last = Entry.objects.latest("id").at
    now.move_to(last)
    assert said("the clock went on") is None
    now.move_to(last - timedelta(hours=1))
    assert "before the last line" in str(said("the clock went on"))


@on_postgresql
def test_another_clock_in_the_database_is_trouble(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said("the clocks agree") is None
    monkeypatch.setattr(doctor, "SKEW", timedelta(days=-1))
    assert "away from ours" in str(said("the clocks agree"))
