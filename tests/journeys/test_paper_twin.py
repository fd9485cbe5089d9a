"""The plan without a phone: printed, ticked, typed in by Sam; and everything taken away again."""

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from playwright.sync_api import Locator, Page, expect

from tests import reading_pdf
from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
OUTING = re.compile(r"\b(ket\w*|drugs?|benzos?|alcohol|opioids?|stepwell)\b", re.IGNORECASE)
KEYS_IN_A_MINUTE = 100  # two a day for four weeks, with time to read them


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with running.clinic(tmp_path, MONDAY_MORNING) as started:
        yield started


def test_a_plan_goes_to_paper_and_comes_back(clinic: Clinic, desk: Page, phone: Page) -> None:
    given_rowan_is_on_step_1(clinic, desk, phone)

    code = the_pocket_sheet_says_what_the_plan_page_says(clinic, phone)
    the_large_sheet_with_the_name_has_the_same_code(phone, code)
    the_days_go_to_a_calendar_under_neutral_titles(phone)

    sam_prints_the_same_sheet(clinic, desk, code)
    sam_types_the_sheet_in_with_the_keyboard_alone(clinic, desk)

    rowan_sees_who_wrote_it_down_and_takes_everything(clinic, phone)
    rowan_asks_to_delete_and_gets_a_dated_receipt(clinic, phone)
    a_new_phone_signs_the_old_one_out(clinic, phone, desk)


# --- given ------------------------------------------------------------------------------------


def given_rowan_is_on_step_1(clinic: Clinic, desk: Page, phone: Page) -> None:
    code = test_first_month.given_sam_has_begun_with_rowan(clinic, desk)
    test_first_month.given_sam_has_drafted_a_plan_from_the_baseline(desk)
    test_first_month.given_dr_osei_has_signed_it(clinic, desk)
    test_first_month.given_rowan_has_agreed_and_starts_tomorrow(clinic, phone, code)
    clinic.next_day()


# --- paper ------------------------------------------------------------------------------------


def the_pocket_sheet_says_what_the_plan_page_says(clinic: Clinic, phone: Page) -> str:
    phone.goto(f"{clinic.url}/plan/")
    mg = test_first_month.ceiling(phone)
    code = phone.locator("#check-code").inner_text()
    phone.get_by_role("link", name="Paper and calendar").click()
    made = taken(phone, phone.get_by_role("link", name=re.compile("Pocket size, “R.”")))
    text = reading_pdf.text(made)
    assert reading_pdf.is_accessible(made)
    assert reading_pdf.pages(made) == 1
    assert f"under about {mg} mg" in text.replace("\xa0", " ")
    assert f"Check code : {code}" in text
    assert "Dr Osei" in text
    assert OUTING.search(text) is None
    return code


def the_large_sheet_with_the_name_has_the_same_code(phone: Page, code: str) -> None:
    made = taken(phone, phone.get_by_role("link", name="Large print, with my name"))
    text = reading_pdf.text(made)
    assert reading_pdf.is_accessible(made)
    assert reading_pdf.pages(made) > 1
    assert text.startswith("Rowan ")
    assert code in text


def the_days_go_to_a_calendar_under_neutral_titles(phone: Page) -> None:
    made = taken(phone, phone.get_by_role("link", name="Get the days"))
    events = Calendar.from_ical(made).walk("VEVENT")
    assert {str(event["summary"]) for event in events} == {"Steps", "Talk"}
    assert OUTING.search(made.decode()) is None


def sam_prints_the_same_sheet(clinic: Clinic, desk: Page, code: str) -> None:
    desk.context.clear_cookies()
    clinic.sign_in(desk, "sam")
    clinic.open(desk, "/team/caseload")
    desk.get_by_role("link", name="Rowan").first.click()
    desk.get_by_role("link", name=re.compile("Paper sheet")).click()
    made = taken(desk, desk.get_by_role("link", name="Pocket, initials only"))
    assert code in reading_pdf.text(made)


def sam_types_the_sheet_in_with_the_keyboard_alone(clinic: Clinic, desk: Page) -> None:
    """Down the column of ticks, then the pain of one day, then Save: no hand leaves the keys."""
    for _ in range(10):
        clinic.next_day()
    clinic.open(desk, f"{urlsplit(desk.url).path}?first=2026-12-01")
    desk.locator("[name='used_2026-12-01']").focus()
    keys = 0
    for tick in "nnynnn?nnny":
        desk.keyboard.type(tick)
        desk.keyboard.press("ArrowDown")
        keys += 2
    expect(desk.get_by_role("button", name="Keep these days")).to_be_focused()
    desk.keyboard.press("Enter")
    assert keys / 11 * 28 < KEYS_IN_A_MINUTE
    expect(desk.get_by_role("status")).to_contain_text("8 days count now")
    told = desk.locator("main").inner_text()
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        assert f"{day} is more than 7 days ago." in told


# --- mine -------------------------------------------------------------------------------------


def rowan_sees_who_wrote_it_down_and_takes_everything(clinic: Clinic, phone: Page) -> None:
    phone.goto(f"{clinic.url}/me/")
    expect(phone.locator("main")).to_contain_text("A day of your paper sheet written down")
    phone.get_by_role("link", name="Take it with you").click()
    record = json.loads(taken(phone, phone.get_by_role("button", name="All of it (JSON)")))
    days = [one for one in record["parts"]["events"] if one["source"] == "paper"]
    assert len(days) == 11
    assert {one["by_user"] for one in days} == {"Sam"}
    assert "events.csv" in tables(phone)
    made = taken(phone, phone.get_by_role("button", name="Get a PDF"))
    assert reading_pdf.is_accessible(made)
    assert "What is kept about me" in reading_pdf.text(made)


def tables(phone: Page) -> list[str]:
    with phone.expect_download() as waiting:
        phone.get_by_role("button", name="Tables (CSV)").click()
    return zipfile.ZipFile(waiting.value.path()).namelist()


def rowan_asks_to_delete_and_gets_a_dated_receipt(clinic: Clinic, phone: Page) -> None:
    phone.goto(f"{clinic.url}/me/delete/")
    expect(phone.locator("main")).to_contain_text("A service must keep a record of the care")
    phone.get_by_role("button", name="Ask to delete").click()
    expect(phone.locator("main")).to_contain_text("11 December 2026, 10:00")
    text = reading_pdf.text(taken(phone, phone.get_by_role("link", name="Get the receipt")))
    assert "11 December 2026, 10:00" in text
    assert OUTING.search(text) is None


def a_new_phone_signs_the_old_one_out(clinic: Clinic, phone: Page, desk: Page) -> None:
    desk.context.clear_cookies()
    clinic.sign_in(desk, "rowan")
    desk.goto(f"{clinic.url}/me/move/")
    desk.get_by_role("button", name="Sign out everywhere else").click()
    expect(desk.locator("main")).to_contain_text("nowhere else")
    phone.goto(f"{clinic.url}/me/")
    expect(phone.locator("[name=password]")).to_be_visible()


def taken(page: Page, what: Locator) -> bytes:
    """The file that a link or a button hands over."""
    with page.expect_download() as waiting:
        what.click()
    assert OUTING.search(waiting.value.suggested_filename) is None
    return Path(waiting.value.path()).read_bytes()
