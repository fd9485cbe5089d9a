"""The clinic's tests again, on PostgreSQL: a cluster of its own in a temporary folder.

`python -m tests.on_postgresql` starts it on a free port of the loopback, runs pytest with what is
given (the clinic's quick tests), and stops it, whatever happens. Without PostgreSQL it says so and
skips; in CI that is a failure.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

QUICK = ["tests/clinic", "-m", "not slow", "-q", "-n", "2", "--dist", "worksteal"]
# Durability is the servers' own affair, and none of these tests pulls a plug.
FAST = "-c fsync=off -c full_page_writes=off -c max_connections=50"


def main(asked: Sequence[str]) -> int:
    """Run them; 0 where they pass or PostgreSQL is missing outside CI."""
    if (found := programs()) is None:
        sys.stderr.write("SKIPPED: PostgreSQL is not installed, so its tests were not run.\n")
        return 1 if os.environ.get("CI") == "true" else 0
    with tempfile.TemporaryDirectory() as folder, cluster(found, Path(folder)) as (url, _):
        tests = [sys.executable, "-m", "pytest", *(asked or QUICK)]
        return subprocess.run(tests, env={**os.environ, "STEPWELL_DATABASE_URL": url}).returncode


def programs() -> Path | None:
    """The folder of the newest server of this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    named = shutil.which("postgres")
    return found[-1].parent if found else Path(named).parent if named else None


def _version(program: Path) -> float:
    return float(program.parts[-3])


@contextmanager
def cluster(
    programs: Path, folder: Path, *, durable: bool = False
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A server in this folder until the block ends: its URL, and how to crash and start it again.

    `durable` has every acknowledged write on the disk, as a real one must.
    """
    data, port = folder / "data", _free_port()
    _lend(str(folder))
    _run([programs / "initdb", "--pgdata", data, "--auth", "trust", "--username", "stepwell"])
    listen = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options = f"{listen} {'' if durable else FAST}"
    control = [programs / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", folder / "log"]
    _run([*control, "-o", options, "start"])
    try:
        yield (
            f"postgresql://stepwell@127.0.0.1:{port}/postgres",
            lambda: _run([*control, "-o", options, "-m", "immediate", "restart"]),
        )
    finally:
        _run([*control, "-m", "immediate", "stop"])


def _run(command: Sequence[object]) -> None:
    subprocess.run(_as_its_user(command), check=True, stdout=subprocess.DEVNULL)


def _as_its_user(command: Sequence[object]) -> list[str]:
    """The server refuses to be root's, so root lends it to the user that its package made."""
    told = [str(part) for part in command]
    return ["runuser", "-u", "postgres", "--", *told] if os.geteuid() == 0 else told


def _lend(folder: str) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
