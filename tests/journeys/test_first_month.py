"""One person's first weeks in a real browser: drafted, signed, agreed, stepped, stepped back."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import running
from tests.journeys.running import Clinic

pytestmark = pytest.mark.journey

CORE_ITEMS = ("craving", "anxiety", "mood", "irritability")
MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
UNIT_MG = 50
AMOUNT = re.compile(r"(\d+) mg")


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with running.clinic(tmp_path, MONDAY_MORNING) as started:
        yield started


def test_a_step_that_was_too_much_is_taken_back_and_tried_again_half_as_large(
    clinic: Clinic, desk: Page, phone: Page
) -> None:
    code = given_sam_has_begun_with_rowan(clinic, desk)
    given_sam_has_drafted_a_plan_from_the_baseline(desk)
    given_dr_osei_has_signed_it(clinic, desk)
    given_rowan_has_agreed_and_starts_tomorrow(clinic, phone, code)

    levels = three_weeks_are_told_and_every_step_offered_is_taken(clinic, phone)
    assert levels == [2400, 2150, 1900, 1750]

    before = earliest_days(phone)
    distress_rises_until_a_step_back_is_offered(clinic, phone)
    phone.get_by_role("button", name="Step back").click()
    assert ceiling(phone) == 1900

    after = earliest_days(phone)
    half_mg = (1900 + 1750) // 2 // UNIT_MG * UNIT_MG
    assert half_mg in after
    assert all(after[mg] > before[mg] for mg in before.keys() & after.keys() if mg < 1750)

    calm_days_until_a_step_is_offered(clinic, phone)
    phone.get_by_role("button", name="I’m ready").click()
    assert ceiling(phone) == half_mg

    then_each_screen_says_who_decided_and_why(clinic, desk, phone)


# --- given ------------------------------------------------------------------------------------


def given_sam_has_begun_with_rowan(clinic: Clinic, page: Page) -> str:
    clinic.sign_in(page, "sam")
    expect(page.get_by_text("Not approved for clinical use").first).to_be_visible()
    page.goto(f"{clinic.url}/team/people/open")
    page.locator("[name=display_name]").fill("Rowan")
    page.locator("[name=username]").fill("rowan")
    pick(page, "supply", "non_prescribed")
    pick(page, "goal", "none")
    for kind in page.locator("[name=consents]").all():
        kind.check(force=True)
    follow(page, "button", "Begin")
    code = page.locator("dd.mono").last.inner_text().strip()
    follow(page, "link", "Ask the safety questions")
    for answer in page.locator("input[value=no]").all():
        answer.check(force=True)
    follow(page, "button", "Keep these answers")
    expect(page.get_by_text("Nothing here stands in the way")).to_be_visible()
    follow(page, "link", "Rowan")
    return code


def given_sam_has_drafted_a_plan_from_the_baseline(page: Page) -> None:
    person = page.url
    page.goto(f"{person}baseline")
    fill(page, amount="2,67 g", times_per_day="6", days_per_week="7", smallest_unit="50 mg")
    save(page)
    expect(page.get_by_text("a comma can mean two things").first).to_be_visible()
    expect(page.locator("[name=times_per_day]")).to_have_value("6")
    fill(page, amount="2.67 g")
    save(page)

    page.goto(f"{person}plan")
    expect(page.get_by_text("The evidence for tapering ketamine is low").first).to_be_visible()
    pick(page, "shape", "proportional")
    fill(page, amount="2670 mg", rationale="Gentle, after two tries that went too fast.")
    pick(page, "stop_now_discussed", "yes")
    for may in ("hold", "step", "step_back"):
        page.locator(f"[name=person_may][value={may}]").check(force=True)
    fill(page, usual_score="2", review_by="2027-01-25", start="2026-12-01")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_role("heading", name="Plan, version 1")).to_be_visible()


def given_dr_osei_has_signed_it(clinic: Clinic, page: Page) -> None:
    plan = page.url
    page.context.clear_cookies()
    clinic.sign_in(page, "osei")
    page.goto(plan)
    page.locator("[name=password]").fill(running.PASSWORD)
    page.get_by_role("button", name=re.compile("Sign")).last.click()
    expect(page.get_by_text("Signed by Dr Osei")).to_be_visible()


def given_rowan_has_agreed_and_starts_tomorrow(clinic: Clinic, page: Page, code: str) -> None:
    clinic.join(page, code)
    expect(page.locator("main")).not_to_contain_text("mg")
    page.goto(f"{clinic.url}/plan/agree/")
    for ticked in page.locator("[name=teach_back]").all():
        ticked.check(force=True)
    fill(page, start="2026-12-01")
    page.get_by_role("button", name="I agree to this plan").click()
    expect(page.get_by_text("Dr Osei").first).to_be_visible()


def given_it_is_day_one(clinic: Clinic, desk: Page, phone: Page) -> None:
    code = given_sam_has_begun_with_rowan(clinic, desk)
    given_sam_has_drafted_a_plan_from_the_baseline(desk)
    given_dr_osei_has_signed_it(clinic, desk)
    given_rowan_has_agreed_and_starts_tomorrow(clinic, phone, code)
    clinic.next_day()


# --- when -------------------------------------------------------------------------------------


def three_weeks_are_told_and_every_step_offered_is_taken(clinic: Clinic, page: Page) -> list[int]:
    seen: list[int] = []
    for _ in range(22):
        clinic.next_day()
        tell(clinic, page, score=2)
        if offered(page, "See the next step"):
            seen.append(ceiling(page))
            page.get_by_role("button", name="I’m ready").click()
    page.goto(f"{clinic.url}/plan/")
    return [*seen, ceiling(page)]


def distress_rises_until_a_step_back_is_offered(clinic: Clinic, page: Page) -> None:
    said: list[str] = []
    for _ in range(6):
        clinic.next_day()
        tell(clinic, page, score=9)
        said.append(page.locator("main").inner_text())
        if offered(page, "See the step back"):
            break
    assert len(said) > 1, "a step back was offered before any hold"
    assert any("Earliest next step" in text for text in said[:-1])


def calm_days_until_a_step_is_offered(clinic: Clinic, page: Page) -> None:
    for _ in range(20):
        clinic.next_day()
        tell(clinic, page, score=2)
        if offered(page, "See the next step"):
            return
    raise AssertionError("no step was offered after twenty calm days")


# --- then -------------------------------------------------------------------------------------


def then_each_screen_says_who_decided_and_why(clinic: Clinic, desk: Page, phone: Page) -> None:
    phone.goto(f"{clinic.url}/plan/")
    told = phone.locator("main").inner_text()
    assert "Dr Osei" in told
    assert "What happened, who decided, and why" in told
    clinic.open(desk, "/team/caseload")
    desk.get_by_role("link", name="Rowan").first.click()
    team = desk.locator("main").inner_text()
    for who_and_why in ("Dr Osei", "Rowan", "Gentle, after two tries that went too fast."):
        assert who_and_why in team, who_and_why


# --- hands and eyes ---------------------------------------------------------------------------


def tell(clinic: Clinic, page: Page, *, score: int) -> None:
    """One day with use within the ceiling, every core item the same; ticked in one go."""
    page.goto(f"{clinic.url}/check-in/")
    ticked = {"used": "yes", "times": "4", **dict.fromkeys(CORE_ITEMS, str(score))}
    if page.locator("[name=safety]").count():
        ticked["safety"] = "no"
    page.evaluate(_TICK, ticked)
    page.get_by_text("Type it", exact=True).click()
    page.locator("[name=amount]").fill("1.2 g")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(re.compile(r"/today/$"))


# Each tick by hand waits for a frame or two: over five weeks more than everything else together.
# The screens' own tests tick them one by one.
_TICK = """chosen => Object.entries(chosen).forEach(([name, value]) =>
  document.querySelector(`input[name="${name}"][value="${value}"]`).click())"""


def offered(page: Page, link: str) -> bool:
    """Follow what Today points to, where it does."""
    found = page.get_by_role("link", name=link)
    if not found.count():
        return False
    found.click()
    page.wait_for_url(re.compile(r"/plan/"))
    return True


def ceiling(page: Page) -> int:
    """The amount that the person's plan shows as the most."""
    found = AMOUNT.search(page.locator("main .lead").first.inner_text())
    assert found is not None
    return int(found[1])


