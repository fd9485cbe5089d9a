"""The team's pages for everybody: screen reader, keyboard, 400 % zoom, no script, at night."""

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
ABOUT_ROWAN = ["", "baseline", "contact", "snooze?lane=due", "gates", "gates/ask", "plan", "paper"]
ABOUT_ROWAN += ["visits", "answers", "tests", "letters", "letters/gp", "reach", "profiles"]
ABOUT_ROWAN += ["safeguarding", "safeguarding/write"]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    home: Path = tmp_path_factory.mktemp("clinic")
    with running.clinic(home, MONDAY_MORNING) as started:
        yield started


@pytest.fixture(scope="module")
def pages(clinic: Clinic, browser: Browser) -> list[str]:
    """Every page about Rowan, who has a draft that waits for a signature."""
    page = browser.new_context().new_page()
    test_first_month.given_sam_has_begun_with_rowan(clinic, page)
    person = page.url
    test_first_month.given_sam_has_drafted_a_plan_from_the_baseline(page)
    plan = page.url
    page.context.close()
    general = [
        "/team/",
        "/team/caseload",
        "/team/messages",
        "/team/people/open",
        "/team/service",
        "/team/service/restored",
        "/team/directory",
        "/team/rules",
        "/team/told",
        "/team/signed-in",
        "/password/",
        "/second-factor/",
        "/team/lanes/due",
        "/evidence",
    ]
    return [
        *(f"{clinic.url}{path}" for path in general),
        *(f"{person}{path}" for path in ABOUT_ROWAN),
        plan,
    ]


def sign_in(browser: Browser, clinic: Clinic, user: str, **how: object) -> Page:
    page = browser.new_context(**how).new_page()  # type: ignore[arg-type]
    clinic.sign_in(page, user)
    return page


def editor(pages: list[str]) -> str:
    return next(page for page in pages if page.endswith("/plan"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_has_to_be_scrolled_sideways(
    browser: Browser, clinic: Clinic, pages: list[str], scheme: str
) -> None:
    page = sign_in(browser, clinic, "osei", viewport=ZOOMED, color_scheme=scheme)
    found = []
    for address in pages:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > ZOOMED["width"]:
            found.append((address, "scrolls sideways"))
        found += [(address, one["id"]) for one in Axe().run(page).response["violations"]]
    page.context.close()
    assert found == []


def test_the_preview_follows_what_is_typed_and_takes_nothing_away(
    browser: Browser, clinic: Clinic, pages: list[str]
) -> None:
    page = sign_in(browser, clinic, "sam")
    page.goto(editor(pages))
    page.locator("[name=rationale]").fill("Half a sen")
    page.locator("[name=amount]").fill("2,67 g")
    expect(page.locator("#preview")).to_contain_text("A comma can mean two things")
    page.locator("[name=amount]").fill("3 g")
    expect(page.locator("#preview")).to_contain_text("3000 mg")
    expect(page.locator("#preview-said")).to_contain_text("First day at the goal")
    expect(page.locator("[name=rationale]")).to_have_value("Half a sen")
    expect(page.locator("[name=amount]")).to_be_focused()
    page.context.close()


def test_the_editor_needs_no_script(browser: Browser, clinic: Clinic, pages: list[str]) -> None:
    page = sign_in(browser, clinic, "sam", java_script_enabled=False)
    page.goto(editor(pages))
    page.locator("[name=rationale]").fill("Half a sentence")
    page.locator("[name=amount]").fill("3 g")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("3000 mg")
    expect(page.locator("[name=rationale]")).to_have_value("Half a sentence")
    page.get_by_role("button", name="Stop now, with support").click()
    expect(page.locator("[name=shape][value=stop_now]")).to_be_checked()
    expect(page.locator("[name=amount]")).to_have_value("3 g")
    page.context.close()


def test_enter_in_a_field_looks_and_never_changes_the_shape(
    browser: Browser, clinic: Clinic, pages: list[str]
) -> None:
    page = sign_in(browser, clinic, "sam", java_script_enabled=False)
    page.goto(editor(pages))
    page.locator("[name=amount]").press("Enter")
    expect(page.locator("[name=shape][value=proportional]")).to_be_checked()
    expect(page.locator("#preview")).to_contain_text("First day at the goal")
    page.context.close()


def test_an_error_is_where_the_keyboard_is(
    browser: Browser, clinic: Clinic, pages: list[str]
) -> None:
    page = sign_in(browser, clinic, "sam")
    page.goto(editor(pages))
    page.locator("[name=rationale]").fill("")
    page.get_by_role("button", name="Keep as draft").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=rationale]")).to_be_focused()
    page.context.close()


def test_a_contact_is_logged_with_the_keyboard_alone(
    browser: Browser, clinic: Clinic, pages: list[str]
) -> None:
    page = sign_in(browser, clinic, "sam")
    page.goto(f"{clinic.url}/team/")
    page.locator("summary", has_text="Log a contact").first.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")  # whether they were reached: yes
    page.keyboard.press("Tab")
    page.keyboard.type("Rang; will call back.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Contact with Rowan logged.")
    page.context.close()
