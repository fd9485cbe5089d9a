"""Amounts as people type them. The engine's own parser reads them: nothing is ever guessed."""

from stepwell.engine import amounts
from stepwell.engine.errors import InputError


class Unclear(ValueError):
    """What was typed can mean two things, or nothing; the text says why and how to write it."""


def parse(text: str) -> tuple[int, int]:
    """Low and high end in whole milligrams of `2.65 g` or `1.8-2.2 g`. Raises Unclear."""
    try:
        told = amounts.parse(text)
    except InputError as error:
        raise Unclear(" ".join(fault.text for fault in error.faults)) from error
    return told.low_mg, told.high_mg
