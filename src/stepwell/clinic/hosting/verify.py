"""Checking a backup from the file alone: nothing that runs is touched."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

from django.db.migrations.loader import MigrationLoader

from stepwell.clinic.audit import chain
from stepwell.clinic.audit.models import Entry
from stepwell.clinic.hosting import files, manifest, postgresql, sqlite
from stepwell.clinic.hosting.manifest import Found, Manifest, Unusable

_READERS: Mapping[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that may be used: what is in it, and when its last line of a trail was written."""

    file: Path
    vendor: str
    sha256: str
    made_at: datetime
    found: Found


def check(file: Path, *, listed: bool = True) -> Checked:
    """Hold a backup against its manifest and against itself. Raises Unusable at the first fault.

    Without `listed` there is no manifest, as behind a replica: the file speaks for itself, and
    counts as made when its newest line was written.
    """
    if not file.is_file():
        raise Unusable("there is no such file")
    told = manifest.read(file) if listed else None
    sha256 = files.digest(file)
    if told and told.sha256 != sha256:
        raise Unusable("its bytes are not those that were written (sha256)")
    kind = vendor(file)
    found = _READERS[kind].found(file)
    if told:
        _as_told(found, told)
    _migrations_are_known(found)
    last = _chains_are_whole(_READERS[kind].lines(file), found)
    return Checked(file, kind, sha256, told.made if told else last, found)


def vendor(file: Path) -> str:
    """Which database a backup is of, by its first bytes. Raises Unusable."""
    with file.open("rb") as opened:
        begins = opened.read(16)
    if begins.startswith(sqlite.MAGIC):
        return "sqlite"
    if begins.startswith(postgresql.MAGIC):
        return "postgresql"
    raise Unusable("it is neither a database of SQLite nor a dump of PostgreSQL")


def _as_told(found: Found, told: Manifest) -> None:
    for table in sorted(set(found.rows) | set(told.rows)):
        if found.rows.get(table) != told.rows.get(table):
            counts = f"{found.rows.get(table)} rows, not {told.rows.get(table)}"
            raise Unusable(f"{table} has {counts}")
    if manifest.over_all(found.chains) != told.chains_sha256:
        raise Unusable("the ends of its audit chains are not those that were written down")


def _migrations_are_known(found: Found) -> None:
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(found.migrations) - known):
        raise Unusable(f"it is of a newer version of the program: {unknown[0]} is not known here")


def _chains_are_whole(lines: Iterable[dict[str, Any]], found: Found) -> datetime:
    """Walk every chain to its end; gives the instant of the newest line."""
    ends: dict[str, tuple[int, str]] = {}
    newest = datetime.min.replace(tzinfo=UTC)
    for row in lines:
        line, key = _line(row), UUID(row["chain_id"]).hex
        number, before = ends.get(key, (0, chain.BEGINNING))
        right = chain.digest(before, number + 1, chain.fields(line))
        if (int(row["number"]), row["digest"]) != (number + 1, right):
            raise Unusable(f"the audit chain {key} is broken at line {number + 1}")
        ends[key], newest = (number + 1, right), max(newest, line.at)
    for fault in _other_ends(ends, found.chains):
        raise Unusable(fault)
    return newest


def _line(row: Mapping[str, Any]) -> Entry:
    names = {field.attname for field in Entry._meta.concrete_fields}
    at = datetime.fromisoformat(row["at"])
    told = {"detail": json.loads(row["detail"]), "at": at if at.tzinfo else at.replace(tzinfo=UTC)}
    return Entry(**{**{name: row[name] for name in names}, **told})


def _other_ends(ends: Mapping[str, tuple[int, str]], kept: Mapping[str, str]) -> Iterator[str]:
    for key, end in kept.items():
        number, digest = ends.get(UUID(key).hex, (0, chain.BEGINNING))
        if f"{number}:{digest}" != end:
            yield f"the audit chain {key} does not end where it did"
