"""One outcomes profile as an accessible PDF, as text, and as rows for another system."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from stepwell.clinic.care import profiles
from stepwell.clinic.care.models import Profile
from stepwell.clinic.papers import typesetting

COLUMNS = ("name", "value", "at_least", "unit", "rests_on")


def pdf(profile: Profile, *, at: datetime) -> bytes:
    """A tagged PDF of what was confirmed."""
    values: dict[str, Any] = {
        "lang": "en",
        "title": _title(profile),
        "from": profile.episode.service.name,
        "to": "",
        "made": f"{profile.on:%-d %B %Y}",
        "by": profile.by.display_name,
        "opening": _opening(profile),
        "reason": "",
        "parts": profile.parts,
        "note": "",
        "closing": profiles.rules()["left_out"],
        "foot": profiles.rules()["licence"],
    }
    return typesetting.pdf("letter.typ", values, at=at)


def text(profile: Profile) -> str:
    """The same as plain text."""
    return "\n".join(_lines(profile)) + "\n"


def table(profile: Profile) -> str:
    """A row for each figure. One that is only "at least" says so in a column of its own."""
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(profile.rows)
    return made.getvalue()


def _lines(profile: Profile) -> Iterator[str]:
    yield _title(profile)
    yield _opening(profile)
    for part in profile.parts:
        yield from ["", part["title"]]
        yield from (f"- {line['said']} ({line['rests_on']})" for line in part["lines"])
    yield from ["", profiles.rules()["left_out"], profiles.rules()["licence"]]


def _title(profile: Profile) -> str:
    return f"Outcomes profile: {profile.episode.person.display_name}"


def _opening(profile: Profile) -> str:
    stage = profiles.rules()["stages"][profile.stage]
    return f"{stage}, {profile.on:%-d %B %Y}, confirmed together with {profile.by.display_name}."
