"""A database of every release comes to today's schema with each of its rows.

There is no release yet: the first file is of 24 November 2026, while 0.1.0 was written. A release
adds one: the test cast's database, as `sqlite3.Connection.iterdump` writes it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.clinic.hosting.conftest import Home

RELEASES = sorted((Path(__file__).parents[2] / "releases").glob("*.sql"))
MADE_ANEW = {"care_filedcard"}  # by the program itself, from the other rows
pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="files of SQLite")
__all__ = ["connection"]


def keys(place: Path) -> Mapping[str, set[Any]]:
    """The key of every row, by table. What rows say is the trail's and the reviews' to prove."""
    with closing(sqlite3.connect(place)) as opened:
        listed = opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        named = [name for (name,) in listed if not name.startswith("sqlite_")]
        return {name: _keys(opened, name) for name in named if name not in MADE_ANEW}


def _keys(opened: sqlite3.Connection, table: str) -> set[Any]:
    return {row[0] for row in opened.execute(f'SELECT * FROM "{table}"')}


def test_there_is_a_database_to_begin_from() -> None:
    assert RELEASES


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_it_migrates_with_every_row_and_its_trail_whole(release: Path, nowhere: Home) -> None:
    place = Path(nowhere.database["NAME"])
    with closing(sqlite3.connect(place)) as made:
        made.executescript(release.read_text(encoding="utf-8"))
    before = keys(place)
    assert sum(map(len, before.values())) > 150
    done = nowhere.run("catch-up")
    assert done.returncode == 0, done.stderr
    after = keys(place)
    lost = {table for table, held in before.items() if not held <= after[table]}
    assert lost == set()
    assert nowhere.run("audit", "verify").returncode == 0
    said = nowhere.run("doctor").stdout
    assert "ok      stored reviews replay byte for byte" in said
    assert "ok      database up to date" in said
