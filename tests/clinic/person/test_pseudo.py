"""In a language in which every text stands in brackets, nothing on a page stands outside them.

What people typed and names are data, and stay as they are; so do days and numbers.
"""

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from languages import catalogue, collect
from stepwell import catalogue as catalogue_of_data
from stepwell.clinic import clock
from stepwell.clinic.accounts.models import User
from stepwell.clinic.care import instruments, messages, visits
from stepwell.clinic.care.models import Episode, VisitHow
from tests.clinic.person.test_doors import OWN

CODE, FOLDER = "en-xa", "en_XA"
OPEN_TO_ALL = ["welcome", "private", "diary", "around", "offline", "notes", "sign-in"]
HELP = ["help", "help-now", "ride-out", "pain"]
ATTRIBUTES = ("aria-label", "title", "alt", "placeholder")
# Names, what a service or a person wrote, days, and what is written the same in every language.
DATA = re.compile(
    r"Rowan|Sam|Dr Osei|Riverside|Mon to Fri, 9 to 5|sleep|money|ket\b|Steps|"
    r"\b(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?\b|"
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December)\b|"
    r"\b(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b|\bmg\b|\bA&E\b|Room 4|Bladder check|"
    r"Stepwell|Slowly, because sleep comes first.|English|Europe/London|PHQ-9|GAD-7|ASQ|Bring it|"
    r"JSON|CSV|PDF|rowan|testserver|\b[A-Z0-9]{3}-[A-Z0-9]{3}\b"
)
LETTERS = re.compile(r"[^\W\d_]{2,}")


class _Shown(HTMLParser):
    """Every text that is seen or read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        english = tag != "html" and told.get("lang") == "en"  # said to be English, and read so
        if tag in ("script", "style") or english or tag in self.hidden:
            self.hidden.append(tag)
        self.said += [told[name] or "" for name in ATTRIBUTES if name in told]

    def handle_endtag(self, tag: str) -> None:
        if self.hidden and self.hidden[-1] == tag:
            self.hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.said.append(data)


def outside(answer: Any) -> list[str]:
    """What stands outside the brackets and is no data."""
    shown = _Shown()
    shown.feed(answer.content.decode())
    rest = _without_brackets("\n".join(shown.said))
    for one in _sourced():
        rest = rest.replace(one, "")
    return [line.strip() for line in rest.split("\n") if LETTERS.search(DATA.sub("", line))]


@cache
def _sourced() -> list[str]:
    """Names and hours of the numbers, and where a card comes from: as their sources have them."""
    lines = catalogue_of_data.document("directory", "gb.json")["lines"]
    cards = catalogue_of_data.document("learn", "en.json")["cards"].values()
    told = {str(value) for line in lines for value in line.values()}
    every = told | {card["source"] for card in cards}
    return sorted((one for one in every if len(one) > 3), key=len, reverse=True)


def _without_brackets(said: str) -> str:
    kept, depth = [], 0
    for letter in said:
        depth += letter == "⟦"
        if not depth:
            kept.append(letter)
        depth -= letter == "⟧"
    return "".join(kept)


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("locale")
    compiled = made / FOLDER / "LC_MESSAGES" / "django.mo"
    compiled.parent.mkdir(parents=True)
    compiled.write_bytes(catalogue.pseudo(catalogue.entries(collect.texts())))
    return made


@pytest.fixture
def bracketed(locale: Path, client: Client) -> Iterator[Client]:
    with override_settings(LANGUAGES=[(CODE, "English")], LOCALE_PATHS=[locale]):
        client.cookies["steps_language"] = CODE
        yield client


def read(page: Client, address: str) -> list[str]:
    answer = page.get(address)
    assert answer.status_code == 200, address
    assert "⟦" in answer.content.decode(), address
    return outside(answer)


@pytest.fixture
def lived(week_later: Episode, sam: User, rowan: User) -> Episode:
    """A plan, a week told, a message each way and an appointment."""
    told = {
        "how": VisitHow.IN_PERSON,
        "why": "Bladder check",
        "place": "Room 4",
        "bring": "Bring it",
    }
    visits.book(week_later, starts=clock.now().replace(day=20), **told, by=sam, at=clock.now())
    messages.send(week_later, "Room 4", message_id="one", by=rowan, at=clock.now())
    return week_later


def test_nothing_of_ones_own_pages_is_said_past_the_catalogue(
    bracketed: Client, lived: Episode, rowan: User
) -> None:
    bracketed.force_login(rowan)
    pages = [reverse(f"person:{name}") for name in OWN] + [reverse(name) for name in HELP]
    pages += [reverse("person:fill-in", args=[name]) for name in instruments.every()]
    pages += [reverse("person:question", args=[gate]) for gate in ("heart", "under_18")]
    found = {page: read(bracketed, page) for page in pages}
    assert {page: said for page, said in found.items() if said} == {}


@pytest.mark.parametrize("name", [*OPEN_TO_ALL, "help"])
def test_nothing_of_what_is_open_to_all_is(bracketed: Client, service: Any, name: str) -> None:
    address = "/" if name == "welcome" else reverse(name)
    assert read(bracketed, address) == []


def test_a_text_past_the_catalogue_is_noticed() -> None:
    class Page:
        content = "<p>⟦Said⟧ and not</p><img alt='a picture'><p>12 mg</p>".encode()

    assert outside(Page()) == ["and not", "a picture"]
