"""An empty database of its own for each run: SQLite in a folder, PostgreSQL in a cluster.

Both as a host would run them: every acknowledged write is on the disk. Nothing outlives the block.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

from tests import on_postgresql as postgresql

Restart = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Database:
    """Its kind, the home of the clinic on it, and how to pull its server down and up again."""

    kind: str
    home: Path
    restart: Restart | None = None


@contextmanager
def opened(kind: str) -> Iterator[Database]:
    """Django set up on an empty database of this kind; once in the life of a process."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if kind == "sqlite":
            _set_up(home)
            yield Database(kind, home)
            return
        with _cluster() as (url, restart):
            _set_up(home, url)
            yield Database(kind, home, restart)


def _set_up(home: Path, url: str = "") -> None:
    os.environ.update(STEPWELL_HOME=str(home), DJANGO_SETTINGS_MODULE="stepwell.clinic.settings")
    os.environ.pop("STEPWELL_DATABASE_URL", None)
    if url:
        os.environ["STEPWELL_DATABASE_URL"] = url
    django.setup()


@contextmanager
def _cluster() -> Iterator[tuple[str, Restart]]:
    programs = postgresql.programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: give --database sqlite, or install it.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with postgresql.cluster(programs, path, durable=True) as (url, restart):
            yield url, restart
