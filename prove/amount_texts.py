"""Every short text over a hostile alphabet: read as the one amount it can mean, or refused.

The texts that may be read are generated from a grammar of their own, with exact values; the parser
has to read those and no others. Each is then read as people elsewhere write numbers: it has to
mean the same there, or nothing. Every amount that is shown has to read back the same.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, partial
from itertools import product
from multiprocessing import Pool
from random import Random

from prove.measures import Measure
from stepwell.engine import amounts
from stepwell.engine.amounts import AmountRange
from stepwell.engine.errors import InputError

# Digits, points, signs and spaces of several scripts, and the letters of units.
ALPHABET = "015.,-' mge+٣\u00a0\u2212"
LONGEST = 6
MOST_MG = 30_000
_RANGES = 100_000
_PROCESSES = 2
_SHOWN = 10
_MG: dict[str, int] = {"mg": 1, "g": 1000}

Ends = tuple[Fraction | int, Fraction | int]  # in milligrams

# How a number is written: what may stand between groups of three digits, and before decimals.
CONVENTIONS: dict[str, tuple[str, str]] = {
    "1,234.5": (",", "."),
    "1.234,5": (".", ","),
    "1 234,5": (" \u00a0\u202f", ","),
    "1 234.5": (" \u00a0\u202f", "."),
    "1'234.5": ("'’", "."),
    "1'234,5": ("'’", ","),
    "1234٫5": ("٬", "٫"),
}


@dataclass(slots=True)
class Tally:
    """How many texts were tried, how many were read, and what was wrong."""

    tried: int = 0
    read: int = 0
    differed: int = 0
    crashed: int = 0
    shown: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.tried += other.tried
        self.read += other.read
        self.differed += other.differed
        self.crashed += other.crashed
        self.shown = (self.shown + other.shown)[:_SHOWN]

    def note(self, wrong: str) -> None:
        self.shown = [*self.shown, wrong][:_SHOWN]


def run(budget: float = 1.0) -> list[Measure]:
    """Every text of up to six characters, or of fewer when the budget is small."""
    longest = LONGEST if budget >= 1 else LONGEST - 1 if budget >= 0.1 else LONGEST - 2
    tally = tried(longest)
    wanted = sum(len(ALPHABET) ** length for length in range(longest + 1))
    unlike = [text for text, ends in readable(longest).items() if means_otherwise(text, ends)]
    lost = not_read_back(budget)
    for wrong in [*tally.shown, *unlike[:_SHOWN], *lost[:_SHOWN]]:
        sys.stderr.write(f"{wrong!r}\n")
    return _measures(tally, wanted, longest, len(unlike), len(lost))


def _measures(tally: Tally, wanted: int, longest: int, unlike: int, lost: int) -> list[Measure]:
    tried_all = tally.tried == wanted and tally.read + tally.differed > 0
    name = f"amounts: texts of up to {longest} of {len(ALPHABET)} characters"
    return [
        Measure(name, f"{tally.tried:,}, {tally.read:,} read", f"{wanted:,}", tried_all),
        _none("amounts: texts read otherwise than they can be meant", tally.differed),
        _none("amounts: texts that crash", tally.crashed),
        _none("amounts: texts that mean another amount elsewhere", unlike),
        _none("amounts: shown amounts that do not read back the same", lost),
    ]


def _none(name: str, wrong: int) -> Measure:
    return Measure(name, f"{wrong:,}", "0", wrong == 0)


# --- what may be read -------------------------------------------------------------------------


@cache
def readable(longest: int) -> dict[str, tuple[int, int]]:
    """Every text up to a length that says one amount, with its ends in milligrams.

    A number, or two with a hyphen between them, then the unit; one space at each joint, any
    number of them around. Only whole milligrams, and the smaller amount first.
    """
    found: dict[str, tuple[int, int]] = {}
    for numbers, joint, space, unit in product(_number_pairs(longest), _JOINTS, (" ", ""), _MG):
        text = joint.join(numbers) + space + unit
        ends = [Fraction(one) * _MG[unit] for one in numbers]
        whole = all(end.denominator == 1 for end in ends)
        if len(text) <= longest and whole and ends == sorted(ends):
            found.update(_spaced(text, longest, (int(ends[0]), int(ends[-1]))))
    return found


_JOINTS = ("-", " -", "- ", " - ")


def _number_pairs(longest: int) -> Iterator[tuple[str, ...]]:
    numbers = list(_numbers(longest - 1))
    yield from ((one,) for one in numbers)
    short = [one for one in numbers if len(one) <= longest - 3]
    yield from ((low, high) for low, high in product(short, short))


def _numbers(longest: int) -> Iterator[str]:
    """Whole numbers without a leading zero, and those with decimals; never with three of them.

    Three decimals are thousands in half of Europe.
    """
    digits = [letter for letter in ALPHABET if letter in "0123456789"]
    strings = ["".join(s) for n in range(1, longest + 1) for s in product(digits, repeat=n)]
    whole = [one for one in strings if one == "0" or one[0] != "0"]
    yield from whole
    for one, decimals in product(whole, strings):
        if len(one) + 1 + len(decimals) <= longest and len(decimals) != 3:
            yield f"{one}.{decimals}"


def _spaced(
    text: str, longest: int, ends: tuple[int, int]
) -> Iterator[tuple[str, tuple[int, int]]]:
    room = longest - len(text)
    for before in range(room + 1):
        for after in range(room - before + 1):
            yield " " * before + text + " " * after, ends


# --- trying -----------------------------------------------------------------------------------


def tried(longest: int) -> Tally:
    """The tally of every text up to a length; all of them take two processes."""
    tally = Tally()
    beginnings = ["".join(two) for two in product(ALPHABET, repeat=2)]
    short = [*("".join(s) for n in range(2) for s in product(ALPHABET, repeat=n))]
    tally.add(compare(short, readable(longest)))
    if longest < LONGEST:
        for beginning in beginnings:
            tally.add(_beginning(longest, beginning))
        return tally
    with Pool(_PROCESSES) as pool:
        for part in pool.imap_unordered(partial(_beginning, longest), beginnings):
            tally.add(part)
    return tally


def _beginning(longest: int, beginning: str) -> Tally:
    ends = (s for n in range(longest - 1) for s in product(ALPHABET, repeat=n))
    return compare((beginning + "".join(end) for end in ends), readable(longest))


def compare(texts: Iterable[str], may_be_read: dict[str, tuple[int, int]]) -> Tally:
    """Read each text, and hold what came of it against what may be read."""
    tally = Tally()
    for text in texts:
        tally.tried += 1
        try:
            read = amounts.parse(text)
        except InputError:
            if text in may_be_read:
                tally.differed += 1
                tally.note(f"{text!r} is refused and says {may_be_read[text]}")
        except Exception as error:  # noqa: BLE001 - that nothing else is raised is what is proved
            tally.crashed += 1
            tally.note(f"{text!r} raises {error!r}")
        else:
            _hold(tally, text, read, may_be_read.get(text))
    return tally


def _hold(tally: Tally, text: str, read: AmountRange, ends: tuple[int, int] | None) -> None:
    if (read.low_mg, read.high_mg) == ends:
        tally.read += 1
    else:
        tally.differed += 1
        tally.note(f"{text!r} is read as {read} and says {ends}")


# --- elsewhere, and back ----------------------------------------------------------------------


def means_otherwise(text: str, ends: Ends) -> bool:
    """Whether somebody who writes numbers in another way would read another amount."""
    readings = [elsewhere(text, *marks) for marks in CONVENTIONS.values()]
    return any(reading is not None and reading != ends for reading in readings)


def elsewhere(text: str, between: str, decimal: str) -> Ends | None:
    """An amount as one convention writes it; None where that cannot be read."""
    groups = rf"[0-9]{{1,3}}(?:[{re.escape(between)}][0-9]{{3}})+"
    number = rf"(?:{groups}|[0-9]+)(?:{re.escape(decimal)}[0-9]+)?"
    found = re.fullmatch(rf" *({number})(?: ?- ?({number}))? ?(mg|g) *", text)
    if found is None:
        return None
    low, high = (_number(one, between, decimal) for one in (found[1], found[2] or found[1]))
    return low * _MG[found[3]], high * _MG[found[3]]


def _number(text: str, between: str, decimal: str) -> Fraction:
    return Fraction("".join(c for c in text if c not in between).replace(decimal, "."))


def not_read_back(budget: float = 1.0) -> list[str]:
    """Amounts that are not the same once shown and read: each up to 30,000 mg, and many ranges."""
    chance, every = Random(0), range(0, MOST_MG + 1, 1 if budget >= 1 else 17)
    pairs = [(mg, mg) for mg in every]
    for _ in range(int(_RANGES * min(budget, 1.0))):
        low = chance.randint(0, MOST_MG)
        pairs.append((low, chance.randint(low, MOST_MG)))
    return [shown for pair in pairs if (shown := _lost(AmountRange(*pair))) is not None]


def _lost(amount: AmountRange) -> str | None:
    shown = amounts.show(amount)
    try:
        same = amounts.parse(shown) == amount
    except InputError:
        same = False
    return None if same and not means_otherwise(shown, _ends(amount)) else shown


def _ends(amount: AmountRange) -> tuple[int, int]:
    return amount.low_mg, amount.high_mg


if __name__ == "__main__":
    for measure in run():
        sys.stdout.write(f"{measure}\n")