def earliest_days(page: Page) -> dict[int, datetime]:
    """Each amount still to come, with its earliest day, as the person's plan lists them."""
    page.locator("summary", has_text="Every step and its earliest day").click()
    rows = page.locator("details[open] li, details[open] tr").all_inner_texts()
    return {int(m[1]): _day(row) for row in rows if (m := AMOUNT.search(row)) and _day_in(row)}


_DAY = re.compile(r"(\d{1,2}) (\w{3})\w*(?: (\d{4}))?")


def _day_in(row: str) -> bool:
    return _DAY.search(row.replace("mg", "")) is not None


def _day(row: str) -> datetime:
    found = _DAY.search(re.sub(r"\d+ mg", "", row))
    assert found is not None, row
    year = int(found[3]) if found[3] else (2026 if found[2] in ("Nov", "Dec") else 2027)
    return datetime.strptime(f"{found[1]} {found[2]} {year}", "%d %b %Y").replace(tzinfo=UTC)


def pick(page: Page, name: str, value: str) -> None:
    page.locator(f"input[name={name}][value='{value}']").check(force=True)


def fill(page: Page, **typed: str) -> None:
    for name, text in typed.items():
        page.locator(f"[name={name}]").fill(text)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form button").last.click()


def follow(page: Page, role: Literal["button", "link"], name: str) -> None:
    """Press it, and wait until the page it leads to is whole: `all()` never waits."""
    with page.expect_navigation():
        page.get_by_role(role, name=name).first.click()
