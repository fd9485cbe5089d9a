"""The doors for somebody without an account, and a diary that never leaves the phone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys import running
from tests.journeys.running import Clinic

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
WORDS = "river stone 7"
SECRET = "Slept until eight"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    with running.clinic(tmp_path_factory.mktemp("clinic"), MONDAY_MORNING) as started:
        yield started


@pytest.fixture
def diary(clinic: Clinic, phone: Page) -> Page:
    """Begun, with today told."""
    phone.goto(f"{clinic.url}/diary/")
    phone.get_by_label("Words that open it").first.fill(WORDS)
    phone.get_by_label("The same words again").fill(WORDS)
    phone.get_by_role("button", name="Start the diary").click()
    tell(phone, used="off", pain="1")
    expect(phone.locator("[data-diary=days] li").first).to_contain_text(SECRET)
    return phone


def tell(page: Page, **ticked: str) -> None:
    expect(page.get_by_role("button", name="Save")).to_be_visible()
    for name, value in ticked.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)
    page.get_by_label("A note to yourself").fill(SECRET)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved on this phone.")


def open_with(page: Page, words: str) -> None:
    expect(page.locator("#words")).to_be_visible()
    page.locator("#words").fill(words)
    page.get_by_role("button", name="Open", exact=True).click()


def test_the_first_page_has_three_doors_and_help(clinic: Clinic, phone: Page) -> None:
    phone.goto(clinic.url)
    for name, leads in (
        ("My team gave me a name", "/sign-in/"),
        ("Private diary", "/diary/"),
        ("Just look around", "/around/"),
        ("keep it private", "/private/"),
    ):
        expect(phone.get_by_role("link", name=name)).to_have_attribute("href", leads)
    expect(phone.get_by_role("navigation").get_by_role("link", name="Help")).to_be_visible()


def test_what_was_told_is_there_after_the_words_and_not_before(diary: Page) -> None:
    diary.reload()
    expect(diary.get_by_text(SECRET)).to_have_count(0)
    open_with(diary, "other words")
    expect(diary.get_by_role("status")).to_contain_text("That did not open it.")
    expect(diary.get_by_text(SECRET)).to_have_count(0)
    open_with(diary, WORDS)
    expect(diary.locator("[data-diary=days] li").first).to_contain_text(f"Day off, Some. {SECRET}")


def test_the_diary_opens_and_saves_without_a_network(clinic: Clinic, diary: Page) -> None:
    diary.evaluate(
        """async () => {
          await navigator.serviceWorker.ready;
          while (!(await caches.match("/diary/"))) await new Promise((on) => setTimeout(on, 20));
        }"""
    )
    clinic.stop()
    diary.reload()
    open_with(diary, WORDS)
    expect(diary.locator("[data-diary=days] li").first).to_contain_text(SECRET)
    tell(diary, used="used")
    clinic.start()
    expect(diary.locator("[data-diary=days] li").first).to_contain_text("I used")


def test_it_locks_itself_after_a_minute_away(diary: Page) -> None:
    diary.evaluate(
        """() => {
          const look = (hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
          };
          const now = Date.now;
          look(true);
          Date.now = () => now() + 61_000;
          look(false);
          Date.now = now;
        }"""
    )
    expect(diary.locator("#words")).to_be_visible()
    expect(diary.get_by_text(SECRET)).to_have_count(0)


def test_a_very_bad_day_shows_help_at_once_and_says_that_nobody_is_told(diary: Page) -> None:
    diary.locator("input[name=self][value='4']").check(force=True)
    expect(diary.get_by_text("Nobody is told by this diary.")).to_be_visible()
    expect(diary.get_by_role("link", name="Open Help")).to_be_visible()


def test_nothing_told_is_readable_in_the_phone_or_sent(clinic: Clinic, diary: Page) -> None:
    stored = diary.evaluate(
        """async () => {
          const db = await idb.openDB("diary");
          const days = await db.getAll("days");
          return days.map(({ data }) => new TextDecoder("latin1").decode(data)).join();
        }"""
    )
    assert len(stored) > len(SECRET)
    assert SECRET not in stored
    found = [path for path in clinic.home.rglob("*") if path.is_file()]
    assert found
    assert all(SECRET.encode() not in path.read_bytes() for path in found)


def test_it_can_be_taken_out_and_erased(diary: Page, tmp_path: Path) -> None:
    with diary.expect_download() as taken:
        diary.get_by_role("button", name="Take it out as a file").click()
    taken.value.save_as(tmp_path / "diary.json")
    (told,) = json.loads((tmp_path / "diary.json").read_text())["diary"].values()
    assert told == {"used": "off", "pain": "1", "note": SECRET}
    diary.get_by_text("Forgotten the words, or done with it?").click()
    diary.get_by_label("Yes, delete everything in this diary.").check(force=True)
    diary.get_by_role("button", name="Delete it").click()
    expect(diary.get_by_role("status")).to_contain_text("Everything in the diary is gone")
    assert diary.evaluate("async () => (await (await idb.openDB('diary')).count('days'))") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_400_percent(clinic: Clinic, desk: Page, scheme: str) -> None:
    desk.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    desk.set_viewport_size({"width": 320, "height": 256})
    found = []
    for address in ("", "private/", "around/", "diary/"):
        desk.goto(f"{clinic.url}/{address}")
        if desk.evaluate("document.documentElement.scrollWidth") > 320:
            found.append((address, "scrolls sideways"))
        found += [(address, one["id"]) for one in Axe().run(desk).response["violations"]]
    assert found == []
