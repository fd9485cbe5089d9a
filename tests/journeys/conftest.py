"""A real browser for the journeys: Debian's Chromium, shut in to the service's own addresses."""

import os
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

OWN_HOSTS = {None, "localhost", "127.0.0.1"}
PHONE = ViewportSize(width=390, height=844)
SMALL = ViewportSize(width=320, height=640)
DESK = ViewportSize(width=1280, height=900)
PATIENCE_MS = 20_000  # a busy machine is slow, and no journey is about speed

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("Chromium is not installed, and in CI every journey must run.")
    pytest.skip("Chromium is not installed: browser journeys were not run.")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, where Django would refuse plain queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


def _shut_in(context: BrowserContext) -> Iterator[Page]:
    """Give a page of this context, and fail the test if it asked for anything outside."""
    outside: list[str] = []

    def note(asked: Request) -> None:
        if urlsplit(asked.url).hostname not in OWN_HOSTS:
            outside.append(asked.url)

    context.on("request", note)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
    assert not outside, f"the page asked for addresses that are not the service's own: {outside}"


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    yield from _shut_in(browser.new_context(viewport=PHONE, has_touch=True))


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    yield from _shut_in(browser.new_context(viewport=DESK))


@pytest.fixture
def small_phone_without_scripts(browser: Browser) -> Iterator[Page]:
    yield from _shut_in(browser.new_context(viewport=SMALL, java_script_enabled=False))
