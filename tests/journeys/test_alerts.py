"""Danger told on a phone at night reaches whoever may be woken, and at nine everybody else."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import running
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

NIGHT = datetime(2026, 11, 24, 3, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running.demo(tmp_path_factory.mktemp("demo"), NIGHT) as started:
        yield started


def sent(clinic: Clinic, to: str) -> list[dict[str, str]]:
    """What has left for this address so far: a demo's notices leave as files."""
    folder = clinic.home / "outbox"
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return [one for one in found if one["address"] == to]


def page_of(browser: Browser, clinic: Clinic, who: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    clinic.sign_in(page, who, clinic.passwords[who])
    return page


def test_at_four_in_the_morning_only_those_are_woken_who_said_so_and_all_are_told_at_nine(
    clinic: Clinic, browser: Browser
) -> None:
    desk = page_of(browser, clinic, "osei")
    desk.goto(f"{clinic.url}/team/told")
    desk.get_by_text("Change").first.click()
    desk.locator("#email-any").check()
    desk.get_by_role("button", name="Keep it").first.click()
    expect(desk.get_by_text("at any hour", exact=False).first).to_be_visible()

    phone = page_of(browser, clinic, "gray")
    phone.goto(f"{clinic.url}/check-in/")
    phone.locator("details.wrong summary").click()
    phone.locator("#flag-seizure").check()
    with phone.expect_navigation():
        phone.locator("main form button.button").last.click()
    expect(phone).to_have_url(re.compile("/help/"))
    clinic.work()
    clinic.move_to(NIGHT + timedelta(minutes=10))
    clinic.work()
    woken = sent(clinic, "osei@example.org")
    assert woken
    assert all("Gray" not in one["text"] + one["subject"] for one in woken)
    assert not sent(clinic, "sam@example.org")
    clinic.move_to(NIGHT.replace(hour=9))
    clinic.work()
    assert sent(clinic, "sam@example.org")
