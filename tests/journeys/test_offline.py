"""A phone without a network: what was kept is there, what is told waits, and is sent once."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
KEPT = ("today/", "plan/", "progress/", "check-in/", "help/")
HOURS_49_MS = 49 * 3600 * 1000


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with running.clinic(tmp_path, MONDAY_MORNING) as started:
        yield started


@pytest.fixture
def rowans(clinic: Clinic, desk: Page, phone: Page) -> Page:
    """Rowan's phone on the first day of the plan; every page has been open once."""
    test_first_month.given_it_is_day_one(clinic, desk, phone)
    phone.goto(f"{clinic.url}/today/")
    phone.wait_for_function("navigator.serviceWorker.controller !== null")
    for address in KEPT:
        phone.goto(f"{clinic.url}/{address}")
    return phone


def said(page: Page, when: str) -> None:
    expect(page.locator(f"[data-when={when}]")).to_be_visible()


def tell(page: Page, **ticked: str) -> None:
    for name, value in ticked.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)
    page.get_by_role("button", name="Save").click()


def test_every_page_that_was_kept_opens_and_says_so(clinic: Clinic, rowans: Page) -> None:
    clinic.stop()
    for address in KEPT:
        rowans.goto(f"{clinic.url}/{address}")
        said(rowans, "kept")
    rowans.goto(f"{clinic.url}/help/thoughts/")
    expect(rowans.locator("main")).to_contain_text("999")
    rowans.goto(f"{clinic.url}/me/")
    expect(rowans.get_by_role("heading", name="No network")).to_be_visible()


def test_a_check_in_waits_and_is_sent_once_when_the_network_is_back(
    clinic: Clinic, rowans: Page
) -> None:
    clinic.stop()
    rowans.goto(f"{clinic.url}/check-in/")
    tell(rowans, used="no", craving="3")
    rowans.wait_for_url(re.compile("/today/$"))
    said(rowans, "waiting")

    clinic.start()
    rowans.goto(f"{clinic.url}/today/")
    said(rowans, "sent")
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.get_by_role("heading", name="You have checked in today")).to_be_visible()
    expect(rowans.locator("[data-when=waiting]")).to_be_hidden()
    rowans.goto(f"{clinic.url}/progress/")
    expect(rowans.locator("main")).to_contain_text("Based on 1 of")


def test_an_amount_goes_away_when_it_was_kept_too_long(clinic: Clinic, rowans: Page) -> None:
    clinic.stop()
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.locator("main")).to_contain_text("2400 mg")
    _put_the_kept_pages_back(rowans, HOURS_49_MS)
    for address in ("today/", "plan/", "check-in/"):
        rowans.goto(f"{clinic.url}/{address}")
        said(rowans, "stale")
        expect(rowans.locator("main")).not_to_contain_text("2400 mg")


def test_danger_told_without_a_network_shows_help_and_no_amount(
    clinic: Clinic, rowans: Page
) -> None:
    clinic.stop()
    rowans.goto(f"{clinic.url}/check-in/")
    rowans.locator("summary", has_text="Something’s wrong").click()
    tell(rowans, used="no", flags="blood_in_urine")
    rowans.wait_for_url(re.compile("/help/$"))
    said(rowans, "untold")
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.locator("main")).not_to_contain_text("2400 mg")
    clinic.start()
    rowans.goto(f"{clinic.url}/today/")
    said(rowans, "sent")
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.locator("main")).to_contain_text("What you told us needs a person today")


def test_two_check_ins_from_one_kept_page_are_two(clinic: Clinic, rowans: Page) -> None:
    clinic.stop()
    for score in ("3", "7"):
        rowans.goto(f"{clinic.url}/check-in/")
        tell(rowans, used="no", craving=score)
        rowans.wait_for_url(re.compile("/today/$"))
    said(rowans, "waiting")
    assert rowans.locator("[data-when=waiting]").inner_text().startswith("2 check-ins are saved")


def test_after_hiding_nothing_is_kept_but_help(clinic: Clinic, rowans: Page) -> None:
    rowans.goto(f"{clinic.url}/today/")
    rowans.get_by_role("button", name="Hide").click()
    rowans.wait_for_url(re.compile("/notes/$"))
    clinic.stop()
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.get_by_role("heading", name="No network")).to_be_visible()
    rowans.goto(f"{clinic.url}/help/")
    expect(rowans.get_by_role("heading", name="Help")).to_be_visible()


def _put_the_kept_pages_back(page: Page, by_ms: int) -> None:
    """Make what is kept older, as if the phone had lain without a network."""
    page.evaluate(
        """async (by) => {
          const pages = await caches.open("pages");
          for (const asked of await pages.keys()) {
            const kept = await pages.match(asked), headers = new Headers(kept.headers);
            headers.set("X-Steps-Kept", String(Number(headers.get("X-Steps-Kept")) - by));
            await pages.put(asked, new Response(await kept.text(), { headers }));
          }
        }""",
        by_ms,
    )
