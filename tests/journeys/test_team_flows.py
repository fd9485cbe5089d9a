"""The team's ways through their side, one after the other, with the keyboard alone."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys import running
from tests.journeys.keys import Keys
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

Desk = Callable[[str], Page]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The demo: each journey has a person of its own, so that their order does not matter."""
    home: Path = tmp_path_factory.mktemp("demo")
    with running.demo(home, NOON) as started:
        yield started


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def at_desk(browser: Browser, clinic: Clinic, contexts: list[BrowserContext]) -> Desk:
    def opened(username: str) -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{clinic.url}/sign-in/")
        keys = Keys(page)
        keys.write("Name you sign in with", username)
        keys.to("Password")
        page.keyboard.type(clinic.passwords[username])
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return page

    return opened


def about(page: Page, clinic: Clinic, name: str) -> Keys:
    """The page of one person, by way of the caseload."""
    page.goto(f"{clinic.url}/team/caseload")
    keys = Keys(page)
    keys.write("Name", name)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    keys.follow(name, tag="a")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return keys


def test_triage_from_the_card_to_its_outcome_and_the_person_sees_who_saw_it(
    clinic: Clinic, at_desk: Desk
) -> None:
    page = at_desk("noor")
    keys = Keys(page)
    keys.follow("Harper", tag="a")
    keys.follow("I have seen this")
    expect(page.get_by_role("main")).to_contain_text("Seen by Noor Haddad")
    keys.open("Log a contact")
    keys.choose("how", "call")
    keys.choose("outcome", "reached")
    keys.write("What was said or agreed", "Saw a doctor this morning.")
    keys.follow("Log a contact", tag="button")
    keys.open("Close with an outcome")
    keys.write("What was done, and how it ended", "Seen at urology; no bleeding now.")
    keys.follow("Close with this outcome")
    page.goto(f"{clinic.url}/team/")
    expect(page.locator("#lane-safety")).not_to_contain_text("Harper")
    theirs = at_desk("harper")
    theirs.goto(f"{clinic.url}/today/")
    expect(theirs.get_by_role("main")).to_contain_text("Noor Haddad saw that you need somebody")


def test_a_silence_is_climbed_rung_by_rung_and_put_off_with_a_reason(
    clinic: Clinic, at_desk: Desk
) -> None:
    page = at_desk("sam")
    keys = Keys(page)
    keys.follow("Call on the safe number")
    expect(page.get_by_role("heading", level=1)).to_have_text("Reach Indy")
    keys.choose("how", "call")
    keys.choose("outcome", "no_answer")
    keys.follow("Log it")
    expect(page.get_by_role("main")).to_contain_text("Call: No answer, Sam Otieno")
    keys.write("The first way", "07700 900 123, their own")
    keys.write("What never to do", "Leave a message")
    keys.follow("Write it down")
    expect(page.locator(".only-so")).to_contain_text("Leave a message")
    page.goto(f"{clinic.url}/team/lanes/quiet")
    keys.open("Put off")
    keys.to("Until")
    page.keyboard.type("11252026")
    keys.write("Why it can wait", "Back from a trip on Wednesday.")
    keys.follow("Put off", tag="button")
    expect(page.locator(".lane")).to_contain_text("Nothing here.")


def test_a_plan_is_changed_previewed_drafted_and_signed_and_the_difference_is_shown(
    clinic: Clinic, at_desk: Desk
) -> None:
    sams = at_desk("sam")
    keys = about(sams, clinic, "Kit")
    keys.follow("Draft the next version")
    keys.write("Percent each step", "5")
    keys.to("Preview")
    sams.keyboard.press("Enter")
    expect(sams.locator("#preview")).to_contain_text("First day at the goal")
    keys.write("Why this pace", "Smaller steps, because sleep is bad.")
    keys.to("Keep as draft")
    with sams.expect_navigation():
        sams.keyboard.press("Enter")
    expect(sams.get_by_role("main")).to_contain_text("Different from version 1")
    oseis = at_desk("osei")
    oseis.goto(sams.url)
    keys = Keys(oseis)
    keys.to("Your password")
    oseis.keyboard.type(clinic.passwords["osei"])
    with oseis.expect_navigation():
        oseis.keyboard.press("Enter")
    expect(oseis.get_by_role("main")).to_contain_text("Signed by Dr Abena Osei")


def test_of_two_who_sign_at_once_one_signs_and_the_other_is_told_why(
    clinic: Clinic, at_desk: Desk
) -> None:
    desks = {name: at_desk(name) for name in ("osei", "vale")}
    for name, page in desks.items():
        about(page, clinic, "Ash").follow("Read it and sign")
        Keys(page).to("Your password")
        page.keyboard.type(clinic.passwords[name])
    for page in desks.values():
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(desks["osei"].get_by_role("main")).to_contain_text("Signed by Dr Abena Osei")
    expect(desks["vale"].get_by_role("alert")).to_contain_text("Dr Abena Osei")


def test_a_letter_is_drafted_read_together_and_only_then_handed_over(
    clinic: Clinic, at_desk: Desk
) -> None:
    page = at_desk("osei")
    keys = about(page, clinic, "Ellis")
    keys.follow("Letters")
    keys.follow("GP")
    keys.to("Write it", tag="button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("Not seen by them yet.")
    keys.follow("We read it together")
    keys.to("As text")
    with page.expect_download() as handed:
        page.keyboard.press("Enter")
    said = Path(handed.value.path()).read_text(encoding="utf-8")
    assert "Ellis" in said
    assert "days told" in said


def test_results_with_a_slip_are_asked_about_and_then_kept(clinic: Clinic, at_desk: Desk) -> None:
    page = at_desk("sam")
    keys = about(page, clinic, "Gray")
    keys.follow("Tests")
    for _ in range(2):
        keys.open("Write one down")  # bladder, then kidney
    keys.write("eGFR", "8,8")
    keys.follow("Write it down")
    expect(page.get_by_role("alert")).to_contain_text("a comma can mean two things")
    keys.write("eGFR", "880")
    keys.follow("Write it down")
    expect(page.get_by_role("alert")).to_contain_text("Check the unit")
    keys.write("eGFR", "85")
    keys.follow("Write it down")
    expect(page.get_by_role("main")).to_contain_text("85 mL/min")


def test_a_manager_sees_numbers_and_nobody(clinic: Clinic, at_desk: Desk) -> None:
    page = at_desk("mo")
    expect(page).to_have_url(f"{clinic.url}/team/overview")
    said = page.get_by_role("main").inner_text()
    assert "fewer than 5" in said
    for name in ("Harper", "Indy", "Kit", "Ellis"):
        assert name not in page.content()
    page.goto(f"{clinic.url}/team/caseload")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("People")
