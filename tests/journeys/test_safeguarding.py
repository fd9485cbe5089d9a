"""A restricted note from its writing to the lead's look at a broken glass, by keyboard alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
ZOOMED = ViewportSize(width=320, height=256)  # 1280 x 1024 at 400 %
SEEN = "A bruise on the arm."
WHY = "She rang in fear."


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    home: Path = tmp_path_factory.mktemp("clinic")
    with running.clinic(home, MONDAY_MORNING) as started:
        yield started


def desk(browser: Browser, clinic: Clinic, user: str) -> Page:
    page = browser.new_context(viewport=ZOOMED, color_scheme="dark").new_page()
    clinic.sign_in(page, user)
    return page


def fits_everybody(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"], page.url
    assert [one["id"] for one in Axe().run(page).response["violations"]] == [], page.url


def test_a_note_a_broken_glass_and_the_lead(browser: Browser, clinic: Clinic) -> None:
    sam = browser.new_context().new_page()
    test_first_month.given_sam_has_begun_with_rowan(clinic, sam)
    rowan = sam.url.rstrip("/")

    sam.goto(f"{rowan}/safeguarding/write")
    sam.get_by_label("Domestic abuse").press("Space")
    sam.get_by_label("What was seen or said").press_sequentially(SEEN)
    sam.get_by_label("What was done").press_sequentially("Spoke alone.")
    sam.get_by_label("Who was told", exact=True).press_sequentially("Nobody yet.")
    sam.get_by_label("Yes, before it was passed on").press("Space")
    sam.get_by_role("button", name="Keep it").press("Enter")
    expect(sam.get_by_role("main")).to_contain_text(SEEN)

    osei = desk(browser, clinic, "osei")
    osei.goto(f"{rowan}/safeguarding")
    expect(osei.get_by_role("main")).not_to_contain_text(SEEN)
    fits_everybody(osei)
    osei.get_by_role("link", name="Break the glass").press("Enter")
    fits_everybody(osei)
    osei.get_by_label("Why you need to read this now").press_sequentially(WHY)
    osei.get_by_role("button", name="Break the glass and read").press("Enter")
    expect(osei.get_by_role("main")).to_contain_text(SEEN)
    fits_everybody(osei)

    grace = desk(browser, clinic, "grace")
    expect(grace.get_by_role("main")).to_contain_text(WHY)
    fits_everybody(grace)
    grace.get_by_role("link", name="Rowan").press("Enter")
    expect(grace.get_by_role("main")).to_contain_text(SEEN)
    fits_everybody(grace)
    grace.get_by_role("button", name="I have looked at this").press("Enter")
    expect(grace.get_by_role("main")).to_contain_text("Looked at by Grace")
    grace.get_by_role("link", name="Add to this note").press("Enter")
    fits_everybody(grace)
    for page in (sam, osei, grace):
        page.context.close()
