"""The person's ways through the app, one after the other, in a real browser."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from stepwell import catalogue
from tests.journeys import running, test_first_month
from tests.journeys.running import Clinic
from tests.journeys.test_first_month import CORE_ITEMS, fill, follow, pick, save

pytestmark = [pytest.mark.journey, pytest.mark.slow]

MONDAY_MORNING = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
OWN_QUESTIONS = [
    name
    for name, gate in catalogue.document("gates.json")["gates"].items()
    if gate["asked_of"] == "person"
]


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    with running.clinic(tmp_path, MONDAY_MORNING) as started:
        yield started


@pytest.fixture
def rowans(clinic: Clinic, desk: Page, phone: Page) -> Page:
    """Rowan's phone on day 1 of an agreed plan; Sam is signed in at the desk."""
    test_first_month.given_it_is_day_one(clinic, desk, phone)
    desk.context.clear_cookies()
    clinic.sign_in(desk, "sam")
    phone.goto(f"{clinic.url}/today/")
    return phone


def about_rowan(clinic: Clinic, desk: Page, link: str = "") -> None:
    clinic.open(desk, "/team/caseload")
    follow(desk, "link", "Rowan")
    if link:
        with desk.expect_navigation():
            desk.locator("main").get_by_role("link", name=link).first.click()


def choose(page: Page, **ticked: str) -> None:
    for name, value in ticked.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)


# --- getting started ----------------------------------------------------------------------------


def test_a_person_gets_started_alone_and_stops_and_goes_on_in_between(
    clinic: Clinic, desk: Page, phone: Page
) -> None:
    clinic.join(phone, given_sam_has_only_opened_the_door(clinic, desk))
    follow(phone, "link", "Agreeing")
    for kind in ("share_keyworker", "share_prescriber"):
        phone.locator(f"[name={kind}]").check(force=True)
    save(phone)

    answer_safety_questions(clinic, phone, OWN_QUESTIONS[:4])
    phone.goto(f"{clinic.url}/today/")  # stops, and goes on another time
    follow(phone, "link", "Safety questions")
    expect(phone.get_by_text(f"Question 5 of {len(OWN_QUESTIONS)}")).to_be_visible()
    answer_safety_questions(clinic, phone, OWN_QUESTIONS[4:])
    expect(phone.get_by_role("heading", name="Check your answers")).to_be_visible()

    tell_how_it_is_now(clinic, phone)
    phone.goto(f"{clinic.url}/start/matters/")
    choose(phone, what_matters="sleep", goal="less")
    fill(phone, word="the stuff")
    save(phone)
    phone.goto(f"{clinic.url}/today/")
    expect(phone.get_by_text("Getting started")).to_have_count(0)

    about_rowan(clinic, desk)
    expect(desk.locator("main")).to_contain_text("2000 to 3000 mg")
    expect(desk.locator("main")).to_contain_text("they say “the stuff”")


def given_sam_has_only_opened_the_door(clinic: Clinic, page: Page) -> str:
    clinic.sign_in(page, "sam")
    page.goto(f"{clinic.url}/team/people/open")
    fill(page, display_name="Rowan", username="rowan")
    pick(page, "supply", "non_prescribed")
    pick(page, "goal", "not_sure")
    page.locator("[name=consents][value=store]").check(force=True)
    follow(page, "button", "Begin")
    return page.locator("dd.mono").last.inner_text().strip()


def answer_safety_questions(clinic: Clinic, page: Page, names: list[str]) -> None:
    for name in names:
        page.goto(f"{clinic.url}/start/questions/{name}/")
        choose(page, answer="no")
        follow(page, "button", "Save and go on")


def tell_how_it_is_now(clinic: Clinic, page: Page) -> None:
    page.goto(f"{clinic.url}/start/pattern/")
    fill(page, amount="2,5 g")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("comma")
    fill(page, amount="2-3 g", times_per_day="5", unit_words="a line, an eighth")
    choose(page, days_per_week="6", routes="nose")
    save(page)


# --- a hard day ---------------------------------------------------------------------------------


