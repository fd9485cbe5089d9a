"""A piece of work in a process of its own that is killed at one of its write points.

A write point is just before or just after a statement that writes, or a commit. The kill is the
signal of `kill -9`. The process says when it has answered; what it answered must then be there.
"""

import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

Work = Callable[[], bool]
_READS = ("SELECT", "PRAGMA", "SHOW", "SET")
_ANSWERED = b"yes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether it answered, whether it was killed, and how many write points it passed."""

    answered: bool
    killed: bool
    points: int


class _Points:
    """Counts write points, and dies at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at, self.passed = at, 0

    def passes(self) -> None:
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def around(self, execute: Callable[..., Any], sql: str, *told: Any) -> Any:
        """For Django's wrapper around each statement."""
        if sql.lstrip().upper().startswith(_READS):
            return execute(sql, *told)
        self.passes()
        done = execute(sql, *told)
        self.passes()
        return done

    def around_commit(self, commit: Callable[[], None]) -> Callable[[], None]:
        def committed() -> None:
            self.passes()
            commit()
            self.passes()

        return committed


def run(work: Work, at: int | None = None) -> Outcome:
    """Do it in a process of its own that dies at this point; None lets it live."""
    connection.close()
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reads)
        _live(work, at, writes)
    os.close(writes)
    with os.fdopen(reads, "rb") as said:
        told = said.read()
    _, status = os.waitpid(child, 0)
    answered, _, points = told.partition(b" ")
    return Outcome(answered == _ANSWERED, os.WIFSIGNALED(status), int(points or 0))


def _live(work: Work, at: int | None, says: int) -> None:
    """The child's whole life. It never returns."""
    points = _Points(at)
    try:
        connection.ensure_connection()
        settled: Any = connection  # Django's own commit has no public name
        settled._commit = points.around_commit(settled._commit)
        with connection.execute_wrapper(points.around):
            answered = work()
        os.write(says, (_ANSWERED if answered else b"no") + b" %d" % points.passed)
    except Exception:  # noqa: BLE001 - nothing of this process may go on in the other
        traceback.print_exc()
    finally:
        os._exit(0)
