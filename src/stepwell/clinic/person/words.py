"""The words of the check-in, the safety questions and Help, read from data and translated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext

from stepwell import catalogue
from stepwell.clinic.care import words as care_words


@dataclass(frozen=True, slots=True)
class Item:
    """One 0 to 10 item of the check-in."""

    name: str
    question: str
    at_0: str
    at_10: str
    core: bool


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Flags of one urgency, as (name, question)."""

    urgency: str
    title: str
    flags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Door:
    """One door of Help: what to do, and which kinds of numbers to show."""

    slug: str
    name: str
    emergency_first: bool
    steps: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A few lines under one heading of a room."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """A page behind a door of Help."""

    name: str
    lead: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One card of Learn, with how sure anybody can be of it and what it rests on."""

    slug: str
    name: str
    text: tuple[str, ...]
    grade: str
    source: str


@dataclass(frozen=True, slots=True)
class AmountWord:
    """A word for an amount, in percent of the ceiling; `above` leaves the low end out."""

    low_percent: int
    high_percent: int
    above: bool

    def beside(self, ceiling_mg: int) -> tuple[int, int]:
        """Whole milligrams, low and high end."""
        low = ceiling_mg * self.low_percent // 100 + self.above
        return low, max(low, ceiling_mg * self.high_percent // 100)


@cache
def _read(*parts: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = catalogue.document(*parts)
    return document


def _check_in() -> Mapping[str, Any]:
    return _read("instruments", "check_in.json")


def items() -> tuple[Item, ...]:
    """The seven items in the order in which they are asked."""
    return tuple(
        Item(
            name=name,
            question=gettext(item["question"]),
            at_0=gettext(item["at_0"]),
            at_10=gettext(item["at_10"]),
            core=item["core"],
        )
        for name, item in _check_in()["items"].items()
    )


def flag_groups() -> tuple[FlagGroup, ...]:
    """Everything that may be wrong, most urgent first."""
    data = _check_in()
    return tuple(
        FlagGroup(
            urgency=urgency,
            title=gettext(data["urgencies"][urgency]),
            flags=tuple((name, gettext(flag["question"])) for name, flag in flags.items()),
        )
        for urgency, flags in data["flags"].items()
    )


def dangers() -> set[str]:
    """The flags that pause a plan and need a person: all but the routine ones."""
    urgent = [flags for urgency, flags in _check_in()["flags"].items() if urgency != "routine"]
    return {name for flags in urgent for name in flags}


def emergencies() -> list[str]:
    """What needs help at once, in a few words each."""
    named = flag_groups()[0].flags
    return [gettext(care_words.flag(name).person) for name, _ in named]


def safety_question() -> str:
    return gettext(_check_in()["safety"]["question"])


def safety_why() -> str:
    return gettext(_check_in()["safety"]["why"])


def safety_answers() -> list[tuple[str, str]]:
    answers = _check_in()["safety"]["answers"]
    return [(name, gettext(answer["label"])) for name, answer in answers.items()]


def amount_words() -> dict[str, AmountWord]:
    """Each word with the range it stands for."""
    return {name: _amount_word(word) for name, word in _read("amount_words.json")["words"].items()}


def _amount_word(word: Mapping[str, Any]) -> AmountWord:
    above = "above_percent" in word
    low = word["above_percent"] if above else word["from_percent"]
    return AmountWord(low_percent=low, high_percent=word["to_percent"], above=above)


def gate(name: str) -> Mapping[str, Any]:
    """What data/gates.json says of one safety question."""
    found: Mapping[str, Any] = _read("gates.json")["gates"][name]
    return found


def doors() -> tuple[Door, ...]:
    """The six doors of Help."""
    return tuple(_door(slug, door) for slug, door in _read("help", "en.json")["doors"].items())


def _door(slug: str, door: Mapping[str, Any]) -> Door:
    return Door(
        slug=slug,
        name=gettext(door["name"]),
        emergency_first=door["emergency_first"],
        steps=tuple(gettext(step) for step in door["steps"]),
        lines=tuple(door["lines"]),
    )


def wait_minutes() -> int:
    """How long riding it out waits, in minutes."""
    minutes: int = _read("rooms", "en.json")["wait_minutes"]
    return minutes


def room(name: str) -> Room:
    """The words of one room: `ride_out` or `pain`."""
    found = _read("rooms", "en.json")["rooms"][name]
    parts = (_part(part["title"], part["lines"]) for part in found["parts"])
    return Room(gettext(found["name"]), gettext(found["lead"]), tuple(parts))


def _part(title: str, lines: Sequence[str]) -> Part:
    return Part(gettext(title), tuple(gettext(line) for line in lines))


def cards() -> tuple[Card, ...]:
    """The cards of Learn, in the order of the file."""
    data = _read("learn", "en.json")
    return tuple(
        Card(
            slug=slug.replace("_", "-"),
            name=gettext(card["name"]),
            text=tuple(gettext(line) for line in card["text"]),
            grade=gettext(data["grades"][card["grade"]]),
            source=card["source"],
        )
        for slug, card in data["cards"].items()
    )


def keep_well(*names: str) -> list[str]:
    """Lines of Keep well by name."""
    lines = _read("keep_well", "en.json")["lines"]
    return [gettext(lines[name]["text"]) for name in names]


def crews() -> str:
    return gettext(_read("help", "en.json")["crews"])


def paused_lines(*, also_depends: bool, **numbers: str) -> list[str]:
    """The text shown in place of an amount. A line whose number is not known is left out."""
    frozen = _read("wording", "en.json")["frozen"]
    text = frozen["with_alcohol_benzodiazepines_or_ghb" if also_depends else "usual"]
    known = {name: value for name, value in numbers.items() if value}
    filled = (_fill(gettext(line), known) for line in text["lines"])
    return [line for line in filled if line]


def _fill(line: str, known: Mapping[str, str]) -> str | None:
    try:
        return line.format_map(dict(known))
    except KeyError:
        return None
