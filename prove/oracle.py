"""The rules once more: what the decision table says about a day, without asking the engine.

The table is `src/stepwell/data/decision_table.csv`, written from the design for a clinician to
read and sign. This module reads it and answers; it knows the facts (`snapshot`) and nothing of
the engine's rules, history, place or guard.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Never

from prove import language
from prove.language import Day, Meaning, Names, TableError
from stepwell.engine.protocol import URGENCIES, Limits, Protocol
from stepwell.engine.recommendation import Offer, Recommendation
from stepwell.engine.snapshot import Snapshot

PLACE = files("stepwell") / "data" / "decision_table.csv"
Line = Mapping[str, str]
Lines = Sequence[Line]
ALONE, BESIDE = "alone", "beside others"
NOBODY = "nobody"
FACTS = tuple(f.name for f in fields(Snapshot))
_LIMITS = tuple(f.name for f in fields(Limits))
_DECIDED = ("offer", "hidden")  # words that only the rows marked `answer` may use
_OFFERS = tuple(offer.value for offer in Offer)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of the table, read."""

    number: str
    name: str
    speaks: Meaning
    alone: bool
    offer: str
    hides: bool
    told: Meaning
    source: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """What one rule says on one day."""

    offer: str
    hides: bool
    told: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The table's answer for one day: who speaks, what is offered, and what may be shown."""

    spoken: Mapping[str, Spoken]
    notes: tuple[str, ...]
    signals: tuple[tuple[str, str], ...]
    offer: str
    ceiling_shown: bool
    next_step_on: date | None
    hold_is_open: bool


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table, compiled once."""

    rules: tuple[Row, ...]
    notes: tuple[Row, ...]
    signals: Mapping[str, tuple[Meaning, Meaning]]
    answers: Mapping[str, Meaning]

    def answer(self, snapshot: Snapshot) -> Answer:
        """Answer one day."""
        day = Day(snapshot, values(snapshot.protocol))
        spoken: dict[str, Spoken] = {}
        for row in self.rules:
            if not (row.alone and spoken) and row.speaks(day):
                spoken[row.name] = Spoken(row.offer, row.hides, row.told(day), row.source)
        return self._answer(day, spoken)

    def _answer(self, day: Day, spoken: dict[str, Spoken]) -> Answer:
        offer = next(iter(spoken.values())).offer
        hidden = any(said.hides for said in spoken.values())
        notes = tuple(row.name for row in self.notes if row.speaks(day))
        day.known.update(offer=offer, hidden=hidden)
        return Answer(
            spoken,
            notes,
            self._signals(day),
            offer,
            not hidden,
            self.answers["next_step_on"](day),
            self.answers["hold_is_open"](day),
        )

    def _signals(self, day: Day) -> tuple[tuple[str, str], ...]:
        """What is told whatever is decided. A condition that names flags tells each of them."""
        told: list[tuple[str, str]] = []
        for name, (condition, urgency) in self.signals.items():
            found = condition(day)
            if found is True:
                told.append((name, urgency(day)))
            elif found:
                told += [(one.name, urgency(replace(day, it=one))) for one in found]
        return tuple(told)


def values(protocol: Protocol) -> Mapping[str, int]:
    """The numbers by name; kept with the protocol, so that an id is never met again."""
    kept = _VALUES.get(id(protocol))
    if kept is None:
        values = {name: getattr(protocol.limits, name).value for name in _LIMITS}
        kept = _VALUES[id(protocol)] = (protocol, values)
    return kept[1]


_VALUES: dict[int, tuple[Protocol, Mapping[str, int]]] = {}


# --- reading ----------------------------------------------------------------------------------


@cache
def table() -> Table:
    """The table of the repository. Raises TableError naming the row."""
    return read(text())


def text() -> str:
    """The file as it stands."""
    return PLACE.read_text(encoding="utf-8")


def read(written: str) -> Table:
    """Read a table from the text of its file. Raises TableError naming the row."""
    return built(lines_of(written))


def lines_of(written: str) -> list[dict[str, str]]:
    """The rows of the file as they stand, by column."""
    return list(csv.DictReader(io.StringIO(written)))


def built(lines: Lines) -> Table:
    """Compile the rows. Raises TableError naming the row."""
    constants = {*URGENCIES, *_OFFERS, NOBODY, *(line["name"] for line in lines)}
    words: dict[str, Meaning] = {}
    names = Names(FACTS, _LIMITS, words, constants)
    for line in _of_kind(lines, "word"):
        words[line["name"]] = _compiled(line, line["condition"], names)
    return Table(
        tuple(_row(line, names) for line in _of_kind(lines, "rule")),
        tuple(_row(line, names) for line in _of_kind(lines, "note")),
        {line["name"]: _signal(line, names) for line in _of_kind(lines, "signal")},
        _answers(lines, words, constants),
    )


def _answers(lines: Lines, words: dict[str, Meaning], constants: set[str]) -> Mapping[str, Meaning]:
    names = Names(FACTS, _LIMITS, words | dict.fromkeys(_DECIDED, _not_yet), constants)
    rows = _of_kind(lines, "answer")
    return {line["name"]: _compiled(line, line["condition"], names) for line in rows}


def _not_yet(_: Day) -> Never:
    raise TableError("what is decided is known only once every rule has been asked")


def _of_kind(lines: Lines, kind: str) -> Iterator[Line]:
    return (line for line in lines if line["kind"] == kind)


def _row(line: Line, names: Names) -> Row:
    if line["speaks"] not in (ALONE, BESIDE):
        raise TableError(f"{line['name']}: speaks must be {ALONE!r} or {BESIDE!r}")
    if line["hides the ceiling"] not in ("yes", "no"):
        raise TableError(f"{line['name']}: hides the ceiling must be yes or no")
    return Row(
        line["number"],
        line["name"],
        _compiled(line, line["condition"], names),
        line["speaks"] == ALONE,
        line["offer"],
        line["hides the ceiling"] == "yes",
        _compiled(line, line["urgency told"] or NOBODY, names),
        line["source"],
        line["signed by"],
    )


def _signal(line: Line, names: Names) -> tuple[Meaning, Meaning]:
    urgency = _compiled(line, line["urgency told"], names)
    return _compiled(line, line["condition"], names), urgency


def _compiled(line: Line, text: str, names: Names) -> Meaning:
    try:
        return language.compiled(text, names)
    except TableError as error:
        raise TableError(f"{line['name']}: {error}") from error


# --- comparing --------------------------------------------------------------------------------


def compare(
    snapshot: Snapshot, recommendation: Recommendation, by: Table | None = None
) -> list[str]:
    """Every point in which a recommendation differs from the table; empty when they agree."""
    answer = (by or table()).answer(snapshot)
    wanted, got = _from_table(snapshot, answer), _from_engine(recommendation)
    if wanted == got:
        return []
    return [
        f"{point}: the table says {want!r}, the engine {have!r}"
        for point, want, have in zip(_POINTS, wanted, got, strict=True)
        if want != have
    ]


_POINTS = (
    "rules in order",
    "what each says",
    "whom they tell",
    "signals",
    "offer",
    "ceiling",
    "next step on",
    "a hold is open",
    "level",
)
_View = tuple[object, ...]


def _from_table(snapshot: Snapshot, answer: Answer) -> _View:
    said = answer.spoken.values()
    return (
        [*answer.spoken, *answer.notes],
        [(one.offer, one.hides, _source(snapshot, one.source)) for one in said],
        [one.told for one in said],
        sorted(answer.signals),
        answer.offer,
        snapshot.level_mg if answer.ceiling_shown else None,
        answer.next_step_on,
        answer.hold_is_open,
        (snapshot.level, snapshot.between),
    )


def _source(snapshot: Snapshot, entry: str) -> str:
    """The text of the protocol entry a row rests on: a limit's, or one that has no number."""
    if entry in _LIMITS:
        return str(getattr(snapshot.protocol.limits, entry).source)
    return snapshot.protocol.sources[entry]


def _from_engine(given: Recommendation) -> _View:
    rules = [(name, found) for name, found in given.findings.items() if name not in _NOTES]
    return (
        list(given.findings),
        [(str(found.offer), found.hides_ceiling, found.source) for _, found in rules],
        [_told(given, name) for name, _ in rules],
        sorted((told.key, told.urgency) for told in given.escalations if told.key != told.rule),
        str(given.offer),
        given.ceiling_mg,
        given.next_step_on,
        Offer.HOLD in given.also,
        (given.level, given.between),
    )


_NOTES = frozenset({"act_was_not_open"})


def _told(given: Recommendation, rule: str) -> str:
    """The most urgent signal of one rule."""
    told = [one.urgency for one in given.escalations if one.rule == rule]
    return min(told, key=URGENCIES.index) if told else NOBODY
