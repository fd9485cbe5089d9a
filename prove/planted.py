"""Faults planted in the decision table one at a time: each must show as a difference.

What this proves is the comparison, not the engine: random days on which no planted fault can be
seen would agree with anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prove import oracle
from prove.oracle import Line, Lines
from stepwell.engine.recommendation import Recommendation
from stepwell.engine.snapshot import Snapshot

Pair = tuple[Snapshot, Recommendation]
_EDITS = (
    (r"\[\w+\]", "({} + 1)"),
    (" <= ", " < "),
    (" >= ", " > "),
    (" < ", " <= "),
    (" > ", " >= "),
    (" = ", " != "),
    (" != ", " = "),
    (" and ", " or "),
    (" or ", " and "),
    (r"\bnot ", ""),
)
_OTHER_CELL: Mapping[str, Mapping[str, str]] = {
    "speaks": {"alone": "beside others", "beside others": "alone"},
    "hides the ceiling": {"yes": "no", "no": "yes"},
    "urgency told": {"routine": "", "same_day": "routine", "": "routine"},
}

# Changes that no day can show, by what then stands in the row, and why.
_NO_DIFFERENCE = {
    "newest((": "the lists of a snapshot are never longer than the limit",
    "today <= hold.until": "a snapshot holds no hold whose end has come",
    "freeze_on_red_flag speaks: alone": "nothing comes before the first rule",
}
_BREAKS = (TypeError, AttributeError, IndexError, ZeroDivisionError, StopIteration)


@dataclass(frozen=True, slots=True)
class Fault:
    """One change: the row, what stands there now, and the whole table with it."""

    now: str
    lines: Lines


def faults(lines: Lines) -> Iterator[Fault]:
    """Each limit one higher, each comparison and joining word turned, each cell that decides."""
    for number, line in enumerate(lines):
        for column, text in _edited(line):
            changed = [*lines[:number], {**line, column: text}, *lines[number + 1 :]]
            now = f"{line['name']} {column}: {text}"
            if not any(same in now for same in _NO_DIFFERENCE):
                yield Fault(now, changed)


def unseen(planted: Iterable[Fault], pairs: Sequence[Pair]) -> list[Fault]:
    """The faults that show on none of these days."""
    return [fault for fault in planted if not _shows(fault, pairs)]


def _shows(fault: Fault, pairs: Sequence[Pair]) -> bool:
    """A table that breaks on a day shows as well as one that differs."""
    table = oracle.built(fault.lines)
    try:
        return any(oracle.compare(snapshot, given, table) for snapshot, given in pairs)
    except _BREAKS:
        return True


def _edited(line: Line) -> Iterator[tuple[str, str]]:
    condition = line["condition"]
    for wanted, new in _EDITS:
        for found in re.finditer(wanted, condition):
            put = new.format(found[0])
            yield "condition", condition[: found.start()] + put + condition[found.end() :]
    if line["kind"] == "rule":
        yield from _other_cells(line)


def _other_cells(line: Line) -> Iterator[tuple[str, str]]:
    for column, others in _OTHER_CELL.items():
        if line[column] in others:
            yield column, others[line[column]]
