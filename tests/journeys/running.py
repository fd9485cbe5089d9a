"""A clinic of its own for a journey: a fresh home, a clock held by a file, a server on loopback."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

PASSWORD = "a-long-enough-password-7"
STARTS_WITHIN_SECONDS = 30.0

# Made inside a process of its own, so that the journey's database is never this one's.
_MAKE = """
import json, sys
import django
django.setup()
from datetime import datetime
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from stepwell.clinic.accounts import people
at = datetime.fromisoformat(sys.argv[1])
service = people.open_service(
    name="Journey service (made up)", country="GB", time_zone="Europe/London", at=at, is_demo=True,
    hours="Mon to Fri, 9:00 to 17:00", phone="01632 960 001",
)
for username, name, role in json.loads(sys.argv[2]):
    people.create(
        service=service, username=username, display_name=name, role=role, password=sys.argv[3],
        at=at, demo=True,
    )
"""
STAFF = [
    ("sam", "Sam", "keyworker"),
    ("osei", "Dr Osei", "prescriber"),
    ("grace", "Grace", "safeguarding_lead"),
]


@dataclass
class Clinic:
    """A running clinic. `now` is what its clock says; only `move_to` and `next_day` move it."""

    url: str
    clock: Path
    now: datetime
    home: Path
    passwords: dict[str, str] = field(default_factory=dict)
    server: "subprocess.Popen[bytes] | None" = None
    colleagues: dict[Page, tuple[str, str]] = field(default_factory=dict)

    def start(self) -> None:
        """Serve on this clinic's own port, and wait until it answers."""
        port = str(urlsplit(self.url).port)
        stepwell = str(Path(sys.executable).with_name("stepwell"))
        serve = [stepwell, "serve", "--no-work", "--port", port, "--test-clock", str(self.clock)]
        self.server = subprocess.Popen(serve, env=_environment(self.home))
        _wait_until_it_answers(int(port), self.server)

    def work(self) -> None:
        """One round of the timers, at this clinic's own time."""
        stepwell = str(Path(sys.executable).with_name("stepwell"))
        asked = [stepwell, "work", "--once", "--test-clock", str(self.clock)]
        subprocess.run(asked, env=_environment(self.home), check=True, timeout=60)

    def stop(self) -> None:
        """As when the network is gone: nothing answers any more."""
        if self.server is not None:
            self.server.terminate()
            self.server.wait(timeout=20)
        self.server = None

    def move_to(self, instant: datetime) -> None:
        self.now = instant
        draft = self.clock.with_suffix(".new")
        draft.write_text(instant.isoformat(), encoding="ascii")
        draft.replace(self.clock)

    def next_day(self) -> None:
        self.move_to(self.now + timedelta(days=1))

    def open(self, page: Page, path: str) -> None:
        """A page of a colleague's, whose session may have ended overnight."""
        page.goto(f"{self.url}{path}")
        if "/sign-in/" in page.url:
            username, password = self.colleagues[page]
            self.sign_in(page, username, password)
            page.goto(f"{self.url}{path}")

    def join(self, page: Page, code: str) -> None:
        """With the code that a team handed over, to a password of one's own."""
        page.goto(f"{self.url}/join/")
        page.locator("[name=code]").fill(code)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Go in").click()
        expect(page.locator("[name=password]")).to_have_count(0)

    def sign_in(self, page: Page, username: str, password: str = PASSWORD) -> None:
        page.goto(f"{self.url}/sign-in/")
        self.colleagues[page] = username, password
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("[name=password]")).to_have_count(0)


_DEMO = """
import json, sys
import django
django.setup()
from datetime import datetime
from django.core.management import call_command
call_command("migrate", verbosity=0, interactive=False)
from stepwell.clinic import demo
made = demo.prepare(at=datetime.fromisoformat(sys.argv[1]))
print(json.dumps({one.username: one.password for one in made}))
"""


@contextmanager
def clinic(home: Path, at: datetime) -> Iterator[Clinic]:
    """A service with its staff and nobody else, served on a free port until the block ends."""
    _run(home, _MAKE, at.isoformat(), json.dumps(STAFF), PASSWORD)
    with _served(home, at) as running:
        yield running


@contextmanager
def demo(home: Path, at: datetime) -> Iterator[Clinic]:
    """The whole demo as of one instant; `passwords` has everybody's."""
    passwords = json.loads(_run(home, _DEMO, at.isoformat()))
    with _served(home, at) as running:
        running.passwords.update(passwords)
        yield running


def _environment(home: Path) -> dict[str, str]:
    own = {"STEPWELL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "stepwell.clinic.settings"}
    others = {k: v for k, v in os.environ.items() if not k.startswith("STEPWELL_")}
    return others | own


def _run(home: Path, code: str, *arguments: str) -> str:
    asked = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        asked, env=_environment(home), check=True, timeout=180, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


@contextmanager
def _served(home: Path, at: datetime) -> Iterator[Clinic]:
    running = Clinic(f"http://127.0.0.1:{_free_port()}", home / "clock", at, home)
    running.move_to(at)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(port: int, server: "subprocess.Popen[bytes]") -> None:
    pause, tries = threading.Event(), int(STARTS_WITHIN_SECONDS / 0.1)
    for _ in range(tries):
        assert server.poll() is None, "the server stopped before it answered"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        pause.wait(0.1)
    raise AssertionError(f"no answer on the port within {STARTS_WITHIN_SECONDS:.0f} seconds")
