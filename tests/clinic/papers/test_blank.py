"""Empty sheets: to print on both sides, typed in by the team, and danger in them told at once."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import instruments, questionnaires
from stepwell.clinic.care.models import Episode, Escalation, PlanVersion, QuestionnaireAnswer
from stepwell.clinic.papers import blank, typesetting
from tests.clinic.person.pages import hidden, text

NAMES = list(instruments.every())


@pytest.fixture(autouse=True)
def stopped(now: clock.Stopped) -> None:
    """No page here ever reads a real clock."""


@pytest.fixture
def typeset(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is handed to the typesetter, with its template; the typesetter still makes the PDF."""
    told: list[Any] = []
    made = typesetting.pdf

    def noted(template: str, values: Any, **other: Any) -> bytes:
        told.append(values)
        return made(template, values, **other)

    monkeypatch.setattr(typesetting, "pdf", noted)
    return told


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_sheet_has_every_question_and_no_name(
    episode: Episode, typeset: list[Any], name: str
) -> None:
    asked = instruments.every()[name]
    assert blank.questionnaire(episode, asked, at=clock.now()).startswith(b"%PDF")
    assert [item["text"] for item in typeset[0]["items"]] == [item.text for item in asked.items]
    assert typeset[0]["name"] == "R."


def test_a_sheet_says_that_nobody_reads_it_yet_and_whom_to_call(
    episode: Episode, typeset: list[Any]
) -> None:
    blank.questionnaire(episode, instruments.every()["asq"], at=clock.now())
    said = typeset[0]["danger"]
    assert "Nobody reads this until you hand it over." in said
    assert "999" in said
    assert episode.service.phone in said


def test_three_empty_days_have_a_page_each(episode: Episode, typeset: list[Any]) -> None:
    assert blank.diary(episode, at=clock.now()).startswith(b"%PDF")
    assert len(typeset[0]["days"]) == 3


def test_both_sides_get_the_sheets(
    client: Client, episode: Episode, rowan: User, sam: User
) -> None:
    client.force_login(rowan)
    own = [reverse("person:blank-diary"), reverse("person:blank-questions", args=["phq9"])]
    assert all(client.get(page).content.startswith(b"%PDF") for page in own)
    assert client.get(reverse("person:blank-questions", args=["nothing"])).status_code == 404
    client.force_login(sam)
    page = reverse("team:blank", args=[episode.pk, "phq9"])
    assert client.get(page).content.startswith(b"%PDF")


def type_in(client: Client, episode: Episode, name: str, **answers: str) -> Any:
    page = reverse("team:fill_in", args=[episode.pk, name])
    told = {"event_id": hidden(client.get(page), "event_id"), **answers}
    return client.post(page, told, follow=True)


def test_what_came_on_paper_is_typed_in_by_name(
    client: Client, episode: Episode, sam: User
) -> None:
    client.force_login(sam)
    assert "Written down." in text(type_in(client, episode, "gad7", nervous="2", control="1"))
    filled = questionnaires.history(episode)[0]
    assert (filled.by, filled.total and filled.total.value) == ("Sam", 3)


def test_danger_on_paper_is_a_signal_when_it_is_typed_in(
    client: Client, agreed_plan: PlanVersion, sam: User
) -> None:
    client.force_login(sam)
    said = text(type_in(client, agreed_plan.episode, "asq", right_now="yes"))
    assert "An answer needs a person." in said
    keys = set(Escalation.objects.values_list("key", flat=True))
    assert keys == {"suicide_plan", "suicidal_thoughts"}


def test_another_team_neither_prints_nor_types(
    client: Client, episode: Episode, ines: User
) -> None:
    client.force_login(ines)
    for name in ("fill_in", "blank"):
        page = reverse(f"team:{name}", args=[episode.pk, "phq9"])
        assert client.get(page).status_code == 404
    assert not QuestionnaireAnswer.objects.exists()
