"""The questionnaires as the data has them: their items, how they add up, and what is danger."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from stepwell import catalogue

FOLDER = "questionnaires"
Answers = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen; `score` is None where nothing is added up."""

    value: str
    label: str
    score: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """One question with its options, in the order in which they are shown."""

    name: str
    text: str
    options: tuple[Option, ...]

    def option(self, value: str | None) -> Option | None:
        return next((one for one in self.options if one.value == value), None)


@dataclass(frozen=True, slots=True)
class Band:
    """A name for every total from `least` up."""

    least: int
    label: str
    source: str


@dataclass(frozen=True, slots=True)
class Score:
    """A sum over some items."""

    name: str
    of: tuple[str, ...]
    most: int
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Danger:
    """Any of these items answered with any of these values is this flag."""

    flag: str
    any_of: frozenset[str]
    answers: frozenset[str]

    def told_by(self, answers: Answers) -> bool:
        return any(answers.get(name) in self.answers for name in self.any_of)


@dataclass(frozen=True, slots=True)
class Total:
    """What a score comes to, of how many, and its band."""

    name: str
    value: int
    most: int
    band: str


@dataclass(frozen=True, slots=True)
class Instrument:
    """One questionnaire. `triggers` are the signals after which it is asked again.

    `cadence_days` is None where it is asked at the start and on a trigger alone; `needs_all` says
    that an item left out is not an answer and the whole has to be asked again.
    """

    name: str
    title: str
    plain: str
    version: str
    why: str
    lead: str
    licence: str
    order: int
    cadence_days: int | None
    triggers: frozenset[str]
    needs_all: bool
    items: tuple[Item, ...]
    scores: tuple[Score, ...]
    dangers: tuple[Danger, ...]

    def flags(self, answers: Answers) -> frozenset[str]:
        """The flags that these answers stand for."""
        return frozenset(one.flag for one in self.dangers if one.told_by(answers))

    def unanswered(self, answers: Answers) -> list[Item]:
        return [item for item in self.items if answers.get(item.name) is None]

    def total(self, answers: Answers) -> Total | None:
        """The first score whose items were all answered: the whole, or its short form."""
        sums = ((score, self._sum(score, answers)) for score in self.scores)
        return next((_total(score, value) for score, value in sums if value is not None), None)

    def _sum(self, score: Score, answers: Answers) -> int | None:
        chosen = [item.option(answers.get(item.name)) for item in self.items]
        points = {i.name: o.score for i, o in zip(self.items, chosen, strict=True) if o}
        told = [points.get(name) for name in score.of]
        known = [one for one in told if one is not None]
        return sum(known) if len(known) == len(told) else None


def _total(score: Score, value: int) -> Total:
    reached = [band for band in score.bands if band.least <= value]
    return Total(score.name, value, score.most, max(reached, key=lambda b: b.least).label)


@cache
def every() -> Mapping[str, Instrument]:
    """All of them by name, in the order in which they are asked."""
    found = [_read(name) for name in catalogue.names(FOLDER)]
    return {one.name: one for one in sorted(found, key=lambda one: one.order)}


def _read(name: str) -> Instrument:
    told = catalogue.document(FOLDER, f"{name}.json")
    options = {key: tuple(_option(one) for one in many) for key, many in told["options"].items()}
    items = (Item(one["name"], one["text"], options[one["options"]]) for one in told["items"])
    same = ("title", "plain", "version", "why", "lead", "licence", "order", "cadence_days")
    return Instrument(
        name=name,
        **{key: told[key] for key in same},
        triggers=frozenset(told["triggers"]),
        needs_all=told["needs_all"],
        items=tuple(items),
        scores=tuple(_score(one) for one in told["scores"]),
        dangers=tuple(_danger(one) for one in told["dangers"]),
    )


def _option(told: Mapping[str, Any]) -> Option:
    return Option(told["value"], told["label"], told.get("score"))


def _score(told: Mapping[str, Any]) -> Score:
    bands = (Band(one["least"], one["label"], one["source"]) for one in told["bands"])
    return Score(told["name"], tuple(told["of"]), told["most"], tuple(bands))


def _danger(told: Mapping[str, Any]) -> Danger:
    return Danger(told["flag"], frozenset(told["any_of"]), frozenset(told["answers"]))
