"""What lies behind Help, on a phone without a network: the wait by the phone's clock, and whose."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
MATTERS = "You said this matters to you"


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with running.clinic(tmp_path, MONDAY_MORNING) as started:
        yield started


def test_both_rooms_open_without_a_network_and_keep_nothing_of_ones_own_after_signing_out(
    clinic: Clinic, desk: Page, phone: Page
) -> None:
    given_rowan_has_said_what_matters(clinic, desk, phone)
    phone.goto(f"{clinic.url}/help/ten-minutes/")
    expect(phone.locator("main")).to_contain_text(MATTERS)

    clinic.stop()
    phone.goto(f"{clinic.url}/help/cramps/")  # never opened before
    expect(phone.locator("main")).to_contain_text("Go to A&E now")
    phone.goto(f"{clinic.url}/help/craving/")
    phone.get_by_role("link", name="Ride it out: ten minutes").click()
    expect(phone.locator("main")).to_contain_text(MATTERS)
    then_it_waits_ten_minutes_by_the_phones_own_clock(phone)

    clinic.start()
    phone.goto(f"{clinic.url}/today/")
    phone.get_by_role("button", name="Hide", exact=True).click()
    expect(phone).to_have_title("Notes")
    clinic.stop()
    phone.goto(f"{clinic.url}/help/ten-minutes/")
    expect(phone.get_by_role("heading", name="Breathe with your hand")).to_be_visible()
    expect(phone.locator("main")).not_to_contain_text(MATTERS)


def given_rowan_has_said_what_matters(clinic: Clinic, desk: Page, phone: Page) -> None:
    clinic.join(phone, test_first_month.given_sam_has_begun_with_rowan(clinic, desk))
    phone.goto(f"{clinic.url}/start/matters/")
    phone.locator("[name=what_matters][value=sleep]").check(force=True)
    phone.get_by_role("button", name="Save").click()
    and_the_phone_installs_anew_while_rowan_is_signed_in(clinic, phone)


def and_the_phone_installs_anew_while_rowan_is_signed_in(clinic: Clinic, phone: Page) -> None:
    """As after a new version: what everybody may see is fetched under Rowan's own session."""
    phone.goto(f"{clinic.url}/today/")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.unregister())")
    phone.evaluate("caches.keys().then((all) => Promise.all(all.map((one) => caches.delete(one))))")
    phone.goto(f"{clinic.url}/today/")
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")


def then_it_waits_ten_minutes_by_the_phones_own_clock(phone: Page) -> None:
    phone.clock.install(time=datetime(2026, 11, 30, 22, 55, tzinfo=UTC))
    phone.reload()
    local = phone.evaluate("new Date(Date.now() + 600000).toTimeString().slice(0, 5)")
    expect(phone.locator("#wait time")).to_have_text(local)
    expect(phone.locator("[data-left]")).to_contain_text("10")
    phone.clock.fast_forward("09:30")
    expect(phone.locator("[data-left]")).to_contain_text("1 minute left")
    phone.clock.fast_forward("00:40")
    expect(phone.locator("[data-done]")).to_be_visible()
    expect(phone.locator("[data-left]")).to_be_hidden()
