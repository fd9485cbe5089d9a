"""One catalogue a language: what is there, what awaits a reviewer, and the compiled file.

A text that is safety text has no translation until `review.json` beside the catalogue names the
clinician who has read it; until then everybody reads it in English.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from languages import collect
from languages.collect import CLINIC, Text

LOCALE = CLINIC / "locale"
SAFETY = "safety text: stays English until a reviewer is recorded"
SOME_DAY = datetime(2026, 11, 23, tzinfo=UTC)  # the same bytes on any day
HEADER = "Words of Stepwell for a person. MIT licence. A draft until review.json names a reviewer."


class NotReviewed(Exception):
    """A safety text has a translation, and nobody is recorded as having read it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One English text with every file it stands in."""

    english: str
    plural: str
    places: tuple[str, ...]

    @property
    def is_safety(self) -> bool:
        return collect.is_safety(self.english, self.places)


def entries(texts: Iterable[Text]) -> list[Entry]:
    """Each text once, by its first place."""
    places: dict[str, set[str]] = defaultdict(set)
    plurals: dict[str, str] = {}
    for one in texts:
        places[one.english].add(one.place)
        plurals[one.english] = one.plural or plurals.get(one.english, "")
    found = [Entry(said, plurals[said], tuple(sorted(places[said]))) for said in places]
    return sorted(found, key=lambda one: (one.places[0], one.english))


def languages() -> list[str]:
    """The locales that there is a catalogue for."""
    return sorted(path.name for path in LOCALE.iterdir() if (path / "review.json").exists())


def review(locale: str) -> Mapping[str, Any]:
    told: Mapping[str, Any] = json.loads((LOCALE / locale / "review.json").read_text("utf-8"))
    return told


def po(locale: str) -> Path:
    return LOCALE / locale / "LC_MESSAGES" / "django.po"


def stored(locale: str) -> Catalog:
    """What is in the repository, or nothing yet."""
    path = po(locale)
    return read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=locale)


def merged(locale: str, found: Iterable[Entry]) -> Catalog:
    """Today's texts with the translations that are stored; what nobody says any more is gone."""
    old, new = stored(locale), _empty(locale)
    for one in found:
        known = old.get(one.english)
        new.add(
            (one.english, one.plural) if one.plural else one.english,
            known.string if known and _fits(known, one) else "",
            locations=[(place, None) for place in one.places],  # type: ignore[misc]
            auto_comments=[SAFETY] if one.is_safety else [],
        )
    return new


def _fits(known: Message, one: Entry) -> bool:
    return isinstance(known.id, str) != bool(one.plural)


def _empty(locale: str) -> Catalog:
    return Catalog(locale=locale, header_comment=f"# {HEADER}", project="Stepwell", fuzzy=False)


def text_of(catalogue: Catalog) -> bytes:
    """The catalogue as its file has it, without dates that would differ each time."""
    held = BytesIO()
    write_po(held, catalogue, width=100, omit_header=True)
    told = f'# {HEADER}\nmsgid ""\nmsgstr ""\n{_headers(catalogue)}\n'
    return told.encode() + held.getvalue()


def _headers(catalogue: Catalog) -> str:
    kept = {
        "Language": str(catalogue.locale_identifier),
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": catalogue.plural_forms,
    }
    return "".join(f'"{name}: {value}\\n"\n' for name, value in kept.items())


def compiled(catalogue: Catalog, *, reviewed: bool) -> bytes:
    """What the program reads. Raises NotReviewed where a safety text was translated unread."""
    unread = [one.id for one in translated(catalogue) if SAFETY in one.auto_comments]
    if unread and not reviewed:
        raise NotReviewed(f"{len(unread)} safety texts are translated and unread: {unread[:3]}")
    as_stored = read_po(BytesIO(text_of(catalogue)), locale=catalogue.locale_identifier)
    as_stored.creation_date = as_stored.revision_date = SOME_DAY
    held = BytesIO()
    write_mo(held, as_stored)
    return held.getvalue()


def translated(catalogue: Catalog) -> list[Message]:
    return [one for one in catalogue if one.id and _said(one)]


def missing(catalogue: Catalog) -> list[Message]:
    """What a draft has to say and does not."""
    open_ = [one for one in catalogue if one.id and not _said(one)]
    return [one for one in open_ if SAFETY not in one.auto_comments]


def _said(one: Message) -> bool:
    return all(one.string) if isinstance(one.string, tuple | list) else bool(one.string)


def pseudo(found: Iterable[Entry]) -> bytes:
    """A language in which each text stands in brackets and is a third longer; for tests."""
    made = Catalog(locale="en", fuzzy=False)
    for one in found:
        if one.plural:
            made.add((one.english, one.plural), (bracketed(one.english), bracketed(one.plural)))
        else:
            made.add(one.english, bracketed(one.english))
    return compiled(made, reviewed=True)


def bracketed(said: str) -> str:
    return f"⟦{said}{'~' * (len(said) // 3)}⟧"
