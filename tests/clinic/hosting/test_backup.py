"""A backup is one file that was checked, and a file that was changed is found out."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection

from stepwell.clinic.hosting import backup, files, manifest, postgresql, verify
from stepwell.clinic.hosting.manifest import Manifest, Unusable
from tests.clinic.hosting.conftest import Home

AT = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about a file of SQLite")
on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="about a dump of PostgreSQL"
)
__all__ = ["connection"]


def made(home: Home, to: Path) -> Manifest:
    return backup.make(home.database, home.path, to, at=AT)


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "monday"


def test_a_backup_holds_every_row_and_checks_out(riverside: Home, to: Path) -> None:
    told = made(riverside, to)
    checked = verify.check(to)
    assert told.rows["accounts_service"] == 1
    assert dict(checked.found.rows) == dict(told.rows)
    assert checked.made_at == AT
    assert riverside.ask("SELECT count(*) FROM audit_entry") == [(told.rows["audit_entry"],)]


def test_only_its_owner_reads_it_and_no_draft_is_left(riverside: Home, to: Path) -> None:
    made(riverside, to)
    assert {path.name for path in to.parent.iterdir()} == {to.name, manifest.beside(to).name}
    assert {path.stat().st_mode & 0o77 for path in to.parent.iterdir()} == {0}


def test_its_manifest_names_the_end_of_each_chain(riverside: Home, to: Path) -> None:
    told = made(riverside, to)
    ends = riverside.ask("SELECT number, digest FROM audit_chain")
    assert sorted(told.ends.values()) == sorted(f"{number}:{end}" for number, end in ends)


def test_nothing_is_ever_written_over(riverside: Home, to: Path) -> None:
    to.write_text("what somebody kept")
    with pytest.raises(Unusable, match="never written over"):
        made(riverside, to)
    assert to.read_text() == "what somebody kept"


def test_a_folder_that_is_not_there_is_named(riverside: Home, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no folder"):
        made(riverside, tmp_path / "gone" / "monday")


@on_sqlite
def test_a_name_that_sqlite_takes_for_its_own_is_refused(riverside: Home) -> None:
    with pytest.raises(Unusable, match="part of the database"):
        made(riverside, riverside.path / "stepwell.sqlite3-wal")


@on_sqlite
def test_it_has_what_was_committed_while_somebody_writes(riverside: Home, to: Path) -> None:
    """A write that is under way neither waits for the backup nor gets into it."""
    place = riverside.database["NAME"]
    with closing(sqlite3.connect(place, isolation_level=None)) as writing:
        writing.execute("PRAGMA journal_mode=WAL")
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE accounts_service SET name = 'Half a write'")
        made(riverside, to)
        writing.execute("COMMIT")
    with closing(sqlite3.connect(to)) as copied:
        assert copied.execute("SELECT name FROM accounts_service").fetchone() == ("Riverside",)


@on_postgresql
def test_without_the_programs_of_postgresql_it_says_which_is_missing(
    riverside: Home, to: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgresql, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unusable, match="pg_dump is not on this machine"):
        made(riverside, to)


# What is found out


def test_a_byte_that_was_changed_is_found_out(riverside: Home, to: Path) -> None:
    made(riverside, to)
    held = bytearray(to.read_bytes())
    held[len(held) // 2] ^= 1
    to.write_bytes(held)
    with pytest.raises(Unusable, match="sha256"):
        verify.check(to)


def test_half_a_file_is_found_out_also_where_its_digest_was_written_anew(
    riverside: Home, to: Path
) -> None:
    made(riverside, to)
    to.write_bytes(to.read_bytes()[: to.stat().st_size // 2])
    told_as(to, sha256=files.digest(to))
    with pytest.raises(Unusable):
        verify.check(to)


def told_as(to: Path, **other: object) -> None:
    place = manifest.beside(to)
    place.write_text(json.dumps(json.loads(place.read_text()) | other))


def test_another_number_of_rows_is_found_out(riverside: Home, to: Path) -> None:
    told = made(riverside, to)
    told_as(to, rows={**told.rows, "care_event": 5})
    with pytest.raises(Unusable, match="care_event has 0 rows, not 5"):
        verify.check(to)


def test_another_end_of_a_chain_is_found_out(riverside: Home, to: Path) -> None:
    made(riverside, to)
    told_as(to, chains_sha256="0" * 64)
    with pytest.raises(Unusable, match="ends of its audit chains"):
        verify.check(to)


UNGUARD = {
    "sqlite": ["DROP TRIGGER audit_entry_no_update"],
    "postgresql": ["ALTER TABLE audit_entry DISABLE TRIGGER ALL"],
}


def test_a_trail_that_was_tampered_with_is_found_out(riverside: Home, to: Path) -> None:
    for statement in UNGUARD[connection.vendor]:
        riverside.ask(statement)
    riverside.ask("UPDATE audit_entry SET actor_name = 'Somebody else'")
    made(riverside, to)
    with pytest.raises(Unusable, match="broken at line 1"):
        verify.check(to)


def test_a_backup_of_a_newer_version_is_found_out(riverside: Home, to: Path) -> None:
    riverside.ask(
        "INSERT INTO django_migrations (app, name, applied)"
        " VALUES ('care', '9999_of_tomorrow', '2026-12-01')"
    )
    made(riverside, to)
    with pytest.raises(Unusable, match=r"care\.9999_of_tomorrow"):
        verify.check(to)


def test_without_its_manifest_it_is_used_only_where_that_is_asked_for(
    riverside: Home, to: Path
) -> None:
    told = made(riverside, to)
    manifest.beside(to).unlink()
    with pytest.raises(Unusable, match="is missing"):
        verify.check(to)
    assert dict(verify.check(to, listed=False).found.rows) == dict(told.rows)


def test_what_is_no_backup_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear all")
    with pytest.raises(Unusable, match="neither"):
        verify.check(tmp_path / "letter", listed=False)
    with pytest.raises(Unusable, match="no such file"):
        verify.check(tmp_path / "gone")


@on_sqlite
def test_a_running_database_is_no_backup(riverside: Home) -> None:
    place = Path(riverside.database["NAME"])
    with closing(sqlite3.connect(place)) as writing:
        writing.execute("PRAGMA journal_mode=WAL")
        writing.execute("CREATE TABLE only_in_the_log (told)")
        with pytest.raises(Unusable, match="no backup of one"):
            verify.check(place, listed=False)


# The keys


def test_a_backup_of_data_has_no_key_and_the_keys_go_to_a_place_of_their_own(
    riverside: Home, to: Path, tmp_path: Path
) -> None:
    (riverside.path / "secret_key").write_text("the-secret-of-this-home" * 3)
    (riverside.path / "keys").mkdir()
    (riverside.path / "keys" / "one").write_text("the-key-of-somebody")
    made(riverside, to)
    assert b"the-secret-of-this-home" not in to.read_bytes()
    assert backup.keep_keys(riverside.path, tmp_path / "keys") == ["secret_key", "keys"]
    assert (tmp_path / "keys" / "keys" / "one").read_text() == "the-key-of-somebody"
    assert (tmp_path / "keys").stat().st_mode & 0o77 == 0
    with pytest.raises(Unusable, match="never written over"):
        backup.keep_keys(riverside.path, tmp_path / "keys")


def test_a_home_without_keys_says_so(nowhere: Home, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="has no keys"):
        backup.keep_keys(nowhere.path, tmp_path / "keys")
