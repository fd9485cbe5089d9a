"""What is restored is whole and frozen, or it is not restored at all."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from stepwell.clinic.hosting import backup, postgresql, restore, running, verify
from stepwell.clinic.hosting.manifest import Unusable
from tests.clinic.hosting.conftest import Home

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
LATER = AT + timedelta(hours=9)
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about a file of SQLite")
FROZEN = (
    "SELECT count(*) FROM accounts_restore WHERE id NOT IN (SELECT restore_id FROM accounts_lift)"
)
__all__ = ["connection"]


@pytest.fixture
def kept(riverside: Home, tmp_path: Path) -> Path:
    to = tmp_path / "monday"
    backup.make(riverside.database, riverside.path, to, at=AT)
    return to


def put(file: Path, home: Home, **other: object) -> restore.Restored:
    return restore.restore(file, home.database, home.path, at=LATER, **other)  # type: ignore[arg-type]


def test_a_backup_comes_back_whole_and_frozen(kept: Path, nowhere: Home, riverside: Home) -> None:
    put(kept, nowhere)
    assert nowhere.ask(FROZEN) == [(1,)]
    question = "SELECT number, digest FROM audit_entry ORDER BY id"
    assert nowhere.ask(question) == riverside.ask(question)
    assert nowhere.run("audit", "verify").returncode == 0


def test_it_says_from_when_it_is(kept: Path, nowhere: Home) -> None:
    put(kept, nowhere)
    ((made, at, sha256),) = nowhere.ask(
        "SELECT backup_made_at, restored_at, backup_sha256 FROM accounts_restore"
    )
    assert [str(made)[:16], str(at)[:16]] == ["2026-12-01 03:00", "2026-12-01 12:00"]
    assert sha256 == verify.check(kept).sha256


def test_whoever_was_signed_in_then_is_signed_out(
    riverside: Home, nowhere: Home, tmp_path: Path
) -> None:
    riverside.ask(
        "INSERT INTO django_session (session_key, session_data, expire_date)"
        " VALUES ('of-somebody', 'x', '2030-01-01')"
    )
    backup.make(riverside.database, riverside.path, tmp_path / "with", at=AT)
    put(tmp_path / "with", nowhere)
    assert nowhere.ask("SELECT count(*) FROM django_session") == [(0,)]


def test_it_goes_over_a_service_only_by_its_name(kept: Path, riverside: Home) -> None:
    for typed in (None, "", "Hillside"):
        with pytest.raises(restore.NotEmpty, match="Riverside"):
            put(kept, riverside, over=typed)
    assert riverside.ask(FROZEN) == [(0,)]
    put(kept, riverside, over="Riverside")
    assert riverside.ask(FROZEN) == [(1,)]


def test_a_second_restore_is_frozen_again(kept: Path, nowhere: Home) -> None:
    put(kept, nowhere)
    put(kept, nowhere, over="Riverside")
    assert nowhere.ask(FROZEN) == [(1,)]


def test_a_damaged_backup_changes_nothing(kept: Path, riverside: Home, nowhere: Home) -> None:
    held = bytearray(kept.read_bytes())
    held[-200] ^= 1
    kept.write_bytes(held)
    for home in (riverside, nowhere):
        with pytest.raises(Unusable, match="sha256"):
            put(kept, home, over="Riverside")
    assert riverside.ask(FROZEN) == [(0,)]
    assert restore.services(nowhere.database) == []


def test_a_service_that_runs_is_never_replaced(kept: Path, riverside: Home) -> None:
    with running.serving(riverside.path), pytest.raises(Unusable, match="stop it first"):
        put(kept, riverside, over="Riverside")
    assert riverside.ask(FROZEN) == [(0,)]


def test_two_services_may_run_from_one_home(riverside: Home) -> None:
    with running.serving(riverside.path), running.serving(riverside.path):
        pass


@on_sqlite
def test_what_stood_there_is_kept_with_what_was_only_in_its_log(
    kept: Path, riverside: Home
) -> None:
    with closing(sqlite3.connect(riverside.database["NAME"])) as told, told:
        told.execute("PRAGMA journal_mode=WAL")
        told.execute("UPDATE accounts_service SET phone = 'told since'")
    before = put(kept, riverside, over="Riverside").kept
    assert before is not None
    with closing(sqlite3.connect(before)) as old:
        assert old.execute("SELECT phone FROM accounts_service").fetchone() == ("told since",)
    assert riverside.ask("SELECT phone FROM accounts_service") == [("",)]


@on_sqlite
def test_a_damaged_database_can_be_replaced(kept: Path, riverside: Home) -> None:
    place = Path(riverside.database["NAME"])
    place.write_bytes(b"not a database at all" * 100)
    with pytest.raises(restore.NotEmpty, match=place.name):
        put(kept, riverside)
    put(kept, riverside, over=place.name)
    assert riverside.ask(FROZEN) == [(1,)]


@on_sqlite
def test_one_database_is_not_restored_into_another_kind(kept: Path, nowhere: Home) -> None:
    other = Home(nowhere.path, "postgresql://127.0.0.1:1/none")
    with pytest.raises(Unusable, match="this home uses postgresql"):
        put(kept, other)


# A kill in between

KILLED = """
import os, signal, sys
from pathlib import Path
from datetime import UTC, datetime
import django
django.setup()
from django.conf import settings
from stepwell.clinic.hosting import files, postgresql, restore

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

