"""The database itself refuses a change, whoever asks: SQLite and PostgreSQL alike.

Used by migrations. `allow` names the columns that may still be written, each only once: a value
that is already there stays. A column in `states` may change as often as needed.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.db.migrations import RunPython

Edit = Callable[[Any, Any], None]


def guard(
    table: str, columns: Collection[str] = (), *, once: Collection[str] = (), when: str = ""
) -> RunPython:
    """Refuse DELETE on a table, and UPDATE of these columns (none given: of every column).

    `once` names columns that may go from nothing to a value and never change again; `when` is an
    SQL condition on OLD under which the columns are fixed (always, if it is empty).
    """
    return RunPython(_install(table, columns, once, when), _remove(table))


def unguard(table: str) -> RunPython:
    """Lift the guard of a table for the rest of one migration, which puts it back at its end."""
    return RunPython(_remove(table), RunPython.noop)


def _install(table: str, columns: Collection[str], once: Collection[str], when: str) -> Edit:
    def install(_: Any, editor: Any) -> None:
        differs = _DIFFERS[editor.connection.vendor]
        changed = [differs(column) for column in columns]
        written = [f"(OLD.{column} IS NOT NULL AND {differs(column)})" for column in once]
        fixed = f"({' OR '.join(changed)})" if changed else ""
        if fixed and when:
            fixed = f"(({when}) AND {fixed})"
        condition = " OR ".join(part for part in [fixed, *written] if part) or "TRUE"
        for statement in _STATEMENTS[editor.connection.vendor](table, condition):
            editor.execute(statement, params=None)

    return install


def _remove(table: str) -> Edit:
    def remove(_: Any, editor: Any) -> None:
        tail = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        for act in ("update", "delete", "truncate"):
            editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}{tail}")

    return remove


def _sqlite(table: str, condition: str) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table}: rows are added, never changed'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} WHEN {condition} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
    ]


def _postgresql(table: str, condition: str) -> list[str]:
    run = "EXECUTE FUNCTION stepwell_refuse()"
    each = "FOR EACH ROW"
    return [
        "CREATE OR REPLACE FUNCTION stepwell_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%: rows are added, never changed', TG_TABLE_NAME; END $$",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {each} "
        f"WHEN ({condition}) {run}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {each} {run}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
    ]


_DIFFERS: dict[str, Callable[[str], str]] = {
    "sqlite": lambda column: f"OLD.{column} IS NOT NEW.{column}",
    "postgresql": lambda column: f"OLD.{column} IS DISTINCT FROM NEW.{column}",
}
_STATEMENTS: dict[str, Callable[[str, str], list[str]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
