"""SQLite: copied with its own backup interface while it runs, read without a trace."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from stepwell.clinic.hosting.manifest import Found, Unusable

MAGIC = b"SQLite format 3\x00"
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
_LINES = "SELECT * FROM audit_entry ORDER BY chain_id, number"


def copy(database: Path, draft: Path) -> Found:
    """Copy a database in one consistent piece, check the copy, and say what it holds.

    Nobody who writes waits for it.
    """
    draft.touch(mode=0o600)
    with closing(_reading(database)) as source, closing(sqlite3.connect(draft)) as copied:
        source.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")
        _check(copied)
        return _found(copied)


def _reading(database: Path) -> sqlite3.Connection:
    if not database.exists():
        raise Unusable(f"there is no database at {database}")
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)


def _check(opened: sqlite3.Connection) -> None:
    said = [row[0] for row in opened.execute("PRAGMA integrity_check")]
    if said != ["ok"]:
        raise Unusable(f"its pages are damaged: {said[0]}")
    if opened.execute("PRAGMA foreign_key_check").fetchone():
        raise Unusable("a row points to one that is not there")


def _found(opened: sqlite3.Connection) -> Found:
    tables = sorted(row[0] for row in opened.execute(_TABLES))
    if "django_migrations" not in tables:
        raise Unusable("it is no database of this program")
    counts = {name: _count(opened, name) for name in tables}
    ends = opened.execute("SELECT id, number, digest FROM audit_chain")
    return Found(
        rows=counts,
        migrations=tuple(row[0] for row in opened.execute(_MIGRATIONS)),
        chains={str(pk): f"{number}:{digest}" for pk, number, digest in ends},
    )


def _count(opened: sqlite3.Connection, table: str) -> int:
    counted = opened.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608  # its own name
    return int(counted.fetchone()[0])


@contextmanager
def _untouched(file: Path) -> Iterator[sqlite3.Connection]:
    """Opened so that nothing is written beside it either."""
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:
        raise Unusable(f"{log.name} is beside it: that is a running database and no backup of one")
    address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as opened:
            yield opened
    except sqlite3.DatabaseError as error:
        raise Unusable(f"it cannot be read: {error}") from error


def found(file: Path) -> Found:
    """What a backup holds, after its pages were checked. Raises Unusable."""
    with _untouched(file) as opened:
        _check(opened)
        return _found(opened)


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of the trail in a backup."""
    with _untouched(file) as opened:
        opened.row_factory = sqlite3.Row
        for row in opened.execute(_LINES):
            yield dict(row)