def test_more_than_planned_is_one_day_and_what_was_added_is_read(
    clinic: Clinic, desk: Page, rowans: Page
) -> None:
    clinic.next_day()
    rowans.goto(f"{clinic.url}/check-in/")
    if rowans.locator("[name=safety]").count():
        choose(rowans, safety="no")
    core = dict.fromkeys(CORE_ITEMS[:-1], "5")
    choose(rowans, used="yes", about="a_lot_more", times="3", **core)
    with rowans.expect_navigation():  # the last tap saves
        rowans.locator(f"input[name={CORE_ITEMS[-1]}][value='5']").tap(force=True)
    expect(rowans.get_by_role("heading", name="Thanks for telling us.")).to_be_visible()
    follow(rowans, "link", "Yes, I am OK")
    expect(rowans.get_by_text("Your other days still count.")).to_be_visible()
    follow(rowans, "link", "Carry on")

    follow(rowans, "link", "Add something to today")
    choose(rowans, routes="nose", new_bag="yes")
    fill(rowans, note="A birthday.")
    save(rowans)
    rowans.goto(f"{clinic.url}/progress/")
    expect(rowans.locator("main")).to_contain_text("Not told is not zero.")

    about_rowan(clinic, desk)
    desk.get_by_text("What they added to single days").click()
    expect(desk.locator("main")).to_contain_text("Nose; a new bag. “A birthday.”")


def test_an_answer_about_dying_shows_help_at_once_and_takes_the_amount_away(
    clinic: Clinic, desk: Page, rowans: Page
) -> None:
    follow(rowans, "link", "short sets of questions wait")
    follow(rowans, "link", "How low you have felt")
    choose(rowans, better_off_dead="1")
    follow(rowans, "button", "Save")
    expect(rowans).to_have_url(re.compile(r"/help/now/$"))
    rowans.goto(f"{clinic.url}/today/")
    assert " mg" not in rowans.locator("main").inner_text()
    clinic.open(desk, "/team/")
    expect(desk.locator("main")).to_contain_text("Rowan")
    about_rowan(clinic, desk, "Every answer")
    expect(desk.locator("main")).to_contain_text("8 questions were left out.")


# --- with the team ------------------------------------------------------------------------------


def test_a_message_an_appointment_and_a_test_go_both_ways(
    clinic: Clinic, desk: Page, rowans: Page
) -> None:
    follow(rowans, "link", "Messages")
    fill(rowans, text="Can we talk about sleep?")
    save(rowans)
    expect(rowans.get_by_text("Nobody has read this yet.")).to_be_visible()

    about_rowan(clinic, desk, "Messages")
    fill(desk, text="Yes. On Thursday?")
    save(desk)
    rowans.reload()
    expect(rowans.locator("main")).to_contain_text("Sam read this")
    expect(rowans.locator("main")).to_contain_text("Yes. On Thursday?")

    about_rowan(clinic, desk, "Appointments")
    thursday = (clinic.now + timedelta(days=2)).strftime("%Y-%m-%dT14:30")
    fill(desk, starts=thursday, why="A talk about sleep")
    pick(desk, "how", "in_person")
    follow(desk, "button", "Book")
    about_rowan(clinic, desk, "Tests")
    weight = desk.locator("section:has(#weight-title)")
    weight.locator("summary").click()
    weight.locator("[name=weight]").fill("78.5 kg")
    with desk.expect_navigation():
        weight.get_by_role("button", name="Write it down").click()

    rowans.goto(f"{clinic.url}/today/")
    follow(rowans, "link", "Next appointment: Thursday 3 December at 14:30")
    expect(rowans.locator("main")).to_contain_text("Weight 78.5 kg")
    follow(rowans, "button", "I can’t make it")
    expect(rowans.locator("main")).to_contain_text("Your team finds another time.")
    clinic.open(desk, "/team/")
    expect(desk.locator("main")).to_contain_text("Could not come on")


