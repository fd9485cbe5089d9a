"""PostgreSQL: dumped from one snapshot by its own programs, and read back from the dump."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from stepwell.clinic.hosting.manifest import Found, Unusable

MAGIC = b"PGDMP"
_IN_PLACE = (
    "BEGIN; SET LOCAL client_min_messages = 'warning'; SET LOCAL lock_timeout = '10s';"
    " DROP SCHEMA public CASCADE;"
)
_OURS = "SET LOCAL search_path = public; SET LOCAL timezone = 'UTC';"  # a dump leaves none
Settings = Mapping[str, Any]  # one of Django's DATABASES
_DEBIAN = Path("/usr/lib/postgresql")
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
_COPY = re.compile(r"COPY (?:public\.)?\"?(\w+)\"? \((.*)\) FROM stdin;$")
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)")


def program(name: str) -> str:
    """The newest pg_dump, pg_restore or psql of this machine. Raises Unusable."""
    here = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = str(here[-1]) if here else shutil.which(name)
    if found is None:
        raise Unusable(f"{name} is not on this machine: install the client of PostgreSQL")
    return found


def environment(database: Settings) -> dict[str, str]:
    """What the programs need to reach the database; a password never stands in a command line."""
    given = {
        "PGHOST": database.get("HOST"),
        "PGPORT": database.get("PORT"),
        "PGUSER": database.get("USER"),
        "PGPASSWORD": database.get("PASSWORD"),
        "PGDATABASE": database["NAME"],
    }
    options = {name: database["OPTIONS"].get(name) for name in ("sslmode", "sslrootcert")}
    options |= {name: database["OPTIONS"].get(name) for name in ("sslcert", "sslkey")}
    given |= {f"PG{name.upper()}": value for name, value in options.items()}
    return {**os.environ, **{name: str(value) for name, value in given.items() if value}}


@contextmanager
def opened(database: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of one's own to the database."""
    asked = {key: value for key, value in database["OPTIONS"].items() if key != "options"}
    with psycopg.connect(
        host=database.get("HOST") or None,
        port=database.get("PORT") or None,
        user=database.get("USER") or None,
        password=database.get("PASSWORD") or None,
        dbname=database["NAME"],
        **asked,
    ) as connection:
        yield connection


def copy(database: Settings, draft: Path) -> Found:
    """Dump one snapshot, and say what that very snapshot holds."""
    draft.touch(mode=0o600)
    with opened(database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert snapshot is not None
        _dump(database, draft, str(snapshot[0]))
        return _found(connection)


def _dump(database: Settings, draft: Path, snapshot: str) -> None:
    asked = ["--format=custom", "--no-owner", "--no-privileges", "--schema=public"]
    named = [f"--snapshot={snapshot}", f"--file={draft}"]
    _run([program("pg_dump"), *asked, *named], database)


def _run(command: list[str], database: Settings) -> None:
    done = subprocess.run(  # noqa: S603
        command, env=environment(database), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unusable(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _found(connection: psycopg.Connection[Any]) -> Found:
    tables = [row[0] for row in connection.execute(_TABLES)]
    if "django_migrations" not in tables:
        raise Unusable("it is no database of this program")
    counts = {name: _count(connection, name) for name in tables}
    ends = connection.execute("SELECT id, number, digest FROM audit_chain").fetchall()
    return Found(
        rows=counts,
        migrations=tuple(row[0] for row in connection.execute(_MIGRATIONS)),
        chains={pk.hex: f"{number}:{digest}" for pk, number, digest in ends},
    )


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    named = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(named).fetchone()
    assert row is not None
    return int(row[0])


# --- reading a dump -----------------------------------------------------------------------------


def found(file: Path) -> Found:
    """What a dump holds, every row of it read. Raises Unusable."""
    counts: dict[str, int] = {}
    migrations, chains = [], {}
    for table, row in _rows(file):
        counts[table] = counts.get(table, 0) + (row is not None)
        if row is not None and table == "django_migrations":
            migrations.append(f"{row['app']}.{row['name']}")
        if row is not None and table == "audit_chain":
            chains[str(row["id"]).replace("-", "")] = f"{row['number']}:{row['digest']}"
    if "django_migrations" not in counts:
        raise Unusable("it is no database of this program")
    return Found(counts, tuple(sorted(migrations)), chains)


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of the trail in a dump."""
    for table, row in _rows(file, "audit_entry"):
        if table == "audit_entry" and row is not None:
            yield row


def _rows(file: Path, only: str = "") -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Each table once with None, and then with each of its rows as text."""
    table, columns = "", list[str]()
    for line in _script(file, "--data-only", *([f"--table={only}"] if only else [])):
        if table and line == r"\.":
            table = ""
        elif table:
            yield table, dict(zip(columns, map(_value, line.split("\t")), strict=True))
        elif begins := _COPY.match(line):
            table, columns = begins[1], [name.strip('" ') for name in begins[2].split(",")]
            yield table, None


def _value(text: str) -> str | None:
    return None if text == r"\N" else _ESCAPE.sub(lambda at: _ESCAPED.get(at[1], at[1]), text)


def _script(file: Path, *asked: str) -> Iterator[str]:
    """The SQL that a dump stands for, line by line. Raises Unusable where it breaks off."""
    command = [program("pg_restore"), "--no-owner", "--no-privileges", *asked, "--file=-"]
    with subprocess.Popen(  # noqa: S603
        [*command, str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        for line in running.stdout:
            yield line.removesuffix("\n")
        said = running.stderr.read().strip()
    if running.returncode:
        raise Unusable(f"it cannot be read: {said}")


# --- loading one --------------------------------------------------------------------------------


def load(file: Path, database: Settings, mark: list[str]) -> None:
    """Put a dump and the statements of `mark` in place of what is there, as one transaction.

    Whatever breaks off before the last line, a kill as well, leaves the database as it was.
    """
    command = [program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    with subprocess.Popen(  # noqa: S603
        command,
        env=environment(database),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        _feed(running, file, mark)
        said = running.stderr.read().strip() if running.stderr else ""
    if running.returncode:
        raise Unusable(f"it could not be loaded, and nothing was changed: {said}")


def _feed(running: "subprocess.Popen[str]", file: Path, mark: list[str]) -> None:
    """COMMIT stands at the very end: a script that breaks off is rolled back by the server."""
    assert running.stdin is not None
    try:
        running.stdin.write(f"{_IN_PLACE}\n")
        for line in _script(file):
            running.stdin.write(f"{line}\n")
        running.stdin.write("\n".join([_OURS, *mark, "COMMIT;", ""]))
        running.stdin.close()
    except Unusable:
        running.kill()
        raise
    except BrokenPipeError:  # psql has stopped at an error and says which
        pass


def others_connected(database: Settings) -> int:
    """How many connections but this one the database has."""
    with opened(database) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
    assert row is not None
    return int(row[0])
