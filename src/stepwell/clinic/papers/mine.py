"""One's own record as files to take away: all of it for programs, and a PDF to read."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

from stepwell.clinic.care import erasure
from stepwell.clinic.care.mine import Mine
from stepwell.clinic.care.models import ErasureRequest
from stepwell.clinic.papers import typesetting

FORMAT = 1
# A spreadsheet would run what begins so (OWASP, CSV injection).
RUNS = ("=", "+", "-", "@", "\t", "\r")
# Said in the files for programs; in a PDF nobody could read it.
NOT_TO_READ = {"id", "service", "episode", "person", "case_sha256", "recommendation", "request"}


def as_json(mine: Mine) -> bytes:
    """Everything, as one JSON document in UTF-8."""
    told = {
        "format": FORMAT,
        "made_at": mine.made_at.isoformat(),
        "name": mine.name,
        "service": mine.service,
        "left_out": mine.left_out,
        "parts": mine.parts,
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def as_csv(mine: Mine) -> bytes:
    """A zip with one CSV file for each kind of row, and one for what is left out."""
    packed = io.BytesIO()
    left_out = [{"left_out": line} for line in mine.left_out]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, rows in {**mine.parts, "left_out": left_out}.items():
            # A name alone would take the time from a real clock.
            info = zipfile.ZipInfo(f"{name}.csv", mine.made_at.timetuple()[:6])
            files.writestr(info, _table(rows), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """One table with a column for every name that any row has; a spreadsheet opens it as UTF-8."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(RUNS) else value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def as_pdf(mine: Mine) -> bytes:
    """The same to read: every row, without the columns that only a program can use."""
    values = {
        **_document(
            gettext("What is kept about me"), mine.name, _when(mine.made_at, mine.time_zone)
        ),
        "left_out": [*mine.left_out, gettext("The other files have every column.")],
        "parts": [_part(name, rows) for name, rows in mine.parts.items() if rows],
    }
    return typesetting.pdf("mine.typ", values, at=mine.made_at)


def _document(title: str, name: str, made: str) -> dict[str, Any]:
    lang = (get_language() or "en").split("-")[0]
    return {"lang": lang, "title": title, "name": name, "made": made}


def _when(at: datetime, time_zone: str) -> str:
    return date_format(at.astimezone(ZoneInfo(time_zone)), "j F Y, H:i")


def _part(name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"name": _plain(name), "rows": [list(_pairs(row)) for row in rows]}


def _pairs(row: Mapping[str, Any]) -> Iterator[list[str]]:
    for name, value in row.items():
        if name not in NOT_TO_READ and value not in (None, "", [], {}):
            yield [_plain(name), _said(value)]


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        return ", ".join(
            f"{_plain(k).lower()} {_said(v)}" for k, v in value.items() if v is not None
        )
    return ", ".join(map(_said, value)) if isinstance(value, list) else str(value)


# --- asking for it to be deleted --------------------------------------------------------------


def receipt(asked: ErasureRequest, lines: Sequence[str]) -> bytes:
    """The dated receipt of a request to delete, with what was said to the person then."""
    when = _when(asked.at, asked.episode.time_zone)
    values = {
        **_document(gettext("Receipt"), asked.by.display_name, when),
        "lines": list(lines),
        "facts": [
            [gettext("Receipt"), erasure.receipt(asked)],
            [gettext("Day"), when],
            [gettext("To"), asked.service.name],
            *([[gettext("Phone"), asked.service.phone]] if asked.service.phone else []),
        ],
    }
    return typesetting.pdf("receipt.typ", values, at=asked.at)
