"""What a service stands: check-ins and caseloads a second with 100,000 people in the database.

`make bench-service` prints a line for each database and exits 1 when one is short. Requests leave
at their time (an open loop), 70 % of them check-ins and 30 % reads of the caseload, from one more
process on the same machine. A rate is sustained where 99 of 100 of each kind take under 100 ms
and nothing fails.
"""

import argparse
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench import load
from bench.load import Request
from faults import databases
from faults.databases import Database
from prove.measures import Measure

RATES = (10, 20, 30, 40, 60, 80, 100, 150, 200, 300)
WANTED = {"sqlite": (100, 1), "postgresql": (200, 2)}  # a second, with so many workers
if TYPE_CHECKING:  # Django has to know its settings before these
    from faults.scene import Scene
    from stepwell.clinic.accounts.models import User

P99_MS, SENDERS, READS = 100, 2_000, 0.3
TOKEN = "a" * 32
SECONDS = 15.0


def main() -> int:
    """Run each database in a process of its own; 1 when any line was short."""
    asked = _asked()
    if asked.database == "both":
        rest = sys.argv[1:]
        runs = [[sys.executable, "-m", "bench.service", *rest, "--database", d] for d in WANTED]
        return max(subprocess.run(run, check=False).returncode for run in runs)
    short = 0
    with databases.opened(asked.database) as database:
        logging.disable(logging.ERROR)
        for line in _lines(database, asked):
            sys.stdout.write(f"{asked.database}: {line}\n")
            sys.stdout.flush()
            short += isinstance(line, Measure) and not line.met
    return 1 if short else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.service", description=__doc__)
    parser.add_argument("--database", choices=["both", *WANTED], default="both")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--soak", type=int, default=0, help="check-ins at half the sustained rate")
    return parser.parse_args()


def _lines(database: Database, asked: argparse.Namespace) -> Iterator[Measure | str]:
    from bench import crowd  # Django has to know its settings first

    wanted, workers = WANTED[database.kind]
    made = crowd.make(asked.people)
    yield f"{asked.people:,} people, {workers} worker(s), {os.cpu_count()} cores"
    requests = _requests(made)
    with _served(database, workers) as port:
        load.run(port, requests, 10, 8)  # connections are open, caches are warm
        sustained, told = 0, ""
        for rate in RATES:
            result = load.run(port, requests, rate, SECONDS)
            yield f"{rate}/s: {result.said()}"
            if result.errors or result.p99() >= P99_MS:
                break
            sustained, told = rate, result.said()
        said = f"{sustained}/s, {told}"
        yield Measure("sustained at p99 under 100 ms", said, f"≥ {wanted}/s", sustained >= wanted)
        if asked.soak:
            yield _soaked(port, requests, asked.soak, max(sustained / 2, 2))


def _soaked(port: int, requests: Iterator[Request], check_ins: int, rate: float) -> Measure:
    seconds = check_ins / (rate * (1 - READS))
    result = load.run(port, requests, rate, seconds)
    said = f"{rate:g}/s for {timedelta(seconds=int(seconds))}, {result.said()}"
    return Measure(f"soak of {check_ins:,} check-ins", said, "0 errors", result.errors == 0)


# --- who asks for what ----------------------------------------------------------------------------


def _requests(made: "Scene", seed: int = 1) -> Iterator[Request]:
    """For ever: a person checks in, or a keyworker or prescriber reads the caseload."""
    from bench import crowd

    phones = [_session(user) for user in crowd.people(made, SENDERS)]
    desks = [_session(user) for user in made.staff[:4]]
    return _asked_for(phones, desks, str(crowd.NOW.date()), Random(seed))


def _asked_for(phones: list[str], desks: list[str], on: str, dice: Random) -> Iterator[Request]:
    number = 0
    while True:
        number += 1
        if dice.random() < READS:
            yield Request("caseload", _get("/team/caseload", dice.choice(desks)))
        else:
            told = {"used": "no", "craving": dice.randrange(5), "mood": 2, "anxiety": 1}
            told |= {"event_id": f"load-{number}", "on": on}
            yield Request("check-in", _post("/check-in/waited/", dice.choice(phones), told))


def _session(user: "User") -> str:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    session = client.session
    session.set_expiry(timedelta(days=400))  # the people's two weeks end later than today
    session.save()
    return "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())


def _get(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()


def _post(path: str, cookie: str, told: dict[str, object]) -> bytes:
    body = urlencode(told)
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: {cookie}; steps_csrf={TOKEN}",
        f"X-CSRFToken: {TOKEN}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


# --- the server -----------------------------------------------------------------------------------


@contextmanager
def _served(database: Database, workers: int) -> Iterator[int]:
    """The program as a host starts it, at the time at which the people's two weeks end."""
    from bench import crowd

    clock = database.home / "clock"
    clock.write_text(crowd.NOW.isoformat(), encoding="ascii")
    port = _free_port()
    told = ["--port", str(port), "--workers", str(workers), "--test-clock", str(clock)]
    code = "from stepwell import cli; cli.main()"
    serve = [sys.executable, "-c", code, "serve", *told]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait(port: int) -> None:
    pause = threading.Event()
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)
    raise SystemExit("The server did not answer within a minute.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main())
