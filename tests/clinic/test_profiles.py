"""The outcomes profile: from check-ins with their coverage, confirmed together, never filled in."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import Service, User
from stepwell.clinic.audit.models import Unchangeable
from stepwell.clinic.care import access, profiles
from stepwell.clinic.care.models import Episode, Profile
from stepwell.clinic.papers import profile as paper
from tests import reading_pdf
from tests.clinic.person.pages import text
from tests.conftest import Tell, days, evening

FIRST = date(2026, 12, 1)
LAST = FIRST + timedelta(days=27)
AT = evening(LAST)


def said(episode: Episode) -> dict[str, tuple[str, str]]:
    made = profiles.draft(episode, AT)
    return {row.name: (row.said.partition(": ")[2], row.rests_on) for row in made.rows}


def confirmed(episode: Episode, sam: User, **answers: str) -> Profile:
    return profiles.confirm(
        episode, stage="review", answers=answers, sent_id=str(answers), by=sam, at=AT
    )


def test_a_week_that_was_wholly_told_is_a_number_and_any_other_at_least(
    episode: Episode, tell: Tell
) -> None:
    for day in days(FIRST, 7):
        tell(day, used=day.day < 4)
    for day in days(FIRST + timedelta(days=7), 5):
        tell(day, used=True)
    found = said(episode)
    assert found["Ketamine, week 4"] == ("3 days", "7 of 7 days told")
    assert found["Ketamine, week 3"] == ("at least 5 days", "5 of 7 days told")
    assert found["Ketamine, week 2"][0] == "not known"
    assert found["Ketamine, in 28 days"] == (
        "at least 8 days",
        "12 of 28 days told, less than half: read with care",
    )


def test_a_day_told_without_a_word_on_use_is_not_known(episode: Episode, tell: Tell) -> None:
    for day in days(FIRST, 7):
        tell(day, used=None, amount_mg=None, times=None)
    assert said(episode)["Ketamine, week 4"][0] == "not known"


def test_the_amount_rests_on_the_days_of_use_that_told_one(episode: Episode, tell: Tell) -> None:
    tell(FIRST, amount_mg=[1000, 2000])
    tell(FIRST + timedelta(days=1), amount_mg=[2500, 2500])
    tell(FIRST + timedelta(days=2), amount_mg=None)
    tell(FIRST + timedelta(days=3), used=False)
    assert said(episode)["Ketamine, on a day of use"] == (
        "2 g",
        "2 of 3 days of use with an amount",
    )


def test_what_was_not_asked_is_empty_and_says_so(episode: Episode, sam: User) -> None:
    kept = confirmed(episode, sam, physical="12", alcohol_days="0")
    rows = {row["name"]: (row["value"], row["rests_on"]) for row in kept.rows}
    assert rows["Physical health"] == (12, "asked by their worker")
    assert rows["Alcohol, days in 28"] == (0, "asked by their worker")
    assert rows["Quality of life"] == (None, "not asked or not answered")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("physical", "21"),
        ("physical", "7.5"),
        ("physical", "-1"),
        ("physical", "nan"),
        ("physical", "ten"),
        ("alcohol_days", "29"),
        ("cocaine_amount", "1,5"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_by_field(
    field: str, typed: str, episode: Episode, sam: User
) -> None:
    with pytest.raises(profiles.NotAnswered) as refused:
        confirmed(episode, sam, **{field: typed})
    assert refused.value.field == field
    assert not Profile.objects.exists()


def test_what_was_confirmed_stays_as_it_was(episode: Episode, sam: User, tell: Tell) -> None:
    tell(FIRST)
    kept = confirmed(episode, sam)
    before = kept.rows
    for day in days(FIRST + timedelta(days=1), 6):
        tell(day)
    kept.refresh_from_db()
    assert kept.rows == before
    kept.stage = "exit"
    with pytest.raises(Unchangeable):
        kept.save()


def test_confirming_twice_with_one_press_is_one(episode: Episode, sam: User) -> None:
    first, again = confirmed(episode, sam), confirmed(episode, sam)
    assert first == again


def test_it_is_due_at_the_start_and_again_after_three_months(episode: Episode, sam: User) -> None:
    assert profiles.due_on(episode) == date(2026, 11, 30)
    confirmed(episode, sam)
    assert profiles.due_on(episode) == LAST + timedelta(days=91)


@pytest.mark.parametrize("name", ["rowan", "ines", "mo", "ada"])
def test_nobody_else_confirms_one(name: str, cast: dict[str, User], episode: Episode) -> None:
    with pytest.raises(access.NotFound):
        confirmed(episode, cast[name])


def test_pdf_text_and_rows_say_the_same(episode: Episode, sam: User, tell: Tell) -> None:
    for day in days(FIRST, 5):
        tell(day)
    kept = confirmed(episode, sam, psychological="9")
    made = paper.pdf(kept, at=AT)
    assert reading_pdf.is_accessible(made)
    for told in (paper.text(kept), " ".join(reading_pdf.text(made).split())):
        assert "Ketamine, week 4: at least 5 days (5 of 7 days told)" in told
        assert "Psychological health: 9 of 20" in told
        assert "Quality of life: not known" in told
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(paper.table(kept)))}
    assert (rows["Ketamine, week 4"]["value"], rows["Ketamine, week 4"]["at_least"]) == (
        "5",
        "True",
    )
    assert rows["Quality of life"]["value"] == ""


# --- the page -----------------------------------------------------------------------------------


def test_the_page_drafts_confirms_and_hands_over(
    client: Client, episode: Episode, sam: User, tell: Tell, now: clock.Stopped
) -> None:
    """At any instant, not only on the second: a PDF says when it was made."""
    now.move_to(AT + timedelta(microseconds=7))
    tell(FIRST)
    client.force_login(sam)
    page = reverse("team:profiles", args=[episode.pk])
    assert "sent nowhere" in text(client.get(page))
    answer = client.post(page, {"sent_id": "1", "stage": "start", "physical": "25"})
    assert answer.status_code == 422
    assert "Write a number from 0 to 20." in text(answer)
    client.post(page, {"sent_id": "1", "stage": "start", "physical": "15"})
    kept = Profile.objects.get()
    for form in ("pdf", "text", "csv"):
        made = client.get(reverse("team:profile", args=[episode.pk, kept.pk, form]))
        assert made.status_code == 200
        assert "attachment" in made["Content-Disposition"]


def test_where_no_such_profile_is_used_there_is_no_page(
    client: Client, episode: Episode, sam: User
) -> None:
    Service.objects.filter(pk=episode.service_id).update(country="NZ")
    client.force_login(sam)
    assert client.get(reverse("team:profiles", args=[episode.pk])).status_code == 404