at, file, home = sys.argv[1], Path(sys.argv[2]), settings.HOME
if at == "frozen":        # the draft is frozen and has no name yet
    files.sync = die
elif at == "set aside":   # the old one has its other name as well
    kept = restore._set_aside
    restore._set_aside = lambda *given: (kept(*given), die())
elif at == "copied":      # nothing is frozen yet
    restore._freeze = die
elif at == "half loaded":
    whole = postgresql._script
    def half(file, *asked):
        for number, line in enumerate(whole(file, *asked)):
            if not asked and number == 400:
                die()
            yield line
    postgresql._script = half
now, over = datetime(2026, 12, 1, tzinfo=UTC), sys.argv[3] or None
restore.restore(file, settings.DATABASES["default"], home, at=now, over=over)
"""
POINTS = {"sqlite": ["copied", "frozen", "set aside"], "postgresql": ["half loaded"]}


@pytest.mark.parametrize("point", ["copied", "frozen", "set aside", "half loaded"])
@pytest.mark.parametrize("into", ["nowhere", "riverside"])
def test_a_kill_leaves_it_as_it_was_or_frozen(
    kept: Path, request: pytest.FixtureRequest, into: str, point: str
) -> None:
    if point not in POINTS[connection.vendor]:
        pytest.skip("a point of the other database")
    home: Home = request.getfixturevalue(into)
    over = "Riverside" if into == "riverside" else ""
    env = {**os.environ, "STEPWELL_HOME": str(home.path), "STEPWELL_DATABASE_URL": home.url}
    env |= {"DJANGO_SETTINGS_MODULE": "stepwell.clinic.settings"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, point, str(kept), over], env=env, timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    settled(home)
    here = restore.services(home.database)
    assert here == ([] if into == "nowhere" else ["Riverside"])
    if here:
        assert home.ask(FROZEN) == [(0,)]
    put(kept, home, over="Riverside")
    assert home.ask(FROZEN) == [(1,)]


def settled(home: Home) -> None:
    """A server notices the end of a killed client in its own time."""
    if connection.vendor == "postgresql":
        until = time.monotonic() + 20
        while postgresql.others_connected(home.database) and time.monotonic() < until:
            pass


@on_sqlite
def test_a_file_that_is_changed_while_it_is_restored_is_not(
    kept: Path, nowhere: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = verify.check(kept)
    kept.write_bytes(kept.read_bytes() + b"and more")
    monkeypatch.setattr(verify, "check", lambda *_, **__: checked)
    with pytest.raises(Unusable, match="changed after it was checked"):
        put(kept, nowhere)
    assert {path.name for path in nowhere.path.iterdir()} == {running.LOCK}


# From the command line


@pytest.mark.slow
def test_the_command_line_backs_up_checks_and_restores(
    riverside: Home, make_home: Callable[..., Home], tmp_path: Path
) -> None:
    to, home = tmp_path / "tuesday", make_home("from_the_command_line")
    assert "sha256" in riverside.run("backup", to).stdout
    assert riverside.run("backup", to).returncode == 2
    assert "audit chains whole" in riverside.run("verify", to).stdout
    said = home.run("restore", to)
    assert "frozen" in said.stdout, said.stderr
    assert home.ask("SELECT count(*) FROM audit_entry WHERE action = 'restores.restore'") == [(1,)]
    again = home.run("restore", to)
    assert (again.returncode, "--over" in again.stderr) == (2, True)
    assert home.run("restore", to, "--over", typed="Hillside\n").returncode == 2
    assert home.run("restore", to, "--over", typed="Riverside\n").returncode == 0
    (tmp_path / "tuesday").write_bytes(b"")
    assert home.run("verify", to).returncode == 2


OF_BEFORE = {"audit_entry": "actor_role <> 'program' OR action = 'reviews.run'"}


@pytest.mark.slow
def test_a_year_of_twelve_people_comes_back_row_by_row(
    make_home: Callable[..., Home], tmp_path: Path
) -> None:
    """The demo's whole history: every line of the trail, every amount, every odd character."""
    one, other = make_home("full"), make_home("empty")
    assert one.run("demo", "--home", one.path).returncode == 0
    assert one.run("backup", tmp_path / "full").returncode == 0
    assert one.run("verify", tmp_path / "full").returncode == 0
    assert other.run("restore", tmp_path / "full").returncode == 0
    for table in ("care_event", "care_review", "care_planversion", "audit_entry"):
        question = f"SELECT * FROM {table} WHERE {OF_BEFORE.get(table, '1=1')} ORDER BY id"
        assert one.ask(question) == other.ask(question) != []
    assert other.run("audit", "verify").returncode == 0
