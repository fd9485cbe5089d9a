"""Amounts are whole milligrams. What is typed is either exact or refused, never guessed."""

import re
from dataclasses import dataclass

from stepwell.engine.errors import InputError

_MG_PER_UNIT = {"mg": 1, "g": 1000}
_NUMBER = r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?"
_AMOUNT = re.compile(rf"(?P<low>{_NUMBER})(?: ?- ?(?P<high>{_NUMBER}))? ?(?P<unit>mg|g)")
_HOW = "Write it like 2650 mg, 2.65 g, or 1.8-2.2 g."


@dataclass(frozen=True, slots=True)
class AmountRange:
    """A told amount in whole milligrams, low and high end; both the same when it is exact."""

    low_mg: int
    high_mg: int

    def __post_init__(self) -> None:
        for name, value in (("low", self.low_mg), ("high", self.high_mg)):
            if type(value) is not int or value < 0:
                raise InputError.at(name, "an amount is a whole number of milligrams, 0 or more")
        if self.low_mg > self.high_mg:
            raise InputError.at("", "the range is upside down: write the smaller amount first")

    def is_split_by(self, ceiling_mg: int) -> bool:
        """True when nobody can say whether this is above the ceiling."""
        return self.low_mg <= ceiling_mg < self.high_mg


def parse(text: str) -> AmountRange:
    """Read an amount such as `2650 mg`, `2.65 g` or `1.8-2.2 g`; raise InputError otherwise."""
    typed = text.strip(" ")
    if "," in typed:
        raise InputError.at("", f"a comma can mean two things here. Write a point: 0.5 g. {_HOW}")
    found = _AMOUNT.fullmatch(typed)
    if found is None:
        raise InputError.at("", f"this is not clear enough to use. {_HOW}")
    low = _milligrams(found["low"], found["unit"])
    return AmountRange(low, _milligrams(found["high"], found["unit"]) if found["high"] else low)


def show(amount: AmountRange) -> str:
    """Write an amount so that `parse` reads the same one back."""
    if amount.low_mg == amount.high_mg:
        return f"{amount.low_mg} mg"
    return f"{amount.low_mg}-{amount.high_mg} mg"


def _milligrams(number: str, unit: str) -> int:
    whole, _, decimals = number.partition(".")
    # In half of Europe 1.500 is fifteen hundred, so three decimals are never read.
    if len(decimals) == 3:
        raise InputError.at("", f"{number} can mean two things. Write milligrams instead. {_HOW}")
    scaled = int(whole + decimals) * _MG_PER_UNIT[unit]
    mg, rest = divmod(scaled, int("1" + "0" * len(decimals)))
    if rest:
        raise InputError.at("", "amounts go down to one milligram, no finer")
    return mg
