"""Putting a backup in place. What is restored is frozen by the very write that restores it."""

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg import errors

from stepwell.clinic.hosting import backup, files, postgresql, running, verify
from stepwell.clinic.hosting.manifest import Unusable
from stepwell.clinic.hosting.verify import Checked

# In plain SQL, with the backup's own schema: the program migrates what is frozen already.
_FREEZE = (
    "INSERT INTO accounts_restore (id, service_id, restored_at, backup_made_at, backup_sha256)"
    " SELECT {id}, id, '{at}', '{made}', '{sha256}' FROM accounts_service;"
)
_SIGN_OUT = "DELETE FROM django_session;"  # whoever was signed out since stays so
_NAMES = "SELECT name FROM accounts_service ORDER BY name"
_NEW_ID = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


class NotEmpty(Exception):
    """There are services here already; `names` has theirs."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        super().__init__(f"there is a service here already: {', '.join(names)}")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where the database that stood there is kept, if it is."""

    checked: Checked
    kept: Path | None


def restore(
    file: Path,
    database: Mapping[str, Any],
    home: Path,
    *,
    at: datetime,
    listed: bool = True,
    over: str | None = None,
) -> Restored:
    """Check a backup and put it in place, frozen. Raises Unusable, or NotEmpty.

    `over` is the name, as somebody typed it, of the service that it replaces. Nothing is changed
    before everything was checked, and nothing is half changed after that.
    """
    checked = verify.check(file, listed=listed)
    if checked.vendor != backup.vendor(database):
        raise Unusable(f"it is of {checked.vendor}, and this home uses {backup.vendor(database)}")
    if "accounts_restore" not in checked.found.rows:
        raise Unusable("it is from before services were frozen by a restore")
    with running.alone(home):
        if (names := services(database)) and over != ", ".join(names):
            raise NotEmpty(names)
        return Restored(checked, _put(checked, database, at))


def _put(checked: Checked, database: Mapping[str, Any], at: datetime) -> Path | None:
    if checked.vendor == "sqlite":
        return _put_sqlite(checked, Path(database["NAME"]), at)
    if others := postgresql.others_connected(database):
        raise Unusable(f"{others} others are connected to the database: stop the service first")
    postgresql.load(checked.file, database, _mark(checked, at))
    return None


def _mark(checked: Checked, at: datetime) -> list[str]:
    told = {"id": _NEW_ID[checked.vendor], "sha256": checked.sha256}
    told |= {"at": _instant(at), "made": _instant(checked.made_at)}
    return [_FREEZE.format(**told), _SIGN_OUT]


def _instant(at: datetime) -> str:
    """In UTC and without a zone, as SQLite keeps it and as PostgreSQL is told to read it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


# --- SQLite -------------------------------------------------------------------------------------


def _put_sqlite(checked: Checked, place: Path, at: datetime) -> Path | None:
    """The file is frozen before it has its name, so a kill leaves the old one or a frozen one."""
    draft = files.draft_of(place)
    try:
        shutil.copyfile(checked.file, draft)
        if files.digest(draft) != checked.sha256:
            raise Unusable("it was changed after it was checked")
        draft.chmod(0o600)
        _freeze(draft, _mark(checked, at))
        files.sync(draft)
        kept = _set_aside(place, at)
        draft.replace(place)
        files.sync(place.parent)
    finally:
        draft.unlink(missing_ok=True)
    return kept


def _freeze(draft: Path, mark: list[str]) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
        opened.execute("BEGIN IMMEDIATE")
        for statement in mark:
            opened.execute(statement)
        opened.execute("COMMIT")


def _set_aside(place: Path, at: datetime) -> Path | None:
    """Keep what stood there under another name; its log must not be played into the new file."""
    if not place.exists():
        return None
    _fold_log(place)
    kept = place.with_name(f"{place.name}.before-{at:%Y%m%dT%H%M%S%f}")
    kept.hardlink_to(place)
    return kept


def _fold_log(place: Path) -> None:
    try:
        with closing(sqlite3.connect(place, timeout=1)) as opened:
            opened.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise Unusable(f"the database here is in use: {error}") from error
    except sqlite3.DatabaseError:  # a damaged one: what is beside it goes with it
        pass
    for end in ("-wal", "-shm"):
        log = place.with_name(place.name + end)
        if log.exists():
            log.rename(log.with_name(f"{log.name}.damaged"))


# --- what is here -------------------------------------------------------------------------------


def services(database: Mapping[str, Any]) -> list[str]:
    """The names of the services in a database; of one that cannot be read, the file's."""
    if backup.vendor(database) == "postgresql":
        return _services_of_postgresql(database)
    place = Path(database["NAME"])
    if not place.exists() or not place.stat().st_size:
        return []
    try:
        with closing(sqlite3.connect(place)) as opened:
            return [row[0] for row in opened.execute(_NAMES)]
    except sqlite3.OperationalError as error:
        return [] if "no such table" in str(error) else [place.name]
    except sqlite3.DatabaseError:
        return [place.name]


def _services_of_postgresql(database: Mapping[str, Any]) -> list[str]:
    with postgresql.opened(database) as connection:
        try:
            return [row[0] for row in connection.execute(_NAMES)]
        except errors.UndefinedTable:
            return []
