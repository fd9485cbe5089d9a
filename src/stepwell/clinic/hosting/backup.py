"""Making a backup: one consistent file, checked, on the disk, with a manifest beside it."""

import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from stepwell.clinic.hosting import files, manifest, postgresql, sqlite
from stepwell.clinic.hosting.manifest import Found, Manifest, Unusable

LAST = "last_backup"
KEYS = ("secret_key", "keyring.json", "keys")  # what of a home no backup of data contains


def make(database: Mapping[str, Any], home: Path, to: Path, *, at: datetime) -> Manifest:
    """Copy the whole database into a new file while it runs. Raises Unusable."""
    _refuse(database, to)
    draft = files.draft_of(to)
    try:
        found = _copy(database, draft)
        made = manifest.of(draft, vendor(database), found, at)
        manifest.write(made, manifest.beside(to))
        files.put(draft, to)
    except FileExistsError as error:
        raise Unusable(f"{error.filename2 or error.filename} is there already") from error
    except OSError as error:
        raise Unusable(f"it could not be written: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    _remember(home, to, at)
    return made


def vendor(database: Mapping[str, Any]) -> str:
    """`sqlite` or `postgresql`."""
    return "sqlite" if str(database["ENGINE"]).endswith("sqlite3") else "postgresql"


def _copy(database: Mapping[str, Any], draft: Path) -> Found:
    if vendor(database) == "sqlite":
        return sqlite.copy(Path(database["NAME"]), draft)
    return postgresql.copy(database, draft)


def _refuse(database: Mapping[str, Any], to: Path) -> None:
    for place in (to, manifest.beside(to)):
        if os.path.lexists(place):
            raise Unusable(f"{place} is there already: a backup is never written over")
    if not to.parent.is_dir():
        raise Unusable(f"{to.parent} is no folder")
    if vendor(database) == "sqlite" and _is_taken_for_its_own(Path(database["NAME"]), to):
        raise Unusable(f"SQLite would take {to.name} for a part of the database beside it")


def _is_taken_for_its_own(database: Path, to: Path) -> bool:
    """`name-wal` and the like belong to the database whose name they begin with."""
    beside = database.resolve().parent == to.resolve().parent
    return beside and to.name.startswith(f"{database.name}-")


def _remember(home: Path, to: Path, at: datetime) -> None:
    """When the last backup was made, and where: `stepwell doctor` asks for its age."""
    draft = files.draft_of(home / LAST)
    draft.write_text(f"{at.isoformat()}\n{to.resolve()}\n", encoding="utf-8")
    draft.replace(home / LAST)


def last(home: Path) -> datetime | None:
    """When the last backup of this home was made, if ever."""
    try:
        told = (home / LAST).read_text(encoding="utf-8").splitlines()[0]
        return datetime.fromisoformat(told)
    except (OSError, ValueError, IndexError):
        return None


def keep_keys(home: Path, to: Path) -> list[str]:
    """Copy what of a home opens its data into a new folder of its own. Raises Unusable."""
    present = [name for name in KEYS if (home / name).exists()]
    if not present:
        raise Unusable(f"{home} has no keys")
    if os.path.lexists(to):
        raise Unusable(f"{to} is there already: keys are never written over")
    draft = files.draft_of(to)
    draft.mkdir(mode=0o700)
    for name in present:
        _copied(home / name, draft / name)
    draft.rename(to)
    files.sync(to.parent)
    return present


def _copied(key: Path, to: Path) -> None:
    if key.is_dir():
        shutil.copytree(key, to)
    else:
        shutil.copy2(key, to)
    for path in [to, *to.rglob("*")]:
        files.sync(path)