def test_a_line_of_the_three_day_diary_reaches_the_doctor(
    clinic: Clinic, desk: Page, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/progress/")
    follow(rowans, "link", "Body: your bladder, three days")
    for kind, ml in (("up", ""), ("void", "250"), ("drink", "2,5")):
        follow(rowans, "link", "Add a line")
        choose(rowans, kind=kind)
        fill(rowans, ml=ml)
        follow(rowans, "button", "Save")
    expect(rowans.get_by_role("alert")).to_contain_text("a whole number of ml")
    fill(rowans, ml="300")
    follow(rowans, "button", "Save")
    expect(rowans.locator("main")).to_contain_text("Drank, 300 ml")
    with rowans.expect_download() as paper:
        rowans.get_by_role("link", name="Get it as a PDF for the doctor").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")
    about_rowan(clinic, desk)
    expect(desk.get_by_role("heading", name="Bladder diary")).to_be_visible()


def test_another_language_is_chosen_on_the_phone_and_the_amount_stays_english(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/me/")
    follow(rowans, "button", "繁體中文")
    rowans.goto(f"{clinic.url}/today/")
    expect(rowans.get_by_role("link", name="記錄", exact=True)).to_be_visible()
    expect(rowans.locator("main")).to_contain_text("Aim to stay under about")
    rowans.goto(f"{clinic.url}/me/")
    follow(rowans, "button", "English")
    expect(rowans.get_by_role("heading", name="Language")).to_be_visible()


# --- what is mine -------------------------------------------------------------------------------


def test_who_sees_is_true_and_everything_can_be_taken_and_asked_to_be_deleted(
    clinic: Clinic, rowans: Page, tmp_path: Path
) -> None:
    follow(rowans, "link", "Me")
    follow(rowans, "link", "Who that is, by name")
    expect(rowans.locator("main")).to_contain_text("Sam keyworker")
    expect(rowans.locator("main")).to_contain_text("Dr Osei prescriber")
    follow(rowans, "link", "Change")
    rowans.locator("[name=share_prescriber]").uncheck(force=True)
    save(rowans)
    rowans.goto(f"{clinic.url}/me/who-sees/")
    expect(rowans.locator("main")).not_to_contain_text("Dr Osei")

    rowans.goto(f"{clinic.url}/me/take/")
    with rowans.expect_download() as taken:
        rowans.get_by_role("button", name="All of it (JSON)").click()
    kept = tmp_path / "mine.json"
    taken.value.save_as(kept)
    assert "plan_versions" in json.loads(kept.read_text("utf-8"))["parts"]

    rowans.goto(f"{clinic.url}/me/delete/")
    follow(rowans, "button", "Ask to delete")
    expect(rowans.get_by_role("heading", name="You asked us to delete it")).to_be_visible()


def test_after_the_end_the_door_stays_open(clinic: Clinic, desk: Page, rowans: Page) -> None:
    rowans.goto(f"{clinic.url}/keep-well/")
    follow(rowans, "link", "Change")
    fill(rowans, signs="I stop answering the phone.", hard_days="I see a friend first.")
    save(rowans)
    desk.context.clear_cookies()
    clinic.sign_in(desk, "osei")
    about_rowan(clinic, desk)
    desk.get_by_text("End the plan").first.click()
    ending = desk.locator("form:has(input[name=kind][value=close])")
    ending.locator("[name=reason]").fill("Four weeks without, and it was Rowan's wish.")
    with desk.expect_navigation():
        ending.get_by_role("button").click()

    clinic.move_to(clinic.now + timedelta(days=8))
    rowans.goto(f"{clinic.url}/keep-well/")
    expect(rowans.locator("main")).to_contain_text("I stop answering the phone.")
    choose(rowans, how="steady", used="no", wants_call="no")
    follow(rowans, "button", "Save")
    expect(rowans.locator("main")).to_contain_text("The next short check-in opens on")
    follow(rowans, "button", "I want to come back")
    clinic.open(desk, "/team/")
    expect(desk.locator("main")).to_contain_text("Rowan")


# --- the plan -----------------------------------------------------------------------------------


def test_a_hold_is_taken_and_ended_and_a_talk_is_asked_for(
    clinic: Clinic, desk: Page, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/plan/")
    choose(rowans, days="3")
    follow(rowans, "button", "Hold for these days")
    rowans.goto(f"{clinic.url}/plan/")
    follow(rowans, "button", "End my hold")
    rowans.goto(f"{clinic.url}/plan/")
    follow(rowans, "button", "Ask to talk")
    clinic.open(desk, "/team/")
    expect(desk.locator("main")).to_contain_text("Asked to talk")


def test_stopping_now_is_an_equal_choice_before_a_plan_is_agreed(
    clinic: Clinic, desk: Page, phone: Page
) -> None:
    clinic.join(phone, test_first_month.given_sam_has_begun_with_rowan(clinic, desk))
    phone.goto(f"{clinic.url}/plan/")
    follow(phone, "button", "I’d rather stop now")
    clinic.open(desk, "/team/")
    expect(desk.locator("main")).to_contain_text("Rowan")
    about_rowan(clinic, desk)
    expect(desk.locator("main")).to_contain_text("Goal: Stop now, with support")


def test_a_card_to_show_says_what_was_told_and_what_the_person_adds(
    clinic: Clinic, rowans: Page
) -> None:
    rowans.goto(f"{clinic.url}/help/")
    follow(rowans, "link", "Show this")
    follow(rowans, "link", "Add medicines, allergies, contact")
    fill(rowans, medicines="None", allergies="Penicillin")
    save(rowans)
    expect(rowans.locator("article")).to_contain_text("Penicillin")
    expect(rowans.locator("article")).to_contain_text("Only what the person told.")
