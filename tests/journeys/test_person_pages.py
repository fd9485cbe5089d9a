"""The person's pages for everybody: screen reader, keyboard, 400 % zoom, no script, at night."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from stepwell.engine.protocol import CORE_ITEMS
from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
ZOOMED = ViewportSize(width=320, height=256)  # 1280 x 1024 at 400 %
PAGES = ["today/", "check-in/", "check-in/more/?fine", "plan/", "progress/", "me/"]
PAGES += ["me/who-looked/", "start/", "start/agreeing/", "start/questions/heart/"]
PAGES += ["start/pattern/", "start/matters/", "help/", "help/thoughts/", "help/now/"]
PAGES += [
    "messages/",
    "visits/",
    "questions/",
    "me/who-sees/",
    "check-in/add/",
    "body/",
    "body/diary/",
    "me/letters/",
    "questions/phq9/",
    "questions/asq/",
    "questions/bladder/",
    "rough/",
    "check-in/rough/",
    "plan/paper/",
    "me/take/",
    "me/delete/",
    "me/move/",
    "me/lock/",
]
PAGES += [
    "help/ten-minutes/",
    "help/cramps/",
    "learn/",
    "show/",
    "show/write/",
    "me/reach/",
    "me/sent/",
    "me/signed-in/",
    "password/",
    "second-factor/",
]
PAGES += ["keep-well/", "keep-well/list/"]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    home: Path = tmp_path_factory.mktemp("clinic")
    with running.clinic(home, MONDAY_MORNING) as started:
        yield started


@pytest.fixture(scope="module")
def password(clinic: Clinic, browser: Browser) -> str:
    """Rowan has a plan to agree."""
    context = browser.new_context()
    page = context.new_page()
    code = test_first_month.given_sam_has_begun_with_rowan(clinic, page)
    test_first_month.given_sam_has_drafted_a_plan_from_the_baseline(page)
    test_first_month.given_dr_osei_has_signed_it(clinic, page)
    context.close()
    clinic.join(browser.new_context().new_page(), code)
    return running.PASSWORD


def sign_in(browser: Browser, clinic: Clinic, password: str, **how: object) -> Page:
    page = browser.new_context(**how).new_page()  # type: ignore[arg-type]
    clinic.sign_in(page, "rowan", password)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_has_to_be_scrolled_sideways(
    browser: Browser, clinic: Clinic, password: str, scheme: str
) -> None:
    page = sign_in(browser, clinic, password, viewport=ZOOMED, color_scheme=scheme)
    found = []
    for address in [*PAGES, "plan/agree/"]:
        page.goto(f"{clinic.url}/{address}")
        if page.evaluate("document.documentElement.scrollWidth") > ZOOMED["width"]:
            found.append((address, "scrolls sideways"))
        found += [(address, one["id"]) for one in Axe().run(page).response["violations"]]
    page.context.close()
    assert found == []


def test_a_check_in_needs_no_script(browser: Browser, clinic: Clinic, password: str) -> None:
    page = sign_in(browser, clinic, password, java_script_enabled=False)
    page.goto(f"{clinic.url}/check-in/")
    page.locator("[name=used][value=yes]").check()
    page.locator("[name=amount]").fill("2,2 g")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("A comma can mean two things")
    expect(page.locator("[name=amount]")).to_have_value("2,2 g")
    page.locator("[name=amount]").fill("2.2 g")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("That was your first check-in")).to_be_visible()
    page.context.close()


ANSWERS = {"used": "no"} | dict.fromkeys(CORE_ITEMS, "2") | {"safety": "no"}


def answers(page: Page) -> list[Locator]:
    """The last one only on a day that asks it."""
    found = [page.locator(f"input[name={name}][value='{said}']") for name, said in ANSWERS.items()]
    return [one for one in found if one.count()]


def test_the_last_tap_saves_a_day(browser: Browser, clinic: Clinic, password: str) -> None:
    page = sign_in(browser, clinic, password, has_touch=True)
    page.goto(f"{clinic.url}/check-in/")
    expect(page.get_by_text("Your last tap saves it.")).to_be_visible()
    for one in answers(page):
        one.tap()
    expect(page.get_by_role("heading", name="You have checked in today")).to_be_visible()
    page.context.close()


def test_no_key_saves_before_save(browser: Browser, clinic: Clinic, password: str) -> None:
    page = sign_in(browser, clinic, password)
    page.goto(f"{clinic.url}/check-in/")
    for one in answers(page):
        one.press("Space")
        expect(one).to_be_checked()
    expect(page.get_by_role("heading", name="Check in")).to_be_visible()
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("heading", name="You have checked in today")).to_be_visible()
    page.context.close()


def test_an_error_is_where_the_keyboard_is(browser: Browser, clinic: Clinic, password: str) -> None:
    page = sign_in(browser, clinic, password)
    page.goto(f"{clinic.url}/plan/agree/")
    page.get_by_role("button", name="I agree to this plan").press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=teach_back]").first).to_be_focused()
    page.context.close()


def test_three_presses_of_shift_hide_the_page(
    browser: Browser, clinic: Clinic, password: str
) -> None:
    page = sign_in(browser, clinic, password)
    for _ in range(3):
        page.keyboard.press("Shift")
    expect(page).to_have_title("Notes")
    page.goto(f"{clinic.url}/today/")
    expect(page.locator("[name=password]")).to_be_visible()
    page.context.close()


def test_every_thing_to_tap_is_large_enough_for_a_thumb(
    browser: Browser, clinic: Clinic, password: str
) -> None:
    page = sign_in(browser, clinic, password, viewport={"width": 360, "height": 740})
    small = []
    for address in ("today/", "check-in/", "plan/", "help/"):
        page.goto(f"{clinic.url}/{address}")
        for box in page.locator("main :is(button, .choice label, .scale-cell label)").all():
            size = box.bounding_box()
            if size and (0 < size["height"] < 48 or 0 < size["width"] < 44):
                small.append((address, box.inner_text(), size))
    page.context.close()
    assert small == []
