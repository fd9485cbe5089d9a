"""What the person's app asks of a thumb, a slow phone and a slow network.

`make bench-person` prints a line for each target and exits 1 when one is short. Real Chromium at a
fourth of its speed on slow 3G; a service of the demo's on loopback, and one of its people whose
plan is running. A tap takes 1.1 s, and 200 words a minute are read.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, ViewportSize, expect, sync_playwright

from bench.wire import Wire, wired
from prove.measures import Measure
from tests.journeys import running
from tests.journeys.running import Clinic

PERSON = "ellis"  # mid-plan
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PHONE = ViewportSize(width=360, height=640)
SLOWER = 4  # times: about a phone of five years ago
# Chromium's own slow 3G: 400 ms there and back, 400 kbit a second each way.
SLOW_3G = {"offline": False, "latency": 400, "downloadThroughput": 5e4, "uploadThroughput": 5e4}

SECONDS, SECONDS_A_TAP, WORDS_A_MINUTE = 30, 1.1, 200
FIRST_LOAD_KB, DAY_KB = 60, 10
HELP_SECONDS, RUNS = 1.0, 5

# What a finger answers, in order; of each scale the 2.
CORE = ("craving", "anxiety", "mood", "irritability")
DAY_OFF = {"used": "no"}
DAY_OF_USE = {"used": "yes", "about": "under", "times": "2"}
SAFETY = {"safety": "no"}
TAPS = {"a day without use": 5, "a day with use": 7, "a day with use and the safety question": 8}

_WORDS = "form => form.innerText.match(/[A-Za-z][A-Za-z’'-]*/g).length"
_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd / 1000"


@dataclass(frozen=True, slots=True)
class Visit:
    """A clinic, the address a phone reaches it by, what it has sent there, and the phone."""

    clinic: Clinic
    wire: Wire
    page: Page
    hosts: set[str]

    def open(self, path: str) -> None:
        self.page.goto(f"{self.wire.url}{path}")


def main() -> int:
    """Print every line as it is measured; 1 when a target was missed, else 0."""
    short = 0
    for line in lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        short += not line.met
    return 1 if short else 0


def lines() -> Iterator[Measure]:
    """A measure for each target, of one phone over a week."""
    with (
        tempfile.TemporaryDirectory() as home,
        running.demo(Path(home), AT) as clinic,
        wired(clinic.url) as wire,
        _phone() as (page, hosts),
    ):
        visit = Visit(clinic, wire, page, hosts)
        yield first_load(visit)
        yield from taps(visit)
        yield a_day(visit)
        yield help_offline(visit)
        yield foreign(visit)


@contextmanager
def _phone() -> Iterator[tuple[Page, set[str]]]:
    """A slow phone on a slow network, and every host that it asks for anything."""
    hosts: set[str] = set()

    def note(asked: Request) -> None:
        hosts.add(urlsplit(asked.url).netloc)

    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        context.on("request", note)
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW_3G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        yield page, hosts
        browser.close()


# --- bytes ------------------------------------------------------------------------------------


def first_load(visit: Visit) -> Measure:
    """From nothing on the phone to Today, with all that is kept for the time without a network."""
    before = _carried(visit)
    visit.open("/sign-in/")
    visit.page.locator("[name=username]").fill(PERSON)
    visit.page.locator("[name=password]").fill(visit.clinic.passwords[PERSON])
    visit.page.get_by_role("button", name="Sign in").tap()
    visit.page.wait_for_url("**/today/")
    visit.page.wait_for_function("navigator.serviceWorker.controller !== null")
    visit.page.wait_for_load_state("networkidle")
    return _bytes("first load, signing in and all that is kept", visit, before, FIRST_LOAD_KB)


def a_day(visit: Visit) -> Measure:
    """Today, the check-in, and Today again."""
    visit.clinic.next_day()
    visit.page.goto("about:blank")
    before = _carried(visit)
    visit.open("/today/")
    visit.page.get_by_role("link", name="Check in").tap()
    _answer(visit.page, DAY_OFF)
    return _bytes("a day: Today, a check-in and its answer", visit, before, DAY_KB)


def _bytes(name: str, visit: Visit, before: tuple[int, int], most_kb: int) -> Measure:
    """What came down the wire; what went up, cookies and all, stands beside it."""
    visit.page.wait_for_load_state("networkidle")
    up, down = ((now - then) / 1000 for now, then in zip(_carried(visit), before, strict=True))
    said = f"{down:.1f} kB, and {up:.1f} kB sent"
    return Measure(name, said, f"{most_kb} kB or less", down <= most_kb)


def _carried(visit: Visit) -> tuple[int, int]:
    return visit.wire.up, visit.wire.down


# --- taps -------------------------------------------------------------------------------------


def taps(visit: Visit) -> Iterator[Measure]:
    """Of each kind of check-in, from the open form to its answer."""
    for name, most in TAPS.items():
        tapped, words = _check_in(visit, weekly="safety" in name, used="with use" in name)
        seconds = tapped * SECONDS_A_TAP + words / WORDS_A_MINUTE * 60
        yield Measure(f"taps, {name}", f"{tapped}", f"{most} or fewer", tapped <= most)
        said = f"{seconds:.0f} s, {words} words"
        yield Measure(f"seconds, {name}", said, f"{SECONDS} s or less", seconds <= SECONDS)


def _check_in(visit: Visit, *, weekly: bool, used: bool) -> tuple[int, int]:
    """Day after day until one asks what is wanted: its taps and its words."""
    for _ in range(8):
        visit.clinic.next_day()
        visit.open("/check-in/")
        asks = visit.page.locator("[name=safety]").count() > 0
        answers = (DAY_OF_USE if used else DAY_OFF) | (SAFETY if asks else {})
        told = _answer(visit.page, answers)
        if asks is weekly:
            return told
    raise AssertionError("no day asked for this kind of check-in")


def _answer(page: Page, answers: dict[str, str]) -> tuple[int, int]:
    """Tap every answer, and Save where that is still asked for: how many taps, and the words."""
    wanted = {**answers, **dict.fromkeys(CORE, "2")}
    if "safety" in wanted:
        wanted["safety"] = wanted.pop("safety")
    words, tapped = 0, 0
    for name, value in wanted.items():
        words = max(words, page.locator("form.check-in").evaluate(_WORDS))
        page.locator(f"input[name={name}][value='{value}']").tap()
        tapped += 1
    if _is_still_open(page):
        page.get_by_role("button", name="Save").tap()
        tapped += 1
    expect(page.get_by_role("heading", name="You have checked in today")).to_be_visible()
    return tapped, words


def _is_still_open(page: Page) -> bool:
    try:
        page.wait_for_url("**/today/", timeout=8_000)
    except Exception:  # noqa: BLE001 - it did not save by itself
        return True
    return False


# --- without a network, and to nobody else ----------------------------------------------------


def help_offline(visit: Visit) -> Measure:
    """Until Help can be read and tapped while nothing answers, by the browser's own clock."""
    visit.clinic.stop()
    took = []
    for _ in range(RUNS):
        visit.open("/help/")
        expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
        took.append(float(visit.page.evaluate(_READY)))
    name = f"Help without a network, the middle of {RUNS}"
    seconds = median(took)
    return Measure(
        name, f"{seconds:.2f} s", f"{HELP_SECONDS:.0f} s or less", seconds <= HELP_SECONDS
    )


def foreign(visit: Visit) -> Measure:
    """Whom the phone asked for anything but the service."""
    others = visit.hosts - {urlsplit(visit.wire.url).netloc, ""}
    met = not others and bool(visit.hosts)
    return Measure("hosts asked but the service's own", f"{len(others)}", "0", met)


if __name__ == "__main__":
    sys.exit(main())
