"""The lock of a phone: asked after a minute away and on a cold start, and never before Help."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
PIN, WRONG = "4071", "1234"
AWAY_MS = 61_000


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running.clinic(tmp_path_factory.mktemp("clinic"), MONDAY_MORNING) as started:
        yield started


@pytest.fixture(scope="module")
def password(clinic: Clinic, browser: Browser) -> str:
    context = browser.new_context()
    code = test_first_month.given_sam_has_begun_with_rowan(clinic, context.new_page())
    context.close()
    clinic.join(browser.new_context().new_page(), code)
    return running.PASSWORD


@pytest.fixture
def rowans(clinic: Clinic, password: str, phone: Page) -> Page:
    """Rowan's phone, with a PIN, on Today."""
    phone.clock.install()
    clinic.sign_in(phone, "rowan", password)
    set_pin(clinic, phone)
    phone.goto(f"{clinic.url}/today/")
    expect(today(phone)).to_be_visible()
    return phone


def set_pin(clinic: Clinic, page: Page) -> None:
    page.goto(f"{clinic.url}/me/lock/")
    page.get_by_label("New PIN").fill(PIN)
    page.get_by_label("The same PIN again").fill(PIN)
    page.get_by_role("button", name="Set the PIN").click()
    expect(page.get_by_role("heading", name="This phone has a PIN")).to_be_visible()


def today(page: Page) -> Locator:
    return page.locator("main h1")


def look(page: Page, *, hidden: bool) -> None:
    """As the browser tells it: out of view, or in view again."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )
    assert page.locator("html[data-covered]").count() == int(hidden)


def leave(page: Page, for_ms: int) -> None:
    look(page, hidden=True)
    page.clock.fast_forward(for_ms)
    look(page, hidden=False)


def is_locked(page: Page) -> None:
    expect(page.get_by_role("dialog", name="Locked")).to_be_visible()
    expect(page.get_by_label("PIN of this phone")).to_be_focused()
    expect(page.locator("main h1")).not_to_be_visible()


def type_pin(page: Page, pin: str) -> None:
    page.get_by_label("PIN of this phone").fill(pin)
    page.get_by_role("button", name="Open", exact=True).click()


def cold_start(page: Page) -> Page:
    """The app closed and opened again: the same phone, another window."""
    url, context = page.url, page.context
    page.close()
    opened = context.new_page()
    opened.goto(url)
    return opened


def test_a_minute_away_asks_and_the_right_pin_brings_the_same_page_back(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/messages/")
    rowans.locator("textarea").fill("Half a sentence")
    leave(rowans, AWAY_MS)
    is_locked(rowans)
    rowans.keyboard.press("Escape")
    is_locked(rowans)
    type_pin(rowans, WRONG)
    expect(rowans.locator("[data-lock=wrong]")).to_be_visible()
    expect(rowans.locator("[data-lock=left]")).to_have_text("4")
    type_pin(rowans, PIN)
    expect(rowans.locator("textarea")).to_have_value("Half a sentence")
    expect(rowans.locator("textarea")).to_be_focused()
    rowans.goto(f"{clinic.url}/plan/")
    expect(rowans.locator("main h1")).to_be_visible()


def test_half_a_minute_away_and_the_next_page_ask_nothing(clinic: Clinic, rowans: Page) -> None:
    leave(rowans, 30_000)
    expect(rowans.locator("main h1")).to_be_visible()
    rowans.clock.fast_forward(10 * AWAY_MS)
    rowans.goto(f"{clinic.url}/plan/")
    expect(rowans.locator("main h1")).to_be_visible()
    expect(rowans.get_by_role("dialog")).to_have_count(0)


def test_a_clock_that_was_put_back_opens_nothing(rowans: Page) -> None:
    look(rowans, hidden=True)
    rowans.evaluate("sessionStorage.setItem('steps-seen', String(Date.now() + 3_600_000))")
    look(rowans, hidden=False)
    is_locked(rowans)


def test_a_cold_start_shows_nothing_before_the_pin_and_help_without_it(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.context.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const main = document.querySelector("main");
          window.first = main && getComputedStyle(main).visibility;
        });"""
    )
    opened = cold_start(rowans)
    assert opened.evaluate("window.first") == "hidden"
    is_locked(opened)
    opened.get_by_role("link", name="Help").click()
    opened.wait_for_url(re.compile("/help/$"))
    expect(opened.locator("main")).to_contain_text("999")
    expect(opened.get_by_role("dialog")).to_have_count(0)
    opened.get_by_role("link", name="Today").click()
    is_locked(opened)
    type_pin(opened, PIN)
    expect(opened.locator("main h1")).to_be_visible()


