"""A replica of SQLite that follows each write, as the guide for a host describes it."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from stepwell.clinic.hosting import restore, verify
from tests.clinic.hosting.conftest import Home
from tests.conftest import MONDAY

BESIDE = Path(sys.executable).parent / "litestream"
LITESTREAM = str(BESIDE) if BESIDE.exists() else shutil.which("litestream")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(LITESTREAM is None, reason="litestream is not here"),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a replica of SQLite"),
]
__all__ = ["connection"]
WRITES = """
import sqlite3, sys
told = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
told.execute("PRAGMA journal_mode=WAL")
told.execute("PRAGMA synchronous=FULL")
for number in range(1, 100_000):
    told.execute("UPDATE accounts_service SET phone = ?", [str(number)])
    print(number, flush=True)
"""


def replicate(home: Home, replica: Path, *how: str) -> list[str]:
    assert LITESTREAM is not None
    place = str(home.database["NAME"])
    return [LITESTREAM, "replicate", *how, place, f"file://{replica}"]


def killed_while_it_writes(home: Home) -> int:
    """The last number that was acknowledged before a kill in the middle of writing."""
    writing = [sys.executable, "-c", WRITES, str(home.database["NAME"])]
    with subprocess.Popen(writing, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) >= 200:
                break
        writer.kill()
        rest = writer.stdout.read().split()
    return int(rest[-1]) if rest else 200


def test_what_was_acknowledged_before_a_kill_is_in_the_replica_and_comes_back_frozen(
    riverside: Home, nowhere: Home, tmp_path: Path
) -> None:
    replica, back = tmp_path / "replica", tmp_path / "back"
    with subprocess.Popen(replicate(riverside, replica), stderr=subprocess.DEVNULL) as following:
        told = killed_while_it_writes(riverside)
        following.send_signal(signal.SIGKILL)
    # The disk outlived both: whoever replicates goes on where it stopped.
    subprocess.run(replicate(riverside, replica, "-once"), check=True, capture_output=True)
    subprocess.run(
        [str(LITESTREAM), "restore", "-o", str(back), f"file://{replica}"],
        check=True,
        capture_output=True,
    )
    with closing(sqlite3.connect(back)) as copied:
        ((phone,),) = copied.execute("SELECT phone FROM accounts_service").fetchall()
    assert int(phone) in (told, told + 1)  # one may have been kept and not yet acknowledged
    checked = verify.check(back, listed=False)
    restore.restore(back, nowhere.database, nowhere.path, at=MONDAY, listed=False)
    assert nowhere.ask("SELECT count(*) FROM accounts_restore") == [(1,)]
    assert nowhere.ask("SELECT backup_sha256 FROM accounts_restore") == [(checked.sha256,)]
