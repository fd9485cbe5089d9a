"""One letter as an accessible PDF and as plain text. Both say what each line rests on."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from stepwell.clinic.care import letters
from stepwell.clinic.care.models import Letter
from stepwell.clinic.papers import typesetting

NOT_CHECKED = "Drafted by Stepwell from what was told; the words were not checked by a clinician."


def pdf(letter: Letter, *, at: datetime) -> bytes:
    """A tagged PDF. Letters are written in English, for whoever reads them."""
    kind = letters.kinds()[letter.kind]
    values: dict[str, Any] = {
        "lang": "en",
        "title": f"{kind.label}: {letter.episode.person.display_name}",
        "from": letter.episode.service.name,
        "to": letter.to,
        "made": _when(letter),
        "by": letter.by.display_name,
        "opening": kind.opening,
        "reason": letter.reason,
        "parts": letter.parts,
        "note": letter.note,
        "closing": kind.closing,
        "foot": NOT_CHECKED,
    }
    return typesetting.pdf("letter.typ", values, at=at)


def text(letter: Letter) -> str:
    """The same as plain text, to paste into another system."""
    return "\n".join(_lines(letter)) + "\n"


def _lines(letter: Letter) -> Iterator[str]:
    kind = letters.kinds()[letter.kind]
    yield f"To: {letter.to}"
    yield f"From: {letter.episode.service.name}, {letter.by.display_name}, {_when(letter)}"
    yield f"About: {letter.episode.person.display_name}"
    yield from ["", kind.opening]
    if letter.reason:
        yield f"Why without waiting for their yes: {letter.reason}"
    for part in letter.parts:
        yield from ["", part["title"]]
        yield from (f"- {line['said']} ({line['rests_on']})" for line in part["lines"])
    if letter.note:
        yield from ["", letter.note]
    yield from ["", kind.closing, "", NOT_CHECKED]


def _when(letter: Letter) -> str:
    here = letter.at.astimezone(ZoneInfo(letter.episode.service.time_zone))
    return f"{here:%-d %B %Y}"
