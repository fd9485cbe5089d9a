"""A returned sheet: typed in at a desk, all of it kept, and said clearly what does not count."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from stepwell.clinic import clock
from stepwell.clinic.accounts import consents
from stepwell.clinic.accounts.models import ConsentKind, User
from stepwell.clinic.care import check_ins, queries, reviews
from stepwell.clinic.care.models import Episode, Escalation, Event, Review
from tests import reading_pdf
from tests.clinic.team import reading
from tests.conftest import Tell

SUNDAY = datetime(2026, 12, 13, 12, 0, tzinfo=UTC)
FIRST = date(2026, 12, 1)


@pytest.fixture
def on_sunday(agreed_plan: Any, now: clock.Stopped) -> Episode:
    """The second week of the plan; nothing was told on the phone."""
    now.move_to(SUNDAY)
    episode: Episode = agreed_plan.episode
    return episode


def page_of(episode: Episode) -> str:
    return f"/team/people/{episode.pk}/paper"


def type_in(desk: Client, episode: Episode, told: dict[str, str], **other: str) -> Any:
    page = desk.get(page_of(episode), {"first": FIRST.isoformat()})
    sent = {"sheet": other.get("sheet") or reading.fields(page)["sheet"]}
    return desk.post(page_of(episode), {"first": FIRST.isoformat(), **sent, **told})


def told(episode: Episode) -> list[Event]:
    return list(Event.objects.filter(episode=episode, kind="check_in").order_by("on"))


# --- printing ---------------------------------------------------------------------------------


def test_the_team_prints_the_same_sheet_and_the_person_sees_who_did(
    on_sunday: Episode, sams_desk: Client, rowans_phone: Client
) -> None:
    made = sams_desk.get(f"/team/people/{on_sunday.pk}/sheet.pdf")
    own = rowans_phone.get("/plan/sheet.pdf")
    assert reading_pdf.text(made.content) == reading_pdf.text(own.content)
    assert "Printed your sheet" in reading.text(rowans_phone.get("/me/who-looked/"))


@pytest.mark.parametrize("what", ["sheet.pdf", "paper"])
def test_nobody_who_may_not_see_the_person_gets_the_sheet(
    on_sunday: Episode,
    iness_desk: Client,
    mos_desk: Client,
    rowan: User,
    sams_desk: Client,
    what: str,
) -> None:
    address = f"/team/people/{on_sunday.pk}/{what}"
    assert sams_desk.get(address).status_code == 200
    consents.set(rowan, ConsentKind.SHARE_KEYWORKER, given=False, by=rowan, at=clock.now())
    for desk in (iness_desk, mos_desk, sams_desk):
        assert desk.get(address).status_code == 404


# --- typing in --------------------------------------------------------------------------------


def test_the_days_typed_are_check_ins_from_paper_by_that_worker(
    on_sunday: Episode, sams_desk: Client, sam: User
) -> None:
    answer = type_in(
        sams_desk,
        on_sunday,
        {
            "used_2026-12-11": "n",
            "used_2026-12-12": "Y",
            "pain_2026-12-12": "4",
            "note_2026-12-12": "Worse at night",
            "used_2026-12-13": "?",
        },
    )
    assert "3 days count now, from paper, written down by you" in reading.text(answer)
    free, used, unsure = told(on_sunday)
    assert [one.body["used"] for one in (free, used, unsure)] == [False, True, None]
    assert used.body["answers"] == {"body": 4}
    assert used.reason == "Worse at night"
    for one in (free, used, unsure):
        assert (one.source, one.by_user, one.by, one.set_aside) == ("paper", sam, "person", False)


def test_both_sides_see_that_it_came_from_paper_and_who_wrote_it_down(
    on_sunday: Episode, sams_desk: Client, rowans_phone: Client
) -> None:
    type_in(sams_desk, on_sunday, {"used_2026-12-12": "y", "note_2026-12-12": "Bad night"})
    page = reading.text(sams_desk.get(f"/team/people/{on_sunday.pk}/"))
    assert "paper “Bad night”" in page
    trail = reading.text(rowans_phone.get("/me/who-looked/"))
    assert "A day of your paper sheet written down" in trail


def test_a_day_that_is_empty_on_paper_stays_untold(on_sunday: Episode, sams_desk: Client) -> None:
    type_in(sams_desk, on_sunday, {"used_2026-12-12": "n"})
    assert [one.on for one in told(on_sunday)] == [date(2026, 12, 12)]


def test_one_sheet_is_one_transaction_and_one_review(on_sunday: Episode, sams_desk: Client) -> None:
    before = Review.objects.count()
    type_in(sams_desk, on_sunday, {f"used_2026-12-{day:02}": "n" for day in range(7, 14)})
    assert Review.objects.count() == before + 1


def test_nothing_is_kept_when_the_middle_of_a_sheet_fails(
    on_sunday: Episode, sams_desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(reviews, "run", fail)
    with pytest.raises(RuntimeError):
        type_in(sams_desk, on_sunday, {"used_2026-12-12": "n"})
    assert told(on_sunday) == []


def test_the_button_pressed_twice_is_one_sheet(on_sunday: Episode, sams_desk: Client) -> None:
    for _ in range(2):
        answer = type_in(sams_desk, on_sunday, {"used_2026-12-12": "n"}, sheet="same")
    assert len(told(on_sunday)) == 1
    assert "One day counts now" in reading.text(answer)


def test_days_from_paper_alone_never_open_a_step(on_sunday: Episode, sams_desk: Client) -> None:
    days = {f"used_2026-12-{day:02}": "y" for day in range(6, 14)}
    type_in(sams_desk, on_sunday, days | {f"pain_2026-12-{day:02}": "0" for day in range(6, 14)})
    assert len([one for one in told(on_sunday) if not one.set_aside]) == 8
    standing = reviews.standing(on_sunday, clock.now())
    assert not standing.recommendation.opens("step")


# --- what does not count ----------------------------------------------------------------------


def test_days_too_long_ago_are_kept_word_for_word_and_said_clearly(
    on_sunday: Episode, sams_desk: Client
) -> None:
    answer = type_in(
        sams_desk,
        on_sunday,
        {"used_2026-12-05": "y", "note_2026-12-05": "Party", "used_2026-12-06": "n"},
    )
    text = reading.text(answer)
    assert "One day counts now" in text
    assert "Sat 5 Dec 2026-12-05 is more than 7 days ago. On paper: yes, “Party”." in text
    late, counted = told(on_sunday)
    assert (late.set_aside, counted.set_aside) == (True, False)
    assert late.body["used"] is True
    page = reading.text(sams_desk.get(f"/team/people/{on_sunday.pk}/"))
    assert "2026-12-05 is more than 7 days ago. On paper: yes, “Party”." in page


def test_a_day_told_on_the_phone_stays_as_it_was_told(
    on_sunday: Episode, sams_desk: Client, tell: Tell, now: clock.Stopped
) -> None:
    tell(date(2026, 12, 12), at=SUNDAY, used=False)
    answer = type_in(sams_desk, on_sunday, {"used_2026-12-12": "y", "pain_2026-12-12": "2"})
    assert "2026-12-12 was told already. On paper: yes, pain 2." in reading.text(answer)
    page = queries.progress_for_person(on_sunday, clock.now())
    assert {day.on: day.status for day in page.days}[date(2026, 12, 12)] == "none"


def test_a_late_sheet_is_no_signal_to_the_team_that_typed_it(
    on_sunday: Episode, sams_desk: Client
) -> None:
    type_in(sams_desk, on_sunday, {"used_2026-12-02": "y"})
    assert not Escalation.objects.filter(key=check_ins.SET_ASIDE).exists()


def test_days_that_have_not_come_have_no_row(on_sunday: Episode, sams_desk: Client) -> None:
    page = sams_desk.get(page_of(on_sunday), {"first": FIRST.isoformat()}).content.decode()
    rows = re.findall(r'name="used_([\d-]+)"', page)
    assert rows == [(FIRST + timedelta(days=n)).isoformat() for n in range(13)]


def test_the_form_shows_28_days_up_to_today_and_none_before_the_care_began(
    on_sunday: Episode, sams_desk: Client, now: clock.Stopped
) -> None:
    page = sams_desk.get(page_of(on_sunday)).content.decode()
    rows = re.findall(r'name="used_([\d-]+)"', page)
    assert (rows[0], rows[-1]) == ("2026-11-30", "2026-12-13")
    now.move_to(SUNDAY + timedelta(days=60))
    page = sams_desk.get(page_of(on_sunday)).content.decode()
    assert len(re.findall(r'name="used_([\d-]+)"', page)) == 28


@pytest.mark.parametrize("first", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", ""])
def test_a_first_day_that_makes_no_sense_still_shows_a_sheet(
    on_sunday: Episode, sams_desk: Client, first: str
) -> None:
    assert sams_desk.get(page_of(on_sunday), {"first": first}).status_code == 200


# --- nothing typed is lost --------------------------------------------------------------------


def test_what_cannot_be_read_is_named_and_everything_typed_stays(
    on_sunday: Episode, sams_desk: Client
) -> None:
    answer = type_in(
        sams_desk,
        on_sunday,
        {
            "used_2026-12-11": "x",
            "pain_2026-12-12": "11",
            "note_2026-12-12": "Slept <b>well</b>",
            "used_2026-12-12": "n",
        },
    )
    assert answer.status_code == 422
    text, fields = reading.text(answer), reading.fields(answer)
    assert "Fri 11 Dec: write n for no, y for yes or ? for not sure." in text
    assert "Sat 12 Dec: write pain as a whole number from 0 to 10." in text
    assert fields["used_2026-12-11"] == "x"
    assert fields["note_2026-12-12"] == "Slept <b>well</b>"
    assert told(on_sunday) == []


def test_an_empty_sheet_is_not_kept(on_sunday: Episode, sams_desk: Client) -> None:
    answer = type_in(sams_desk, on_sunday, {})
    assert "Nothing was typed yet." in reading.text(answer)


def test_without_the_consent_to_store_nothing_is_kept_and_it_says_so(
    on_sunday: Episode, sams_desk: Client, rowan: User
) -> None:
    consents.set(rowan, ConsentKind.STORE, given=False, by=rowan, at=clock.now())
    answer = type_in(sams_desk, on_sunday, {"used_2026-12-12": "n"})
    assert "they have not agreed to answers being kept" in reading.text(answer)
    assert reading.fields(answer)["used_2026-12-12"] == "n"
    assert told(on_sunday) == []
