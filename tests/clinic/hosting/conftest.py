"""Databases of one's own, each with a service: files, or databases of the tests' cluster."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from stepwell.clinic import settings as ours

PASSWORD = "long enough for this one"
STEPWELL = str(Path(sys.executable).parent / "stepwell")


@dataclass
class Home:
    """A home and its database, as the command line sees them."""

    path: Path
    url: str

    @property
    def database(self) -> dict[str, Any]:
        return ours.database(self.url)

    def run(self, *asked: object, typed: str = "") -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "STEPWELL_HOME": str(self.path), "STEPWELL_DATABASE_URL": self.url}
        return subprocess.run(
            [STEPWELL, *map(str, asked)],
            env=env,
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """What the database says, asked past the program."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database["NAME"])) as opened, opened:
                return [tuple(row) for row in opened.execute(question)]
        with psycopg.connect(self.url, autocommit=True) as opened_too:
            asked = opened_too.execute(question.encode())
            return list(asked.fetchall()) if asked.description else []


Make = Callable[[str], Home]


@pytest.fixture(scope="session")
def make_home(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Callable[..., Home]]:
    """A home by name; `like` another one: with a copy of its database."""
    made: list[str] = []

    def make(name: str, like: Home | None = None) -> Home:
        path = tmp_path_factory.mktemp(name)
        if connection.vendor == "sqlite":
            file = path / "stepwell.sqlite3"
            if like:
                shutil.copyfile(like.database["NAME"], file)
            return Home(path, f"sqlite:///{file}")
        made.append(f"{path.name}_{worker_id}")
        return Home(path, _created(made[-1], like))

    yield make
    for database in made:
        _on_the_server(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), database)


def _created(name: str, like: Home | None) -> str:
    if like is None:
        _on_the_server(sql.SQL("CREATE DATABASE {}"), name)
    else:
        template = like.url.rpartition("/")[2]
        _on_the_server(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, template)
    return f"{os.environ['STEPWELL_DATABASE_URL'].rpartition('/')[0]}/{name}"


def _on_the_server(statement: sql.SQL, *names: str) -> None:
    with psycopg.connect(os.environ["STEPWELL_DATABASE_URL"], autocommit=True) as server:
        server.execute(statement.format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def _opened(make_home: Callable[..., Home]) -> Home:
    home = make_home("opened")
    given = ["--country", "GB", "--time-zone", "Europe/London", "--administrator", "ada"]
    done = home.run("open", "--name", "Riverside", *given, "--password", PASSWORD)
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def riverside(make_home: Callable[..., Home], _opened: Home) -> Home:
    """A service that was just opened."""
    return make_home("riverside", _opened)


@pytest.fixture
def nowhere(make_home: Callable[..., Home]) -> Home:
    """A home with nothing in it."""
    return make_home("nowhere")
