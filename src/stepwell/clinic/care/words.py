"""Words for what the engine says by name: for the person, and for the team."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from stepwell import catalogue


@dataclass(frozen=True, slots=True)
class Words:
    """One text for each side; drafts until a clinician has signed them off."""

    person: str
    team: str
    awaiting_review: bool


def rule(name: str) -> Words:
    """The words for a rule; the name itself, spelt out, where there are none yet."""
    return _words("rules", name)


def flag(name: str) -> Words:
    """The words for a flag."""
    return _words("flags", name)


def _words(kind: str, name: str) -> Words:
    entry = _english().get(kind, {}).get(name)
    if entry is None:
        plain = name.replace("_", " ").capitalize()
        return Words(person=plain, team=plain, awaiting_review=True)
    return Words(entry["person"], entry["team"], entry["awaiting_review"])


@cache
def _english() -> Any:
    return catalogue.document("wording", "en.json")


def signal(key: str) -> Words:
    """The words for what raised a signal: a flag, or else a rule."""
    return flag(key) if key in _english().get("flags", {}) else rule(key)
