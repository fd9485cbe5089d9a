"""The plan on paper says what the app says today, no more, and knows when it is old."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import acts, episodes, plans, sheets
from stepwell.clinic.care.models import Episode, PlanVersion, Supply
from stepwell.clinic.papers import sheet, typesetting
from tests import reading_pdf
from tests.conftest import REQUEST, draft_of

AMOUNT = re.compile(r"\d+\s*mg")
DRUG = re.compile(r"\b(ket\w*|K-?hole|drug\w*|benzo\w*|alcohol|opioid\w*|G)\b")


def printed(episode: Episode, *, discreet: bool = True, large: bool = False) -> bytes:
    at = clock.now()
    return sheet.pdf(sheets.of(episode, at), discreet=discreet, large=large, at=at)


def said(episode: Episode, **how: bool) -> str:
    return reading_pdf.text(printed(episode, **how))


def test_it_says_the_step_the_days_the_rules_and_whom_to_call(on_plan: Episode) -> None:
    text = said(on_plan)
    for words in (
        "aim to stay under about 2350 mg",
        "Less is always fine. None is always fine.",
        "You can hold at any time.",
        "If a step is too hard, you can go back one",
        "To hold, go back a step or talk: call, or write it in a note.",
        "Go to an emergency department (A&E) now",
        "Cannot pee",
        "01632 960 001",
        "Mon to Fri, 9 to 5",
        "Version : 1",
        "Approved by : Dr Osei, 30 November 2026",
        "Tue 1 Dec",
        "Mon 28 Dec",
        "wait for a clinician’s review",
    ):
        assert words in text, words


def test_the_pocket_sheet_is_one_page_and_large_print_is_more(on_plan: Episode) -> None:
    assert reading_pdf.pages(printed(on_plan)) == 1
    assert reading_pdf.pages(printed(on_plan, discreet=False)) == 1
    assert reading_pdf.pages(printed(on_plan, large=True)) == 4


def test_the_pocket_sheet_is_one_page_with_the_typesetters_own_font_too(
    on_plan: Episode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting, "FONTS", ["Libertinus Serif"])
    assert reading_pdf.pages(printed(on_plan)) == 1
    monkeypatch.setattr(typesetting, "FONTS", ["DejaVu Sans", "Libertinus Serif"])
    assert reading_pdf.pages(printed(on_plan)) == 1


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("discreet", [False, True])
def test_every_sheet_is_tagged_for_a_screen_reader(
    on_plan: Episode, discreet: bool, large: bool
) -> None:
    assert reading_pdf.is_accessible(printed(on_plan, discreet=discreet, large=large))


def test_the_discreet_sheet_has_initials_and_no_word_that_outs(on_plan: Episode) -> None:
    made = printed(on_plan)
    text = reading_pdf.text(made)
    assert text.startswith("R. ")
    assert "Rowan" not in text
    assert "Riverside" not in text
    assert DRUG.search(text) is None
    assert DRUG.search(said(on_plan, discreet=False)) is not None
    assert b"Rowan" not in made


def test_the_other_sheet_has_the_name(on_plan: Episode) -> None:
    assert said(on_plan, discreet=False).startswith("Rowan ")


def test_what_somebody_wrote_is_never_read_as_markup(on_plan: Episode, rowan: User) -> None:
    rowan.display_name = "#panic()*bold*$x$@you<b>\\\"'#link"
    rowan.save()
    on_plan.refresh_from_db()
    assert said(on_plan, discreet=False).startswith(rowan.display_name)


def test_a_name_that_no_font_has_still_gets_a_sheet(on_plan: Episode, rowan: User) -> None:
    rowan.display_name = "\U000f0000 R"
    rowan.save()
    on_plan.refresh_from_db()
    assert "2350 mg" in said(on_plan, discreet=False)


def test_prescribed_supply_has_a_dose_and_never_an_aim(on_plan: Episode) -> None:
    found = sheets.of(on_plan, clock.now())
    prescribed = replace(found, today=replace(found.today, supply=Supply.PRESCRIBED))
    values = sheet.values(prescribed, discreet=False, large=False)
    assert values["step"][0].startswith("This step: dose at most")
    assert "Never more to catch up" in values["step"][1]
    assert not any("aim" in line for line in values["step"])


# --- no amount without a plan that counts ------------------------------------------------------


def without_amount(episode: Episode) -> str:
    found = sheets.of(episode, clock.now())
    assert (found.plan, found.code, found.counts_until) == (None, None, None)
    text = said(episode)
    assert AMOUNT.search(text) is None
    assert "Check code" not in text
    assert "Mon 28 Dec" in text or "Sun 27 Dec" in text
    return text


def test_without_a_plan_there_are_days_to_tick_and_no_amount(begun: Episode) -> None:
    assert "have not agreed a plan yet" in without_amount(begun)


def test_an_approved_plan_that_is_not_agreed_puts_no_amount_on_paper(
    approved_plan: PlanVersion,
) -> None:
    assert "ready to read" in without_amount(approved_plan.episode)


def test_a_frozen_plan_puts_no_amount_on_paper(on_plan: Episode, say: Any) -> None:
    say(on_plan, flags=["blood_in_urine"])
    text = without_amount(on_plan)
    assert "Your plan is paused." in text
    assert "Please do not use more than you have been using." in text


def test_a_closed_plan_puts_no_amount_on_paper(on_plan: Episode, dr_osei: User) -> None:
    episodes.close(on_plan, outcome="Moved away.", by=dr_osei, at=clock.now())
    on_plan.refresh_from_db()
    assert "The door stays open" in without_amount(on_plan)


def test_a_plan_whose_review_date_has_passed_puts_no_amount_on_paper(
    on_plan: Episode, say: Any, now: clock.Stopped
) -> None:
    now.move_to(datetime(2027, 2, 1, 9, 0, tzinfo=UTC))
    say(on_plan)
    found = sheets.of(on_plan, clock.now())
    assert found.plan is None
    assert AMOUNT.search(said(on_plan)) is None


def test_an_amount_counts_no_longer_than_the_ticks_and_the_review_date(
    on_plan: Episode, now: clock.Stopped
) -> None:
    assert sheets.of(on_plan, clock.now()).counts_until == date(2026, 12, 28)


def test_an_amount_counts_no_longer_than_the_eve_of_a_newer_version(
    on_plan: Episode, sam: User, dr_osei: User, rowan: User
) -> None:
    at = clock.now()
    newer = draft_of(on_plan, sam, at, request=REQUEST | {"start": "2026-12-05"})
    approved = plans.approve(newer, by=dr_osei, at=at, expected_version=2)
    plans.agree(approved, start=date(2026, 12, 5), teach_back=["x"], by=rowan, at=at)
    assert sheets.of(on_plan, at).counts_until == date(2026, 12, 4)


# --- the check code ----------------------------------------------------------------------------


def test_the_code_on_the_sheet_is_the_code_on_the_plan_page(
    on_plan: Episode, phone: Client
) -> None:
    shown = re.search(r'id="check-code">([^<]+)<', phone.get("/plan/").content.decode())
    assert shown is not None
    assert f"Check code : {shown[1]}" in said(on_plan)
    assert shown[1] in phone.get("/plan/paper/").content.decode()


def test_another_step_has_another_code(
    week_later: Episode, rowan: User, now: clock.Stopped
) -> None:
    at = clock.now()
    before = sheets.of(week_later, at).code
    acts.take(week_later, "step", on=episodes.today(week_later, at), by=rowan, at=at)
    after = sheets.of(week_later, at).code
    assert before is not None
    assert after is not None
    assert before != after


def test_the_code_stays_while_nothing_of_the_plan_changes(
    on_plan: Episode, say: Any, now: clock.Stopped
) -> None:
    before = sheets.of(on_plan, clock.now()).code
    say(on_plan)
    now.advance(days=1)
    assert sheets.of(on_plan, clock.now()).code == before


def test_the_plan_page_shows_no_code_while_no_amount_counts(
    on_plan: Episode, phone: Client, say: Any
) -> None:
    say(on_plan, flags=["blood_in_urine"])
    page = phone.get("/plan/").content.decode()
    assert "check-code" not in page
    assert "No sheet with an amount counts today." in page


def test_without_the_look_at_the_plan_a_frozen_one_would_have_a_code(
    on_plan: Episode, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(on_plan, flags=["blood_in_urine"])
    assert sheets.of(on_plan, clock.now()).code is None
    monkeypatch.setattr(sheets, "_current", lambda today, page: page.plan)
    assert sheets.of(on_plan, clock.now()).code is not None


# --- handing over ------------------------------------------------------------------------------


def test_the_person_gets_the_discreet_sheet_unless_the_name_is_asked_for(
    on_plan: Episode, phone: Client
) -> None:
    answer = phone.get("/plan/sheet.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="steps-2026-12-01.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert reading_pdf.text(answer.content).startswith("R. ")
    named = phone.get("/plan/sheet.pdf?name&large")
    assert reading_pdf.text(named.content).startswith("Rowan ")


def test_the_sheet_needs_nothing_from_outside() -> None:
    source = Path(typesetting.__file__).with_name("sheet.typ").read_text(encoding="utf-8")
    assert "@" not in re.sub(r"//.*", "", source)
    assert "#import" not in source


def test_values_are_json(on_plan: Episode) -> None:
    values = sheet.values(sheets.of(on_plan, clock.now()), discreet=True, large=False)
    assert json.loads(json.dumps(values)) == values
