"""Settings of a database that lose what somebody was told is kept; refused at start, by name."""

from collections.abc import Iterator, Mapping

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

# What each must be: a danger answer that was acknowledged survives the end of the power.
POSTGRESQL: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
}
SQLITE: Mapping[str, frozenset[str]] = {
    "journal_mode": frozenset({"wal", "delete", "truncate", "persist"}),
    "synchronous": frozenset({"2", "3"}),  # FULL or EXTRA
}


def losses() -> Iterator[str]:
    """Each setting that can lose an acknowledged write, as `name=value`."""
    wanted = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    for name, safe in wanted.items():
        if (value := _value(name)) not in safe:
            yield f"{name}={value}"


def _value(name: str) -> str:
    asked = f"SHOW {name}" if connection.vendor == "postgresql" else f"PRAGMA {name}"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        row = cursor.fetchone()
    return str(row[0]).lower() if row else "unknown"


def insist() -> None:
    """Refuse to serve from a database that loses acknowledged writes. ImproperlyConfigured."""
    if found := list(losses()):
        raise ImproperlyConfigured(
            f"The database may lose what somebody was told is kept: {', '.join(found)}."
            " Set it right in the database; there is no way round this."
        )