def test_where_the_screen_cannot_be_brought_nothing_shows_but_help(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.evaluate(
        """async () => {
          for (const registered of await navigator.serviceWorker.getRegistrations()) {
            await registered.unregister();
          }
          for (const name of await caches.keys()) await caches.delete(name);
        }"""
    )
    rowans.context.route("**/offline/lock/", lambda route: route.abort())
    opened = cold_start(rowans)
    expect(opened.get_by_role("link", name="Help")).to_be_visible()
    expect(opened.get_by_role("link", name="Today")).not_to_be_visible()
    expect(opened.locator("main h1")).not_to_be_visible()
    opened.get_by_role("link", name="Help").click()
    expect(opened.locator("main")).to_contain_text("999")


def test_what_the_person_told_is_not_in_help_while_it_is_locked(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/start/matters/")
    rowans.locator("input[value=sleep]").check(force=True)
    rowans.get_by_role("button", name=re.compile("Save|Keep")).first.click()
    rowans.goto(f"{clinic.url}/help/ten-minutes/")
    expect(rowans.get_by_text("You said this matters to you")).to_be_visible()
    opened = cold_start(rowans)
    expect(opened.locator("main h1")).to_be_visible()
    expect(opened.get_by_text("You said this matters to you")).to_be_hidden()


def test_it_asks_without_a_network_too(clinic: Clinic, rowans: Page) -> None:
    rowans.wait_for_function("navigator.serviceWorker.controller !== null")
    rowans.goto(f"{clinic.url}/today/")
    with no_network(clinic):
        opened = cold_start(rowans)
        is_locked(opened)
        type_pin(opened, PIN)
        expect(opened.locator("[data-when=kept]")).to_be_visible()


@contextmanager
def no_network(clinic: Clinic) -> Iterator[None]:
    clinic.stop()
    try:
        yield
    finally:
        clinic.start()


def given_no_tries_are_left(page: Page) -> Page:
    opened = cold_start(page)
    for tries in ("4", "3", "2", "1"):
        type_pin(opened, WRONG)
        expect(opened.locator("[data-lock=left]")).to_have_text(tries)
    type_pin(opened, "12")
    expect(opened.locator("[data-lock=short]")).to_be_visible()
    expect(opened.locator("[data-lock=left]")).to_have_text("1")
    type_pin(opened, WRONG)
    return opened


def test_five_wrong_tries_sign_out_and_clear_the_phone(
    clinic: Clinic, rowans: Page, password: str
) -> None:
    rowans.wait_for_function("navigator.serviceWorker.controller !== null")
    rowans.goto(f"{clinic.url}/today/")
    assert rowans.evaluate("caches.has('pages')")
    opened = given_no_tries_are_left(rowans)
    opened.wait_for_url(re.compile("/sign-in/$"))
    assert not opened.evaluate("caches.has('pages')")
    clinic.sign_in(opened, "rowan", password)
    expect(opened.get_by_role("dialog")).to_have_count(0)
    expect(opened.locator("main h1")).to_be_visible()


def test_five_wrong_tries_without_a_network_open_nothing_and_sign_out_later(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.wait_for_function("navigator.serviceWorker.controller !== null")
    rowans.goto(f"{clinic.url}/today/")
    with no_network(clinic):
        opened = given_no_tries_are_left(rowans)
        expect(opened.get_by_text("This phone signs out when there is one.")).to_be_visible()
        expect(opened.get_by_label("PIN of this phone")).to_be_hidden()
        assert not opened.evaluate("caches.has('pages')")
    opened.goto(f"{clinic.url}/today/")
    opened.wait_for_url(re.compile("/sign-in/$"))


def test_a_forgotten_pin_goes_with_signing_out(clinic: Clinic, rowans: Page, password: str) -> None:
    opened = cold_start(rowans)
    opened.get_by_text("Forgotten the PIN?").click()
    opened.get_by_role("dialog").get_by_role("button", name="Sign out").click()
    opened.wait_for_url(re.compile("/sign-in/$"))
    clinic.sign_in(opened, "rowan", password)
    opened.goto(f"{clinic.url}/me/lock/")
    expect(opened.get_by_label("New PIN")).to_be_visible()


def test_it_comes_off_with_the_pin_only(clinic: Clinic, rowans: Page) -> None:
    rowans.goto(f"{clinic.url}/me/lock/")
    rowans.get_by_label("The PIN, to take it off").fill(WRONG)
    rowans.get_by_role("button", name="Take it off").click()
    expect(rowans.locator("[data-pin=wrong]")).to_be_visible()
    rowans.get_by_label("The PIN, to take it off").fill(PIN)
    rowans.get_by_role("button", name="Take it off").click()
    expect(rowans.locator("[data-pin=gone]")).to_be_visible()
    opened = cold_start(rowans)
    expect(opened.get_by_label("New PIN")).to_be_visible()


def test_only_a_hash_of_it_is_kept_and_the_service_gets_nothing(
    clinic: Clinic, password: str, phone: Page
) -> None:
    sent: list[str] = []
    clinic.sign_in(phone, "rowan", password)
    phone.on("request", lambda one: sent.append(f"{one.url} {one.post_data or ''}"))
    set_pin(clinic, phone)
    opened = cold_start(phone)
    opened.on("request", lambda one: sent.append(f"{one.url} {one.post_data or ''}"))
    type_pin(opened, PIN)
    expect(opened.get_by_role("heading", name="This phone has a PIN")).to_be_visible()
    assert sent
    assert not any(PIN in one for one in sent)
    kept = opened.evaluate(
        """async () => {
          const { salt, hash, wrong } = await (await idb.openDB("lock")).get("pin", "pin");
          return [salt.length, hash.length, wrong, JSON.stringify({ ...localStorage })];
        }"""
    )
    assert kept[:3] == [16, 32, 0]
    assert PIN not in kept[3]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_400_percent(rowans: Page, scheme: str) -> None:
    rowans.set_viewport_size({"width": 320, "height": 256})
    rowans.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened = cold_start(rowans)
    opened.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened.set_viewport_size({"width": 320, "height": 256})
    is_locked(opened)
    assert opened.evaluate("document.documentElement.scrollWidth") <= 320
    assert [one["id"] for one in Axe().run(opened).response["violations"]] == []
    help_link = opened.get_by_role("dialog").get_by_role("link", name="Help").bounding_box()
    assert help_link is not None
    assert min(help_link["width"], help_link["height"]) >= 48
